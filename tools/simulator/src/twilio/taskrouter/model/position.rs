//! The position of a task in its workflow.

use std::sync::Arc;
use std::time::Duration;

/// A task's place in the workflow's version of that time. A task notices a change of its workflow only at its next
/// evaluation.
#[derive(Clone, Debug)]
pub(crate) struct Position {
    pub(crate) workflow: Arc<workflow::Workflow>,
    pub(crate) place: workflow::Place,
}

impl Position {
    /// The age of the task at its target's timeout.
    pub(crate) fn deadline(&self) -> Option<Duration> {
        self.place.deadline
    }
}
