//! Answers to assignment callbacks.

use serde::Deserialize;

use crate::twilio::taskrouter::model::{ReservationChange, ReservationStatus};

/// The JSON body of an answer.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Answer {
    instruction: String,
    /// The worker's new activity on `reject`.
    activity_sid: Option<String>,
}

/// The change requested by an answer. None for an empty answer and for the voice instructions: `dequeue`, `call`,
/// `conference`, `redirect` and `supervise`. The reservation then stays pending.
pub(super) fn instructed(body: &str) -> Option<ReservationChange> {
    let answer: Answer = serde_json::from_str(body).unwrap_or_default();
    let (status, worker_activity_sid) = match answer.instruction.as_str() {
        "accept" => (ReservationStatus::Accepted, None),
        "reject" => (ReservationStatus::Rejected, answer.activity_sid),
        _ => return None,
    };
    Some(ReservationChange {
        status,
        worker_activity_sid,
    })
}
