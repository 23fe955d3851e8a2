use serde_json::value::RawValue;

use super::environment::Environment;
use super::{AiWorkers, CloseQueue, SessionSettings, Upstreams, variable};

/// The configuration of `resolve`.
#[derive(Debug, PartialEq, Eq)]
pub struct ResolveConfig {
    pub upstreams: Upstreams,
    pub ai_workers: AiWorkers,
    pub sessions: SessionSettings,
    /// `RESOLVED_ATTRIBUTE`: the name of the task attribute to set to true. Without a name, no attribute changes.
    pub resolved_attribute: Option<String>,
    /// `SESSION_RESOLVED_BODY`: a JSON object to merge into the session's body.
    pub resolved_body: Option<String>,
    /// The queue of `auto-close`. Without a queue, nothing is passed on.
    pub close_queue: Option<CloseQueue>,
}

impl ResolveConfig {
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
        let ai_workers = environment.ai_workers();
        let sessions = environment.sessions();
        let expected = "the name of an attribute, none of the six of a handoff";
        let resolved_attribute = environment.optional("RESOLVED_ATTRIBUTE", expected, attribute_name);
        let resolved_body = environment.optional("SESSION_RESOLVED_BODY", "a JSON object", json_object);
        let close_queue = environment.close_queue();
        let config = || {
            Some(Self {
                upstreams: upstreams?,
                ai_workers: ai_workers?,
                sessions: sessions?,
                resolved_attribute,
                resolved_body,
                close_queue: close_queue?,
            })
        };
        environment.faults.finish(config())
    }
}

fn attribute_name(text: &str) -> Option<String> {
    let is_handoffs = text == "handedOff" || text.starts_with("handoff");
    (!is_handoffs).then(|| text.to_owned())
}

fn json_object(text: &str) -> Option<String> {
    let value: &RawValue = serde_json::from_str(text).ok()?;
    value.get().starts_with('{').then(|| value.get().to_owned())
}
