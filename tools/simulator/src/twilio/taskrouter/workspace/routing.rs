//! Who is offered which task: what the crate `workflow` decides, done.

use std::sync::Arc;

use workflow::{Route, Step, Waiting};

use super::snapshot::Snapshot;
use super::{Routing, Workspace};
use crate::twilio::refusal::Refusal;
use crate::twilio::taskrouter::model::{Position, Task, TaskStatus};

impl Workspace {
    pub(super) fn routes(&self) -> bool {
        self.behaviour.routing == Routing::ByWorkflow
    }

    /// Offers what waits to those who can take it, and moves on what has waited for too long.
    ///
    /// Each task is looked at once, in the order in which workers are to have them: an offer takes capacity away and
    /// gives none, so that a task that was passed over needn't be looked at again. A worker who rejects at once does so
    /// by a later call, so nothing in here can go on for ever.
    pub(crate) fn settle(&mut self) {
        if !self.routes() {
            return;
        }
        let mut snapshot = self.snapshot(None);
        for sid in self.waiting() {
            // Nothing but an offer changes what the next one sees.
            if self.stay(&sid, &snapshot) {
                snapshot = self.snapshot(None);
            }
        }
    }

    /// The tasks that wait, those that come first in front.
    fn waiting(&self) -> Vec<String> {
        let pending = self.tasks.iter().filter(|task| task.status == TaskStatus::Pending);
        let mut waiting: Vec<(Waiting, &str)> = pending.map(|task| (self.turn(task), task.sid.as_str())).collect();
        let prioritized = self.prioritize_queue_order.into();
        waiting.sort_by(|(left, _), (right, _)| left.compare(right, prioritized));
        waiting.into_iter().map(|(_, sid)| sid.to_owned()).collect()
    }

    /// By its virtual start time, not its age.
    fn turn(&self, task: &Task) -> Waiting {
        let queue = task.queue_sid.as_ref().and_then(|sid| self.task_queues.find(sid));
        Waiting {
            order: queue.map(|queue| queue.task_order).unwrap_or_default().into(),
            priority: task.priority,
            age: (self.now - task.virtual_start_time).unsigned_abs(),
        }
    }

    /// Lets a task into its workflow; it gets to a queue, and is offered to nobody yet.
    pub(super) fn enter(&mut self, sid: &str) {
        let Some((task, workflow)) = self.task_and_workflow(sid) else {
            return;
        };
        let snapshot = self.snapshot(None);
        let route = workflow.enter(&self.for_routing(&task), snapshot.workspace());
        self.tell_of_task("workflow.entered", &task);
        self.go(&task, workflow, route);
    }

    /// Evaluates a task's workflow again; as before, it is offered to nobody yet.
    pub(super) fn evaluate_again(&mut self, sid: &str) {
        let Some((task, workflow)) = self.task_and_workflow(sid) else {
            return;
        };
        let same = task
            .position
            .as_ref()
            .filter(|position| Arc::ptr_eq(&position.workflow, &workflow));
        let Some(position) = same else {
            return self.enter(sid);
        };
        let snapshot = self.snapshot(None);
        let route = workflow.reevaluate(&self.for_routing(&task), snapshot.workspace(), &position.place);
        self.go(&task, workflow, route);
    }

    /// Lets a task wait on, or go to whoever has become free; whether it does the latter.
    fn stay(&mut self, sid: &str, snapshot: &Snapshot) -> bool {
        let Some(task) = self.tasks.find(sid).cloned() else {
            return false;
        };
        let Some(Position { workflow, place }) = task.position.clone() else {
            return false;
        };
        let route = workflow.stay(&self.for_routing(&task), snapshot.workspace(), &place);
        let route = continued(task.last_route.as_ref(), route);
        let offered = route.offered.clone();
        self.go(&task, workflow, route);
        for worker in &offered {
            self.offer(sid, worker);
        }
        !offered.is_empty()
    }

    /// Where the task would go if it were new to a workflow of this configuration. Nothing changes.
    pub(crate) fn would_route(&self, workflow: &workflow::Workflow, sid: &str) -> Result<Route, Refusal> {
        let task = self.for_routing(self.tasks.get(sid)?);
        Ok(workflow.enter(&task, self.snapshot(Some(sid)).workspace()))
    }

