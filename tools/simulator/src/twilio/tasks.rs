//! The tasks of the workspace, and what can be done to them.

use serde_json::value::RawValue;
use time::{Duration, OffsetDateTime};

use super::event::Event;
use super::lifecycle::{check_move, end, event_type, follow_reservations};
use super::refusal::Refusal;
use super::sids;
use super::task::{Reservation, ReservationStatus, Task, TaskStatus, path, reservation_path};
use super::worker::Worker;
use crate::clock::Clock;

/// The length of a task's attributes, white space included, in UTF-16 code units.
const MAX_ATTRIBUTES: usize = 4_096;

/// How long a completed or canceled task can still be read.
const KEPT: Duration = Duration::minutes(5);

/// What to change on a task.
#[derive(Clone, Debug, Default)]
pub(crate) struct TaskChange {
    pub(crate) attributes: Option<String>,
    pub(crate) status: Option<TaskStatus>,
    pub(crate) reason: Option<String>,
    pub(crate) priority: Option<i64>,
}

/// The tasks of the workspace.
pub(crate) struct Tasks {
    clock: Clock,
    /// Whether a worker may still reject what it has accepted. Twilio documents neither.
    accepted_can_be_rejected: bool,
    /// In the order of their creation.
    tasks: Vec<Task>,
    created: usize,
    events: Vec<Event>,
}

impl Tasks {
    pub(crate) fn new(clock: Clock, accepted_can_be_rejected: bool) -> Self {
        Self {
            clock,
            accepted_can_be_rejected,
            tasks: Vec::new(),
            created: 0,
            events: Vec::new(),
        }
    }

    /// The events of the changes since the last call.
    pub(crate) fn take_events(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.events)
    }

    pub(crate) fn all(&mut self) -> &[Task] {
        self.sweep(self.clock.now());
        &self.tasks
    }

    pub(crate) fn get(&mut self, sid: &str) -> Result<&mut Task, Refusal> {
        self.sweep(self.clock.now());
        let task = self.tasks.iter_mut().find(|task| task.sid == sid);
        task.ok_or_else(|| Refusal::not_found(&path(sid)))
    }

    pub(crate) fn reservation(&mut self, task_sid: &str, sid: &str) -> Result<&mut Reservation, Refusal> {
        let mut reservations = self.get(task_sid)?.reservations.iter_mut();
        let reservation = reservations.find(|reservation| reservation.sid == sid);
        reservation.ok_or_else(|| Refusal::not_found(&reservation_path(task_sid, sid)))
    }

    /// The task that a reservation is on.
    pub(crate) fn task_of(&self, reservation_sid: &str) -> Result<String, Refusal> {
        let mut reservations = self.tasks.iter().flat_map(|task| &task.reservations);
        let reservation = reservations.find(|reservation| reservation.sid == reservation_sid);
        let reservation = reservation.ok_or_else(|| Refusal::not_found(&reservation_path("", reservation_sid)))?;
        Ok(reservation.task_sid.clone())
    }

    pub(crate) fn create(&mut self, attributes: String, priority: i64) -> Result<Task, Refusal> {
        check_attributes(&attributes)?;
        let now = self.clock.now();
        let task = Task {
            sid: sids::new("WT"),
            attributes,
            status: TaskStatus::Pending,
            reason: None,
            priority,
            version: 0,
            date_created: now,
            date_updated: now,
            reservations: Vec::new(),
            ended: None,
            number: self.created,
        };
        self.created += 1;
        self.tasks.push(task.clone());
        self.events.push(Event::of_task("task.created", &task, now));
        Ok(task)
    }

    /// Changes a task, if `if_match` is its ETag or absent.
    ///
    /// Attributes and status don't travel in one request: TaskRouter is known to want two.
    pub(crate) fn update(&mut self, sid: &str, if_match: Option<&str>, change: TaskChange) -> Result<Task, Refusal> {
        let now = self.clock.now();
        let task = self.get(sid)?;
        check_version(if_match, task.version)?;
        let events = match change.status {
            Some(_) if change.attributes.is_some() => {
                return Err(Refusal::invalid(
                    "Attributes and AssignmentStatus cannot be changed in one request",
                ));
            }
            Some(status) => end(task, status, change.reason, now)?,
            None => {
                if let Some(attributes) = change.attributes {
                    check_attributes(&attributes)?;
                    task.attributes = attributes;
                }
                task.priority = change.priority.unwrap_or(task.priority);
                task.touch(now);
                vec![Event::of_task("task.updated", task, now)]
            }
        };
        let task = task.clone();
        self.events.extend(events);
        Ok(task)
    }

    /// Deletes a task; `event` says who did, as in `task.deleted`.
    pub(crate) fn delete(&mut self, sid: &str, if_match: Option<&str>, event: &str) -> Result<(), Refusal> {
        check_version(if_match, self.get(sid)?.version)?;
        let task = self.get(sid)?.clone();
        self.tasks.retain(|task| task.sid != sid);
        self.events.push(Event::of_task(event, &task, self.clock.now()));
        Ok(())
    }

    /// Gives a worker a reservation on a task that has not ended.
    pub(crate) fn reserve(&mut self, task_sid: &str, worker: Worker) -> Result<Reservation, Refusal> {
        let now = self.clock.now();
        let task = self.get(task_sid)?;
        if task.status.is_terminal() {
            return Err(Refusal::invalid(format!(
                "Cannot reserve task {task_sid} because it is {}",
                task.status
            )));
        }
        let reservation = Reservation {
            sid: sids::new("WR"),
            task_sid: task_sid.to_owned(),
            worker,
            status: ReservationStatus::Pending,
            version: 0,
            date_created: now,
            date_updated: now,
        };
        task.reservations.push(reservation.clone());
        let moved = follow_reservations(task, now);
        let event = Event::of_reservation("reservation.created", task, &reservation, now);
        self.events.push(event);
        self.events.extend(moved);
        Ok(reservation)
    }

    /// Moves a reservation to another status, and its task along with it.
    pub(crate) fn move_reservation(
        &mut self,
        task_sid: &str,
        sid: &str,
        if_match: Option<&str>,
        status: ReservationStatus,
    ) -> Result<Reservation, Refusal> {
        let now = self.clock.now();
        let accepted_can_be_rejected = self.accepted_can_be_rejected;
        let reservation = self.reservation(task_sid, sid)?;
        check_version(if_match, reservation.version)?;
        check_move(reservation, status, accepted_can_be_rejected)?;
        reservation.set_status(status, now);
        let reservation = reservation.clone();
        let task = self.get(task_sid)?;
        let moved = follow_reservations(task, now);
        let event = Event::of_reservation(event_type(status), task, &reservation, now);
        self.events.push(event);
        self.events.extend(moved);
        Ok(reservation)
    }

    /// TaskRouter itself deletes what ended long enough ago.
    fn sweep(&mut self, now: OffsetDateTime) {
        let is_due = |task: &Task| task.ended.is_some_and(|ended| now - ended >= KEPT);
        for task in self.tasks.extract_if(.., |task| is_due(task)) {
            self.events.push(Event::of_task("task.system-deleted", &task, now));
        }
    }
}

