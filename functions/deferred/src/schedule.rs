//! Decides when the next session may be written.
//!
//! The session API allows few requests a minute, and live events need some of them. So deferred work has its own rate,
//! which carries over from each invocation to the next. If copies fail one after another, or an upstream asks for it,
//! nothing is tried for a while.

use std::collections::HashMap;
use std::time::Duration;

use flex_handoff::aws::job::SyncJob;
use flex_handoff::jobs::deferral::MAX_DELAY;
use flex_handoff::twilio::sid::TaskSid;
use time::OffsetDateTime;
use tokio::time::Instant;

/// The instances that share `SESSION_RATE`. The event source in `template.yaml` runs two at most.
const INSTANCES: u32 = 2;

/// The pause after the second and each further failure in a row. The pause doesn't grow. A rate limit allows
/// requests again within a minute, and a longer pause would leave them unused. At low rates, the turns of a failed copy
/// already take longer.
const PAUSE: Duration = Duration::from_secs(2);

/// The most turns that a copy counts as. A task that changes all the time is written for as long as its copy lasts. That
/// must not stop all other copies afterwards.
const MAX_TURNS: u32 = 4;

/// The longest time between two slots of a task, in seconds.
const LONGEST_PERIOD: u64 = 2_048;

/// With this many waiting tasks, no more tasks are remembered. By then the period is the longest.
const MAX_WAITING: usize = 10_000;

/// A task that waits on the queue, either for a copy or for a look after a write.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Waiting {
    task: TaskSid,
    is_after_write: bool,
}

/// The turns of an instance.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Schedule {
    /// The time between two turns.
    interval: Duration,
    next: Instant,
    /// The latest copies in a row that found an upstream unavailable. Only a write that the session API answered ends the
    /// row.
    failures: u32,
    /// The messages that wait on the queue and when each returns, in seconds since 1970.
    waiting: HashMap<Waiting, u64>,
}

impl Schedule {
    /// The turns for this many session writes a minute by all instances together.
    pub(crate) fn new(session_rate: u32, now: Instant) -> Self {
        Self {
            interval: Duration::from_secs(60) * INSTANCES / session_rate.max(1),
            next: now,
            failures: 0,
            waiting: HashMap::new(),
        }
    }

    /// Takes a turn.
    ///
    /// # Errors
    /// The time of the next turn, if the turn has not come.
    pub(crate) fn take(&mut self, now: Instant) -> Result<(), Instant> {
        if now < self.next {
            return Err(self.next);
        }
        self.next = now + self.interval;
        Ok(())
    }

    /// Counts a copy's tries to write its session as turns, so that later copies wait for them. The copy has already taken
    /// the first.
    pub(crate) fn tried(&mut self, now: Instant, tries: u32) {
        let further = tries.min(MAX_TURNS).saturating_sub(1);
        self.next = self.next.max(now) + self.interval * further;
    }

    pub(crate) fn succeeded(&mut self) {
        self.failures = 0;
    }

    /// Whether two copies in a row found an upstream unavailable. A single failure usually concerns only one request.
    pub(crate) fn is_failing(&self) -> bool {
        self.failures > 1
    }

    /// Stops tries for as long as the upstream asked. After a second failure in a row, stops tries for a while even if
    /// the upstream didn't ask.
    pub(crate) fn failed(&mut self, now: Instant, retry_after: Option<Duration>) {
        let asked = retry_after.unwrap_or_default().min(MAX_DELAY);
        self.failures += 1;
        let pause = if self.is_failing() { PAUSE } else { Duration::ZERO };
        self.next = self.next.max(now + pause.max(asked));
    }

    /// Whether tasks wait on the queue for a copy. Looks after a write don't count.
    pub(crate) fn has_waiting(&self, now: OffsetDateTime) -> bool {
        let now = now.unix_timestamp().unsigned_abs();
        self.waiting
            .iter()
            .any(|(waiting, back)| !waiting.is_after_write && *back > now)
    }

