//! Changes of tasks.

use time::OffsetDateTime;

use super::Workspace;
use super::lifecycle::{Ending, closed, ending};
use super::routing_target::{RoutingTarget, ignores_capacity};
use crate::twilio::refusal::Refusal;
use crate::twilio::sids;
use crate::twilio::taskrouter::model::{
    NewTask, Reservation, Task, TaskChange, TaskStatus, check_object, check_version,
};

/// The limit for a task's attributes in UTF-16 code units, including white space.
const MAX_ATTRIBUTES: usize = 4_096;

/// The default timeout of a task in seconds: a day.
const DEFAULT_TIMEOUT: u32 = 86_400;
/// Two weeks.
const MAX_TIMEOUT: u32 = 1_209_600;

impl Workspace {
    pub(crate) fn create_task(&mut self, new: NewTask) -> Result<Task, Refusal> {
        let attributes = new.attributes.unwrap_or_else(|| "{}".to_owned());
        check_attributes(&attributes)?;
        let priority = new.priority.unwrap_or_default();
        check_priority(priority)?;
        let timeout = new.timeout.unwrap_or(DEFAULT_TIMEOUT);
        if !(1..=MAX_TIMEOUT).contains(&timeout) {
            return Err(Refusal::invalid(format!("Timeout is not from 1 to {MAX_TIMEOUT}")));
        }
        self.check_virtual_start_time(new.virtual_start_time)?;
        let target = new
            .routing_target
            .as_deref()
            .map(|sid| self.routing_target(sid))
            .transpose()?;
        let ignore_capacity = ignores_capacity(target, new.ignore_capacity)?;
        let (workflow, queue) = match target {
            Some(RoutingTarget::Workflow(sid)) => (Some(sid), None),
            Some(RoutingTarget::TaskQueue(sid)) => (None, Some(sid)),
            Some(RoutingTarget::Worker) | None => (None, None),
        };
        let workflow_sid = self.workflow_for(new.workflow_sid.or(workflow.map(str::to_owned)))?;
        let named_queue = new.task_queue_sid.or(queue.map(str::to_owned));
        self.check_task_queue(named_queue.as_deref())?;
        let channel = self
            .task_channel(new.task_channel.as_deref().unwrap_or("default"))?
            .clone();
        let task = Task {
            sid: sids::new("WT"),
            attributes,
            status: TaskStatus::Pending,
            reason: None,
            priority,
            workflow_sid,
            queue_sid: self.queue_by_hand(named_queue.as_ref()),
            queue_entered: self.now,
            channel_sid: channel.sid,
            channel: channel.unique_name,
            timeout,
            virtual_start_time: new.virtual_start_time.unwrap_or(self.now),
            routing_target: new.routing_target,
            ignore_capacity,
            named_queue,
            version: 0,
            date_created: self.now,
            date_updated: self.now,
            reservations: Vec::new(),
            last_route: None,
            position: None,
            rejections: 0,
            ended: None,
        };
        self.tasks.add(task.clone());
        self.add_task_event("task.created", &task);
        if self.routes() {
            self.enter(&task.sid);
        }
        self.tasks.get(&task.sid).cloned()
    }

    /// "If there is only one Workflow defined for the Workspace […] this parameter is optional."
    fn workflow_for(&self, sid: Option<String>) -> Result<String, Refusal> {
        let known = |sid: &String| self.workflows.find(sid).is_some();
        let sids: Vec<&String> = self.workflows.iter().map(|workflow| &workflow.sid).collect();
        match (sid, sids.as_slice()) {
            (Some(sid), _) if known(&sid) => Ok(sid),
            (Some(sid), _) => Err(Refusal::invalid(format!("Workflow {sid} does not exist"))),
            (None, [only]) => Ok((*only).clone()),
            (None, _) => Err(Refusal::invalid("WorkflowSid is required")),
        }
    }

    /// Without routing, a task starts in its named queue or else in the first queue.
    fn queue_by_hand(&self, named: Option<&String>) -> Option<String> {
        let first = || self.task_queues.iter().next().map(|queue| queue.sid.clone());
        (!self.routes()).then(|| named.cloned().or_else(first)).flatten()
    }

    fn check_virtual_start_time(&self, time: Option<OffsetDateTime>) -> Result<(), Refusal> {
        match time {
            Some(time) if time > self.now || time.year() < 1900 => Err(Refusal::invalid(
                "VirtualStartTime cannot be in the future or before the year of 1900",
            )),
            _ => Ok(()),
        }
    }

