//! The services that the functions use, on loopback and in a single process: Twilio, a session API, Secrets Manager,
//! SQS and a Lambda host. The demo and the end-to-end tests run against these services.

pub mod cause;
pub mod clock;
pub mod control;
pub mod curl;
mod effects;
pub mod exchange;
pub mod fault;
mod identity;
pub mod lambda;
mod late_requests;
mod latest;
pub mod lock;
pub mod loopback;
pub mod options;
pub mod page;
pub mod secrets_manager;
pub mod server;
pub mod session_api;
pub mod sqs;
pub mod tls;
pub mod twilio;
pub mod upstreams;
pub mod world;

/// Compiles the example in the documentation.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/simulator.md")]
struct Docs;
