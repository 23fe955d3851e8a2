//! What `task-events` reads.

use super::environment::{Environment, WORKER};
use super::{SessionSettings, Upstreams, variable};
use crate::twilio::sid::WorkerSid;

/// What `task-events` reads.
#[derive(Debug, PartialEq, Eq)]
pub struct TaskEvents {
    pub upstreams: Upstreams,
    /// `AI_WORKER_SID`: only this worker's reservations are told to the session; without it, any worker's.
    pub ai_worker: Option<WorkerSid>,
    pub sessions: SessionSettings,
    /// `PUBLIC_URL`: the URL that is registered at Twilio, where the request context doesn't show it.
    pub public_url: Option<String>,
    /// `QUEUE_URL`: where a task is left whose session can't be written in time; without it, nowhere.
    pub queue_url: Option<String>,
}

impl TaskEvents {
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
        let ai_worker = environment.optional("AI_WORKER_SID", WORKER, WorkerSid::parse);
        let sessions = environment.sessions();
        let public_url = environment.public_url();
        let queue_url = environment.queue_url();
        match (upstreams, sessions) {
            (Some(upstreams), Some(sessions)) if environment.faults.is_empty() => Ok(Self {
                upstreams,
                ai_worker,
                sessions,
                public_url,
                queue_url,
            }),
            _ => Err(environment.faults),
        }
    }
}
