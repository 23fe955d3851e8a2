pub mod action;
pub mod action_request;
pub mod closing;
pub mod deferral;
pub mod find_task;
pub mod outcome;
pub mod reservation_choice;
pub mod session_sync;
