//! The people in the world besides the customers.

use serde::Serialize;
use simulator::twilio::sids::AI_WORKER_SID;

/// The author of the AI's messages.
pub(crate) const AI_NAME: &str = "AI Support Agent";
/// The author of the human agent's messages, and the name of the worker.
pub(crate) const REP_NAME: &str = "Sam";
/// The author of the note, and of Twilio's own messages.
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

    /// A worker's name as people know it. The AI's is the author of its messages.
    pub(crate) fn name(self, worker_name: &str) -> String {
        match self {
            Self::Ai => AI_NAME.to_owned(),
            Self::Rep => worker_name.to_owned(),
        }
    }
}
