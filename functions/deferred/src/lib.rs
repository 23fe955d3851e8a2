//! `deferred`: does from a queue what a webhook could not do in time, or was not to do yet.
//!
//! A message says no more than which task to look at; what there is to do is decided by the task as it is now. So a
//! message may come late, twice, or together with others. What fails is reported, and hidden for longer each time; what
//! can't be read is given back at once, until the queue moves it to its dead-letter queue.

mod batch;
mod looked_at;
mod pause;

use std::time::Duration;

use flex_handoff::aws::job::Job;
use flex_handoff::aws::queue::Queue;
use flex_handoff::aws::secrets::Required;
use flex_handoff::clients::session_api::SessionApi;
use flex_handoff::clients::taskrouter::TaskRouter;
use flex_handoff::config;
use flex_handoff::invocation::log::Level;
use flex_handoff::invocation::system::System;
use flex_handoff::invocation::{Interrupted, Invocation, Limits};
use flex_handoff::jobs::deferral;
use flex_handoff::jobs::outcome::{self, Failure, Outcome};
use flex_handoff::jobs::session_sync::{FinalSource, SessionSync, SyncRequest};
use flex_handoff::lambda::start::Connections;
use flex_handoff::twilio::sid::TaskSid;
use flex_handoff::upstream::retry::Retries;
use lambda_runtime::LambdaEvent;
use serde_json::Value;
use tokio::time::{Instant, sleep_until};

use batch::Work;
pub use batch::{Batch, NotABatch, Report};
use looked_at::LookedAt;
use pause::pause;

/// Of the whole batch.
const LIMITS: Limits = Limits {
    fallback: Duration::from_secs(60),
    longest: Duration::from_secs(15 * 60),
    margin: Duration::from_secs(1),
};

/// One piece of work takes no longer. What isn't done by then can wait for its next turn.
const LONGEST_WORK: Duration = Duration::from_secs(12);

/// From one session to the next. Two of these functions run at once, by `template.yaml`: together they write some 50
/// sessions a minute, and leave live events the other half of what the session API takes.
const BETWEEN_SYNCS: Duration = Duration::from_millis(2_400);

/// TaskRouter's log may be behind by a moment when a task has just gone. Past so many receives, two to four minutes, an
/// end that it doesn't know it won't get to know.
const RECEIVES_FOR_THE_LOG: u32 = 4;

/// The function.
pub struct Deferred {
    system: System,
    sessions: SessionSync,
    looked_at: LookedAt,
    queue: Option<Queue>,
}

impl Deferred {
    /// Reads the configuration and the secret, and connects to the upstreams.
    ///
    /// # Errors
    /// Everything that is at fault.
    pub async fn start() -> Result<Self, Vec<String>> {
        let config = config::Deferred::from_env()?;
        let urls = [&config.upstreams.taskrouter_url, config.sessions.url.root()];
        let connections = Connections::open(
            env!("CARGO_PKG_NAME"),
            &config.upstreams,
            Required::SessionApiToken,
            &urls,
        )
        .await?;
        Ok(Self::new(config, &connections))
    }

    /// The function with this configuration and these connections.
    pub fn new(config: config::Deferred, connections: &Connections) -> Self {
        Self {
            system: connections.system,
            sessions: SessionSync::new(
                TaskRouter::new(connections.twilio(Retries::One), &config.upstreams),
                SessionApi::new(connections.session_api(&config.sessions, Retries::One)),
                config.sessions,
                config.ai_workers,
            ),
            looked_at: LookedAt::default(),
            queue: config.queue_url.map(|url| connections.queue(url)),
        }
    }

