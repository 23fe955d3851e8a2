pub mod action;
pub mod closing;
pub mod deferral;
pub mod find_task;
pub mod note;
pub mod outcome;
pub mod reservation_choice;
pub mod session_sync;
