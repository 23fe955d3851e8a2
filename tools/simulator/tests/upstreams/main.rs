//! The upstreams of a world without functions, called over HTTP as the functions would call them.

#![expect(clippy::unwrap_used, reason = "in a test, it is an assertion")]

mod assignment_callbacks;
mod callbacks;
mod caller;
mod causes;
mod conversations;
mod deliveries;
mod described;
#[path = "../../../../tests/end-to-end/tests/openapi/description.rs"]
mod description;
mod effects;
mod event_streams;
mod exchanges;
mod fault_api;
mod faults;
mod interactions;
mod not_simulated;
mod receiver;
mod secrets_manager;
mod session_api;
mod sinks;
mod sqs;
mod taskrouter;
mod tasks;
