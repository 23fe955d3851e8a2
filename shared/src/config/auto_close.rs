//! What `auto-close` reads.

use std::time::Duration;

use super::environment::Environment;
use super::{AutoCloseScope, Upstreams, variable};
use crate::twilio::sid::WorkerSid;

/// What `auto-close` reads.
#[derive(Debug, PartialEq, Eq)]
pub struct AutoClose {
    pub upstreams: Upstreams,
    /// `AI_WORKER_SID`: the worker whose tasks are closed.
    pub ai_worker: WorkerSid,
    /// `AUTO_CLOSE_SCOPE`.
    pub scope: AutoCloseScope,
    /// `AUTO_CLOSE_DELAY`: how long a task is left wrapping.
    pub delay: Duration,
    /// `QUEUE_URL`: where a task is left that waits, or that can't be closed in time; without it, nowhere.
    pub queue_url: Option<String>,
    /// `PUBLIC_URL`: the URL that is registered at Twilio, where the request context doesn't show it.
    pub public_url: Option<String>,
}

impl AutoClose {
    /// Reads the configuration.
    ///
    /// # Errors
    /// Every variable at fault, and why.
    pub fn from_env() -> Result<Self, Vec<String>> {
        Self::read(variable)
    }

    pub(super) fn read(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, Vec<String>> {
        let mut environment = Environment::new(lookup);
        let upstreams = environment.upstreams();
        let ai_worker = environment.ai_worker();
        let scope = environment.auto_close_scope();
        let delay = environment.auto_close_delay();
        let queue_url = match delay {
            None | Some(Duration::ZERO) => environment.queue_url(),
            Some(_) => environment.required_queue_url(),
        };
        let public_url = environment.public_url();
        match (upstreams, ai_worker, scope, delay) {
            (Some(upstreams), Some(ai_worker), Some(scope), Some(delay)) if environment.faults.is_empty() => Ok(Self {
                upstreams,
                ai_worker,
                scope,
                delay,
                queue_url,
                public_url,
            }),
            _ => Err(environment.faults),
        }
    }
}
