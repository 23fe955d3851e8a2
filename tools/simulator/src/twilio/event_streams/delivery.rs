//! The record of deliveries to sinks and the rules for retries.

use std::time::Duration;

use time::OffsetDateTime;

use crate::twilio::callbacks::{Order, Outcome};

/// The time after which Event Streams gives up a delivery: "up to four hours".
const RETRY_PERIOD: Duration = Duration::from_secs(4 * 60 * 60);

/// The pause between the first two attempts. Each further pause is twice the previous, up to the longest. Twilio
/// documents exponential back-off with jitter, but no numbers.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(15 * 60);

/// The jitter: the largest part by which a pause is lengthened.
const JITTER: f64 = 0.2;

/// The delivery of an array of events to a sink.
#[derive(Clone, Debug)]
pub struct SinkDelivery {
    pub sink_sid: String,
    /// The CloudEvents' ids (`EZ…`). A copy of an event has the same id.
    pub event_ids: Vec<String>,
    pub event_types: Vec<String>,
    /// The time of the events by the world's clock. The four hours count from this time.
    pub published: OffsetDateTime,
    /// The attempts in order.
    pub attempts: Vec<SinkAttempt>,
    pub state: SinkDeliveryState,
}

/// A request of a delivery.
#[derive(Clone, Debug)]
pub struct SinkAttempt {
    /// The time at which the attempt was due by the world's clock.
    pub time: OffsetDateTime,
    pub outcome: Outcome,
    /// The time until the answer or the timeout.
    pub duration: Duration,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum SinkDeliveryState {
    /// An attempt is in progress or about to begin.
    Sending,
    /// The next attempt is at this time by the world's clock.
    Waiting(OffsetDateTime),
    /// The sink has answered 2xx.
    Delivered,
    /// The sink has answered 4xx other than 429. The sink never gets the events.
    Dropped,
    /// Four hours have passed. The sink never gets the events.
    GivenUp,
}

/// Faults within Event Streams' promise: events come at least once and in any order.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Disorder {
    /// The number of copies that are sent in addition to each delivery.
    pub copies: usize,
    /// The number of deliveries to hold, and the order in which they are then sent. Each delivery waits for the end of
    /// the previous delivery's first attempt.
    pub reorder: Option<(usize, Order)>,
}

impl SinkDelivery {
    pub fn outcomes(&self) -> Vec<Outcome> {
        self.attempts.iter().map(|attempt| attempt.outcome.clone()).collect()
    }

    /// Whether there is no further attempt.
    pub fn is_over(&self) -> bool {
        match self.state {
            SinkDeliveryState::Sending | SinkDeliveryState::Waiting(_) => false,
            SinkDeliveryState::Delivered | SinkDeliveryState::Dropped | SinkDeliveryState::GivenUp => true,
        }
    }

    /// Whether nothing will happen to the delivery until the clock passes `now`.
    pub(super) fn rests(&self, now: OffsetDateTime) -> bool {
        self.is_over() || matches!(self.state, SinkDeliveryState::Waiting(until) if until > now)
    }

    pub(super) fn record(&mut self, attempt: SinkAttempt) {
        self.state = self.state_after(&attempt);
        self.attempts.push(attempt);
    }

    /// The state after another attempt.
    fn state_after(&self, attempt: &SinkAttempt) -> SinkDeliveryState {
        match attempt.outcome {
            Outcome::Answered { status: 200..=299, .. } => SinkDeliveryState::Delivered,
            Outcome::Answered { status: 429, .. } => self.retry(attempt.time),
            Outcome::Answered { status: 400..=499, .. } => SinkDeliveryState::Dropped,
            _ => self.retry(attempt.time),
        }
    }

    fn retry(&self, last: OffsetDateTime) -> SinkDeliveryState {
        let doublings = u32::try_from(self.attempts.len()).unwrap_or(u32::MAX);
        let factor = 2_u32.checked_pow(doublings).unwrap_or(u32::MAX);
        let pause = FIRST_PAUSE.saturating_mul(factor).min(LONGEST_PAUSE);
        let next = last + pause.mul_f64(1.0 + JITTER * fastrand::f64());
        match next - self.published <= RETRY_PERIOD {
            true => SinkDeliveryState::Waiting(next),
            false => SinkDeliveryState::GivenUp,
        }
    }
}
