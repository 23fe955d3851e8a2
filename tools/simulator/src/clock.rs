//! The world's time, asked for in one place.

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// What every upstream asks for the time, so that a world's time can be told from one place.
#[derive(Clone, Copy, Debug, Default)]
pub struct Clock;

impl Clock {
    /// The time now, in UTC.
    pub fn now(&self) -> OffsetDateTime {
        OffsetDateTime::now_utc()
    }
}

/// `2026-11-22T09:00:00Z`: Twilio's dates have whole seconds.
pub(crate) fn iso_8601(time: OffsetDateTime) -> String {
    time.replace_nanosecond(0)
        .unwrap_or(time)
        .format(&Rfc3339)
        .expect("a year of four digits has an RFC 3339 form")
}
