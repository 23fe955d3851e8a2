//! The world's time, asked for in one place.

use std::sync::Arc;
use std::time::Duration;

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use tokio::sync::watch;

/// What every upstream asks for the time, so that a world's time can be told from one place. Clones share it.
#[derive(Clone, Debug)]
pub struct Clock {
    base: fn() -> OffsetDateTime,
    /// How far it has been moved on.
    advance: Arc<watch::Sender<Duration>>,
}

impl Default for Clock {
    /// The real time.
    fn default() -> Self {
        Self::by(OffsetDateTime::now_utc)
    }
}

impl Clock {
    /// A clock that says what a function says, such as one that follows Tokio's own time, which can be paused.
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

    /// Moves the clock on. It goes on from there.
    pub fn advance(&self, by: Duration) {
        self.advance.send_modify(|advance| *advance += by);
    }

    /// Tells of each time that the clock is moved.
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
