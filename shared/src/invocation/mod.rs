//! A function's invocation: its deadline and its log line.

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
use crate::invocation::system::System;

/// Lambda's longest timeout is 15 minutes, and clocks may differ. A deadline further away is not believed.
const LONGEST_TIMEOUT: Duration = Duration::from_secs(16 * 60);

/// The limits of an invocation besides the deadline that Lambda gives.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// The function's timeout, for a deadline that can't be believed.
    pub fallback: Duration,
    /// The longest time that the invocation works, whatever the deadline.
    pub longest: Duration,
    /// How long before the deadline the work stops, so that the answer still gets out. At most a quarter of the time.
    pub margin: Duration,
}

pub struct Invocation {
    system: System,
    request_id: String,
    started: Instant,
    timeout: Duration,
    deadline: Instant,
    /// The time before the deadline that requests to upstreams leave for the queue.
    reserved: Duration,
    record: Mutex<Record>,
}

#[derive(Default)]
struct Record {
    fields: BTreeMap<&'static str, Value>,
    steps: Vec<Step>,
    rate_limited: u32,
}

/// The fields of the log line.
#[derive(Serialize)]
struct Ended<'o> {
    #[serde(flatten)]
    fields: BTreeMap<&'static str, Value>,
    outcome: &'o str,
    ms: u64,
    /// The number of 429 answers. A metric filter needs this field, since it can't search the steps.
    #[serde(rename = "rateLimited", skip_serializing_if = "Option::is_none")]
    rate_limited: Option<u32>,
    steps: Vec<Step>,
}

/// Further steps are not listed, since a log event has a size limit.
const MAX_STEPS: usize = 100;

/// A request to an upstream as logged.
#[derive(Serialize)]
pub struct Step {
    step: &'static str,
    ms: u64,
    /// The status code, or the reason for having none.
    pub status: Value,
    /// Twilio's error code after a refusal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<u32>,
    /// Twilio's id of the request after a refusal.
    #[serde(rename = "twilioRequestId", skip_serializing_if = "Option::is_none")]
    pub twilio_request_id: Option<String>,
    #[serde(skip)]
    started: Instant,
}

impl Step {
    pub fn new(step: &'static str, started: Instant) -> Self {
        Self {
            step,
            ms: 0,
            status: Value::Null,
            code: None,
            twilio_request_id: None,
            started,
        }
    }

    #[must_use]
    pub fn with_status(self, status: impl Into<Value>) -> Self {
        Self {
            status: status.into(),
            ..self
        }
    }
}

/// The invocation has no time left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OutOfTime;

/// The reason why work didn't end by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interrupted {
    OutOfTime,
    Panicked,
}

impl Invocation {
    /// Starts an invocation with a deadline in milliseconds of Unix time.
    ///
    /// A deadline in the past or absurdly far away is not believed, since some local hosts send a constant. The
    /// invocation then has [`Limits::fallback`].
    pub fn start(system: System, request_id: &str, deadline_ms: u64, limits: Limits) -> Self {
        let now = Duration::try_from((system.now)() - OffsetDateTime::UNIX_EPOCH).unwrap_or_default();
        let given = Duration::from_millis(deadline_ms).checked_sub(now);
        let believed = given.filter(|timeout| !timeout.is_zero() && *timeout <= LONGEST_TIMEOUT);
        let timeout = believed.unwrap_or(limits.fallback);
        let margin = limits.margin.min(timeout / 4);
        let started = Instant::now();
        let deadline = started + (timeout - margin).min(limits.longest);
        let invocation = Self {
            system,
            request_id: request_id.to_owned(),
            started,
            timeout,
            deadline,
            reserved: Duration::ZERO,
            record: Mutex::default(),
        };
        invocation.set("requestId", request_id);
        invocation
    }

    /// Reserves time before the deadline, at most half. [`Self::remaining`] leaves the reserved time out. [`Self::run`]
    /// may use it.
    #[must_use]
    pub fn reserving(self, time: Duration) -> Self {
        let reserved = time.min(self.remaining() / 2);
        Self { reserved, ..self }
    }

    /// Lambda's id of the invocation.
    pub fn request_id(&self) -> &str {
        &self.request_id
    }

    /// The function's timeout: the time from the invocation's start to Lambda's deadline. Rounded up to whole seconds,
    /// since a part of the last second passed on the way here.
    pub fn timeout(&self) -> Duration {
        let missing = self.timeout.subsec_nanos() > 0;
        Duration::from_secs(self.timeout.as_secs() + u64::from(missing))
    }

    pub fn now(&self) -> OffsetDateTime {
        (self.system.now)()
    }

