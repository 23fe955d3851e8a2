//! End-to-end tests of the built functions in the simulated world: every row of the reference over the wire.

#![expect(clippy::unwrap_used, reason = "in a test, it is an assertion")]

mod actions;
mod auto_close;
mod connections;
mod deferred;
mod handoff;
mod load;
mod messages;
mod openapi;
mod reply;
mod resolve;
mod start;
mod task_events;
mod tls;
mod webhook;
