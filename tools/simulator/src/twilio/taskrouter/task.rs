//! A task, as TaskRouter shows it.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};

use super::collection::Resource;
use super::reservation::Reservation;
use super::routing::Position;
use super::version::etag;
use super::workspace::Workspace;
use crate::clock::iso_8601;
use crate::twilio::sids::ACCOUNT_SID;

/// The host in the URLs of TaskRouter's answers: the real one's, as a caller must ask its own base URL.
pub(crate) const TASKROUTER: &str = "https://taskrouter.twilio.com";

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
    pub(super) position: Option<Position>,
    pub(super) rejections: usize,
    /// When it was completed or canceled.
    pub(super) ended: Option<OffsetDateTime>,
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
    pub(super) fn touch(&mut self, now: OffsetDateTime) {
        self.version += 1;
        self.date_updated = now;
    }

    /// The resource `taskrouter.v1.workspace.task`.
    pub(crate) fn resource(&self, workspace: &Workspace) -> Value {
        let workspace_url = format!("{TASKROUTER}{}", workspace.path());
        let url = format!("{workspace_url}/Tasks/{}", self.sid);
        let queue = self.queue_sid.as_ref().and_then(|sid| workspace.task_queues.find(sid));
        let workflow = workspace.workflows.find(&self.workflow_sid);
        json!({
            "account_sid": ACCOUNT_SID,
            "addons": "{}",
            "age": self.age(workspace.now()).whole_seconds(),
            "assignment_status": self.status,
            "attributes": self.attributes,
            "date_created": iso_8601(self.date_created),
            "date_updated": iso_8601(self.date_updated),
            "ignore_capacity": false,
            "links": {
                "reservations": format!("{url}/Reservations"),
                "task_queue": self.queue_sid.as_ref().map(|sid| format!("{workspace_url}/TaskQueues/{sid}")),
                "workflow": format!("{workspace_url}/Workflows/{}", self.workflow_sid),
                "workspace": workspace_url,
            },
            "priority": self.priority,
            "reason": self.reason,
            "routing_target": self.routing_target,
            "sid": self.sid,
            "task_channel_sid": self.channel_sid,
            "task_channel_unique_name": self.channel,
            "task_queue_entered_date": self.queue_sid.as_ref().map(|_| iso_8601(self.queue_entered)),
            "task_queue_friendly_name": queue.map(|queue| &queue.friendly_name),
            "task_queue_sid": self.queue_sid,
            "timeout": self.timeout,
            "url": url,
            "virtual_start_time": iso_8601(self.virtual_start_time),
            "workflow_friendly_name": workflow.map(|workflow| &workflow.friendly_name),
            "workflow_sid": self.workflow_sid,
            "workspace_sid": workspace.sid,
        })
    }
}
