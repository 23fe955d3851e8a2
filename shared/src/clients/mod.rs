pub mod conversations;
pub mod interactions;
pub mod note;
mod pages;
pub mod session_api;
pub mod taskrouter;
