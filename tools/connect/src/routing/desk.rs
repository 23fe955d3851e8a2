//! The workspace's queues and workers as routing needs them.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Map, Value};
use workflow::{Activity, Route, Scope, Step, Task, TaskOrder, TaskQueue, Verdict, Worker, WorkerChannel, Workspace};

use super::sample::{CHANNEL, web_chat};
use crate::account::{Account, Worker as AccountWorker};

/// A task that runs out of time this often goes round in circles.
const MAX_STOPS: usize = 50;

/// The queues and their workers. Sample tasks are routed while everyone is at work or only the AI is.
pub(crate) struct Desk {
    queues: Vec<TaskQueue>,
    /// The SIDs of queues whose expression can't be read, so that their workers aren't known.
    unreadable: Vec<String>,
    /// All workers, with everyone at work.
    workers: Vec<Worker>,
    /// The same workers with only the AI at work.
    workers_at_night: Vec<Worker>,
    ai_workers: Vec<String>,
    members: BTreeMap<String, Members>,
    /// A new task that no filter has been asked about.
    new_task: Value,
}

/// The workers in a queue.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Members {
    /// The AI workers' names.
    pub(crate) ai: Vec<String>,
    pub(crate) humans: usize,
}

/// The workers who are at work while a sample task is routed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shift {
    /// Everyone is at work.
    Day,
    /// Only the AI is at work, and the human agents are unavailable.
    Night,
}

/// A place where a task waits on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stop {
    /// The filter, counted from 0. `None` is the default filter.
    pub(crate) filter: Option<usize>,
    pub(crate) queue: String,
    /// Whether an AI worker may be offered the task there.
    pub(crate) reaches_ai: bool,
}

impl Desk {
    /// The desk of an account, or `None` if the workers or queues may not be read. The tasks have the session's id at
    /// `id_attribute`.
    pub(crate) fn new(account: &Account, ai_workers: &[String], id_attribute: &str) -> Option<Self> {
        let workers: Vec<Worker> = account.workers.as_ref()?.iter().map(at_work).collect();
        let workers_at_night = workers.iter().map(|worker| at_night(worker, ai_workers)).collect();
        let mut queues = Vec::new();
        let mut unreadable = Vec::new();
        for queue in account.queues.as_ref()? {
            match TaskQueue::read_target_workers(queue.target_workers.as_deref().unwrap_or_default()) {
                Ok(target_workers) => queues.push(TaskQueue {
                    sid: queue.sid.clone(),
                    friendly_name: queue.friendly_name.clone(),
                    target_workers,
                    max_reserved_workers: queue.max_reserved_workers.unwrap_or(1),
                    task_order: TaskOrder::Fifo,
                }),
                Err(_) => unreadable.push(queue.sid.clone()),
            }
        }
        let mut desk = Self {
            queues,
            unreadable,
            workers,
            workers_at_night,
            ai_workers: ai_workers.to_vec(),
            members: BTreeMap::new(),
            new_task: web_chat(id_attribute),
        };
        desk.members = desk
            .queues
            .iter()
            .map(|queue| (queue.sid.clone(), desk.count(queue)))
            .collect();
        Some(desk)
    }

    /// The attributes of a new task that no filter has been asked about.
    pub(crate) fn new_task(&self) -> &Value {
        &self.new_task
    }

    /// The workers in a queue, or `None` if the queue is missing or has an unreadable expression.
    pub(crate) fn members(&self, queue: &str) -> Option<&Members> {
        self.members.get(queue)
    }

    /// Whether AI workers are in a queue.
    pub(crate) fn has_ai(&self, queue: &str) -> bool {
        self.members(queue).is_some_and(|members| !members.ai.is_empty())
    }

    /// The human agents in a queue.
    pub(crate) fn humans(&self, queue: &str) -> impl Iterator<Item = &Worker> {
        let queue = self.queues.iter().find(|own| own.sid == queue);
        let humans = self
            .workers
            .iter()
            .filter(|worker| !self.ai_workers.contains(&worker.sid));
        humans.filter(move |worker| queue.is_some_and(|queue| has(queue, worker)))
    }

    /// Whether a worker is in a queue.
    pub(crate) fn is_in(&self, queue: &str, worker: &str) -> bool {
        let queue = self.queues.iter().find(|own| own.sid == queue);
        let worker = self.workers.iter().find(|own| own.sid == worker);
        queue.zip(worker).is_some_and(|(queue, worker)| has(queue, worker))
    }

