//! The world around the functions, on loopback and in one process: a Twilio, a session API, a Secrets Manager, an SQS
//! and a Lambda host. The demo plays in it, and the end-to-end tests test in it.

pub mod cause;
pub mod clock;
pub mod exchange;
pub mod fault;
pub mod lambda;
pub mod lock;
pub mod loopback;
pub mod secrets_manager;
pub mod server;
pub mod session_api;
pub mod sqs;
pub mod tls;
pub mod twilio;
pub mod upstreams;
pub mod world;

/// The example in the docs.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/simulator.md")]
struct Docs;
