//! Who is in the world, besides the customers.

use serde::Serialize;
use simulator::twilio::sids::AI_WORKER_SID;

/// By which the AI writes in a conversation.
pub(crate) const AI_NAME: &str = "AI Support Agent";
/// By which the rep writes; the worker's name too.
pub(crate) const REP_NAME: &str = "Sam";
/// By which the function `handoff` writes, and Twilio.
pub(crate) const NOTE_AUTHOR: &str = "system";

#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    Ai,
    Rep,
}

impl Kind {
    pub(crate) fn of_worker(sid: &str) -> Self {
        if sid == AI_WORKER_SID { Self::Ai } else { Self::Rep }
    }

    /// A worker's name as people know it: the AI's is the one by which it writes.
    pub(crate) fn name(self, worker_name: &str) -> String {
        match self {
            Self::Ai => AI_NAME.to_owned(),
            Self::Rep => worker_name.to_owned(),
        }
    }
}
