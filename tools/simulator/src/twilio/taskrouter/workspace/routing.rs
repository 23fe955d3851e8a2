//! Routing: carries out the decisions of the crate `workflow`.

use std::sync::Arc;
use std::time::Instant;

use workflow::{Route, Step, Waiting};

use super::routing_target::only_queue;
use super::snapshot::Snapshot;
use super::{Routing, Workspace};
use crate::cause::Cause;
use crate::twilio::refusal::Refusal;
use crate::twilio::taskrouter::model::{Position, Routed, Task, TaskStatus};

impl Workspace {
    pub(super) fn routes(&self) -> bool {
        self.behaviour.routing == Routing::ByWorkflow
    }

    /// Offers waiting tasks to workers and moves tasks on after timeouts.
    ///
    /// Each task is considered once, in the order of offers. An offer only reduces capacity, so a task that was passed
    /// over needn't be considered again. A worker's rejection comes in a later call, so the loop always ends.
    pub(crate) fn settle(&mut self) {
        if !self.routes() {
            return;
        }
        let mut snapshot = self.snapshot(None);
        for sid in self.waiting() {
            // The snapshot for the next task changes only after an offer.
            if self.stay(&sid, &snapshot) {
                snapshot = self.snapshot(None);
            }
        }
    }

    /// The waiting tasks in the order of their offers.
    fn waiting(&self) -> Vec<String> {
        let pending = self.tasks.iter().filter(|task| task.status == TaskStatus::Pending);
        let mut waiting: Vec<(Waiting, &str)> = pending.map(|task| (self.turn(task), task.sid.as_str())).collect();
        let prioritized = self.prioritize_queue_order.into();
        waiting.sort_by(|(left, _), (right, _)| left.compare(right, prioritized));
        waiting.into_iter().map(|(_, sid)| sid.to_owned()).collect()
    }

    /// The task's turn. This follows the virtual start time, not the age.
    fn turn(&self, task: &Task) -> Waiting {
        let queue = task.queue_sid.as_ref().and_then(|sid| self.task_queues.find(sid));
        Waiting {
            order: queue.map(|queue| queue.task_order).unwrap_or_default().into(),
            priority: task.priority,
            age: (self.now - task.virtual_start_time).unsigned_abs(),
        }
    }

    /// Starts a task in its workflow. The task gets a queue but no offer yet.
    pub(super) fn enter(&mut self, sid: &str) {
        let Some((task, workflow)) = self.task_and_workflow(sid) else {
            return;
        };
        if let Some(worker) = task.target_worker() {
            return self.wait_for_worker(&task, worker);
        }
        let snapshot = self.snapshot(None);
        let route = workflow.enter(&self.for_routing(&task), snapshot.workspace());
        self.evaluated.insert(sid.to_owned());
        if task.named_queue.is_none() {
            self.add_task_event("workflow.entered", &task);
        }
        self.go(&task, workflow, route);
    }

    /// Evaluates a task's workflow again. The task gets no offer yet.
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
        self.evaluated.insert(sid.to_owned());
        let route = workflow.reevaluate(&self.for_routing(&task), snapshot.workspace(), &position.place);
        self.go(&task, workflow, route);
    }

    /// Offers a waiting task to free workers or lets the task wait. True if the task was offered.
    fn stay(&mut self, sid: &str, snapshot: &Snapshot) -> bool {
        let Some(task) = self.tasks.find(sid).cloned() else {
            return false;
        };
        if let Some(worker) = task.target_worker() {
            return self.offer_to_target(&task, worker);
        }
        let Some(Position { workflow, place }) = task.position.clone() else {
            return false;
        };
        let route = workflow.stay(&self.for_routing(&task), snapshot.workspace(), &place);
        let route = continued(task.last_route.as_ref(), route);
        let offered = route.offered.clone();
        self.go(&task, workflow, route);
        if self.evaluated.remove(sid) || !offered.is_empty() {
            self.record_route(sid);
        }
        for worker in &offered {
            self.offer(sid, worker);
        }
        !offered.is_empty()
    }

    /// The route of the task in this workflow, as if the task were new. Nothing changes.
    pub(crate) fn would_route(&self, workflow: &workflow::Workflow, sid: &str) -> Result<Route, Refusal> {
        let task = self.for_routing(self.tasks.get(sid)?);
        Ok(workflow.enter(&task, self.snapshot(Some(sid)).workspace()))
    }

    fn task_and_workflow(&self, sid: &str) -> Option<(Task, Arc<workflow::Workflow>)> {
        let task = self.tasks.find(sid)?;
        let workflow = match (&task.named_queue, &task.position) {
            (None, _) => Arc::clone(&self.workflows.find(&task.workflow_sid)?.parsed),
            (Some(_), Some(position)) => Arc::clone(&position.workflow),
            (Some(queue), None) => Arc::new(only_queue(queue)),
        };
        Some((task.clone(), workflow))
    }

    /// Moves a task along its route and adds the events of each step.
    fn go(&mut self, before: &Task, workflow: Arc<workflow::Workflow>, route: Route) {
        let sid = before.sid.as_str();
        if left_its_target(before, &route) {
            self.add_task_event("task-queue.timeout", before);
        }
        let Some(place) = route.place.clone() else {
            let skipped = skipped_out(&route);
            self.remember(sid, route);
            return self.leave(sid, skipped);
        };
        let filter = place.filter.and_then(|filter| workflow.filters.get(filter));
        let target = filter.and_then(|filter| filter.targets.get(place.target));
        let known_worker = target.and_then(|target| self.known_worker(before, target));
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
            // The task stays in its target.
            return;
        }
        let task = task.clone();
        self.evaluated.insert(sid.to_owned());
        if task.named_queue.is_none() {
            self.add_target_event(&task, filter.as_deref().unwrap_or("Default"), known_worker);
        }
        if entered {
            if before.queue_sid.is_some() {
                self.add_task_event("task-queue.moved", before);
            }
            self.add_task_event("task-queue.entered", &task);
        }
    }

    fn remember(&mut self, sid: &str, route: Route) {
        if let Ok(task) = self.tasks.get_mut(sid) {
            task.last_route = Some(route);
            task.position = None;
        }
        self.evaluated.remove(sid);
        self.record_route(sid);
    }

    fn record_route(&mut self, sid: &str) {
        let route = self.tasks.find(sid).and_then(|task| task.last_route.clone());
        self.routes.extend(route.map(|route| Routed {
            task_sid: sid.to_owned(),
            route,
            cause: Cause::present(),
            moment: Instant::now(),
        }));
    }

    /// Cancels a task at the end of its workflow. The reason after a timeout is TaskRouter's own. The reason after a
    /// skip is not documented.
    fn leave(&mut self, sid: &str, skipped: bool) {
        let (event, reason) = match skipped {
            false => ("workflow.timeout", "Task canceled on Workflow timeout"),
            true => ("workflow.skipped", "Task canceled on Workflow skip"),
        };
        if let Some(task) = self.tasks.find(sid).cloned() {
            self.add_task_event(event, &task);
        }
        self.cancel(sid, reason);
    }
}

/// Whether the task left its target by a timeout.
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

/// The route so far plus its continuation. Steps about the present target are replaced.
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
