pub mod action;
pub mod close_request;
pub mod closing;
pub mod deferral;
pub mod find_task;
pub mod outcome;
pub mod session_sync;