/// Attributes are the text of a JSON object, within TaskRouter's limit. What TaskRouter answers past the limit is not
/// documented.
fn check_attributes(attributes: &str) -> Result<(), Refusal> {
    let length = attributes.encode_utf16().count();
    if length > MAX_ATTRIBUTES {
        let message = format!("Attributes has {length} characters, more than {MAX_ATTRIBUTES}");
        return Err(Refusal::invalid(message));
    }
    // As raw text: a number may be larger than any of Rust's, a string may hold half of a surrogate pair.
    match serde_json::from_str::<&RawValue>(attributes) {
        Ok(json) if json.get().starts_with('{') => Ok(()),
        Ok(_) => Err(Refusal::invalid("Attributes is not a JSON object")),
        Err(error) => Err(Refusal::invalid(format!("Attributes is not JSON: {error}"))),
    }
}

/// `If-Match` is accepted as the ETag was sent, and without its quotes.
fn check_version(if_match: Option<&str>, version: u64) -> Result<(), Refusal> {
    match if_match {
        Some(tag) if tag.trim_matches('"') != version.to_string() => Err(Refusal::precondition_failed()),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use time::Duration;

    use super::{TaskChange, Tasks};
    use crate::clock::Clock;
    use crate::twilio::task::TaskStatus;

    #[test]
    fn a_task_that_ended_five_minutes_ago_is_deleted_by_the_system() {
        let mut tasks = Tasks::new(Clock::default(), false);
        let task = tasks.create("{}".to_owned(), 0).unwrap();
        let canceled = TaskChange {
            status: Some(TaskStatus::Canceled),
            reason: Some("gone".to_owned()),
            ..TaskChange::default()
        };
        let ended = tasks.update(&task.sid, None, canceled).unwrap().date_updated;
        tasks.take_events();

        tasks.sweep(ended + Duration::minutes(5) - Duration::nanoseconds(1));
        assert!(tasks.get(&task.sid).is_ok());
        tasks.sweep(ended + Duration::minutes(5));
        assert!(tasks.get(&task.sid).is_err());

        let events: Vec<_> = tasks.take_events().into_iter().map(|event| event.event_type).collect();
        assert_eq!(events, ["task.system-deleted"]);
    }
}
