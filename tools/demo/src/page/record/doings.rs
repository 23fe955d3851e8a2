//! The record of the visitor's actions and their results.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use simulator::lock::lock;
use tokio::sync::watch;

use crate::page::problem::Problem;

/// An action, described in a few words.
#[derive(Clone, Debug)]
pub(crate) struct Doing {
    pub(crate) who: String,
    pub(crate) to: &'static str,
    pub(crate) what: String,
    pub(crate) task: Option<String>,
}

impl Doing {
    pub(crate) fn new(who: impl Into<String>, to: &'static str, what: impl Into<String>) -> Self {
        Self {
            who: who.into(),
            to,
            what: what.into(),
            task: None,
        }
    }

    pub(crate) fn with(self, task: &str) -> Self {
        Self {
            task: Some(task.to_owned()),
            ..self
        }
    }
}

/// An action on record.
#[derive(Clone, Debug)]
pub(crate) struct Done {
    pub(crate) doing: Doing,
    pub(crate) moment: Instant,
    /// `None` while the action is under way. Then its duration, and its error if it failed.
    pub(crate) ended: Option<(Duration, Option<Problem>)>,
}

/// The record of all actions. An action's number is its index.
#[derive(Default)]
pub(crate) struct Doings {
    done: Mutex<Vec<Done>>,
    changed: watch::Sender<()>,
}

impl Doings {
    pub(crate) fn all(&self) -> Vec<Done> {
        self.with(|done| done.clone())
    }

    pub(crate) fn changed(&self) -> watch::Receiver<()> {
        self.changed.subscribe()
    }

    pub(crate) fn began(&self, doing: Doing) -> usize {
        let number = self.with(|done| {
            done.push(Done {
                doing,
                moment: Instant::now(),
                ended: None,
            });
            done.len() - 1
        });
        self.changed.send_replace(());
        number
    }

    pub(crate) fn ended(&self, number: usize, problem: Option<Problem>) {
        self.with(|done| {
            let done = &mut done[number];
            done.ended = Some((done.moment.elapsed(), problem));
        });
        self.changed.send_replace(());
    }

    fn with<T>(&self, work: impl FnOnce(&mut Vec<Done>) -> T) -> T {
        work(&mut lock(&self.done))
    }
}
