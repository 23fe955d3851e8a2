//! The record of event deliveries.

use std::time::{Duration, Instant};

use time::OffsetDateTime;

/// The delivery of an event to a callback URL or to a webhook of Conversations.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// An event of Conversations has the SID of its conversation, message or participant.
    pub event_sid: String,
    pub event_type: String,
    /// The URL as registered, including the fragment.
    pub url: String,
    /// The time of the start by the world's clock.
    pub time: OffsetDateTime,
    /// The same time by the system's monotonic clock.
    pub set_out: Instant,
    /// The attempts in order. Each follows directly after the previous attempt.
    pub attempts: Vec<Attempt>,
    /// Whether all attempts are over.
    pub done: bool,
}

impl Delivery {
    pub fn outcomes(&self) -> Vec<Outcome> {
        self.attempts.iter().map(|attempt| attempt.outcome.clone()).collect()
    }
}

/// A request of a delivery.
#[derive(Clone, Debug)]
pub struct Attempt {
    pub outcome: Outcome,
    /// The time until the answer or the timeout.
    pub duration: Duration,
}

/// The outcome of a request.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Outcome {
    Answered {
        status: u16,
        body: String,
    },
    /// No connection was made in time.
    NotConnected,
    /// The TLS handshake failed, for example because the certificate isn't trusted.
    HandshakeFailed {
        reason: String,
    },
    /// The connection broke or no answer came in time.
    NotAnswered,
}

impl Outcome {
    /// The failure's name in a retry policy. None for a success.
    pub(crate) fn failure(&self) -> Option<&'static str> {
        match self {
            Self::Answered { status: 400..=499, .. } => Some("4xx"),
            Self::Answered { status: 500..=599, .. } => Some("5xx"),
            Self::Answered { .. } => None,
            Self::NotConnected | Self::HandshakeFailed { .. } => Some("ct"),
            Self::NotAnswered => Some("rt"),
        }
    }
}
