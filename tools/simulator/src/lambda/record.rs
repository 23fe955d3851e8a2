//! The record of a host's invocations.

use std::sync::{Arc, Mutex};
use std::time::Instant;

use tokio::sync::watch;

use super::function::Invocation;
use crate::cause::Cause;
use crate::lock::lock;

/// An invocation and its result.
#[derive(Clone, Debug)]
pub struct Invoked {
    pub request_id: String,
    pub function: String,
    pub payload: Vec<u8>,
    /// The cause, if known. None for an invocation over the network.
    pub cause: Option<Cause>,
    /// The time of the call.
    pub moment: Instant,
    /// None while the invocation runs.
    pub ended: Option<Invocation>,
}

#[derive(Default)]
pub(super) struct Record {
    invocations: Mutex<Vec<Arc<Invoked>>>,
    changed: watch::Sender<()>,
}

impl Record {
    /// All invocations in the order of their calls.
    pub(super) fn all(&self) -> Vec<Arc<Invoked>> {
        lock(&self.invocations).clone()
    }

    pub(super) fn changed(&self) -> watch::Receiver<()> {
        self.changed.subscribe()
    }

    /// Records a new invocation. Pass the returned index to [`ended`](Self::ended).
    pub(super) fn began(&self, request_id: &str, function: &str, payload: &[u8]) -> usize {
        let invoked = Invoked {
            request_id: request_id.to_owned(),
            function: function.to_owned(),
            payload: payload.to_owned(),
            cause: Cause::present(),
            moment: Instant::now(),
            ended: None,
        };
        let place = {
            let mut invocations = lock(&self.invocations);
            invocations.push(Arc::new(invoked));
            invocations.len() - 1
        };
        self.changed.send_replace(());
        place
    }

    pub(super) fn ended(&self, place: usize, invocation: &Invocation) {
        Arc::make_mut(&mut lock(&self.invocations)[place]).ended = Some(invocation.clone());
        self.changed.send_replace(());
    }
}