    /// How long a task stays on the queue: until its slot after the next turn and after the shortest pause. A task has a
    /// single slot in the time that all instances need for the waiting tasks.
    ///
    /// Only the task decides on the slot. So all messages about a task are received together, whichever instance put
    /// them back. A single copy then does for all of them. An instance doesn't know which tasks another instance has
    /// copied.
    pub(crate) fn put_back(&mut self, job: &SyncJob, shortest: Duration, at: Instant, now: OffsetDateTime) -> Duration {
        let now = now.unix_timestamp().unsigned_abs();
        self.waiting.retain(|_, back| *back > now);
        let line = self.interval * (self.waiting.len() as u32 + 1) / INSTANCES;
        let period = period(line.as_secs());
        let pause = self.next.saturating_duration_since(at).max(shortest);
        let turn = now + pause.as_secs_f64().ceil() as u64;
        let back = turn + (slot(&job.task_sid) % period + period - turn % period) % period;
        if self.waiting.len() < MAX_WAITING {
            self.waiting.insert(waiting(job), back);
        }
        Duration::from_secs(back - now)
    }
}

/// A power of two, so that instances with lines of different lengths agree on some of the slots. The period is shorter
/// than the line. A message that comes too early only goes back once more, but a turn without a message is lost.
fn period(line_secs: u64) -> u64 {
    let longest = line_secs.clamp(1, LONGEST_PERIOD);
    1 << longest.ilog2()
}

fn waiting(job: &SyncJob) -> Waiting {
    Waiting {
        task: job.task_sid.clone(),
        is_after_write: job.is_after_write,
    }
}

