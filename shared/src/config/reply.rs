use url::Url;

use super::environment::{Environment, owned};
use super::{AiWorkers, Upstreams, variable};

/// The configuration of `reply`.
#[derive(Debug, PartialEq, Eq)]
pub struct ReplyConfig {
    pub upstreams: Upstreams,
    /// `CONVERSATIONS_URL`.
    pub conversations_url: Url,
    pub ai_workers: AiWorkers,
    /// `SESSION_ID_ATTRIBUTE`: the dotted path of the task attribute that holds the session id.
    pub session_id_attribute: String,
    /// `AI_AUTHOR`.
    pub author: String,
}

impl ReplyConfig {
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
        let ai_workers = environment.ai_workers();
        let session_id_attribute = environment.session_id_attribute();
        let author = environment.with_default("AI_AUTHOR", "AI Support Agent", "a name", owned);
        let config = || {
            Some(Self {
                upstreams: upstreams?,
                conversations_url: conversations_url?,
                ai_workers: ai_workers?,
                session_id_attribute: session_id_attribute?,
                author: author?,
            })
        };
        environment.faults.finish(config())
    }
}
