//! The clock of a world.

use std::sync::Arc;
use std::time::Duration;

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use tokio::sync::watch;

/// The clock that all upstreams read. A test can move the time of a whole world. Clones share the clock.
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
    /// A clock that reads `now`, such as a function that follows Tokio's time. Tokio's time can be paused.
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

    /// The total time by which the clock was moved.
    pub(crate) fn ahead(&self) -> Duration {
        *self.advance.borrow()
    }

    /// Moves the clock forward. The clock keeps running from there.
    pub fn advance(&self, by: Duration) {
        self.advance.send_modify(|advance| *advance += by);
    }

    /// Waits until the clock reaches a time, by running or by being moved.
    pub(crate) async fn reached(&self, time: OffsetDateTime) {
        let mut moves = self.moves();
        while let Ok(left) = Duration::try_from(time - self.now())
            && !left.is_zero()
        {
            tokio::select! {
                () = tokio::time::sleep(left) => {}
                // The sender is in self.
                _ = moves.changed() => {}
            }
        }
    }

    /// Changes whenever the clock is moved.
    pub(crate) fn moves(&self) -> watch::Receiver<Duration> {
        self.advance.subscribe()
    }
}

/// `2026-11-22T09:00:00.250Z`: Event Streams' times have milliseconds.
pub(crate) fn iso_8601_with_milliseconds(time: OffsetDateTime) -> String {
    let whole = iso_8601(time);
    let seconds = whole.trim_end_matches('Z');
    format!("{seconds}.{:03}Z", time.millisecond())
}

/// `2026-11-22T09:00:00Z`: Twilio's dates have whole seconds.
pub(crate) fn iso_8601(time: OffsetDateTime) -> String {
    time.replace_nanosecond(0)
        .unwrap_or(time)
        .format(&Rfc3339)
        .expect("a year of four digits has an RFC 3339 form")
}
