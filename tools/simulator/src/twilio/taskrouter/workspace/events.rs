//! Events of changes.

use std::time::Instant;

use serde_json::json;
use time::OffsetDateTime;

use super::Workspace;
use super::lifecycle::event_type;
use crate::cause::Cause;
use crate::clock::iso_8601;
use crate::twilio::sids::{self, ACCOUNT_SID, OPERATING_UNIT_SID};
use crate::twilio::taskrouter::model::{
    Activity, Event, Reservation, Task, TaskChannel, TaskQueue, TaskStatus, Worker, WorkerChannel, Workflow,
};

impl Event {
    fn new(event_type: &str, resource_type: &str, resource_sid: &str, workspace: &Workspace) -> Self {
        let now = workspace.now;
        let mut event = Self {
            sid: sids::new("EV"),
            idempotency_token: sids::new(""),
            cloud_event_id: sids::new("EZ"),
            event_type: event_type.to_owned(),
            cause: Cause::present(),
            moment: Instant::now(),
            workspace_sid: workspace.sid.clone(),
            resource_type: resource_type.to_owned(),
            resource_sid: resource_sid.to_owned(),
            date: now,
            fields: Vec::new(),
            stream_fields: Vec::new(),
        };
        event.add([
            ("AccountSid", ACCOUNT_SID.to_owned()),
            ("EventDescription", event_type.replace(['.', '-'], " ")),
            ("EventType", event_type.to_owned()),
            ("OperatingUnitSid", OPERATING_UNIT_SID.to_owned()),
            ("ResourceSid", resource_sid.to_owned()),
            ("ResourceType", resource_type.to_owned()),
            ("Sid", event.sid.clone()),
            ("Timestamp", now.unix_timestamp().to_string()),
            ("TimestampMs", (now.unix_timestamp_nanos() / 1_000_000).to_string()),
            ("WorkspaceName", workspace.friendly_name.clone()),
            ("WorkspaceSid", workspace.sid.clone()),
        ]);
        event
    }

    fn add<const N: usize>(&mut self, fields: [(&str, String); N]) {
        self.fields.extend(fields.map(|(name, value)| (name.to_owned(), value)));
    }

    fn describe(&mut self, description: &str) {
        let mut fields = self.fields.iter_mut();
        if let Some((_, value)) = fields.find(|(name, _)| name == "EventDescription") {
            description.clone_into(value);
        }
    }

    fn add_task(&mut self, workspace: &Workspace, task: &Task) {
        self.add([
            ("TaskAge", task.age(workspace.now).whole_seconds().to_string()),
            ("TaskAssignmentStatus", task.status.to_string()),
            ("TaskAttributes", task.attributes.clone()),
            ("TaskChannelSid", task.channel_sid.clone()),
            ("TaskChannelUniqueName", task.channel.clone()),
            ("TaskDateCreated", task.date_created.unix_timestamp().to_string()),
            ("TaskIgnoreCapacity", task.ignore_capacity.to_string()),
            ("TaskPriority", task.priority.to_string()),
            ("TaskSid", task.sid.clone()),
            ("TaskVersion", task.version.to_string()),
            ("TaskVirtualStartTime", iso_8601(task.virtual_start_time)),
            ("WorkflowSid", task.workflow_sid.clone()),
        ]);
        if let Some(target) = &task.routing_target {
            self.add([("TaskRoutingTarget", target.clone())]);
        }
        self.stream_fields.extend([
            ("task_add_on_attributes", json!("{}")),
            ("task_timeout", task.timeout.into()),
        ]);
        if let Some(workflow) = workspace.workflows.find(&task.workflow_sid) {
            self.add([("WorkflowName", workflow.friendly_name.clone())]);
        }
        let queue = task.queue_sid.as_ref().and_then(|sid| workspace.task_queues.find(sid));
        if let Some(queue) = queue {
            // In seconds, since production code reads seconds.
            let entered = task.queue_entered.unix_timestamp().to_string();
            self.add([("TaskQueueEnteredDate", entered)]);
            let age = (workspace.now - task.queue_entered).whole_seconds();
            self.stream_fields.push(("task_age_in_queue", age.into()));
            self.add_task_queue(queue);
        }
        let reason = task.reason.clone().unwrap_or_default();
        match task.status {
            TaskStatus::Completed => self.add([("TaskCompletedReason", reason)]),
            TaskStatus::Canceled => self.add([("TaskCanceledReason", reason)]),
            _ => {}
        }
    }

