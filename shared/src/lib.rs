//! flex-handoff: what its functions share.

// The pure part knows neither network nor clock nor environment; time is an argument there.
pub mod attributes;
pub mod event;
pub mod flatten;
pub mod handoff;
pub mod json;
pub mod message;
pub mod note;
pub mod payload;
pub mod session_url;
pub mod sid;
pub mod signature;

// What talks to the world uses the pure part, never the other way round.
mod aws;
pub mod closing;
pub mod config;
pub mod conversations;
pub mod invocation;
pub mod log;
pub mod machine;
pub mod outcome;
mod pages;
pub mod queue;
pub mod retry;
pub mod secret;
pub mod session_api;
pub mod session_sync;
pub mod start;
pub mod taskrouter;
pub mod transport;
pub mod upstream;
pub mod webhook;