    fn task_and_workflow(&self, sid: &str) -> Option<(Task, Arc<workflow::Workflow>)> {
        let task = self.tasks.find(sid)?;
        let workflow = self.workflows.find(&task.workflow_sid)?;
        Some((task.clone(), Arc::clone(&workflow.parsed)))
    }

    /// Takes a task where its route leads, and tells of each step on the way.
    fn go(&mut self, before: &Task, workflow: Arc<workflow::Workflow>, route: Route) {
        let sid = before.sid.as_str();
        if left_its_target(before, &route) {
            self.tell_of_task("task-queue.timeout", before);
        }
        let Some(place) = route.place.clone() else {
            let skipped = skipped_out(&route);
            self.remember(sid, route);
            return self.leave(sid, skipped);
        };
        let filter = place.filter.and_then(|filter| workflow.filters.get(filter));
        let filter = filter.and_then(|filter| filter.friendly_name.clone());
        let matched = before.position.as_ref().is_none_or(|position| {
            (position.place.filter, position.place.target) != (place.filter, place.target)
                || !Arc::ptr_eq(&position.workflow, &workflow)
        });
        let entered = before.queue_sid.as_ref() != Some(&place.queue);
        let now = self.now;
        let Ok(task) = self.tasks.get_mut(sid) else {
            return;
        };
        if entered || task.priority != place.priority {
            task.touch(now);
        }
        task.priority = place.priority;
        if entered {
            task.queue_sid = Some(place.queue.clone());
            task.queue_entered = now;
        }
        task.position = Some(Position { workflow, place });
        task.last_route = Some(route);
        if !matched {
            // A target of its own queue is where it was.
            return;
        }
        let task = task.clone();
        self.tell_of_target(&task, filter.as_deref().unwrap_or("Default"));
        if entered {
            if before.queue_sid.is_some() {
                self.tell_of_task("task-queue.moved", before);
            }
            self.tell_of_task("task-queue.entered", &task);
        }
    }

    fn remember(&mut self, sid: &str, route: Route) {
        if let Ok(task) = self.tasks.get_mut(sid) {
            task.last_route = Some(route);
            task.position = None;
        }
    }

    /// A task that has come to the end of its workflow is canceled. The reason after a time-out is TaskRouter's own; the
    /// other one is not documented.
    fn leave(&mut self, sid: &str, skipped: bool) {
        let (event, reason) = match skipped {
            false => ("workflow.timeout", "Task canceled on Workflow timeout"),
            true => ("workflow.skipped", "Task canceled on Workflow skip"),
        };
        if let Some(task) = self.tasks.find(sid).cloned() {
            self.tell_of_task(event, &task);
        }
        self.cancel(sid, reason);
    }
}

/// Whether the target where the task was has timed out.
fn left_its_target(before: &Task, route: &Route) -> bool {
    let Some(position) = &before.position else {
        return false;
    };
    let there = position.place.target;
    let now = route.place.as_ref().map(|place| (place.filter, place.target));
    now != Some((position.place.filter, there))
        && route
            .steps
            .iter()
            .any(|step| matches!(step, Step::TimedOut { target } if *target == there))
}

/// Whether a route ends because its last target was skipped.
fn skipped_out(route: &Route) -> bool {
    let mut steps = route.steps.iter().rev();
    let last = steps.find(|step| !matches!(step, Step::Left | Step::NoDefault { .. }));
    matches!(last, Some(Step::SkipIf(evaluation)) if evaluation.holds)
}

/// The route so far, and how it went on: what was found out about the target where the task has stayed is replaced.
fn continued(before: Option<&Route>, mut route: Route) -> Route {
    let mut steps = before.map(|route| route.steps.clone()).unwrap_or_default();
    if let Some(target) = steps.iter().rposition(|step| matches!(step, Step::Target { .. })) {
        steps.truncate(target);
    }
    if matches!(
        (steps.last(), route.steps.first()),
        (Some(Step::Default), Some(Step::Default))
    ) {
        steps.pop();
    }
    steps.append(&mut route.steps);
    Route { steps, ..route }
}
