//! Deliveries that have not started.

use std::sync::Arc;
use std::time::Duration;

use super::callback::{Callback, SignedForm};
use crate::fault::Gate;
use crate::twilio::taskrouter::model::Event;

/// A signed event for a callback.
#[derive(Clone)]
pub(crate) struct PendingDelivery {
    pub(crate) event: Event,
    pub(crate) callback: Arc<Callback>,
    pub(crate) form: SignedForm,
    /// The waits before the start, in sequence.
    pub(crate) waits: Vec<Wait>,
}

#[derive(Clone)]
pub(crate) enum Wait {
    Time(Duration),
    Gate(Gate),
}

impl Wait {
    pub(crate) async fn over(&self) {
        match self {
            Self::Time(time) => tokio::time::sleep(*time).await,
            Self::Gate(gate) => gate.opened().await,
        }
    }
}
