//! One invocation: the time it has, and the one log line that it leaves.

pub mod log;
pub mod system;

use std::collections::BTreeMap;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::FutureExt;
use serde::Serialize;
use serde_json::Value;
use time::OffsetDateTime;
use tokio::time::Instant;

use crate::invocation::log::Level;
use crate::invocation::system::Machine;

/// A deadline further away than Lambda's longest timeout (15 minutes; a clock may differ) is no deadline.
const LONGEST_TIMEOUT: Duration = Duration::from_secs(16 * 60);

/// What limits an invocation besides the deadline that Lambda gives.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// The function's timeout, where Lambda's deadline can't be believed.
    pub fallback: Duration,
    /// The invocation works no longer than this, whatever its deadline.
    pub longest: Duration,
    /// How long before the deadline it stops working, so that its answer still gets out. At most a quarter of its
    /// time is set aside.
    pub margin: Duration,
}

/// One invocation of a function.
pub struct Invocation {
    machine: Machine,
    request_id: String,
    started: Instant,
    timeout: Duration,
    deadline: Instant,
    record: Mutex<Record>,
}

#[derive(Default)]
struct Record {
    fields: BTreeMap<&'static str, Value>,
    steps: Vec<Step>,
}

/// All that is logged of an invocation.
#[derive(Serialize)]
struct Ended<'o> {
    #[serde(flatten)]
    fields: BTreeMap<&'static str, Value>,
    outcome: &'o str,
    ms: u64,
    steps: Vec<Step>,
}

/// More steps are not listed: a log event has its limit, and an invocation of so many says enough by the first ones.
const MAX_STEPS: usize = 100;

/// One request to an upstream, as it is logged.
#[derive(Serialize)]
struct Step {
    step: &'static str,
    ms: u64,
    /// The status code, or in a word why there was none.
    answer: Value,
}

/// The time of the invocation ran short.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OutOfTime;

/// Why work came to no end of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Broken {
    OutOfTime,
    Panicked,
}

impl Invocation {
    /// An invocation that starts now and whose deadline is in milliseconds of Unix time.
    ///
    /// A deadline that lies in the past or absurdly far away is not believed (some local hosts send a constant one);
    /// the invocation then has [`Limits::fallback`].
    pub fn start(machine: Machine, request_id: &str, deadline_ms: u64, limits: Limits) -> Self {
        let now = Duration::try_from((machine.now)() - OffsetDateTime::UNIX_EPOCH).unwrap_or_default();
        let given = Duration::from_millis(deadline_ms).checked_sub(now);
        let believed = given.filter(|timeout| !timeout.is_zero() && *timeout <= LONGEST_TIMEOUT);
        let timeout = believed.unwrap_or(limits.fallback);
        let margin = limits.margin.min(timeout / 4);
        let started = Instant::now();
        let deadline = started + (timeout - margin).min(limits.longest);
        let invocation = Self {
            machine,
            request_id: request_id.to_owned(),
            started,
            timeout,
            deadline,
            record: Mutex::default(),
        };
        invocation.set("requestId", request_id);
        invocation
    }

    /// Lambda's id of it.
    pub fn request_id(&self) -> &str {
        &self.request_id
    }

    /// The function's own timeout: how long an invocation can live. It is set in whole seconds; what is missing from
    /// the last one passed on the way here.
    pub fn timeout(&self) -> Duration {
        let missing = self.timeout.subsec_nanos() > 0;
        Duration::from_secs(self.timeout.as_secs() + u64::from(missing))
    }

    /// The time of day.
    pub fn now(&self) -> OffsetDateTime {
        (self.machine.now)()
    }

    /// How much time there is to work.
    pub fn remaining(&self) -> Duration {
        self.deadline.saturating_duration_since(Instant::now())
    }

    /// Waits, if there is time to do something afterwards.
    ///
    /// # Errors
    /// At once, if there is not.
    pub async fn pause(&self, duration: Duration) -> Result<(), OutOfTime> {
        if duration >= self.remaining() {
            return Err(OutOfTime);
        }
        tokio::time::sleep(duration).await;
        Ok(())
    }

