//! Every invocation of a host's functions.

use std::sync::{Arc, Mutex};
use std::time::Instant;

use tokio::sync::watch;

use super::Invocation;
use crate::cause::Cause;
use crate::lock::lock;

/// An invocation, and what came of it.
#[derive(Clone, Debug)]
pub struct Invoked {
    pub request_id: String,
    pub function: String,
    pub payload: Vec<u8>,
    /// What is known of its cause: nothing where it came over the network.
    pub cause: Option<Cause>,
    /// When it was called.
    pub moment: Instant,
    /// None while it is under way.
    pub ended: Option<Invocation>,
}

/// The record that a host's functions share.
#[derive(Default)]
pub(super) struct Record {
    invocations: Mutex<Vec<Arc<Invoked>>>,
    changed: watch::Sender<()>,
}

impl Record {
    /// In the order of their calls.
    pub(super) fn all(&self) -> Vec<Arc<Invoked>> {
        lock(&self.invocations).clone()
    }

    pub(super) fn changed(&self) -> watch::Receiver<()> {
        self.changed.subscribe()
    }

    /// The place of a new invocation, by which it is [`ended`](Self::ended).
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
