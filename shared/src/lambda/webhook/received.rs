//! The events of a request, grouped by task.

use serde_json::Value;

use super::WebhookResult;
use crate::invocation::Invocation;
use crate::jobs::outcome::{Failure, NothingToDo, Outcome};
use crate::twilio::event::Event;
use crate::twilio::sid::TaskSid;

/// The most values in a field of the log line.
const MAX_LOGGED: usize = 20;

/// The events about a task in their order. Together they are one piece of work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventsOfTask {
    pub task: TaskSid,
    pub events: Vec<Event>,
}

#[derive(Debug, Default)]
pub(super) struct Received {
    pub(super) tasks: Vec<EventsOfTask>,
    event_types: Vec<String>,
    /// The results of events that need no work.
    others: Vec<WebhookResult>,
}

impl Received {
    pub(super) fn add(&mut self, event: Event) {
        let event_type = event.event_type.to_log().into_owned();
        if !self.event_types.contains(&event_type) {
            self.event_types.push(event_type);
        }
        let Some(task) = event.task_sid.clone() else {
            return self.add_result(Outcome::NothingToDo(NothingToDo::NoTask));
        };
        match self.tasks.iter_mut().find(|events| events.task == task) {
            Some(events) => events.events.push(event),
            None => self.tasks.push(EventsOfTask {
                task,
                events: vec![event],
            }),
        }
    }

    pub(super) fn add_result(&mut self, result: impl Into<WebhookResult>) {
        self.others.push(result.into());
    }

    /// The worst result of all events. `worked` has the result for each task.
    pub(super) fn result(self, worked: Vec<Result<Outcome, Failure>>) -> WebhookResult {
        let worked = worked.into_iter().map(|result| match result {
            Ok(outcome) => outcome.into(),
            Err(failure) => failure.into(),
        });
        let worst = self
            .others
            .into_iter()
            .chain(worked)
            .max_by_key(WebhookResult::severity);
        worst.unwrap_or(Outcome::NothingToDo(NothingToDo::NoTask).into())
    }

    /// Names tasks and event types in the log line.
    pub(super) fn set_log_fields(&self, invocation: &Invocation) {
        let tasks = self.tasks.iter().map(|events| events.task.to_string());
        set_all(invocation, "taskSid", "taskSids", tasks.collect());
        set_all(invocation, "eventType", "eventTypes", self.event_types.clone());
        let events = self.tasks.iter().flat_map(|events| &events.events);
        let reservations = events.filter_map(|event| event.reservation_sid.as_ref());
        let mut reservations: Vec<String> = reservations.map(ToString::to_string).collect();
        reservations.dedup();
        set_all(invocation, "reservationSid", "reservationSids", reservations);
    }
}

/// Sets a field of the log line: `one` for a single value, `several` for more.
fn set_all(invocation: &Invocation, one: &'static str, several: &'static str, mut values: Vec<String>) {
    values.truncate(MAX_LOGGED);
    match values.len() {
        0 => {}
        1 => invocation.set(one, values.remove(0)),
        _ => invocation.set(several, Value::from(values)),
    }
}
