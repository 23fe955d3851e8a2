//! How long a batch waits for turns.

use std::time::Duration;

use tokio::time::Instant;

/// No session copy starts with less time left.
const LEAST_WORK: Duration = Duration::from_secs(5);

/// The longest time that a batch waits for turns. A slow batch keeps other messages from being received. Many of those
/// messages need no work after the batch.
const LONGEST_LINE: Duration = Duration::from_secs(20);

/// After that, a batch still waits for a turn that is at most this far away. If the messages went back to the queue, the
/// turns would be unused until the messages are received again.
const SOON: Duration = Duration::from_millis(200);

/// The longest time in which a batch takes turns, however soon they come.
const LONGEST_FAST_LINE: Duration = Duration::from_secs(60);

/// The patience of a batch.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Patience {
    /// The latest turn that the batch waits for, unless it comes soon.
    latest: Instant,
    /// The latest turn that the batch takes.
    end: Instant,
}

impl Patience {
    /// The patience of a batch that begins now and has this much time.
    pub(crate) fn new(now: Instant, time: Duration) -> Self {
        let work = time - LEAST_WORK.min(time / 2);
        Self {
            latest: now + work.min(LONGEST_LINE),
            end: now + work.min(LONGEST_FAST_LINE),
        }
    }

    /// Whether the batch takes no more turns.
    pub(crate) fn is_over(self, now: Instant) -> bool {
        now > self.end
    }

    /// Whether the batch waits for a turn.
    pub(crate) fn waits_for(self, turn: Instant, now: Instant) -> bool {
        turn <= self.latest || turn <= self.end.min(now + SOON)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batch_waits_for_twenty_seconds_or_for_soon_turns() {
        let start = Instant::now();
        let at = |ms| start + Duration::from_millis(ms);
        for (seconds, now, last_turn) in [
            (180, 0, 20_000),
            (180, 19_900, 20_100),
            (180, 40_000, 40_200),
            (180, 59_900, 60_000),
            (22, 0, 17_000),
            (22, 16_900, 17_000),
            (8, 0, 4_000),
        ] {
            let patience = Patience::new(start, Duration::from_secs(seconds));
            assert!(patience.waits_for(at(last_turn), at(now)), "{seconds} {now}");
            assert!(!patience.waits_for(at(last_turn + 1), at(now)), "{seconds} {now}");
        }
    }

    #[test]
    fn batch_is_over_after_a_minute_or_shortly_before_its_deadline() {
        let start = Instant::now();
        let at = |ms| start + Duration::from_millis(ms);
        for (seconds, end) in [(180, 60_000), (65, 60_000), (22, 17_000), (8, 4_000)] {
            let patience = Patience::new(start, Duration::from_secs(seconds));
            assert!(!patience.is_over(at(end)), "{seconds}");
            assert!(patience.is_over(at(end + 1)), "{seconds}");
        }
    }
}
