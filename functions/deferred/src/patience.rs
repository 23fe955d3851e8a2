//! How long a batch waits for turns.

use std::time::Duration;

use tokio::time::Instant;

/// No session copy starts with less time left.
const LEAST_WORK: Duration = Duration::from_secs(5);

/// The longest time that a batch waits for turns. A slow batch keeps other messages from being received. Many of those
/// messages need no work after the batch.
const LONGEST_LINE: Duration = Duration::from_secs(20);

/// A batch also waits for a turn that comes as soon as this. Until the messages were received again, a rate limit's room
/// would be unused for seconds.
const SOON: Duration = Duration::from_millis(200);

/// The patience of a batch.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Patience {
    /// The end of the longest line.
    latest: Instant,
    /// The latest start of a session copy.
    end: Instant,
}

impl Patience {
    /// The patience of a batch that begins now and has this much time.
    pub(crate) fn new(now: Instant, time: Duration) -> Self {
        let work = time - LEAST_WORK.min(time / 2);
        Self {
            latest: now + work.min(LONGEST_LINE),
            end: now + work,
        }
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
    fn batch_waits_for_twenty_seconds_and_for_turns_that_come_soon() {
        let start = Instant::now();
        let at = |ms| start + Duration::from_millis(ms);
        for (seconds, now, last_turn) in [
            (180, 0, 20_000),
            (180, 19_900, 20_100),
            (180, 60_000, 60_200),
            (180, 174_900, 175_000),
            (22, 0, 17_000),
            (22, 16_900, 17_000),
            (8, 0, 4_000),
        ] {
            let patience = Patience::new(start, Duration::from_secs(seconds));
            assert!(patience.waits_for(at(last_turn), at(now)), "{seconds} {now}");
            assert!(!patience.waits_for(at(last_turn + 1), at(now)), "{seconds} {now}");
        }
    }
}
