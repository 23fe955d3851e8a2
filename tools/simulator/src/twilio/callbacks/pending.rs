//! An event that is about to set out.

use std::sync::Arc;
use std::time::Duration;

use super::callback::{Callback, SignedForm};
use crate::fault::Gate;
use crate::twilio::taskrouter::model::Event;

/// One event for one callback, signed.
#[derive(Clone)]
pub(crate) struct PendingDelivery {
    pub(crate) event: Event,
    pub(crate) callback: Arc<Callback>,
    pub(crate) form: SignedForm,
    /// What it waits for before it sets out, one after another.
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
