//! flex-handoff: the code that its functions share.
//!
//! Modules depend only on modules further down this list. `attributes` and `twilio` are pure: they use no I/O, clock or
//! environment. `tests/purity.rs` checks this.

/// The entry points of a Lambda function: start, webhook, actions and payload.
pub mod lambda;

/// Use cases that several functions share.
pub mod jobs;

/// A client for each upstream product.
pub mod clients;

/// An HTTP request to an upstream: credentials, transport and retries.
pub mod upstream;

/// AWS's services: SDK configuration, secrets and queues.
pub mod aws;

/// The configuration from environment variables.
pub mod config;

/// A function's invocation: its deadline, log line and clock.
pub mod invocation;

/// Twilio's SIDs, events and signatures.
pub mod twilio;

/// A task's attributes: JSON that keeps its bytes, flattening, and the six attributes of a handoff.
pub mod attributes;
