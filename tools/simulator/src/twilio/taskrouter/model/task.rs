//! A task, as TaskRouter shows it.

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
    /// Whether nothing comes after it.
    pub fn is_terminal(self) -> bool {
        matches!(self, Self::Completed | Self::Canceled)
    }
}

impl fmt::Display for TaskStatus {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(formatter)
    }
}

/// A task.
#[derive(Clone, Debug)]
pub struct Task {
    pub sid: String,
    /// The JSON text, byte for byte as it was written.
    pub attributes: String,
    pub status: TaskStatus,
    /// Why it was completed or canceled.
    pub reason: Option<String>,
    pub priority: i64,
    pub workflow_sid: String,
    /// None before it has come to one.
    pub queue_sid: Option<String>,
    /// When it came into the queue.
    pub queue_entered: OffsetDateTime,
    pub channel_sid: String,
    /// The task channel's unique name.
    pub channel: String,
    /// How long it may wait before somebody accepts it, in seconds.
    pub timeout: u32,
    /// From when its time in the queue counts, where tasks are put in order.
    pub virtual_start_time: OffsetDateTime,
    /// The workflow that it was made for.
    pub routing_target: Option<String>,
    /// Moves with every change; the ETag is this number in quotes.
    pub version: u64,
    pub date_created: OffsetDateTime,
    pub date_updated: OffsetDateTime,
    /// In the order of their creation.
    pub reservations: Vec<Reservation>,
    /// How it came to where it is; none where nothing routed it.
    pub last_route: Option<workflow::Route>,
    pub(crate) position: Option<Position>,
    pub(crate) rejections: usize,
    /// When it was completed or canceled.
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

    /// The time since its creation.
    pub(crate) fn age(&self, now: OffsetDateTime) -> Duration {
        now - self.date_created
    }

    /// Marks a change.
    pub(crate) fn touch(&mut self, now: OffsetDateTime) {
        self.version += 1;
        self.date_updated = now;
    }
}

/// A task to be made.
#[derive(Clone, Debug, Default)]
pub struct NewTask {
    /// The text of a JSON object; `{}` if there is none.
    pub attributes: Option<String>,
    /// The workspace's only workflow if there is none.
    pub workflow_sid: Option<String>,
    /// A task channel's SID or unique name; `default` if there is none.
    pub task_channel: Option<String>,
    /// 0 if there is none.
    pub priority: Option<i64>,
    /// In seconds, up to 1,209,600; 86,400 if there is none.
    pub timeout: Option<u32>,
    /// When it is made if there is none.
    pub virtual_start_time: Option<OffsetDateTime>,
    /// A workflow's SID, as `workflow_sid`. Workers and queues as targets are not simulated.
    pub routing_target: Option<String>,
}

/// What to change on a task.
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
