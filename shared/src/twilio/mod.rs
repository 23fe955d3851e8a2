pub mod event;
pub mod sid;
pub mod signature;
