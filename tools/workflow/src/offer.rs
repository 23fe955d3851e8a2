//! The workers to whom a target offers a task.

use std::cmp::{Ordering, Reverse};

use serde_json::Value;

use crate::configuration::{KnownWorker, Target};
use crate::evaluation::Evaluation;
use crate::order_by::{Key, OrderBy};
use crate::queue::TaskQueue;
use crate::scope::{Headcount, Scope};
use crate::task::Task;
use crate::worker::{Worker, WorkerChannel};

#[derive(Debug, Clone, PartialEq)]
pub struct Considered {
    pub sid: String,
    pub friendly_name: String,
    pub verdict: Verdict,
}

/// An offer or the first reason against the offer. The reasons are checked in the order of these variants.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// The queue's `TargetWorkers` exclude the worker. None if an empty expression excludes everybody.
    NotInQueue(Option<Evaluation>),
    /// The target names another worker by `known_worker_sid` or `known_worker_friendly_name`.
    NotTheKnownWorker {
        /// The worker named by the task; null if the task names nobody.
        wanted: Value,
    },
    /// The target's expression doesn't hold for the worker.
    NotMatched(Evaluation),
    /// The worker's activity is not available.
    Unavailable { activity: String },
    /// The worker takes no more tasks of this channel.
    NoCapacity {
        /// The worker's channel; none if the worker has no such channel.
        channel: Option<WorkerChannel>,
    },
    /// The worker could take the task, but others come first.
    Behind,
    /// The worker is offered the task.
    Offered,
}

/// The verdict on each worker. Workers with an offer come first in the order of the offers. The others follow in the
/// order given.
pub(crate) fn consider(target: &Target, queue: &TaskQueue, task: &Task, workers: &[Worker]) -> Vec<Considered> {
    let (mut eligible, mut others) = (Vec::new(), Vec::new());
    for worker in workers {
        match objection(target, queue, task, worker) {
            None => eligible.push(worker),
            Some(verdict) => others.push(Considered::new(worker, verdict)),
        }
    }
    sort(&mut eligible, target.order_by.as_ref(), task);
    let verdict = |place| {
        if place < queue.max_reserved_workers {
            Verdict::Offered
        } else {
            Verdict::Behind
        }
    };
    let eligible = eligible.into_iter().enumerate();
    let mut considered: Vec<Considered> = eligible
        .map(|(place, worker)| Considered::new(worker, verdict(place)))
        .collect();
    considered.append(&mut others);
    considered
}

/// The activities of the queue's workers. Workers outside the target count too.
pub(crate) fn headcount(queue: &TaskQueue, workers: &[Worker]) -> Headcount {
    workers
        .iter()
        .filter(|worker| not_in_queue(queue, worker).is_none())
        .collect()
}

impl Considered {
    fn new(worker: &Worker, verdict: Verdict) -> Self {
        Self {
            sid: worker.sid.clone(),
            friendly_name: worker.friendly_name.clone(),
            verdict,
        }
    }
}

/// The first reason against offering the task to the worker.
fn objection(target: &Target, queue: &TaskQueue, task: &Task, worker: &Worker) -> Option<Verdict> {
    not_in_queue(queue, worker)
        .or_else(|| not_the_known_worker(target, task, worker))
        .or_else(|| not_matched(target, task, worker))
        .or_else(|| unavailable(worker))
        .or_else(|| no_capacity(task, worker))
}

fn not_in_queue(queue: &TaskQueue, worker: &Worker) -> Option<Verdict> {
    let Some(expression) = &queue.target_workers else {
        return Some(Verdict::NotInQueue(None));
    };
    let evaluation = expression.evaluate(&Scope::Worker(worker));
    (!evaluation.holds).then_some(Verdict::NotInQueue(Some(evaluation)))
}

/// A task that names no worker or an unknown worker still waits. Twilio documents this.
fn not_the_known_worker(target: &Target, task: &Task, worker: &Worker) -> Option<Verdict> {
    let known_worker = target.known_worker.as_ref()?;
    let name = match known_worker {
        KnownWorker::Sid(_) => &worker.sid,
        KnownWorker::FriendlyName(_) => &worker.friendly_name,
    };
    let wanted = known_worker.wanted(&task.attributes).cloned().unwrap_or_default();
    (wanted.as_str() != Some(name)).then_some(Verdict::NotTheKnownWorker { wanted })
}

fn not_matched(target: &Target, task: &Task, worker: &Worker) -> Option<Verdict> {
    let evaluation = target
        .expression
        .as_ref()?
        .evaluate(&Scope::TaskAndWorker(&task.attributes, worker));
    (!evaluation.holds).then_some(Verdict::NotMatched(evaluation))
}

fn unavailable(worker: &Worker) -> Option<Verdict> {
    let activity = &worker.activity;
    (!activity.available).then(|| Verdict::Unavailable {
        activity: activity.name.clone(),
    })
}

fn no_capacity(task: &Task, worker: &Worker) -> Option<Verdict> {
    let channel = worker.channels.get(&task.channel).copied();
    let free = channel.is_some_and(|channel| channel.available && channel.reservations < channel.capacity);
    (!free).then_some(Verdict::NoCapacity { channel })
}

/// Sorts by `order_by`, then by idle time, longest first. "If ordering is attempted on a non-integer attribute, then
/// the expression is ignored."
fn sort(workers: &mut Vec<&Worker>, order_by: Option<&OrderBy>, task: &Task) {
    workers.sort_by_key(|worker| Reverse(worker.idle));
    let Some(order_by) = order_by else {
        return;
    };
    let key = |worker: &&Worker| order_by.key(&Scope::TaskAndWorker(&task.attributes, worker));
    let Some(keys) = workers.iter().map(key).collect::<Option<Vec<Key>>>() else {
        return;
    };
    let mut keyed: Vec<(Key, &Worker)> = keys.into_iter().zip(workers.drain(..)).collect();
    keyed.sort_by(|(left, _), (right, _)| -> Ordering { order_by.compare(left, right) });
    workers.extend(keyed.into_iter().map(|(_, worker)| worker));
}
