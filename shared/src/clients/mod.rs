pub mod conversations;
pub mod interactions;
mod pages;
pub mod session_api;
pub mod taskrouter;