    /// Does what a batch of messages asks for, one piece of work after another, and without haste.
    ///
    /// # Errors
    /// If it is no batch at all.
    pub async fn handle(&self, event: LambdaEvent<Value>) -> Result<Report, NotABatch> {
        let LambdaEvent { payload, context } = event;
        let whole = Invocation::start(self.system, &context.request_id, context.deadline, LIMITS);
        let Ok(batch) = serde_json::from_value::<Batch>(payload) else {
            whole.finish(Level::Warn, "unreadable");
            return Err(NotABatch);
        };
        let mut report = Report::default();
        let works = batch.works();
        let count = u32::try_from(works.len()).unwrap_or(u32::MAX);
        let mut next_sync = Instant::now();
        for (left, work) in (1..=count).rev().zip(works) {
            if matches!(work.message, Some(Job::Sync(_))) && !self.is_looked_at(&work) {
                // Tokio takes a millisecond for a time that has come.
                if Instant::now() < next_sync {
                    sleep_until(next_sync).await;
                }
                next_sync = Instant::now() + BETWEEN_SYNCS.min(whole.remaining() / left);
            }
            // Each has an even share of the time that is left, and of that some to hide what failed.
            let share = whole.remaining() / left;
            let end = Instant::now() + share;
            let longest = (share - deferral::reserved_for_queue(share)).min(LONGEST_WORK);
            let limits = Limits { longest, ..LIMITS };
            let invocation = Invocation::start(self.system, &context.request_id, context.deadline, limits);
            let result = self.attend(&invocation, &work).await;
            if self.settle(invocation, &work, result, end).await == Next::Again {
                report.add(work);
            }
        }
        Ok(report)
    }

    /// Whether all of the messages were left before their task was looked at, and its session written.
    fn is_looked_at(&self, work: &Work) -> bool {
        let (Some(Job::Sync(job)), Some(left)) = (&work.message, work.left()) else {
            return false;
        };
        self.looked_at.since(&job.task_sid, left)
    }

    /// Tries one piece of work.
    async fn attend(&self, invocation: &Invocation, work: &Work) -> Result<Outcome, Failure> {
        invocation.set("messages", work.records.len());
        invocation.set("receives", work.receives());
        let Some(Job::Sync(job)) = &work.message else {
            return Err(Failure::Unavailable);
        };
        invocation.set("taskSid", job.task_sid.as_str());
        if self.is_looked_at(work) {
            return Ok(Outcome::Done);
        }
        let began = invocation.now();
        let copy = self.synchronise(invocation, &job.task_sid, work.receives());
        let result = match invocation.run(Box::pin(copy)).await {
            Ok(result) => result,
            Err(Interrupted::OutOfTime) => Err(Failure::Unavailable),
            Err(Interrupted::Panicked) => Err(Failure::Panicked),
        };
        if result.is_ok() {
            self.looked_at.note(&job.task_sid, began);
        }
        result
    }

    /// Hides messages of which the work isn't done, before its time ends, and leaves a line in the log.
    async fn settle(
        &self,
        invocation: Invocation,
        work: &Work,
        result: Result<Outcome, Failure>,
        end: Instant,
    ) -> Next {
        let Err(failure) = result else {
            outcome::log(invocation, result.map_or_else(Failure::to_log, Outcome::to_log));
            return Next::Done;
        };
        let hidden_for = pause(work.receives());
        invocation.set("hiddenForSeconds", hidden_for.as_secs());
        let receipts: Vec<&str> = work
            .records
            .iter()
            .map(|record| record.receipt_handle.as_str())
            .collect();
        let limit = end.saturating_duration_since(Instant::now());
        if let Some(queue) = &self.queue {
            // If the queue is unavailable, they are delivered again after its visibility timeout.
            let _ = queue.change_visibility(&invocation, &receipts, hidden_for, limit).await;
        }
        outcome::log(invocation, failure.to_log());
        Next::Again
    }

    async fn synchronise(&self, invocation: &Invocation, task: &TaskSid, receives: u32) -> Result<Outcome, Failure> {
        let has_log_had_time = receives >= RECEIVES_FOR_THE_LOG;
        let request = SyncRequest {
            task,
            with_reservation: true,
            final_attributes: FinalSource::Log {
                if_no_end: has_log_had_time,
            },
        };
        match self.sessions.run(invocation, request).await {
            Ok(Outcome::TaskGone) if !has_log_had_time => Err(Failure::Unavailable),
            result => result,
        }
    }
}

/// What becomes of messages.
#[derive(PartialEq)]
enum Next {
    Done,
    Again,
}
