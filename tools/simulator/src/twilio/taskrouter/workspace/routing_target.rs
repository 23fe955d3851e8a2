//! Tasks that are addressed to a worker or queue on creation.

use serde_json::json;
use workflow::{KnownWorker, Scope, Target};

use super::Workspace;
use crate::twilio::refusal::Refusal;
use crate::twilio::taskrouter::model::{Task, object};

/// The kind of resource named by a `RoutingTarget`.
#[derive(Clone, Copy)]
pub(super) enum RoutingTarget<'t> {
    Worker,
    TaskQueue(&'t str),
    Workflow(&'t str),
}

/// TaskRouter's reason for a task that was declined by its worker.
pub(super) fn declined(worker_sid: &str) -> String {
    format!("RoutingTarget not available for Reservation acceptance: {worker_sid}")
}

/// "This field can only be used when the `RoutingTarget` field is set to a Worker SID." The default is then `true`.
pub(super) fn ignores_capacity(target: Option<RoutingTarget<'_>>, asked: Option<bool>) -> Result<bool, Refusal> {
    match (target, asked) {
        (Some(RoutingTarget::Worker), asked) => Ok(asked.unwrap_or(true)),
        (_, None) => Ok(false),
        (_, Some(_)) => Err(Refusal::invalid(
            "IgnoreCapacity needs a RoutingTarget that is a Worker",
        )),
    }
}

/// A workflow that leads to a single queue.
pub(super) fn only_queue(sid: &str) -> workflow::Workflow {
    let configuration = json!({ "task_routing": { "filters": [], "default_filter": { "queue": sid } } });
    let parsed = configuration.to_string().parse();
    parsed.expect("a workflow with only a default filter is valid")
}

impl Workspace {
    /// The resource of a routing target.
    pub(super) fn routing_target<'t>(&self, sid: &'t str) -> Result<RoutingTarget<'t>, Refusal> {
        match sid.get(..2) {
            Some("WK") if self.workers.find(sid).is_some() => Ok(RoutingTarget::Worker),
            Some("WQ") if self.task_queues.find(sid).is_some() => Ok(RoutingTarget::TaskQueue(sid)),
            Some("WW") if self.workflows.find(sid).is_some() => Ok(RoutingTarget::Workflow(sid)),
            _ => Err(Refusal::invalid(format!("RoutingTarget {sid} does not exist"))),
        }
    }

    pub(super) fn check_task_queue(&self, sid: Option<&str>) -> Result<(), Refusal> {
        match sid {
            Some(sid) if self.task_queues.find(sid).is_none() => {
                Err(Refusal::invalid(format!("TaskQueue {sid} does not exist")))
            }
            _ => Ok(()),
        }
    }

    /// Places a task that was addressed to a worker into its named queue or the worker's first queue.
    pub(super) fn wait_for_worker(&mut self, task: &Task, worker: &str) {
        let queue = task.named_queue.clone().or_else(|| self.first_queue_of(worker));
        let now = self.now;
        let Ok(task) = self.tasks.get_mut(&task.sid) else {
            return;
        };
        if queue.is_none() || task.queue_sid == queue {
            return;
        }
        task.queue_sid = queue;
        task.queue_entered = now;
        task.touch(now);
        let task = task.clone();
        self.add_task_event("task-queue.entered", &task);
    }

    fn first_queue_of(&self, worker_sid: &str) -> Option<String> {
        let worker = self.in_expressions(self.workers.find(worker_sid)?);
        let mut queues = self.task_queues.iter();
        let queue = queues.find(|queue| {
            let targets = queue.expression.as_ref();
            targets.is_some_and(|targets| targets.evaluate(&Scope::Worker(&worker)).holds)
        });
        queue.map(|queue| queue.sid.clone())
    }

    /// Offers a task to the addressed worker if the worker is free or the task ignores capacity. True if the task was
    /// offered.
    pub(super) fn offer_to_target(&mut self, task: &Task, worker_sid: &str) -> bool {
        let Some(worker) = self.workers.find(worker_sid) else {
            return false;
        };
        let activity = self.activities.find(&worker.activity_sid);
        let is_free = activity.is_some_and(|activity| activity.available)
            && worker.channels.iter().any(|channel| {
                let load = self.channel_load(worker, channel);
                channel.unique_name == task.channel && load.available && load.reservations < load.capacity
            });
        let offers = task.ignore_capacity || is_free;
        if offers {
            self.offer(&task.sid, worker_sid);
        }
        offers
    }

    /// The worker that a target names through an attribute of the task.
    pub(super) fn known_worker(&self, task: &Task, target: &Target) -> Option<String> {
        let known_worker = target.known_worker.as_ref()?;
        let attributes = object(&task.attributes);
        let wanted = known_worker.wanted(&attributes)?.as_str()?;
        let mut workers = self.workers.iter();
        let worker = workers.find(|worker| match known_worker {
            KnownWorker::Sid(_) => worker.sid == wanted,
            KnownWorker::FriendlyName(_) => worker.friendly_name == wanted,
        });
        worker.map(|worker| worker.sid.clone())
    }
}
