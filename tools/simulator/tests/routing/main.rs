//! TaskRouter routes: what becomes of tasks when nobody but their workflow says where to.

#![expect(clippy::unwrap_used, reason = "in a test, it is an assertion")]

mod ends;
mod events;
mod handoff;
mod scene;
mod targets;
mod timing;
mod workers;
