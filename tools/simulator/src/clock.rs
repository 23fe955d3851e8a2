//! The clock of a world.

use std::sync::Arc;
use std::time::Duration;

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use tokio::sync::watch;

/// The clock that all upstreams read, so that a test can move the time of a whole world. Clones share the clock.
#[derive(Clone, Debug)]
pub struct Clock {
    base: fn() -> OffsetDateTime,
    /// The total time by which the clock was moved.
    advance: Arc<watch::Sender<Duration>>,
}

impl Default for Clock {
    /// The system's time.
    fn default() -> Self {
        Self::by(OffsetDateTime::now_utc)
    }
}

impl Clock {
    /// A clock over a function, such as a function that follows Tokio's time, which can be paused.
    pub fn by(now: fn() -> OffsetDateTime) -> Self {
        Self {
            base: now,
            advance: Arc::new(watch::Sender::new(Duration::ZERO)),
        }
    }

    /// The time now, in UTC.
    pub fn now(&self) -> OffsetDateTime {
        (self.base)() + *self.advance.borrow()
    }

    /// Moves the clock forward. It keeps running from there.
    pub fn advance(&self, by: Duration) {
        self.advance.send_modify(|advance| *advance += by);
    }

    /// Changes whenever the clock is moved.
    pub(crate) fn moves(&self) -> watch::Receiver<Duration> {
        self.advance.subscribe()
    }
}

/// `2026-11-22T09:00:00Z`: Twilio's dates have whole seconds.
pub(crate) fn iso_8601(time: OffsetDateTime) -> String {
    time.replace_nanosecond(0)
        .unwrap_or(time)
        .format(&Rfc3339)
        .expect("a year of four digits has an RFC 3339 form")
}
