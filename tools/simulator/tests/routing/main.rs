//! TaskRouter's routing by workflow, without reservations by hand.

#![expect(clippy::unwrap_used, reason = "in a test, it is an assertion")]

mod ends;
mod events;
mod handoff;
mod scene;
mod targets;
mod timing;
mod workers;
