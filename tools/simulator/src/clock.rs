//! The world's time, asked for in one place.

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// What every upstream asks for the time, so that a world's time can be told from one place.
#[derive(Clone, Copy, Debug)]
pub struct Clock(fn() -> OffsetDateTime);

impl Default for Clock {
    /// The real time.
    fn default() -> Self {
        Self::by(OffsetDateTime::now_utc)
    }
}

impl Clock {
    /// A clock that says what a function says, such as one that follows Tokio's own time, which can be paused.
    pub fn by(now: fn() -> OffsetDateTime) -> Self {
        Self(now)
    }

    /// The time now, in UTC.
    pub fn now(&self) -> OffsetDateTime {
        (self.0)()
    }
}

/// `2026-11-22T09:00:00Z`: Twilio's dates have whole seconds.
pub(crate) fn iso_8601(time: OffsetDateTime) -> String {
    time.replace_nanosecond(0)
        .unwrap_or(time)
        .format(&Rfc3339)
        .expect("a year of four digits has an RFC 3339 form")
}
