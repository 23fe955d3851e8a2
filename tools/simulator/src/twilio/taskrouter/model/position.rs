//! A task's place in its workflow.

use std::sync::Arc;
use std::time::Duration;

/// Where a task is in its workflow, as the workflow was when it came there: a task doesn't notice that its workflow is
/// changed before it is evaluated again.
#[derive(Clone, Debug)]
pub(crate) struct Position {
    pub(crate) workflow: Arc<workflow::Workflow>,
    pub(crate) place: workflow::Place,
}

impl Position {
    /// At which age of the task its target's time-out is.
    pub(crate) fn deadline(&self) -> Option<Duration> {
        self.place.deadline
    }
}