    fn add_task_queue(&mut self, queue: &TaskQueue) {
        self.add([
            ("TaskQueueName", queue.friendly_name.clone()),
            ("TaskQueueSid", queue.sid.clone()),
            ("TaskQueueTargetExpression", queue.target_workers.clone()),
        ]);
    }

    fn add_worker(&mut self, workspace: &Workspace, worker: &Worker) {
        let activity = workspace.activities.find(&worker.activity_sid);
        let activity_name = activity.map(|activity| activity.friendly_name.clone());
        let is_available = activity.is_some_and(|activity| activity.available);
        self.stream_fields.push(("worker_available", is_available.into()));
        self.add([
            ("WorkerActivityName", activity_name.unwrap_or_default()),
            ("WorkerActivitySid", worker.activity_sid.clone()),
            ("WorkerAttributes", worker.attributes.clone()),
            ("WorkerName", worker.friendly_name.clone()),
            ("WorkerSid", worker.sid.clone()),
            ("WorkerVersion", worker.version.to_string()),
        ]);
    }
}

/// The members that only a CloudEvent has.
impl Event {
    /// The worker's capacity for tasks like this one, and the part of it in use.
    fn add_capacity(&mut self, workspace: &Workspace, worker: &Worker, task: &Task) {
        if let Some(channel) = worker.channel(&task.channel_sid) {
            let load = workspace.channel_load(worker, channel);
            self.stream_fields.extend([
                ("worker_channel_capacity", load.capacity.into()),
                ("worker_channel_consumed_capacity", load.reservations.into()),
            ]);
        }
    }
}

/// A method for each kind of resource. Events have all fields of Twilio's reference.
impl Workspace {
    pub(super) fn add_task_event(&mut self, event_type: &str, task: &Task) {
        let mut event = Event::new(event_type, "task", &task.sid, self);
        event.add_task(self, task);
        // "On timeout, the `task.canceled` event will fire with description `Task TTL Exceeded`."
        if let ("task.canceled", Some(reason)) = (event_type, &task.reason) {
            event.describe(reason);
        }
        self.events.push(event);
    }

    /// The event of a task that comes to a target of a filter. `known_worker` is the worker named by the target.
    pub(super) fn add_target_event(&mut self, task: &Task, filter: &str, known_worker: Option<String>) {
        let mut event = Event::new("workflow.target-matched", "task", &task.sid, self);
        event.add_task(self, task);
        event.add([("WorkflowFilterName", filter.to_owned())]);
        if let Some(sid) = known_worker {
            event.add([("KnownWorkerSid", sid)]);
        }
        self.events.push(event);
    }

    /// The event of a reservation, including its task and the worker's present state.
    pub(super) fn add_reservation_event(&mut self, reservation: &Reservation) {
        let Some(task) = self.tasks.find(&reservation.task_sid) else {
            return;
        };
        let mut event = Event::new(event_type(reservation.status), "reservation", &reservation.sid, self);
        event.add_task(self, task);
        event.add([
            ("ReservationSid", reservation.sid.clone()),
            ("ReservationVersion", reservation.version.to_string()),
        ]);
        let workflow = self.workflows.find(&task.workflow_sid);
        let timeout = workflow.map(|workflow| workflow.task_reservation_timeout);
        event.stream_fields.extend([
            ("reservation_status", reservation.status.to_string().into()),
            ("reservation_timeout", timeout.into()),
        ]);
        if let Some(worker) = self.workers.find(&reservation.worker_sid) {
            event.add_worker(self, worker);
            event.add_capacity(self, worker, task);
        }
        self.events.push(event);
    }

