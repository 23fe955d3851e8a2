//! Deliveries of events, and what came of them.

use std::time::{Duration, Instant};

use time::OffsetDateTime;

/// One event on its way to one callback URL.
#[derive(Clone, Debug)]
pub struct Delivery {
    pub event_sid: String,
    pub event_type: String,
    /// As it was registered, with its fragment.
    pub url: String,
    /// When it set out, by the world's clock.
    pub time: OffsetDateTime,
    /// The same moment by a clock that nobody moves.
    pub set_out: Instant,
    /// One for each request, in their order; each follows at once on the one before.
    pub attempts: Vec<Attempt>,
    /// Whether no attempt is under way, and none will follow.
    pub done: bool,
}

impl Delivery {
    /// What came of each request.
    pub fn outcomes(&self) -> Vec<Outcome> {
        self.attempts.iter().map(|attempt| attempt.outcome.clone()).collect()
    }
}

/// One request.
#[derive(Clone, Debug)]
pub struct Attempt {
    pub outcome: Outcome,
    /// Until the answer, or until it was given up.
    pub duration: Duration,
}

/// What came of one request.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Outcome {
    Answered {
        status: u16,
        body: String,
    },
    /// No connection was made, or not in time.
    NotConnected,
    /// The connection broke, or the answer did not come in time.
    NotAnswered,
}

impl Outcome {
    /// The name by which a retry policy calls this failure; none for a success.
    pub(crate) fn failure(&self) -> Option<&'static str> {
        match self {
            Self::Answered { status: 400..=499, .. } => Some("4xx"),
            Self::Answered { status: 500..=599, .. } => Some("5xx"),
            Self::Answered { .. } => None,
            Self::NotConnected => Some("ct"),
            Self::NotAnswered => Some("rt"),
        }
    }
}
