//! Routes that tasks have taken.

use std::time::Instant;

use crate::cause::Cause;

/// A task that came to a place in its workflow, was offered to workers or left the workflow.
#[derive(Clone, Debug)]
pub struct Routed {
    pub task_sid: String,
    pub route: workflow::Route,
    /// The cause of the change, if known.
    pub cause: Option<Cause>,
    /// The time by the system's monotonic clock.
    pub moment: Instant,
}
