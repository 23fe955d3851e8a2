use url::Url;

use super::environment::Environment;
use super::{AiWorkers, NoteSettings, Upstreams, variable};
use crate::twilio::sid::WorkflowSid;

/// The configuration of `handoff`.
#[derive(Debug, PartialEq, Eq)]
pub struct HandoffConfig {
    pub upstreams: Upstreams,
    /// `CONVERSATIONS_URL`.
    pub conversations_url: Url,
    /// `FLEX_URL`.
    pub flex_url: Url,
    pub ai_workers: AiWorkers,
    /// `SESSION_ID_ATTRIBUTE`: the dotted path of the task attribute that holds the session id.
    pub session_id_attribute: String,
    pub note: NoteSettings,
    /// `HANDOFF_WORKFLOW_SID`: the workflow of the new task for an accepted reservation. The default is the task's own.
    pub workflow: Option<WorkflowSid>,
    /// `QUEUE_URL`: the queue of `deferred`. Without a queue, nothing is deferred.
    pub queue_url: Option<String>,
}

impl HandoffConfig {
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
        let flex_url = environment.flex_url();
        let ai_workers = environment.ai_workers();
        let session_id_attribute = environment.session_id_attribute();
        let note = environment.note();
        let expected = "a workflow's SID (WW and 32 hexadecimal digits)";
        let workflow = environment.optional("HANDOFF_WORKFLOW_SID", expected, WorkflowSid::parse);
        let queue_url = environment.queue_url();
        let config = || {
            Some(Self {
                upstreams: upstreams?,
                conversations_url: conversations_url?,
                flex_url: flex_url?,
                ai_workers: ai_workers?,
                session_id_attribute: session_id_attribute?,
                note: note?,
                workflow,
                queue_url,
            })
        };
        environment.faults.finish(config())
    }
}
