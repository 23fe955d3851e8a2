use url::Url;

use super::environment::Environment;
use super::{AiWorkers, NoteSettings, SessionSettings, Upstreams, variable};

/// The configuration of `deferred`.
#[derive(Debug, PartialEq, Eq)]
pub struct DeferredConfig {
    pub upstreams: Upstreams,
    /// `CONVERSATIONS_URL`.
    pub conversations_url: Url,
    pub ai_workers: AiWorkers,
    pub sessions: SessionSettings,
    /// `SESSION_RATE`: session writes a minute by all instances together.
    pub session_rate: u32,
    pub note: NoteSettings,
    /// `QUEUE_URL`: the queue that delivers the messages.
    pub queue_url: Option<String>,
}

impl DeferredConfig {
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
        let conversations_url = environment.conversations_url();
        let ai_workers = environment.optional_ai_workers();
        let sessions = environment.sessions();
        let session_rate = environment.session_rate();
        let note = environment.note();
        let queue_url = environment.queue_url();
        let config = || {
            Some(Self {
                upstreams: upstreams?,
                conversations_url: conversations_url?,
                ai_workers: ai_workers?,
                sessions: sessions?,
                session_rate: session_rate?,
                note: note?,
                queue_url,
            })
        };
        environment.faults.finish(config())
    }
}
