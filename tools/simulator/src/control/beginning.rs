//! The beginning of a world. The times in its record count from there.

use std::time::Instant;

use time::OffsetDateTime;

use crate::clock::{Clock, iso_8601_with_milliseconds};

/// One moment by the monotonic clock and by the system's clock.
#[derive(Clone, Copy)]
pub(crate) struct Beginning {
    moment: Instant,
    time: OffsetDateTime,
}

impl Beginning {
    pub(crate) fn now(clock: &Clock) -> Self {
        Self {
            moment: Instant::now(),
            time: clock.now() - clock.ahead(),
        }
    }

    /// The microseconds from the beginning to a moment, which are negative before it.
    pub(super) fn until(self, moment: Instant) -> i64 {
        let micros = |later: Instant, earlier: Instant| {
            let distance = later.saturating_duration_since(earlier);
            i64::try_from(distance.as_micros()).unwrap_or(i64::MAX)
        };
        micros(moment, self.moment) - micros(self.moment, moment)
    }

    /// The system's time at the beginning.
    pub(super) fn text(self) -> String {
        iso_8601_with_milliseconds(self.time)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Beginning, Clock};

    #[test]
    fn moments_are_before_and_after_the_beginning() {
        let beginning = Beginning::now(&Clock::default());
        let distance = Duration::from_micros(1500);
        assert_eq!(beginning.until(beginning.moment + distance), 1500);
        assert_eq!(beginning.until(beginning.moment - distance), -1500);
    }
}
