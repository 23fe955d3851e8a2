pub mod action;
pub mod closing;
pub mod deferral;
pub mod outcome;
pub mod session_sync;
