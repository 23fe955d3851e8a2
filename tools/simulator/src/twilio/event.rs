//! What TaskRouter tells of a change.

use std::time::Instant;

use time::OffsetDateTime;

use super::sids::{
    self, ACCOUNT_SID, AI_QUEUE_SID, AVAILABLE_ACTIVITY_SID, TASK_CHANNEL_SID, WORKFLOW_SID, WORKSPACE_SID,
};
use super::task::{AI_QUEUE_NAME, Reservation, TASK_CHANNEL_NAME, Task, TaskStatus, WORKFLOW_NAME};
use crate::cause::Cause;
use crate::clock::iso_8601;

/// One event, as it is sent to each callback URL.
#[derive(Clone, Debug)]
pub struct Event {
    /// The same for each delivery of the event, as is the token.
    pub sid: String,
    /// The value of `I-Twilio-Idempotency-Token`.
    pub idempotency_token: String,
    pub event_type: String,
    /// What made the change that it tells of, as far as that is known.
    pub cause: Option<Cause>,
    /// When that was, by a clock that nobody moves.
    pub moment: Instant,
    /// The form's fields.
    pub fields: Vec<(String, String)>,
}

impl Event {
    /// An event about a task.
    pub(crate) fn of_task(event_type: &str, task: &Task, now: OffsetDateTime) -> Self {
        let mut event = Self::new(event_type, "task", &task.sid, now);
        event.add_task(task, now);
        event
    }

    /// An event about a reservation, which has its task and worker in it too.
    pub(crate) fn of_reservation(
        event_type: &str,
        task: &Task,
        reservation: &Reservation,
        now: OffsetDateTime,
    ) -> Self {
        let mut event = Self::new(event_type, "reservation", &reservation.sid, now);
        event.add_task(task, now);
        let worker = &reservation.worker;
        event.add([
            ("ReservationSid", reservation.sid.clone()),
            ("ReservationVersion", reservation.version.to_string()),
            ("WorkerActivityName", "Available".to_owned()),
            ("WorkerActivitySid", AVAILABLE_ACTIVITY_SID.to_owned()),
            ("WorkerAttributes", worker.attributes()),
            ("WorkerName", worker.friendly_name.clone()),
            ("WorkerSid", worker.sid.clone()),
            ("WorkerVersion", "0".to_owned()),
        ]);
        event
    }

    fn new(event_type: &str, resource_type: &str, resource_sid: &str, now: OffsetDateTime) -> Self {
        let mut event = Self {
            sid: sids::new("EV"),
            idempotency_token: sids::new(""),
            event_type: event_type.to_owned(),
            cause: Cause::present(),
            moment: Instant::now(),
            fields: Vec::new(),
        };
        event.add([
            ("AccountSid", ACCOUNT_SID.to_owned()),
            ("EventDescription", event_type.replace(['.', '-'], " ")),
            ("EventType", event_type.to_owned()),
            ("ResourceSid", resource_sid.to_owned()),
            ("ResourceType", resource_type.to_owned()),
            ("Sid", event.sid.clone()),
            ("Timestamp", now.unix_timestamp().to_string()),
            ("TimestampMs", (now.unix_timestamp_nanos() / 1_000_000).to_string()),
            ("WorkspaceName", "Service desk".to_owned()),
            ("WorkspaceSid", WORKSPACE_SID.to_owned()),
        ]);
        event
    }

    fn add_task(&mut self, task: &Task, now: OffsetDateTime) {
        self.add([
            ("TaskAge", task.age(now).to_string()),
            ("TaskAssignmentStatus", task.status.to_string()),
            ("TaskAttributes", task.attributes.clone()),
            ("TaskChannelSid", TASK_CHANNEL_SID.to_owned()),
            ("TaskChannelUniqueName", TASK_CHANNEL_NAME.to_owned()),
            ("TaskDateCreated", task.date_created.unix_timestamp().to_string()),
            ("TaskPriority", task.priority.to_string()),
            ("TaskQueueEnteredDate", iso_8601(task.date_created)),
            ("TaskQueueName", AI_QUEUE_NAME.to_owned()),
            ("TaskQueueSid", AI_QUEUE_SID.to_owned()),
            ("TaskQueueTargetExpression", "1==1".to_owned()),
            ("TaskSid", task.sid.clone()),
            ("TaskVersion", task.version.to_string()),
            ("WorkflowName", WORKFLOW_NAME.to_owned()),
            ("WorkflowSid", WORKFLOW_SID.to_owned()),
        ]);
        let name = match task.status {
            TaskStatus::Completed => "TaskCompletedReason",
            TaskStatus::Canceled => "TaskCanceledReason",
            _ => return,
        };
        self.add([(name, task.reason.clone().unwrap_or_default())]);
    }

    fn add<const N: usize>(&mut self, fields: [(&str, String); N]) {
        self.fields.extend(fields.map(|(name, value)| (name.to_owned(), value)));
    }
}
