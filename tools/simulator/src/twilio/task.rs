//! A task and its reservations, as TaskRouter shows them.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use time::OffsetDateTime;

use super::sids::{ACCOUNT_SID, AI_QUEUE_SID, TASK_CHANNEL_SID, WORKFLOW_SID, WORKSPACE_SID};
use super::worker::Worker;
use crate::clock::iso_8601;

/// The host in the URLs of TaskRouter's answers: the real one's, as a caller must ask its own base URL.
pub(crate) const TASKROUTER: &str = "https://taskrouter.twilio.com";

pub(crate) const WORKFLOW_NAME: &str = "Handoff";
pub(crate) const AI_QUEUE_NAME: &str = "AI";
pub(crate) const TASK_CHANNEL_NAME: &str = "chat";

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

/// A `reservation_status`.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ReservationStatus {
    Pending,
    Accepted,
    Rejected,
    Timeout,
    Canceled,
    Rescinded,
    Wrapping,
    Completed,
}

impl fmt::Display for TaskStatus {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(formatter)
    }
}

impl fmt::Display for ReservationStatus {
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
    /// Moves with every change; the ETag is this number in quotes.
    pub version: u64,
    pub date_created: OffsetDateTime,
    pub date_updated: OffsetDateTime,
    /// In the order of their creation.
    pub reservations: Vec<Reservation>,
    /// When it was completed or canceled.
    pub(crate) ended: Option<OffsetDateTime>,
    /// Its place among all tasks of the workspace.
    pub(crate) number: usize,
}

/// A worker's reservation of a task.
#[derive(Clone, Debug)]
pub struct Reservation {
    pub sid: String,
    pub task_sid: String,
    pub worker: Worker,
    pub status: ReservationStatus,
    /// Moves with every change; the ETag is this number in quotes.
    pub version: u64,
    pub date_created: OffsetDateTime,
    pub date_updated: OffsetDateTime,
}

impl Task {
    pub fn etag(&self) -> String {
        etag(self.version)
    }

    /// Whole seconds since its creation.
    pub(crate) fn age(&self, now: OffsetDateTime) -> i64 {
        (now - self.date_created).whole_seconds()
    }

    pub(crate) fn path(&self) -> String {
        path(&self.sid)
    }

    /// Marks a change.
    pub(crate) fn touch(&mut self, now: OffsetDateTime) {
        self.version += 1;
        self.date_updated = now;
    }

    /// The resource `taskrouter.v1.workspace.task`.
    pub(crate) fn resource(&self, now: OffsetDateTime) -> Value {
        let workspace = workspace_url();
        let url = format!("{TASKROUTER}{}", self.path());
        json!({
            "account_sid": ACCOUNT_SID,
            "addons": "{}",
            "age": self.age(now),
            "assignment_status": self.status,
            "attributes": self.attributes,
            "date_created": iso_8601(self.date_created),
            "date_updated": iso_8601(self.date_updated),
            "ignore_capacity": false,
            "links": {
                "reservations": format!("{url}/Reservations"),
                "task_queue": format!("{workspace}/TaskQueues/{AI_QUEUE_SID}"),
                "workflow": format!("{workspace}/Workflows/{WORKFLOW_SID}"),
                "workspace": workspace,
            },
            "priority": self.priority,
            "reason": self.reason,
            "routing_target": null,
            "sid": self.sid,
            "task_channel_sid": TASK_CHANNEL_SID,
            "task_channel_unique_name": TASK_CHANNEL_NAME,
            "task_queue_entered_date": iso_8601(self.date_created),
            "task_queue_friendly_name": AI_QUEUE_NAME,
            "task_queue_sid": AI_QUEUE_SID,
            "timeout": 86_400,
            "url": url,
            "virtual_start_time": iso_8601(self.date_created),
            "workflow_friendly_name": WORKFLOW_NAME,
            "workflow_sid": WORKFLOW_SID,
            "workspace_sid": WORKSPACE_SID,
        })
    }
}

impl Reservation {
    pub fn etag(&self) -> String {
        etag(self.version)
    }

    /// Takes another status.
    pub(crate) fn set_status(&mut self, status: ReservationStatus, now: OffsetDateTime) {
        self.status = status;
        self.version += 1;
        self.date_updated = now;
    }

    /// The resource `taskrouter.v1.workspace.task.task_reservation`.
    pub(crate) fn resource(&self) -> Value {
        let workspace = workspace_url();
        let task = format!("{TASKROUTER}{}", path(&self.task_sid));
        json!({
            "account_sid": ACCOUNT_SID,
            "date_created": iso_8601(self.date_created),
            "date_updated": iso_8601(self.date_updated),
            "links": {
                "task": task,
                "worker": format!("{workspace}/Workers/{}", self.worker.sid),
                "workspace": workspace,
            },
            "reservation_status": self.status,
            "sid": self.sid,
            "task_sid": self.task_sid,
            "url": format!("{task}/Reservations/{}", self.sid),
            "worker_name": self.worker.friendly_name,
            "worker_sid": self.worker.sid,
            "workspace_sid": WORKSPACE_SID,
        })
    }
}

/// A task's path, by which an error names it too.
pub(crate) fn path(task_sid: &str) -> String {
    format!("/v1/Workspaces/{WORKSPACE_SID}/Tasks/{task_sid}")
}

/// A reservation's path.
pub(crate) fn reservation_path(task_sid: &str, sid: &str) -> String {
    format!("{}/Reservations/{sid}", path(task_sid))
}

fn workspace_url() -> String {
    format!("{TASKROUTER}/v1/Workspaces/{WORKSPACE_SID}")
}

fn etag(version: u64) -> String {
    format!("\"{version}\"")
}
