//! Requests that an upstream applies after a delay.

use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex};

use crate::lock::lock;

type Application = Pin<Box<dyn Future<Output = ()> + Send>>;

/// The waiting requests, each with the number of further requests until its turn. Clones share them.
#[derive(Clone, Default)]
pub(crate) struct LateRequests(Arc<Mutex<Vec<(usize, Application)>>>);

impl LateRequests {
    /// Applies a request after this many further requests of the world.
    pub(crate) fn push(&self, requests: usize, application: impl Future<Output = ()> + Send + 'static) {
        lock(&self.0).push((requests, Box::pin(application)));
    }

    /// Counts another request and applies those whose turn has come.
    pub(crate) async fn tick(&self) {
        let due = {
            let mut waiting = lock(&self.0);
            for (requests, _) in waiting.iter_mut() {
                *requests = requests.saturating_sub(1);
            }
            let (due, rest): (Vec<_>, Vec<_>) = waiting.drain(..).partition(|(requests, _)| *requests == 0);
            waiting.extend(rest);
            due
        };
        for (_, application) in due {
            application.await;
        }
    }
}

impl fmt::Debug for LateRequests {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("LateRequests")
            .field("count", &lock(&self.0).len())
            .finish()
    }
}
