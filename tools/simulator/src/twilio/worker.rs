//! The workers that can be given a reservation.

use super::sids::{AI_WORKER_SID, REP_WORKER_SID};

/// Somebody who can be given a reservation.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Worker {
    pub sid: String,
    pub friendly_name: String,
}

impl Worker {
    /// The AI.
    pub fn ai() -> Self {
        Self::new(AI_WORKER_SID, "ai")
    }

    /// A person at the service desk.
    pub fn rep() -> Self {
        Self::new(REP_WORKER_SID, "rep")
    }

    /// Another worker.
    pub fn new(sid: impl Into<String>, friendly_name: impl Into<String>) -> Self {
        Self {
            sid: sid.into(),
            friendly_name: friendly_name.into(),
        }
    }

    /// The worker's attributes, with the escaped slashes that Twilio puts into them.
    pub(crate) fn attributes(&self) -> String {
        let name = &self.friendly_name;
        format!(r#"{{"contact_uri":"client:{name}","image_url":"https:\/\/example.com\/{name}.png"}}"#)
    }
}
