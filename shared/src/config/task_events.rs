use super::environment::Environment;
use super::{AiWorkers, CloseQueue, SessionSettings, Upstreams, variable};

/// The configuration of `task-events`.
#[derive(Debug, PartialEq, Eq)]
pub struct TaskEventsConfig {
    pub upstreams: Upstreams,
    pub ai_workers: AiWorkers,
    pub sessions: SessionSettings,
    /// `PUBLIC_URL`: the URL registered at Twilio, if the request's own context doesn't show that URL.
    pub public_url: Option<String>,
    /// `QUEUE_URL`: the queue of `deferred`. Without a queue, nothing is deferred.
    pub queue_url: Option<String>,
    /// The queue of `auto-close`. Without a queue, nothing is passed on.
    pub close_queue: Option<CloseQueue>,
    /// Whether `AUTO_CLOSE_ON` has `rejection`.
    pub close_on_rejection: bool,
}

impl TaskEventsConfig {
    /// Reads the configuration.
    ///
    /// # Errors
    /// Every variable at fault and why.
    pub fn from_env() -> Result<Self, Vec<String>> {
        Self::read(variable)
    }

    pub(super) fn read(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, Vec<String>> {
        let mut environment = Environment::new(lookup);
        let upstreams = environment.upstreams();
        let close_on_rejection = environment.close_on_rejection();
        let ai_workers = match close_on_rejection {
            Some(true) => environment.ai_workers(),
            _ => environment.optional_ai_workers(),
        };
        let sessions = environment.sessions();
        let public_url = environment.public_url();
        let queue_url = environment.queue_url();
        let close_queue = environment.close_queue();
        let config = || {
            Some(Self {
                upstreams: upstreams?,
                ai_workers: ai_workers?,
                sessions: sessions?,
                public_url,
                queue_url,
                close_queue: close_queue?,
                close_on_rejection: close_on_rejection?,
            })
        };
        environment.faults.finish(config())
    }
}
