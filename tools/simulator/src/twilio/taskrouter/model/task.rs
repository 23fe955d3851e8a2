//! Tasks.

use std::fmt;

use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};

use super::collection::Resource;
use super::position::Position;
use super::reservation::Reservation;
use super::version::etag;

/// A task's `assignment_status`.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum TaskStatus {
    Pending,
    Reserved,
    Assigned,
    Wrapping,
    Completed,
    Canceled,
}

impl TaskStatus {
    /// Whether the status is final.
    pub fn is_terminal(self) -> bool {
        matches!(self, Self::Completed | Self::Canceled)
    }
}

impl fmt::Display for TaskStatus {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(formatter)
    }
}

#[derive(Clone, Debug)]
pub struct Task {
    pub sid: String,
    /// The JSON text exactly as written.
    pub attributes: String,
    pub status: TaskStatus,
    /// The reason of completion or cancelation.
    pub reason: Option<String>,
    pub priority: i64,
    pub workflow_sid: String,
    /// None before the task's first queue.
    pub queue_sid: Option<String>,
    /// The time of entering the queue.
    pub queue_entered: OffsetDateTime,
    pub channel_sid: String,
    /// The task channel's unique name.
    pub channel: String,
    /// The time in seconds within which a worker must accept the task.
    pub timeout: u32,
    /// The start of the task's age. The order of tasks depends on this time.
    pub virtual_start_time: OffsetDateTime,
    /// The worker, queue or workflow that the task was addressed to on creation.
    pub routing_target: Option<String>,
    /// Whether the worker in `routing_target` is offered the task even if busy or unavailable.
    pub ignore_capacity: bool,
    /// Grows with every change. The ETag is this number in quotes.
    pub version: u64,
    pub date_created: OffsetDateTime,
    pub date_updated: OffsetDateTime,
    /// In the order of their creation.
    pub reservations: Vec<Reservation>,
    /// The last route. Explains the task's place. None for a task that was never routed.
    pub last_route: Option<workflow::Route>,
    /// The queue named on creation, by `TaskQueueSid` or `RoutingTarget`.
    pub(crate) named_queue: Option<String>,
    pub(crate) position: Option<Position>,
    pub(crate) rejections: usize,
    /// The time of completion or cancelation.
    pub(crate) ended: Option<OffsetDateTime>,
}

impl Resource for Task {
    fn sid(&self) -> &str {
        &self.sid
    }

    fn unique_name(&self) -> Option<&str> {
        None
    }
}

impl Task {
    pub fn etag(&self) -> String {
        etag(self.version)
    }

    /// The only worker who may be offered the task. None if the routing target is no worker.
    pub(crate) fn target_worker(&self) -> Option<&str> {
        self.routing_target.as_deref().filter(|sid| sid.starts_with("WK"))
    }

    /// The time since the task's creation.
    pub(crate) fn age(&self, now: OffsetDateTime) -> Duration {
        now - self.date_created
    }

    /// Marks a change.
    pub(crate) fn touch(&mut self, now: OffsetDateTime) {
        self.version += 1;
        self.date_updated = now;
    }
}

/// A task to be created.
#[derive(Clone, Debug, Default)]
pub struct NewTask {
    /// The text of a JSON object. The default is `{}`.
    pub attributes: Option<String>,
    /// The default is the workspace's only workflow.
    pub workflow_sid: Option<String>,
    /// A task channel's SID or unique name. The default is `default`.
    pub task_channel: Option<String>,
    /// The default is 0.
    pub priority: Option<i64>,
    /// In seconds, up to 1,209,600. The default is 86,400.
    pub timeout: Option<u32>,
    /// The default is the time of creation.
    pub virtual_start_time: Option<OffsetDateTime>,
    /// The SID of a workflow, queue or worker. A workflow works like `workflow_sid`. A queue replaces the workflow's
    /// filters. A worker's rejection cancels the task.
    pub routing_target: Option<String>,
    /// Only allowed with a worker as routing target. The default is then true.
    pub ignore_capacity: Option<bool>,
    /// The task's queue. Replaces the queue that the workflow finds.
    pub task_queue_sid: Option<String>,
}

/// The change of a task.
#[derive(Clone, Debug, Default)]
pub struct TaskChange {
    pub attributes: Option<String>,
    pub status: Option<TaskStatus>,
    pub reason: Option<String>,
    pub priority: Option<i64>,
    /// A task channel's SID or unique name.
    pub task_channel: Option<String>,
    pub virtual_start_time: Option<OffsetDateTime>,
}
