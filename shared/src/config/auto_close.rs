use url::Url;

use super::environment::Environment;
use super::{AiWorkers, AutoCloseScope, CloseQueue, Upstreams, variable};

/// The configuration of `auto-close`.
#[derive(Debug, PartialEq, Eq)]
pub struct AutoCloseConfig {
    pub upstreams: Upstreams,
    /// `FLEX_URL`.
    pub flex_url: Url,
    pub ai_workers: AiWorkers,
    pub scope: AutoCloseScope,
    /// Whether `AUTO_CLOSE_ON` has `rejection`.
    pub close_on_rejection: bool,
    /// `AUTO_CLOSE_CONVERSATION`.
    pub conversation: ConversationEnd,
    /// The function's own queue. Without a queue, events by HTTP are handled at once.
    pub close_queue: Option<CloseQueue>,
    /// `PUBLIC_URL`: the URL registered at Twilio, if the request's own context doesn't show that URL.
    pub public_url: Option<String>,
}

/// `AUTO_CLOSE_CONVERSATION`: whether a closed task's conversation is closed too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConversationEnd {
    Keep,
    /// The interaction channel is closed, and thereby the conversation.
    Close,
}

impl AutoCloseConfig {
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
        let flex_url = environment.flex_url();
        let ai_workers = environment.ai_workers();
        let scope = environment.auto_close_scope();
        let close_on_rejection = environment.close_on_rejection();
        let conversation =
            environment.with_default("AUTO_CLOSE_CONVERSATION", "keep", "keep or close", |text| match text {
                "keep" => Some(ConversationEnd::Keep),
                "close" => Some(ConversationEnd::Close),
                _ => None,
            });
        let close_queue = environment.close_queue();
        let public_url = environment.public_url();
        let config = || {
            Some(Self {
                upstreams: upstreams?,
                flex_url: flex_url?,
                ai_workers: ai_workers?,
                scope: scope?,
                close_on_rejection: close_on_rejection?,
                conversation: conversation?,
                close_queue: close_queue?,
                public_url,
            })
        };
        environment.faults.finish(config())
    }
}