    /// Does the work within the time that there is; a panic in it stays one failed invocation. The work is in a box of
    /// its own: Lambda's runtime moves what it awaits dozens of times.
    ///
    /// # Errors
    /// If the work was cut short.
    pub async fn run<T>(&self, work: Pin<Box<impl Future<Output = T>>>) -> Result<T, Broken> {
        // What a panic leaves behind in it is dropped with it, and whoever finds a poisoned lock takes it over.
        let work = AssertUnwindSafe(work).catch_unwind();
        match tokio::time::timeout(self.remaining(), work).await {
            Ok(done) => done.map_err(|_| Broken::Panicked),
            Err(_) => Err(Broken::OutOfTime),
        }
    }

    /// Sets a field of the log line, but none of those that each line has. Never a secret, a text or another customer's
    /// datum.
    pub fn set(&self, field: &'static str, value: impl Into<Value>) {
        self.record().fields.insert(field, value.into());
    }

    /// Records a request to an upstream that started at `started` and ends now.
    pub fn step(&self, step: &'static str, started: Instant, answer: impl Into<Value>) {
        let ms = milliseconds(started.elapsed());
        let answer = answer.into();
        let mut record = self.record();
        if record.steps.len() < MAX_STEPS {
            record.steps.push(Step { step, ms, answer });
        }
    }

    /// Writes the log line.
    pub fn finish(self, level: Level, outcome: &str) {
        let ms = milliseconds(self.started.elapsed());
        let record = self.record.into_inner();
        let Record { fields, steps } = record.unwrap_or_else(PoisonError::into_inner);
        let ended = Ended {
            fields,
            outcome,
            ms,
            steps,
        };
        log::line(&self.machine, level, ended);
    }

    fn record(&self) -> MutexGuard<'_, Record> {
        self.record.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    const LIMITS: Limits = Limits {
        fallback: Duration::from_secs(8),
        longest: Duration::from_secs(11),
        margin: Duration::from_secs(1),
    };

    fn start(in_seconds: i64) -> Invocation {
        let now = (Machine::REAL.now)().unix_timestamp_nanos() / 1_000_000;
        let deadline_ms = u64::try_from(now + i128::from(in_seconds) * 1000).unwrap();
        Invocation::start(Machine::REAL, "id", deadline_ms, LIMITS)
    }

    #[tokio::test]
    async fn a_panic_ends_the_work_and_no_more() {
        let invocation = start(5);
        let ended = invocation.run(Box::pin(async { panic!("the work went wrong") }));
        assert_eq!(ended.await, Err::<(), _>(Broken::Panicked));
        assert_eq!(invocation.run(Box::pin(async { 7 })).await, Ok(7));
    }

    #[tokio::test]
    async fn work_is_cut_short_when_its_time_is_over() {
        let limits = Limits {
            longest: Duration::from_millis(5),
            ..LIMITS
        };
        let invocation = Invocation::start(Machine::REAL, "id", 0, limits);
        let held = Arc::new(());
        let holding = Arc::clone(&held);
        let ended = invocation.run(Box::pin(async move {
            std::future::pending::<()>().await;
            drop(holding);
        }));
        assert_eq!(ended.await, Err(Broken::OutOfTime));
        assert_eq!(Arc::strong_count(&held), 1, "nothing is left of it");
    }

    fn whole_seconds(duration: Duration) -> f64 {
        duration.as_secs_f64().round()
    }

    #[test]
    fn an_invocation_ends_before_its_deadline_and_its_limit() {
        let cases = [
            (5, 5.0, 4.0),
            (30, 30.0, 11.0),
            (4, 4.0, 3.0),
            (-1, 8.0, 7.0),
            (86_400, 8.0, 7.0),
        ];
        for (deadline, timeout, remaining) in cases {
            let invocation = start(deadline);
            assert_eq!(invocation.timeout().as_secs_f64(), timeout, "{deadline}");
            assert_eq!(whole_seconds(invocation.remaining()), remaining, "{deadline}");
        }
    }
}
