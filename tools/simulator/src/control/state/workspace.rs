//! The workspace: workers with their load, queues, workflows and tasks.

use serde_json::{Value, json};

use crate::clock::iso_8601;
use crate::twilio::{Reservation, Task, TaskQueue, Twilio, Worker};

/// The number of tasks in the state.
const MOST_TASKS: usize = 100;

pub(super) fn activities(twilio: &Twilio) -> Vec<Value> {
    let activities = twilio.activities().into_iter();
    activities
        .map(|own| json!({"sid": own.sid, "name": own.friendly_name, "available": own.available}))
        .collect()
}

/// The unique names of the task channels.
pub(super) fn channels(twilio: &Twilio) -> Vec<String> {
    let channels = twilio.task_channels().into_iter();
    channels.map(|channel| channel.unique_name).collect()
}

pub(super) fn workflows(twilio: &Twilio) -> Vec<Value> {
    let workflows = twilio.workflows().into_iter();
    workflows
        .map(|own| json!({"sid": own.sid, "name": own.friendly_name}))
        .collect()
}

pub(super) fn workers(twilio: &Twilio, tasks: &[Task]) -> Vec<Value> {
    let activities = twilio.activities();
    let shown = |worker: &Worker| {
        let activity = activities.iter().find(|own| own.sid == worker.activity_sid);
        let channels = worker.channels.iter().map(|channel| {
            json!({
                "name": channel.unique_name,
                "capacity": channel.capacity,
                "available": channel.available,
                "reservations": load(worker, &channel.unique_name, tasks),
            })
        });
        json!({
            "sid": worker.sid,
            "name": worker.friendly_name,
            "attributes": worker.attributes,
            "activity": activity.map(|activity| &activity.friendly_name),
            "activitySid": worker.activity_sid,
            "available": activity.is_some_and(|activity| activity.available),
            "channels": channels.collect::<Vec<_>>(),
        })
    };
    twilio.workers().iter().map(shown).collect()
}

/// The worker's open reservations on a channel.
fn load(worker: &Worker, channel: &str, tasks: &[Task]) -> usize {
    let of_channel = tasks.iter().filter(|task| task.channel == channel);
    let reservations = of_channel.flat_map(|task| &task.reservations);
    let open = reservations.filter(|one| one.worker_sid == worker.sid && one.status.is_open());
    open.count()
}

pub(super) fn queues(twilio: &Twilio, tasks: &[Task]) -> Vec<Value> {
    let shown = |queue: &TaskQueue| {
        let inside = tasks.iter().filter(|task| task.queue_sid.as_ref() == Some(&queue.sid));
        json!({
            "sid": queue.sid,
            "name": queue.friendly_name,
            "expression": queue.target_workers,
            "tasks": inside.filter(|task| !task.status.is_terminal()).count(),
        })
    };
    twilio.queues().iter().map(shown).collect()
}

/// The latest tasks, the newest first.
pub(super) fn tasks(twilio: &Twilio, tasks: &[Task]) -> Vec<Value> {
    let queues = twilio.queues();
    let shown = |task: &Task| {
        let queue = queues.iter().find(|own| Some(&own.sid) == task.queue_sid.as_ref());
        json!({
            "sid": task.sid,
            "status": task.status,
            "reason": task.reason,
            "attributes": task.attributes,
            "channel": task.channel,
            "priority": task.priority,
            "queue": queue.map(|queue| &queue.friendly_name),
            "workflowSid": task.workflow_sid,
            "created": iso_8601(task.date_created),
            "updated": iso_8601(task.date_updated),
            "route": task.last_route.as_ref().map(ToString::to_string),
            "reservations": task.reservations.iter().map(reservation).collect::<Vec<_>>(),
        })
    };
    tasks.iter().rev().take(MOST_TASKS).map(shown).collect()
}

fn reservation(reservation: &Reservation) -> Value {
    json!({
        "sid": reservation.sid,
        "worker": reservation.worker_name,
        "workerSid": reservation.worker_sid,
        "status": reservation.status,
        "created": iso_8601(reservation.date_created),
        "updated": iso_8601(reservation.date_updated),
    })
}