    /// Whether human agents may be in a queue.
    pub(crate) fn may_have_humans(&self, queue: &str) -> bool {
        match self.members(queue) {
            Some(members) => members.humans > 0,
            None => self.unreadable.iter().any(|sid| sid == queue),
        }
    }

    /// Whether a queue has human agents and no AI workers.
    pub(crate) fn is_human(&self, queue: &str) -> bool {
        self.members(queue)
            .is_some_and(|members| members.ai.is_empty() && members.humans > 0)
    }

    /// The queues with human agents and without AI workers.
    pub(crate) fn human_queues(&self) -> impl Iterator<Item = &str> {
        let queues = self.queues.iter().map(|queue| queue.sid.as_str());
        queues.filter(|queue| self.is_human(queue))
    }

    /// The first place of a new task with these attributes by day, and the reason.
    pub(crate) fn route(&self, workflow: &workflow::Workflow, attributes: &Value) -> Route {
        workflow.enter(&task(attributes, Duration::ZERO), self.workspace(Shift::Day))
    }

    /// The places where a task with these attributes waits in turn if nobody ever takes the task.
    pub(crate) fn trail(&self, workflow: &workflow::Workflow, attributes: &Value, shift: Shift) -> Vec<Stop> {
        let workspace = self.workspace(shift);
        let mut route = workflow.enter(&task(attributes, Duration::ZERO), workspace);
        let mut stops = Vec::new();
        while let (Some(place), true) = (route.place.clone(), stops.len() < MAX_STOPS) {
            stops.push(Stop {
                filter: place.filter,
                queue: place.queue.clone(),
                reaches_ai: self.reaches_ai(&route),
            });
            let Some(deadline) = place.deadline else {
                break;
            };
            route = workflow.stay(&task(attributes, deadline), workspace, &place);
        }
        stops
    }

    fn workspace(&self, shift: Shift) -> Workspace<'_> {
        Workspace {
            queues: &self.queues,
            workers: match shift {
                Shift::Day => &self.workers,
                Shift::Night => &self.workers_at_night,
            },
        }
    }

    fn reaches_ai(&self, route: &Route) -> bool {
        let last = route.steps.iter().rev().find_map(|step| match step {
            Step::Target { considered, .. } => Some(considered),
            _ => None,
        });
        let takes = |verdict: &Verdict| matches!(verdict, Verdict::Offered | Verdict::Behind);
        let mut considered = last.into_iter().flatten();
        considered.any(|worker| takes(&worker.verdict) && self.ai_workers.contains(&worker.sid))
    }

    fn count(&self, queue: &TaskQueue) -> Members {
        let mut members = Members::default();
        for worker in self.workers.iter().filter(|worker| has(queue, worker)) {
            match self.ai_workers.contains(&worker.sid) {
                true => members.ai.push(worker.friendly_name.clone()),
                false => members.humans += 1,
            }
        }
        members
    }
}

/// Whether a queue's expression holds for a worker.
fn has(queue: &TaskQueue, worker: &Worker) -> bool {
    let expression = queue.target_workers.as_ref();
    expression.is_some_and(|expression| expression.evaluate(&Scope::Worker(worker)).holds)
}

/// The worker as available, with room for a task.
fn at_work(worker: &AccountWorker) -> Worker {
    let attributes = serde_json::from_str(&worker.attributes).ok();
    let channel = WorkerChannel {
        capacity: 1,
        available: true,
        reservations: 0,
        assigned: 0,
    };
    Worker {
        sid: worker.sid.clone(),
        friendly_name: worker.friendly_name.clone(),
        attributes: attributes.unwrap_or_else(|| Value::Object(Map::new())),
        activity: Activity {
            sid: worker.activity_sid.clone(),
            name: worker.activity_name.clone(),
            available: true,
        },
        channels: BTreeMap::from([(CHANNEL.to_owned(), channel)]),
        idle: Duration::ZERO,
    }
}

/// The worker as unavailable, except for an AI worker.
fn at_night(worker: &Worker, ai_workers: &[String]) -> Worker {
    let mut worker = worker.clone();
    worker.activity.available = ai_workers.contains(&worker.sid);
    worker
}

fn task(attributes: &Value, age: Duration) -> Task {
    Task {
        attributes: attributes.clone(),
        channel: CHANNEL.to_owned(),
        priority: 0,
        age,
    }
}
