//! Workflows.

use std::sync::Arc;

use time::OffsetDateTime;

use super::collection::Resource;

#[derive(Clone, Debug)]
pub struct Workflow {
    pub sid: String,
    pub friendly_name: String,
    /// The JSON text as written.
    pub configuration: String,
    /// The time in seconds for which a reservation is pending.
    pub task_reservation_timeout: u32,
    /// Asked for an instruction about each new reservation.
    pub assignment_callback_url: Option<String>,
    /// Asked if the assignment callback fails or doesn't answer.
    pub fallback_assignment_callback_url: Option<String>,
    pub date_created: OffsetDateTime,
    pub date_updated: OffsetDateTime,
    pub(crate) parsed: Arc<workflow::Workflow>,
}

/// A workflow to be created.
#[derive(Clone, Debug, Default)]
pub struct NewWorkflow {
    pub friendly_name: String,
    pub configuration: String,
    /// In seconds, from 1 to 86,400. The default is 120.
    pub task_reservation_timeout: Option<u32>,
    pub assignment_callback_url: Option<String>,
    pub fallback_assignment_callback_url: Option<String>,
}

/// The change of a workflow.
#[derive(Clone, Debug, Default)]
pub struct WorkflowChange {
    pub friendly_name: Option<String>,
    pub configuration: Option<String>,
    pub task_reservation_timeout: Option<u32>,
    pub assignment_callback_url: Option<String>,
    pub fallback_assignment_callback_url: Option<String>,
    /// Whether pending tasks go through the workflow again.
    pub re_evaluate_tasks: bool,
}

impl Resource for Workflow {
    fn sid(&self) -> &str {
        &self.sid
    }

    fn unique_name(&self) -> Option<&str> {
        Some(&self.friendly_name)
    }
}
