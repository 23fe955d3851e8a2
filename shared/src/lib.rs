//! flex-handoff: the code that its functions share.
//!
//! Modules depend only on modules further down this list. `attributes` and `twilio` are pure: no I/O, no clock, no
//! environment; `tests/purity.rs` checks it.

/// The entry points of a Lambda function: start, webhook, payload.
pub mod lambda;

/// Use cases that several functions share.
pub mod jobs;

/// One client for each upstream product.
pub mod clients;

/// One HTTP request to an upstream: credentials, transport, retries.
pub mod upstream;

/// AWS's services: the SDK's configuration, secrets, queues.
pub mod aws;

/// The configuration, from environment variables.
pub mod config;

/// One invocation of a function: its deadline, its log line, its clock.
pub mod invocation;

/// Twilio's SIDs, events and signatures.
pub mod twilio;

/// A task's attributes: JSON that keeps its bytes, flattening, and the six of a handoff.
pub mod attributes;
