//! When the next session may be written.
//!
//! The session API takes few requests a minute, and live events need some of them. So deferred work has a rate of its own,
//! which holds from one invocation to the next. While an upstream is unavailable, nothing is tried for a while.

use std::time::Duration;

use flex_handoff::upstream::retry::Bounds;
use tokio::time::Instant;

/// The instances that share `SESSION_RATE`: the event source of `template.yaml` runs two at most.
const INSTANCES: u32 = 2;

/// The pauses while nothing succeeds.
const PAUSES: Bounds = Bounds {
    first: Duration::from_secs(5),
    longest: Duration::from_secs(20),
};

/// The longest time that a message without a turn stays on the queue before it is received again.
const LONGEST_WAIT: Duration = Duration::from_secs(60 * 60);

/// The turns of one instance.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Schedule {
    /// The time from one turn to the next.
    interval: Duration,
    next: Instant,
    failures: u32,
}

impl Schedule {
    /// The turns for this many session writes a minute by all instances together.
    pub(crate) fn new(session_rate: u32, now: Instant) -> Self {
        Self {
            interval: Duration::from_secs(60) * INSTANCES / session_rate.max(1),
            next: now,
            failures: 0,
        }
    }

    /// Takes a turn.
    ///
    /// # Errors
    /// The time of the next turn, if it has not come.
    pub(crate) fn take(&mut self, now: Instant) -> Result<(), Instant> {
        if now < self.next {
            return Err(self.next);
        }
        self.next = now + self.interval;
        Ok(())
    }

    pub(crate) fn succeeded(&mut self) {
        self.failures = 0;
    }

    /// Nothing more is tried for a while, and at least for as long as the upstream asked.
    pub(crate) fn failed(&mut self, now: Instant, retry_after: Option<Duration>) {
        let pause = PAUSES.bound(self.failures).max(retry_after.unwrap_or_default());
        self.failures += 1;
        self.next = self.next.max(now + pause);
    }

    /// How long a message without a turn stays on the queue: until its turn would be, at `next`, if so many are before it.
    pub(crate) fn wait(&self, now: Instant, next: Instant, before: u32) -> Duration {
        let wait = next.saturating_duration_since(now) + self.interval.saturating_mul(before) / INSTANCES;
        wait.min(LONGEST_WAIT)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(start: Instant, ms: u64) -> Instant {
        start + Duration::from_millis(ms)
    }

    #[test]
    fn each_instance_takes_half_of_the_rate() {
        for (rate, interval_ms) in [(1, 120_000), (50, 2_400), (100, 1_200), (240, 500), (0, 120_000)] {
            let start = Instant::now();
            let mut schedule = Schedule::new(rate, start);
            let next = after(start, interval_ms);
            assert_eq!(schedule.take(start), Ok(()), "{rate}");
            assert_eq!(schedule.take(start), Err(next), "{rate}");
            assert_eq!(schedule.take(next - Duration::from_millis(1)), Err(next), "{rate}");
            assert_eq!(schedule.take(next), Ok(()), "{rate}");
        }
    }

    #[test]
    fn unused_turns_are_not_saved_up() {
        let start = Instant::now();
        let mut schedule = Schedule::new(60, start);
        let later = after(start, 60_000);
        assert_eq!(schedule.take(later), Ok(()));
        assert_eq!(schedule.take(later), Err(after(start, 62_000)));
    }

    #[test]
    fn failures_in_a_row_make_growing_pauses() {
        let start = Instant::now();
        let mut schedule = Schedule::new(50, start);
        for seconds in [5, 10, 20, 20] {
            let now = schedule.next;
            assert_eq!(schedule.take(now), Ok(()));
            schedule.failed(now, None);
            assert_eq!(schedule.take(now), Err(now + Duration::from_secs(seconds)));
        }
        schedule.succeeded();
        let now = schedule.next;
        schedule.failed(now, None);
        assert_eq!(schedule.next, now + Duration::from_secs(5));
    }

    #[test]
    fn pause_is_at_least_as_long_as_the_upstream_asked() {
        let start = Instant::now();
        for (asked, seconds) in [(None, 5), (Some(1), 5), (Some(90), 90)] {
            let mut schedule = Schedule::new(50, start);
            schedule.failed(start, asked.map(Duration::from_secs));
            assert_eq!(schedule.take(start), Err(start + Duration::from_secs(seconds)));
            // An older failure doesn't shorten it.
            schedule.failed(start - Duration::from_secs(60), None);
            assert_eq!(schedule.take(start), Err(start + Duration::from_secs(seconds)));
        }
    }

    #[test]
    fn messages_without_a_turn_come_back_one_after_the_other() {
        let start = Instant::now();
        let schedule = Schedule::new(60, start);
        for (next, before, seconds) in [(0, 0, 0), (7, 0, 7), (7, 1, 8), (7, 30, 37), (7, u32::MAX, 3_600)] {
            let next = start + Duration::from_secs(next);
            assert_eq!(schedule.wait(start, next, before), Duration::from_secs(seconds));
        }
    }
}
