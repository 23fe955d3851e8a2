//! `deferred`: does from a queue what a webhook could not do in time, or was not to do yet.
//!
//! A message says no more than which task to look at; what there is to do is decided by the task as it is now. So a
//! message may come late, twice, or together with others. What fails is reported, and hidden for longer each time; what
//! can't be read is given back at once, until the queue moves it to its dead-letter queue.

mod batch;
mod looked_at;
mod pause;

use std::time::Duration;

use flex_handoff::aws::job::Message;
use flex_handoff::aws::queue::Queue;
use flex_handoff::aws::secrets::Required;
use flex_handoff::clients::session_api::{SessionApi, WhenBusy};
use flex_handoff::clients::taskrouter::TaskRouter;
use flex_handoff::config;
use flex_handoff::invocation::system::Machine;
use flex_handoff::invocation::{Broken, Invocation, Limits};
use flex_handoff::jobs::closing::Closing;
use flex_handoff::jobs::deferral;
use flex_handoff::jobs::outcome::Outcome;
use flex_handoff::jobs::session_sync::{Cue, GONE, LastWords, SessionSync};
use flex_handoff::lambda::payload::Payload;
use flex_handoff::lambda::start::Connections;
use flex_handoff::twilio::sid::{TaskSid, WorkerSid};
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

/// What waiting for the session API leaves each piece of work at least: its place in the row, too.
const LEAST_WORK: Duration = Duration::from_secs(3);

/// TaskRouter's log may be behind by a moment when a task has just gone. Past so many receives, two to four minutes, an
/// end that it doesn't know it won't get to know.
const RECEIVES_FOR_THE_LOG: u32 = 4;

