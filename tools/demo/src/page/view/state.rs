//! The whole state that the page shows.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;

use serde::Serialize;
use simulator::lock::lock;
use simulator::options::{CLOSE_QUEUE, QUEUE};
use simulator::twilio::sids::{ACCOUNT_SID, WORKSPACE_SID};
use simulator::twilio::{Activity, Task, TaskQueue, Worker};
use simulator::world::{AUTO_CLOSE, DEFERRED};
use time::OffsetDateTime;
use workflow::{Scope, Workflow};

use super::entry::{Entry, rfc3339};
use super::filters;
use super::people::Kind;
use super::queued::QueueDepth;
use super::task_view::TaskView;
use super::timeline::Timeline;
use crate::page::record::desk::Desk;
use crate::page::record::planned::{Left, Planned};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct State {
    /// Another world has another one.
    world: String,
    #[serde(serialize_with = "rfc3339")]
    now: OffsetDateTime,
    queues: Vec<QueueView>,
    workers: Vec<WorkerView>,
    activities: Vec<String>,
    tasks: Vec<TaskView>,
    workflow: WorkflowView,
    faults: Vec<Left>,
    session_api: SessionApiView,
    messages: [QueueDepth; 2],
    twilio: TwilioView,
    timeline: Vec<Entry>,
}

#[derive(Serialize)]
struct QueueView {
    sid: String,
    name: String,
    tasks: Vec<String>,
    workers: Vec<String>,
}

#[derive(Serialize)]
struct WorkerView {
    sid: String,
    name: String,
    kind: Kind,
    activity: String,
    available: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WorkflowView {
    handoff_first: Option<bool>,
    text: String,
}

#[derive(Serialize)]
struct SessionApiView {
    up: bool,
}

/// The address and credentials with which a program of the visitor's own uses the simulated Twilio.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct TwilioView {
    url: String,
    account_sid: &'static str,
    auth_token: String,
    workspace_sid: &'static str,
}

impl State {
    /// Each part is copied under its own lock, so two parts may be a moment apart. A change in between is sent in the
    /// next round.
    pub(crate) fn of(desk: &Desk) -> Self {
        let twilio = &desk.world.twilio;
        let (tasks, queues, workers) = (twilio.tasks(), twilio.queues(), twilio.workers());
        let activities = twilio.activities();
        let now = desk.now();
        let waiting = desk.world.sqs.messages(QUEUE);
        let text = twilio.workflow_configuration();
        let workflow = text.parse::<Workflow>().ok();
        Self {
            world: desk.identity(),
            now,
            queues: queues
                .iter()
                .map(|queue| queue_view(queue, &tasks, &workers, &activities))
                .collect(),
            workers: workers.iter().map(|worker| worker_view(worker, &activities)).collect(),
            activities: activities
                .iter()
                .map(|activity| activity.friendly_name.clone())
                .collect(),
            tasks: tasks
                .iter()
                .map(|task| TaskView::of(desk, task, &queues, &waiting, now))
                .collect(),
            workflow: WorkflowView {
                handoff_first: workflow.as_ref().and_then(filters::handoff_is_first),
                text,
            },
            faults: lock(&desk.planned).iter().filter_map(Planned::left).collect(),
            session_api: SessionApiView {
                up: desk.session_api_is_up.load(Ordering::Relaxed),
            },
            messages: [(QUEUE, DEFERRED), (CLOSE_QUEUE, AUTO_CLOSE)]
                .map(|(queue, function)| QueueDepth::of(&desk.world.sqs, queue, function, now)),
            twilio: TwilioView {
                url: desk.together.url(),
                account_sid: ACCOUNT_SID,
                auth_token: twilio.credentials().auth_token,
                workspace_sid: WORKSPACE_SID,
            },
            timeline: Timeline::new(desk).entries(),
        }
    }

    pub(crate) fn json(&self) -> String {
        serde_json::to_string(self).expect("it has nothing that JSON lacks")
    }
}

fn queue_view(queue: &TaskQueue, tasks: &[Task], workers: &[Worker], activities: &[Activity]) -> QueueView {
    let is_here = |task: &&Task| task.queue_sid.as_ref() == Some(&queue.sid) && !task.status.is_terminal();
    let expression = workflow::TaskQueue::read_target_workers(&queue.target_workers)
        .ok()
        .flatten();
    let is_in = |worker: &&Worker| {
        let worker = for_routing(worker, activities);
        let matches = |expression: &workflow::Expression| expression.evaluate(&Scope::Worker(&worker)).holds;
        expression.as_ref().is_some_and(matches)
    };
    QueueView {
        sid: queue.sid.clone(),
        name: queue.friendly_name.clone(),
        tasks: tasks.iter().filter(is_here).map(|task| task.sid.clone()).collect(),
        workers: workers.iter().filter(is_in).map(|worker| worker.sid.clone()).collect(),
    }
}

fn worker_view(worker: &Worker, activities: &[Activity]) -> WorkerView {
    let activity = for_routing(worker, activities).activity;
    WorkerView {
        sid: worker.sid.clone(),
        name: Kind::of_worker(&worker.sid).name(&worker.friendly_name),
        kind: Kind::of_worker(&worker.sid),
        activity: activity.name,
        available: activity.available,
    }
}

/// The worker as a queue's expression sees it.
fn for_routing(worker: &Worker, activities: &[Activity]) -> workflow::Worker {
    let activity = activities.iter().find(|activity| activity.sid == worker.activity_sid);
    workflow::Worker {
        sid: worker.sid.clone(),
        friendly_name: worker.friendly_name.clone(),
        attributes: serde_json::from_str(&worker.attributes).unwrap_or_default(),
        activity: workflow::Activity {
            sid: worker.activity_sid.clone(),
            name: activity
                .map(|activity| activity.friendly_name.clone())
                .unwrap_or_default(),
            available: activity.is_some_and(|activity| activity.available),
        },
        channels: BTreeMap::new(),
        idle: std::time::Duration::ZERO,
    }
}
