//! What people did on the page, and what came of it.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use simulator::lock::lock;
use tokio::sync::watch;

use crate::page::problem::Problem;

/// Something that somebody does, in people's words.
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

/// A doing on record.
#[derive(Clone, Debug)]
pub(crate) struct Done {
    pub(crate) doing: Doing,
    pub(crate) moment: Instant,
    /// Nothing while it is under way; then how long it took, and what was wrong, if something was.
    pub(crate) ended: Option<(Duration, Option<Problem>)>,
}

/// The record of all doings: each one's number is its place.
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
