//! What `handoff` reads.

use url::Url;

use super::environment::{BASE, Environment, base_url};
use super::{Upstreams, variable};
use crate::twilio::sid::WorkerSid;

/// What `handoff` reads.
#[derive(Debug, PartialEq, Eq)]
pub struct Handoff {
    pub upstreams: Upstreams,
    /// `CONVERSATIONS_URL`.
    pub conversations_url: Url,
    /// `AI_WORKER_SID`: the worker whose reservations are rejected.
    pub ai_worker: WorkerSid,
    /// `HANDOFF_NOTE`.
    pub note: NotePolicy,
    /// `NOTE_AUTHOR`.
    pub note_author: String,
}

/// Which conversations get a note.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotePolicy {
    /// Only those in which every participant is on chat: on SMS or WhatsApp the customer would be sent it.
    ChatOnly,
    Always,
    Never,
}

impl Handoff {
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
        let conversations_url =
            environment.with_default("CONVERSATIONS_URL", "https://conversations.twilio.com", BASE, base_url);
        let ai_worker = environment.ai_worker();
        let note = environment.with_default(
            "HANDOFF_NOTE",
            "chat-only",
            "chat-only, always or never",
            |text| match text {
                "chat-only" => Some(NotePolicy::ChatOnly),
                "always" => Some(NotePolicy::Always),
                "never" => Some(NotePolicy::Never),
                _ => None,
            },
        );
        let note_author = environment.with_default("NOTE_AUTHOR", "system", "a name", |text| Some(text.to_owned()));
        match (upstreams, conversations_url, ai_worker, note, note_author) {
            (Some(upstreams), Some(conversations_url), Some(ai_worker), Some(note), Some(note_author)) => Ok(Self {
                upstreams,
                conversations_url,
                ai_worker,
                note,
                note_author,
            }),
            _ => Err(environment.faults),
        }
    }
}
