//! The meaning of names in an expression. Each place in the workspace has its own names.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::expression::{Path, find};
use crate::worker::Worker;

/// The subject of an expression.
#[derive(Debug, Clone, Copy)]
pub enum Scope<'a> {
    /// A filter's `expression`: the task's attributes without a prefix.
    Task(&'a Value),
    /// A task queue's `TargetWorkers`: a worker's attributes and fields, with or without the prefix `worker.`.
    Worker(&'a Worker),
    /// A target's `expression` and `order_by`: the task's names under `task.` and the worker's under `worker.`.
    TaskAndWorker(&'a Value, &'a Worker),
    /// A target's `skip_if`: the number of the queue's workers in each activity.
    Workers(&'a Headcount),
}

/// The number of a queue's workers in each activity. The names are `workers.available` and so on.
///
/// <https://www.twilio.com/docs/taskrouter/worker-presence>
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Headcount {
    available: usize,
    unavailable: usize,
    activities: BTreeMap<String, usize>,
}

impl<'w> FromIterator<&'w Worker> for Headcount {
    fn from_iter<I: IntoIterator<Item = &'w Worker>>(workers: I) -> Self {
        let mut count = Self::default();
        for worker in workers {
            let activity = &worker.activity;
            match activity.available {
                true => count.available += 1,
                false => count.unavailable += 1,
            }
            *count.activities.entry(activity.sid.clone()).or_default() += 1;
        }
        count
    }
}

impl Scope<'_> {
    /// The value of a name; none if the name is unknown.
    pub(crate) fn resolve(&self, path: &Path) -> Option<Value> {
        match self {
            Scope::Task(attributes) => find(attributes, path.segments()).cloned(),
            Scope::Worker(worker) => {
                let prefixed = || path.behind("worker").and_then(|segments| worker.value(segments));
                worker.value(path.segments()).or_else(prefixed)
            }
            Scope::TaskAndWorker(attributes, worker) => {
                let of_task = path.behind("task").and_then(|segments| find(attributes, segments));
                let of_worker = || path.behind("worker").and_then(|segments| worker.value(segments));
                of_task.cloned().or_else(of_worker)
            }
            Scope::Workers(headcount) => headcount.value(path),
        }
    }

    /// A hint at the likely mistake behind an unknown name.
    pub(crate) fn hint(&self, path: &Path) -> Option<&'static str> {
        let prefixed = path.behind("task").is_some() || path.behind("worker").is_some();
        match self {
            Scope::Task(_) if prefixed => Some("a filter's names are the task's, without a prefix"),
            Scope::Worker(_) if path.behind("task").is_some() => Some("a queue's names are the worker's"),
            Scope::TaskAndWorker(..) if !prefixed => Some("a target's names begin with task. or worker."),
            Scope::Workers(_) => Some("there are workers.available, workers.unavailable and workers.WA…"),
            _ => None,
        }
    }
}

impl Headcount {
    fn value(&self, path: &Path) -> Option<Value> {
        let count = match path.behind("workers")? {
            [segment] => match segment.name()? {
                "available" => self.available,
                "unavailable" => self.unavailable,
                // The activity may have no worker of this queue.
                sid if sid.starts_with("WA") => self.activities.get(sid).copied().unwrap_or_default(),
                _ => return None,
            },
            _ => return None,
        };
        Some(Value::from(count))
    }
}