    pub(super) fn add_worker_event(&mut self, event_type: &str, worker: &Worker) {
        let mut event = Event::new(event_type, "worker", &worker.sid, self);
        event.add_worker(self, worker);
        self.events.push(event);
    }

    /// `before` is the worker's previous activity and the time of entering that activity.
    pub(super) fn add_activity_update_event(&mut self, worker: &Worker, (before, since): (String, OffsetDateTime)) {
        let mut event = Event::new("worker.activity.update", "worker", &worker.sid, self);
        event.add_worker(self, worker);
        let name = self
            .activities
            .find(&before)
            .map(|activity| activity.friendly_name.clone());
        let spent = self.now - since;
        event.add([
            ("WorkerPreviousActivityName", name.unwrap_or_default()),
            ("WorkerPreviousActivitySid", before),
            ("WorkerTimeInPreviousActivity", spent.whole_seconds().to_string()),
            ("WorkerTimeInPreviousActivityMs", spent.whole_milliseconds().to_string()),
        ]);
        self.events.push(event);
    }

    /// `previous` is the channel's previous capacity.
    pub(super) fn add_worker_channel_event(
        &mut self,
        event_type: &str,
        worker: &Worker,
        channel: &WorkerChannel,
        previous: u32,
    ) {
        let mut event = Event::new(event_type, "worker", &worker.sid, self);
        event.add_worker(self, worker);
        event.add([
            ("TaskChannelSid", channel.task_channel_sid.clone()),
            ("TaskChannelUniqueName", channel.unique_name.clone()),
            ("WorkerChannelAvailable", channel.available.to_string()),
            ("WorkerChannelAvailableCapacity", channel.capacity.to_string()),
            ("WorkerChannelPreviousCapacity", previous.to_string()),
            (
                "WorkerChannelTaskCount",
                self.channel_load(worker, channel).assigned.to_string(),
            ),
        ]);
        self.events.push(event);
    }

    pub(super) fn add_activity_event(&mut self, event_type: &str, activity: &Activity) {
        let mut event = Event::new(event_type, "activity", &activity.sid, self);
        event.add([
            ("ActivityAvailable", activity.available.to_string()),
            ("ActivityName", activity.friendly_name.clone()),
            ("ActivitySid", activity.sid.clone()),
        ]);
        self.events.push(event);
    }

    pub(super) fn add_task_channel_event(&mut self, event_type: &str, channel: &TaskChannel) {
        let mut event = Event::new(event_type, "task-channel", &channel.sid, self);
        event.add([
            ("TaskChannelName", channel.friendly_name.clone()),
            (
                "TaskChannelOptimizedRouting",
                channel.channel_optimized_routing.to_string(),
            ),
            ("TaskChannelSid", channel.sid.clone()),
            ("TaskChannelUniqueName", channel.unique_name.clone()),
        ]);
        self.events.push(event);
    }

    pub(super) fn add_task_queue_event(&mut self, event_type: &str, queue: &TaskQueue) {
        let mut event = Event::new(event_type, "task-queue", &queue.sid, self);
        event.add_task_queue(queue);
        self.events.push(event);
    }

    pub(super) fn add_workflow_event(&mut self, event_type: &str, workflow: &Workflow) {
        let mut event = Event::new(event_type, "workflow", &workflow.sid, self);
        event.add([
            ("WorkflowName", workflow.friendly_name.clone()),
            ("WorkflowSid", workflow.sid.clone()),
        ]);
        self.events.push(event);
    }

    pub(crate) fn add_workspace_event(&mut self, event_type: &str) {
        let sid = self.sid.clone();
        let event = Event::new(event_type, "workspace", &sid, self);
        self.events.push(event);
    }
}
