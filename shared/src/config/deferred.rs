//! What `deferred` reads.

use super::environment::Environment;
use super::{AutoCloseScope, SessionSettings, Upstreams, variable};
use crate::twilio::sid::WorkerSid;

/// What `deferred` reads.
#[derive(Debug, PartialEq, Eq)]
pub struct Deferred {
    pub upstreams: Upstreams,
    /// `AI_WORKER_SID`: the worker whose newest reservation the session is told, and whose tasks are closed.
    pub ai_worker: WorkerSid,
    pub sessions: SessionSettings,
    /// `AUTO_CLOSE_SCOPE`.
    pub scope: AutoCloseScope,
    /// `QUEUE_URL`: the queue that the messages come from.
    pub queue_url: String,
}

impl Deferred {
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
        let sessions = environment.sessions();
        let scope = environment.auto_close_scope();
        let queue_url = environment.required_queue_url();
        match (upstreams, ai_worker, sessions, scope, queue_url) {
            (Some(upstreams), Some(ai_worker), Some(sessions), Some(scope), Some(queue_url)) => Ok(Self {
                upstreams,
                ai_worker,
                sessions,
                scope,
                queue_url,
            }),
            _ => Err(environment.faults),
        }
    }
}