    /// The time left to work.
    pub fn remaining(&self) -> Duration {
        (self.deadline - self.reserved).saturating_duration_since(Instant::now())
    }

    /// Waits if time will be left afterwards.
    ///
    /// # Errors
    /// At once if no time would be left.
    pub async fn pause(&self, duration: Duration) -> Result<(), OutOfTime> {
        if duration >= self.remaining() {
            return Err(OutOfTime);
        }
        tokio::time::sleep(duration).await;
        Ok(())
    }

    /// Does the work within the time left. A panic fails only this invocation. The work is boxed because Lambda's
    /// runtime moves the awaited future dozens of times.
    ///
    /// # Errors
    /// If the work was interrupted.
    pub async fn run<T>(&self, work: Pin<Box<impl Future<Output = T>>>) -> Result<T, Interrupted> {
        // After a panic the work is dropped. Every lock ignores poisoning.
        let work = AssertUnwindSafe(work).catch_unwind();
        match tokio::time::timeout_at(self.deadline, work).await {
            Ok(done) => done.map_err(|_| Interrupted::Panicked),
            Err(_) => Err(Interrupted::OutOfTime),
        }
    }

    /// Sets a field of the log line. Never log a secret, a message or an attribute's value.
    pub fn set(&self, field: &'static str, value: impl Into<Value>) {
        self.record().fields.insert(field, value.into());
    }

    /// Logs a request to an upstream that ends now.
    pub fn step(&self, step: Step) {
        let ms = milliseconds(step.started.elapsed());
        let mut record = self.record();
        if step.status == 429 {
            record.rate_limited += 1;
        }
        if record.steps.len() < MAX_STEPS {
            record.steps.push(Step { ms, ..step });
        }
    }

    /// Writes the log line.
    pub fn finish(self, level: Level, outcome: &str) {
        let ms = milliseconds(self.started.elapsed());
        let record = self.record.into_inner();
        let Record {
            fields,
            steps,
            rate_limited,
        } = record.unwrap_or_else(PoisonError::into_inner);
        let ended = Ended {
            fields,
            outcome,
            ms,
            rate_limited: Some(rate_limited).filter(|count| *count > 0),
            steps,
        };
        log::line(&self.system, level, ended);
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

    const SYSTEM: System = System::real("test");

    const LIMITS: Limits = Limits {
        fallback: Duration::from_secs(8),
        longest: Duration::from_secs(11),
        margin: Duration::from_secs(1),
    };

    fn start(in_seconds: i64) -> Invocation {
        let now = (SYSTEM.now)().unix_timestamp_nanos() / 1_000_000;
        let deadline_ms = u64::try_from(now + i128::from(in_seconds) * 1000).unwrap();
        Invocation::start(SYSTEM, "id", deadline_ms, LIMITS)
    }

    #[tokio::test]
    async fn panic_interrupts_only_its_own_work() {
        let invocation = start(5);
        let ended = invocation.run(Box::pin(async { panic!("the work went wrong") }));
        assert_eq!(ended.await, Err::<(), _>(Interrupted::Panicked));
        assert_eq!(invocation.run(Box::pin(async { 7 })).await, Ok(7));
    }

    #[tokio::test]
    async fn work_is_dropped_at_its_deadline() {
        let limits = Limits {
            longest: Duration::from_millis(5),
            ..LIMITS
        };
        let invocation = Invocation::start(SYSTEM, "id", 0, limits);
        let held = Arc::new(());
        let holding = Arc::clone(&held);
        let ended = invocation.run(Box::pin(async move {
            std::future::pending::<()>().await;
            drop(holding);
        }));
        assert_eq!(ended.await, Err(Interrupted::OutOfTime));
        assert_eq!(Arc::strong_count(&held), 1, "nothing is left of it");
    }

    #[test]
    fn answers_429_are_counted_in_the_line() {
        static LINE: Mutex<String> = Mutex::new(String::new());
        let system = System {
            log: |line| line.clone_into(&mut LINE.lock().unwrap()),
            ..SYSTEM
        };
        for (answers, counted) in [
            ([200, 204], Value::Null),
            ([429, 200], 1.into()),
            ([429, 429], 2.into()),
        ] {
            let invocation = Invocation::start(system, "id", 0, LIMITS);
            for status in answers {
                invocation.step(Step::new("read task", Instant::now()).with_status(status));
            }
            invocation.finish(Level::Info, "done");
            let line: Value = serde_json::from_str(&LINE.lock().unwrap()).unwrap();
            assert_eq!(line["rateLimited"], counted, "{answers:?}");
        }
    }

    fn whole_seconds(duration: Duration) -> f64 {
        duration.as_secs_f64().round()
    }

    #[test]
    fn invocation_ends_before_its_deadline_and_limit() {
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
