//! Statistics of a period, counted from the events.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::Statistics;
use super::durations::{average, since, summary};
use super::period::Period;
use crate::clock::iso_8601;
use crate::twilio::taskrouter::model::Event;

pub(super) fn of_workspace<'a>(events: impl Iterator<Item = &'a Event>, period: &Period) -> Statistics {
    let counted = Counted::of(events, period, |_| true);
    let own = [
        ("tasks_created", "task.created"),
        ("tasks_timed_out_in_workflow", "workflow.timeout"),
    ];
    counted.of_tasks(period, &own)
}

pub(super) fn of_task_queue<'a>(events: impl Iterator<Item = &'a Event>, period: &Period, sid: &str) -> Statistics {
    let counted = Counted::of(events, period, |event| event.field("TaskQueueSid") == Some(sid));
    let mut statistics = counted.of_tasks(period, &[("tasks_entered", "task-queue.entered")]);
    let waits = counted.waits("reservation.accepted", "TaskQueueEnteredDate");
    statistics.insert("wait_duration_in_queue_until_accepted".to_owned(), summary(&waits));
    statistics
}

pub(super) fn of_workflow<'a>(events: impl Iterator<Item = &'a Event>, period: &Period, sid: &str) -> Statistics {
    let counted = Counted::of(events, period, |event| event.field("WorkflowSid") == Some(sid));
    let own = [
        ("tasks_entered", "workflow.entered"),
        ("tasks_timed_out_in_workflow", "workflow.timeout"),
    ];
    counted.of_tasks(period, &own)
}

/// A worker's time in an activity counts when the worker leaves the activity.
pub(super) fn of_workers<'a>(events: impl Iterator<Item = &'a Event> + Clone, period: &Period) -> Statistics {
    let mut stays: BTreeMap<(&str, &str), Vec<i64>> = BTreeMap::new();
    let left = events
        .clone()
        .filter(|event| event.event_type == "worker.activity.update");
    for event in left.filter(|event| period.contains(event)) {
        let field = |name: &str| event.field(name).unwrap_or_default();
        let activity = (field("WorkerPreviousActivitySid"), field("WorkerPreviousActivityName"));
        let stay = field("WorkerTimeInPreviousActivity").parse().unwrap_or_default();
        stays.entry(activity).or_default().push(stay);
    }
    let durations = stays.into_iter().map(|((sid, name), stays)| {
        let mut durations = summary(&stays);
        durations["friendly_name"] = name.into();
        durations["sid"] = sid.into();
        durations
    });
    let mut statistics = Counted::of(events, period, |_| true).of_reservations(period);
    statistics.insert("activity_durations".to_owned(), durations.collect());
    statistics
}

/// The events that count.
struct Counted<'a>(Vec<&'a Event>);

impl<'a> Counted<'a> {
    fn of(events: impl Iterator<Item = &'a Event>, period: &Period, is_own: impl Fn(&Event) -> bool) -> Self {
        let counted = events.filter(|event| period.contains(event) && period.admits_channel(event) && is_own(event));
        Self(counted.collect())
    }

    fn count(&self, event_type: &str) -> Value {
        self.of_type(event_type).count().into()
    }

    fn of_type(&self, event_type: &str) -> impl Iterator<Item = &'a Event> {
        self.0
            .iter()
            .copied()
            .filter(move |event| event.event_type == event_type)
    }

    /// The time of each event since a date of its task.
    fn waits(&self, event_type: &str, date: &str) -> Vec<i64> {
        self.of_type(event_type)
            .filter_map(|event| since(event, date))
            .collect()
    }

    fn of_reservations(&self, period: &Period) -> Statistics {
        let counts = [
            ("reservations_accepted", "reservation.accepted"),
            ("reservations_canceled", "reservation.canceled"),
            ("reservations_created", "reservation.created"),
            ("reservations_rejected", "reservation.rejected"),
            ("reservations_rescinded", "reservation.rescinded"),
            ("reservations_timed_out", "reservation.timeout"),
        ];
        let mut statistics = Statistics::from_iter([
            ("end_time".to_owned(), iso_8601(period.end).into()),
            ("start_time".to_owned(), iso_8601(period.start).into()),
        ]);
        statistics.extend(counts.map(|(name, event_type)| (name.to_owned(), self.count(event_type))));
        statistics
    }

    /// The counts of reservations and tasks. `own` are the further counts of an owner.
    fn of_tasks(&self, period: &Period, own: &[(&str, &str)]) -> Statistics {
        let accepted = self.waits("reservation.accepted", "TaskDateCreated");
        let canceled = self.waits("task.canceled", "TaskDateCreated");
        let counts = [
            ("tasks_canceled", "task.canceled"),
            ("tasks_completed", "task.completed"),
            ("tasks_deleted", "task.deleted"),
            ("tasks_moved", "task-queue.moved"),
        ];
        let mut statistics = self.of_reservations(period);
        let counts = counts.iter().chain(own);
        statistics.extend(counts.map(|(name, event_type)| ((*name).to_owned(), self.count(event_type))));
        let thresholds = period.thresholds.as_ref();
        let split = thresholds.map(|thresholds| split(thresholds, &accepted, &canceled));
        statistics.extend([
            ("avg_task_acceptance_time".to_owned(), average(&accepted).into()),
            ("split_by_wait_time".to_owned(), split.unwrap_or_default()),
            ("wait_duration_until_accepted".to_owned(), summary(&accepted)),
            ("wait_duration_until_canceled".to_owned(), summary(&canceled)),
        ]);
        statistics
    }
}

/// The number of waits above each threshold, and of the others.
fn split(thresholds: &[i64], accepted: &[i64], canceled: &[i64]) -> Value {
    let entry = |threshold: &i64| {
        let above = |waits: &[i64]| waits.iter().filter(|wait| *wait > threshold).count();
        let (accepted_above, canceled_above) = (above(accepted), above(canceled));
        let split = json!({
            "above": { "reservations_accepted": accepted_above, "tasks_canceled": canceled_above },
            "below": {
                "reservations_accepted": accepted.len() - accepted_above,
                "tasks_canceled": canceled.len() - canceled_above,
            },
        });
        (threshold.to_string(), split)
    };
    Value::Object(thresholds.iter().map(entry).collect())
}
