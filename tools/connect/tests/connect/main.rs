//! `connect` as a program with accounts in the simulator.

#![expect(clippy::unwrap_used, reason = "in a test, it is an assertion")]

mod applying;
mod broken;
mod exports;
mod findings;
mod large;
mod queues;
mod reports;
mod rotation;
mod scene;
mod sessions;
mod stack;