    /// Changes a task if `if_match` is absent or the task's ETag.
    ///
    /// Attributes and status can't be changed in the same request: TaskRouter is known to require two.
    pub(crate) fn update_task(
        &mut self,
        sid: &str,
        if_match: Option<&str>,
        change: TaskChange,
    ) -> Result<Task, Refusal> {
        check_version(if_match, self.tasks.get(sid)?.version)?;
        if let Some(status) = change.status {
            if change.attributes.is_some() {
                return Err(Refusal::invalid(
                    "Attributes and AssignmentStatus cannot be changed in one request",
                ));
            }
            return self.end_task(sid, status, change.reason);
        }
        change.attributes.as_deref().map_or(Ok(()), check_attributes)?;
        change.priority.map_or(Ok(()), check_priority)?;
        self.check_virtual_start_time(change.virtual_start_time)?;
        let channel = match &change.task_channel {
            Some(channel) => Some(self.task_channel(channel)?.clone()),
            None => None,
        };
        let task = self.tasks.get_mut(sid)?;
        if let Some(channel) = channel {
            (task.channel_sid, task.channel) = (channel.sid, channel.unique_name);
        }
        task.attributes = change.attributes.unwrap_or_else(|| task.attributes.clone());
        task.priority = change.priority.unwrap_or(task.priority);
        task.virtual_start_time = change.virtual_start_time.unwrap_or(task.virtual_start_time);
        task.touch(self.now);
        let task = task.clone();
        self.add_task_event("task.updated", &task);
        Ok(task)
    }

    /// Wraps up, completes or cancels a task and its open reservations.
    fn end_task(&mut self, sid: &str, status: TaskStatus, reason: Option<String>) -> Result<Task, Refusal> {
        let task = self.tasks.get(sid)?;
        let Some(Ending { verb, expected, event }) = ending(status) else {
            return Err(Refusal::invalid(format!("AssignmentStatus cannot be set to {status}")));
        };
        if !expected.contains(&task.status) {
            let expected: Vec<String> = expected.iter().map(ToString::to_string).collect();
            return Err(Refusal::invalid(format!(
                "Cannot {verb} task {sid} in workspace {} for account {} because it is not {}.",
                self.sid,
                sids::ACCOUNT_SID,
                expected.join(" or "),
            )));
        }
        // "This parameter is required only if the Task is canceled or completed."
        if status.is_terminal() && reason.is_none() {
            return Err(Refusal::invalid("Reason is required"));
        }
        self.set_task_status(sid, status, reason.filter(|_| status.is_terminal()), event)
    }

    /// Cancels a waiting task.
    pub(super) fn cancel(&mut self, sid: &str, reason: &str) {
        let _ = self.end_task(sid, TaskStatus::Canceled, Some(reason.to_owned()));
    }

    /// Sets a task's status and the resulting status of its open reservations.
    fn set_task_status(
        &mut self,
        sid: &str,
        status: TaskStatus,
        reason: Option<String>,
        event: &str,
    ) -> Result<Task, Refusal> {
        let now = self.now;
        let task = self.tasks.get_mut(sid)?;
        task.reason = reason.or(task.reason.take());
        task.status = status;
        task.ended = status.is_terminal().then_some(now);
        task.touch(now);
        let mut moved = Vec::new();
        for reservation in &mut task.reservations {
            if let Some(status) = closed(reservation.status, task.status) {
                reservation.set_status(status, now);
                moved.push(reservation.clone());
            }
        }
        let task = task.clone();
        self.add_task_event(event, &task);
        for reservation in &moved {
            self.add_reservation_event(reservation);
        }
        Ok(task)
    }

    /// Deletes a task. The event type `event` tells a person's deletion from TaskRouter's.
    pub(crate) fn delete_task(&mut self, sid: &str, if_match: Option<&str>, event: &str) -> Result<(), Refusal> {
        check_version(if_match, self.tasks.get(sid)?.version)?;
        let task = self.tasks.remove(sid)?;
        self.add_task_event(event, &task);
        Ok(())
    }

    /// The task of a reservation.
    pub(crate) fn task_of(&self, reservation_sid: &str) -> Result<&Task, Refusal> {
        let has = |task: &&Task| task.reservations.iter().any(|one| one.sid == reservation_sid);
        let path = || format!("{}/Tasks//Reservations/{reservation_sid}", self.path());
        self.tasks.iter().find(has).ok_or_else(|| Refusal::not_found(&path()))
    }

    pub(crate) fn reservation(&self, task_sid: &str, sid: &str) -> Result<&Reservation, Refusal> {
        let mut reservations = self.tasks.get(task_sid)?.reservations.iter();
        let reservation = reservations.find(|reservation| reservation.sid == sid);
        let path = || format!("{}/Tasks/{task_sid}/Reservations/{sid}", self.path());
        reservation.ok_or_else(|| Refusal::not_found(&path()))
    }
}

/// Refuses attributes that are too long or not a JSON object. TaskRouter's answer past the limit is not documented.
fn check_attributes(attributes: &str) -> Result<(), Refusal> {
    let length = attributes.encode_utf16().count();
    if length > MAX_ATTRIBUTES {
        let message = format!("Attributes has {length} characters, more than {MAX_ATTRIBUTES}");
        return Err(Refusal::invalid(message));
    }
    check_object("Attributes", attributes)
}

/// "Value can be 0 to 2^31^ (2,147,483,647)."
fn check_priority(priority: i64) -> Result<(), Refusal> {
    match priority {
        0..=2_147_483_647 => Ok(()),
        _ => Err(Refusal::invalid("Priority is not from 0 to 2147483647")),
    }
}