/// The function.
pub struct Deferred {
    machine: Machine,
    sessions: SessionSync,
    looked_at: LookedAt,
    closing: Closing,
    queue: Queue,
    ai_worker: WorkerSid,
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
        let ai_worker = config.ai_worker.clone();
        Self {
            machine: connections.machine,
            sessions: SessionSync::new(
                TaskRouter::new(connections.twilio(), &config.upstreams),
                SessionApi::new(connections.session_api(), WhenBusy::GiveUp),
                config.sessions,
            ),
            looked_at: LookedAt::default(),
            closing: Closing::new(
                TaskRouter::new(connections.twilio(), &config.upstreams),
                ai_worker,
                config.scope,
            ),
            queue: connections.queue(config.queue_url),
            ai_worker: config.ai_worker,
        }
    }

    /// Does what a batch of messages asks for, one piece of work after another, and without haste.
    ///
    /// # Errors
    /// If it is no batch at all.
    pub async fn handle(&self, batch: Payload<Batch>, request_id: &str, deadline_ms: u64) -> Result<Report, NotABatch> {
        let whole = Invocation::start(self.machine, request_id, deadline_ms, LIMITS);
        let Some(batch) = batch.0 else {
            Outcome::Unreadable("this is no batch of messages").log(whole);
            return Err(NotABatch);
        };
        let mut report = Report::default();
        let works = batch.works();
        let count = u32::try_from(works.len()).unwrap_or(u32::MAX);
        let mut next_sync = Instant::now();
        for (left, work) in (1..=count).rev().zip(works) {
            if matches!(work.message, Some(Message::Sync { .. })) && !self.is_looked_at(&work) {
                // Tokio takes a millisecond for a time that has come.
                if Instant::now() < next_sync {
                    sleep_until(next_sync).await;
                }
                next_sync = Instant::now() + BETWEEN_SYNCS.min(whole.remaining() / left);
            }
            loop {
                // Each has an even share of the time that there is, and of that some to hide what failed.
                let share = whole.remaining() / left;
                let end = Instant::now() + share;
                let longest = (share - deferral::set_aside(share)).min(LONGEST_WORK);
                let limits = Limits { longest, ..LIMITS };
                let invocation = Invocation::start(self.machine, request_id, deadline_ms, limits);
                let outcome = self.attend(&invocation, &work).await;
                if outcome == Outcome::Unavailable && self.outlast_busy(&whole, left).await {
                    continue;
                }
                if self.settle(invocation, &work, outcome, end).await == Next::Again {
                    report.add(work);
                }
                break;
            }
        }
        Ok(report)
    }

    /// Waits while the session API has had too many requests, if it has, and if there is time for all that is left
    /// afterwards. Messages that are given back instead come the sooner to the end of their receives.
    async fn outlast_busy(&self, whole: &Invocation, left: u32) -> bool {
        let Some(busy_for) = self.sessions.busy_for() else {
            return false;
        };
        busy_for + LEAST_WORK * left <= whole.remaining() && whole.pause(busy_for).await.is_ok()
    }

    /// Whether all of the messages were left before their task was looked at, and its session written.
    fn is_looked_at(&self, work: &Work) -> bool {
        let (Some(Message::Sync { task_sid }), Some(left)) = (&work.message, work.left()) else {
            return false;
        };
        self.looked_at.since(task_sid, left)
    }

    /// Tries one piece of work.
    async fn attend(&self, invocation: &Invocation, work: &Work) -> Outcome {
        let receives = work.receives();
        invocation.set("messages", work.records.len());
        invocation.set("receives", receives);
        let Some(message) = &work.message else {
            return Outcome::Unreadable("this is no message of ours");
        };
        let Message::Sync { task_sid } = message else {
            return self.perform(invocation, message, receives).await;
        };
        if self.is_looked_at(work) {
            invocation.set("work", "sync");
            invocation.set("taskSid", task_sid.as_str());
            return Outcome::NotForUs("a task that has been looked at since");
        }
        let began = invocation.now();
        let outcome = self.perform(invocation, message, receives).await;
        if !is_unfinished(outcome) {
            self.looked_at.note(task_sid, began);
        }
        outcome
    }

    /// Hides messages of which the work isn't done, before its time ends, and leaves a line in the log.
    async fn settle(&self, invocation: Invocation, work: &Work, outcome: Outcome, end: Instant) -> Next {
        let hidden_for = match outcome {
            Outcome::Unreadable(_) => Some(Duration::ZERO),
            outcome => is_unfinished(outcome).then(|| pause(work.receives())),
        };
        if let Some(hidden_for) = hidden_for {
            invocation.set("hiddenForSeconds", hidden_for.as_secs());
            let receipts: Vec<&str> = work
                .records
                .iter()
                .map(|record| record.receipt_handle.as_str())
                .collect();
            let limit = end.saturating_duration_since(Instant::now());
            // If the queue is away, they come again all the same, when its own time for them is over.
            let _ = self.queue.hide(&invocation, &receipts, hidden_for, limit).await;
        }
        outcome.log(invocation);
        match hidden_for {
            Some(_) => Next::Again,
            None => Next::Done,
        }
    }

    async fn perform(&self, invocation: &Invocation, message: &Message, receives: u32) -> Outcome {
        let work = async {
            match message {
                Message::Sync { task_sid } => self.synchronise(invocation, task_sid, receives).await,
                Message::Close {
                    task_sid,
                    reservation_sid,
                } => {
                    invocation.set("work", "close");
                    invocation.set("taskSid", task_sid.as_str());
                    invocation.set("reservationSid", reservation_sid.as_str());
                    self.closing.run(invocation, task_sid, Some(reservation_sid)).await
                }
            }
        };
        match invocation.run(Box::pin(work)).await {
            Ok(Ok(outcome) | Err(outcome)) => outcome,
            Err(Broken::OutOfTime) => Outcome::Unavailable,
            Err(Broken::Panicked) => Outcome::Panicked,
        }
    }

    async fn synchronise(&self, invocation: &Invocation, task: &TaskSid, receives: u32) -> Result<Outcome, Outcome> {
        invocation.set("work", "sync");
        invocation.set("taskSid", task.as_str());
        let has_log_had_time = receives >= RECEIVES_FOR_THE_LOG;
        let cue = Cue {
            task,
            // Which event it was is not known any more: the AI's reservation is told as with each of its own.
            worker: Some(&self.ai_worker),
            last_words: LastWords::Log {
                if_no_end: has_log_had_time,
            },
        };
        match self.sessions.run(invocation, cue).await {
            Err(GONE) if !has_log_had_time => Err(Outcome::Unavailable),
            outcome => outcome,
        }
    }
}

/// What becomes of messages.
#[derive(PartialEq)]
enum Next {
    Done,
    Again,
}

/// Whether it is to be tried again. A refusal, too, may end within hours: by another token, or a task that is put right.
fn is_unfinished(outcome: Outcome) -> bool {
    !matches!(outcome, Outcome::Done | Outcome::NotForUs(_))
}
