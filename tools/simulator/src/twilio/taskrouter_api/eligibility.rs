//! Which workers a queue or an expression is about.

use serde_json::Value;
use workflow::{Expression, Scope};

use crate::twilio::refusal::Refusal;
use crate::twilio::taskrouter::json::object;
use crate::twilio::taskrouter::reservation::ReservationStatus;
use crate::twilio::taskrouter::task_queue::TaskQueue;
use crate::twilio::taskrouter::worker::{Worker, WorkerChannel};
use crate::twilio::taskrouter::workspace::Workspace;

/// An expression in a query.
pub(super) fn expression(name: &str, text: &str) -> Result<Expression, Refusal> {
    text.parse()
        .map_err(|error| Refusal::invalid(format!("{name}: {error}")))
}

/// Whether an expression holds for a worker.
pub(super) fn holds_for(expression: &Expression, workspace: &Workspace, worker: &Worker) -> bool {
    expression
        .evaluate(&Scope::Worker(&in_expressions(workspace, worker)))
        .holds
}

/// Whether a worker is in a queue.
pub(super) fn is_in(queue: &TaskQueue, workspace: &Workspace, worker: &Worker) -> bool {
    let targets = queue.expression.as_ref();
    targets.is_some_and(|targets| holds_for(targets, workspace, worker))
}

/// Whether a worker with these attributes would be in a queue.
pub(super) fn would_be_in(queue: &TaskQueue, attributes: &Value) -> bool {
    let worker = workflow::Worker {
        sid: String::new(),
        friendly_name: String::new(),
        attributes: attributes.clone(),
        activity: workflow::Activity {
            sid: String::new(),
            name: String::new(),
            available: true,
        },
        channels: [].into(),
        idle: std::time::Duration::ZERO,
    };
    let targets = queue.expression.as_ref();
    targets.is_some_and(|targets| targets.evaluate(&Scope::Worker(&worker)).holds)
}

/// A worker by the names that there are in expressions.
fn in_expressions(workspace: &Workspace, worker: &Worker) -> workflow::Worker {
    let activity = workspace.activities.find(&worker.activity_sid);
    let channels = worker.channels.iter();
    workflow::Worker {
        sid: worker.sid.clone(),
        friendly_name: worker.friendly_name.clone(),
        attributes: object(&worker.attributes),
        activity: workflow::Activity {
            sid: worker.activity_sid.clone(),
            name: activity
                .map(|activity| activity.friendly_name.clone())
                .unwrap_or_default(),
            available: activity.is_some_and(|activity| activity.available),
        },
        channels: channels
            .map(|channel| (channel.unique_name.clone(), load(workspace, worker, channel)))
            .collect(),
        idle: std::time::Duration::ZERO,
    }
}

/// What a worker's channel can take, and has.
pub(super) fn load(workspace: &Workspace, worker: &Worker, channel: &WorkerChannel) -> workflow::WorkerChannel {
    let on_channel = workspace
        .tasks
        .iter()
        .filter(|task| task.channel_sid == channel.task_channel_sid);
    let own = on_channel
        .flat_map(|task| &task.reservations)
        .filter(|reservation| reservation.worker_sid == worker.sid);
    let (mut reservations, mut assigned) = (0, 0);
    for reservation in own {
        reservations += u32::from(reservation.status.is_open());
        assigned += u32::from(reservation.status == ReservationStatus::Accepted);
    }
    workflow::WorkerChannel {
        capacity: channel.capacity,
        available: channel.available,
        reservations,
        assigned,
    }
}