/// A number that is the same in all instances and differs between tasks: the end of the SID, which is random.
fn slot(task: &TaskSid) -> u64 {
    let digits = task.as_str();
    u64::from_str_radix(&digits[digits.len() - 8..], 16).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

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
    fn each_further_try_counts_as_a_turn() {
        let start = Instant::now();
        // Turns are a second apart. The copy ends this long after its turn.
        for (tries, after_ms, next_ms) in [
            (0, 100, 1_000),
            (1, 100, 1_000),
            (2, 100, 2_000),
            (4, 100, 4_000),
            (30, 100, 4_000),
            (2, 5_000, 6_000),
        ] {
            let mut schedule = Schedule::new(120, start);
            assert_eq!(schedule.take(start), Ok(()));
            schedule.tried(after(start, after_ms), tries);
            assert_eq!(schedule.next, after(start, next_ms), "{tries} {after_ms}");
        }
    }

    #[test]
    fn further_failures_are_followed_by_the_same_pause() {
        let start = Instant::now();
        let mut schedule = Schedule::new(1_200, start);
        for _ in 0..2 {
            for (is_failing, pause_ms) in [(false, 100), (true, 2_000), (true, 2_000)] {
                let now = schedule.next;
                assert_eq!(schedule.take(now), Ok(()));
                schedule.failed(now, None);
                assert_eq!(schedule.is_failing(), is_failing);
                assert_eq!(schedule.next, after(now, pause_ms));
            }
            schedule.succeeded();
            assert!(!schedule.is_failing());
        }
    }

    #[test]
    fn pause_is_at_least_as_long_as_the_upstream_asked() {
        let start = Instant::now();
        for (asked, first, second) in [
            (None, 0, 2),
            (Some(1), 1, 2),
            (Some(90), 90, 90),
            (Some(604_800), 900, 900),
            (Some(u64::MAX), 900, 900),
        ] {
            let mut schedule = Schedule::new(50, start);
            for seconds in [first, second] {
                schedule.failed(start, asked.map(Duration::from_secs));
                assert_eq!(schedule.next, after(start, seconds * 1_000), "{asked:?}");
            }
            // An older failure doesn't shorten the pause.
            schedule.failed(start - Duration::from_secs(60), None);
            assert_eq!(schedule.next, after(start, second * 1_000), "{asked:?}");
        }
    }

    fn task(number: u32) -> TaskSid {
        TaskSid::parse(&format!("WT{number:032x}")).unwrap()
    }

    const NOW: OffsetDateTime = OffsetDateTime::UNIX_EPOCH;

    fn copy_of(number: u32) -> SyncJob {
        SyncJob {
            task_sid: task(number),
            is_second_look: false,
            is_after_write: false,
        }
    }

    /// A schedule of 60 writes a minute. This many tasks wait for an hour.
    fn with_waiting(tasks: u32, start: Instant) -> Schedule {
        let mut schedule = Schedule::new(60, start);
        schedule.waiting = (0..tasks).map(|number| (waiting(&copy_of(number)), 3_600)).collect();
        schedule
    }

    /// How long a task stays on the queue, in seconds.
    fn pause(schedule: &mut Schedule, job: &SyncJob, at: Instant, now: OffsetDateTime) -> u64 {
        schedule.put_back(job, Duration::ZERO, at, now).as_secs()
    }

    #[test]
    fn all_instances_put_a_task_back_to_the_same_slot() {
        let start = Instant::now();
        let back = |tasks, seconds| {
            let now = NOW + Duration::from_secs(seconds);
            seconds + pause(&mut with_waiting(tasks, start), &copy_of(0x77), start, now)
        };
        // 200 tasks at 60 a minute are a line of 200 s. Slots are 128 s apart.
        for seconds in 0..=0x77 {
            assert_eq!(back(200, seconds), 0x77);
            // Another instance sees a slightly longer or shorter line.
            assert_eq!(back(130, seconds), 0x77);
            assert_eq!(back(250, seconds), 0x77);
        }
        assert_eq!(back(200, 0x78), 0x77 + 128);
    }

    #[test]
    fn slots_are_spread_over_the_line() {
        let (mut schedule, start) = (with_waiting(200, Instant::now()), Instant::now());
        let waits: BTreeSet<u64> = (0..200)
            .map(|number| pause(&mut schedule, &copy_of(number), start, NOW))
            .collect();
        assert_eq!(waits, (0..128).collect());
    }

    #[test]
    fn task_does_not_come_back_before_the_next_turn() {
        let start = Instant::now();
        for (turn, tasks, longest) in [(0, 0, 0), (7, 0, 7), (20, 1, 21), (20, 200, 147), (0, 9_999, 2_047)] {
            for number in 0..100 {
                let mut schedule = with_waiting(tasks, start);
                schedule.next = after(start, turn * 1_000);
                let back = pause(&mut schedule, &copy_of(number), start, NOW);
                assert!((turn..=longest).contains(&back), "{turn} {tasks} {number}: {back}");
            }
        }
    }

    #[test]
    fn task_comes_back_in_its_slot_after_the_shortest_pause() {
        let start = Instant::now();
        for (shortest, expected) in [(0, 0x77), (20, 0x77), (0x77, 0x77), (0x78, 0x77 + 128)] {
            let mut schedule = with_waiting(200, start);
            schedule.waiting.remove(&waiting(&copy_of(0x77)));
            let back = schedule.put_back(&copy_of(0x77), Duration::from_secs(shortest), start, NOW);
            assert_eq!(back.as_secs(), expected, "{shortest}");
            assert_eq!(schedule.waiting[&waiting(&copy_of(0x77))], expected);
        }
    }

    #[test]
    fn tasks_that_are_back_do_not_count() {
        let start = Instant::now();
        let mut schedule = with_waiting(200, start);
        let later = NOW + Duration::from_secs(3_600);
        assert_eq!(pause(&mut schedule, &copy_of(0x77), start, later), 0);
        assert_eq!(schedule.waiting, HashMap::from([(waiting(&copy_of(0x77)), 3_600)]));
    }

    #[test]
    fn looks_do_not_count_as_waiting_but_make_the_line_longer() {
        let start = Instant::now();
        let mut schedule = with_waiting(0, start);
        schedule.next = after(start, 10_000);
        let look = SyncJob {
            is_after_write: true,
            ..copy_of(1)
        };
        assert_eq!(pause(&mut schedule, &look, start, NOW), 10);
        assert!(!schedule.has_waiting(NOW));
        assert_eq!(schedule.waiting, HashMap::from([(waiting(&look), 10)]));
        assert_eq!(pause(&mut schedule, &copy_of(1), start, NOW), 11);
        assert!(schedule.has_waiting(NOW + Duration::from_secs(10)));
        assert!(!schedule.has_waiting(NOW + Duration::from_secs(11)));
    }

    #[test]
    fn memory_is_bounded() {
        let start = Instant::now();
        let mut schedule = with_waiting(MAX_WAITING as u32, start);
        pause(&mut schedule, &copy_of(u32::MAX), start, NOW);
        assert_eq!(schedule.waiting.len(), MAX_WAITING);
    }
}
