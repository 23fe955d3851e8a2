//! `deferred`: does session copies and notes from a queue, if they could not be done in time.
//!
//! A message names a task. The task's present state decides the work, so a message may come late, twice or with others.

mod looked_at;
mod patience;
mod schedule;

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use aws_lambda_events::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent};
use flex_handoff::aws::job::{Job, NoteJob, SyncJob};
use flex_handoff::aws::secrets::Required;
use flex_handoff::clients::conversations::Conversations;
use flex_handoff::clients::session_api::SessionApi;
use flex_handoff::clients::taskrouter::TaskRouter;
use flex_handoff::config;
use flex_handoff::invocation::Invocation;
use flex_handoff::jobs::deferral::{self, LOOK_AGAIN, MAX_DELAY};
use flex_handoff::jobs::note::{Notes, post_deferred};
use flex_handoff::jobs::outcome::{Failure, NothingToDo, Outcome};
use flex_handoff::jobs::session_sync::{CopyProgress, SessionSync, SyncRequest};
use flex_handoff::lambda::batch::{Consumer, Piece, Undone, pieces, response};
use flex_handoff::lambda::start::Connections;
use flex_handoff::upstream::retry::Retries;
use futures_util::future::join_all;
use lambda_runtime::{Context, LambdaEvent};
use tokio::time::{Instant, sleep_until};

use looked_at::LookedAt;
use patience::Patience;
use schedule::Schedule;

/// The longest time for a piece of work. A session write is not given up earlier, since the session API might carry out
/// the write after a later write.
const LONGEST_WORK: Duration = Duration::from_secs(30);

/// The number of early receives. In these, a copy that failed because an upstream was unavailable waits no longer than
/// a copy without a turn, unless the upstream asked for more. The rate limit makes many copies fail in a burst, and
/// most receives of a message have no turn. In later receives a copy waits longer, so that the tries last for hours. A
/// look after a write lets other copies go first in early receives.
const EARLY_RECEIVES: u32 = 12;

/// The shortest pause of a look that lets other copies go first. So its early receives last for at least four
/// minutes while tasks wait for a copy.
const LOOK_PAUSE: Duration = Duration::from_secs(20);

pub struct Deferred {
    consumer: Consumer,
    taskrouter: TaskRouter,
    notes: Notes,
    sessions: SessionSync,
    looked_at: LookedAt,
    schedule: Mutex<Schedule>,
    /// Held by the first copy in the line. Tokio passes the lock on in the order of arrival.
    line: tokio::sync::Mutex<()>,
}

/// The reason why a piece has no turn in this invocation.
enum NoTurn {
    /// The batch doesn't wait for the next turn.
    TooLate,
    /// Tasks wait for a copy, which goes before a look.
    CopiesFirst,
}

impl Deferred {
    /// Reads the configuration and the secret and connects to the upstreams.
    ///
    /// # Errors
    /// Every reason why the function can't start.
    pub async fn start() -> Result<Self, Vec<String>> {
        let config = config::DeferredConfig::from_env()?;
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

    pub fn new(config: config::DeferredConfig, connections: &Connections) -> Self {
        let taskrouter = || TaskRouter::new(connections.twilio(Retries::One), &config.upstreams);
        let conversations = connections.twilio(Retries::One);
        Self {
            taskrouter: taskrouter(),
            notes: Notes {
                conversations: Conversations::new(conversations, &config.conversations_url),
                settings: config.note,
                retries: Retries::One,
            },
            consumer: Consumer {
                system: connections.system,
                queue: config.queue_url.map(|url| connections.queue(url)),
            },
            sessions: SessionSync::new(
                taskrouter(),
                SessionApi::new(connections.session_api(&config.sessions, Retries::One)),
                config.sessions,
                config.ai_workers,
            ),
            looked_at: LookedAt::default(),
            schedule: Mutex::new(Schedule::new(config.session_rate, Instant::now())),
            line: tokio::sync::Mutex::default(),
        }
    }

    /// Does the work of a batch of messages. Session copies start one after another. Looks after a write come last.
    pub async fn handle(&self, event: LambdaEvent<SqsEvent>) -> SqsBatchResponse {
        let LambdaEvent { payload, context } = event;
        let time = self.consumer.remaining(&context);
        let patience = Patience::new(Instant::now(), time);
        let mut pieces = pieces(payload);
        pieces.sort_by_key(may_wait);
        response(join_all(pieces.into_iter().map(|piece| self.attend(&context, piece, patience))).await)
    }

    /// Does a piece of work at its turn.
    async fn attend(&self, context: &Context, piece: Piece, patience: Patience) -> Vec<BatchItemFailure> {
        if let Some(Job::Sync(job)) = &piece.job
            && !self.is_looked_at(&piece)
        {
            let _first = self.line.lock().await;
            if let Err(reason) = self.turn_for(&piece, patience).await {
                let pause = self.put_back(job, self.shortest_pause(&piece, reason));
                // One after another, since hundreds of requests at once would time out.
                return self.consumer.postpone(context, piece, pause).await;
            }
        }
        let progress = CopyProgress::default();
        let work = async |invocation: &Invocation| match &piece.job {
            Some(Job::Sync(job)) => Ok(self.copy(invocation, &piece, job, &progress).await?),
            Some(Job::Note(job)) => Ok(self.post_note(invocation, job).await?),
            Some(Job::Close(_)) | None => Err(Undone::Unreadable),
        };
        let pause = |undone| {
            let pause = match (&piece.job, undone) {
                // This task keeps its place in the line.
                (Some(Job::Sync(job)), Undone::Failed(Failure::Unavailable)) if piece.receives() <= EARLY_RECEIVES => {
                    self.put_back(job, Duration::ZERO)
                }
                _ => piece.failure_pause(),
            };
            match &piece.job {
                Some(Job::Sync(job)) if progress.lacks_look() => pause.max(self.keep_for_look(job)),
                _ => pause.max(progress.wait().unwrap_or_default().min(MAX_DELAY)),
            }
        };
        self.consumer.attend(context, &piece, LONGEST_WORK, work, pause).await
    }

    /// Waits for a turn, unless the piece may wait and tasks wait for a copy.
    async fn turn_for(&self, piece: &Piece, patience: Patience) -> Result<(), NoTurn> {
        if may_wait(piece) && self.schedule().has_waiting((self.consumer.system.now)()) {
            return Err(NoTurn::CopiesFirst);
        }
        self.turn(patience).await
    }

    /// Waits for a turn. The caller is first in the line.
    async fn turn(&self, patience: Patience) -> Result<(), NoTurn> {
        loop {
            let now = Instant::now();
            if patience.is_over(now) {
                return Err(NoTurn::TooLate);
            }
            let taken = self.schedule().take(now);
            match taken {
                Ok(()) => return Ok(()),
                Err(next) if patience.waits_for(next, now) => sleep_until(next).await,
                Err(_) => return Err(NoTurn::TooLate),
            }
        }
    }

    /// The shortest time that a piece without a turn stays on the queue.
    fn shortest_pause(&self, piece: &Piece, reason: NoTurn) -> Duration {
        match reason {
            NoTurn::CopiesFirst => LOOK_PAUSE,
            // In an outage the receives must last for hours.
            NoTurn::TooLate if piece.receives() > EARLY_RECEIVES && self.schedule().is_failing() => {
                piece.failure_pause()
            }
            NoTurn::TooLate => Duration::ZERO,
        }
    }

    /// How long the messages about a task stay on the queue. That is at least the shortest pause.
    fn put_back(&self, job: &SyncJob, shortest: Duration) -> Duration {
        let now = (self.consumer.system.now)();
        self.schedule().put_back(job, shortest, Instant::now(), now)
    }

    /// Keeps a message for the look after a write, since the queue took no message for that look. Returns the time
    /// until the look.
    fn keep_for_look(&self, job: &SyncJob) -> Duration {
        self.looked_at
            .need_from(&job.task_sid, (self.consumer.system.now)() + LOOK_AGAIN);
        LOOK_AGAIN
    }

    fn schedule(&self) -> MutexGuard<'_, Schedule> {
        self.schedule.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the piece's task was copied after all of its messages were sent.
    fn is_looked_at(&self, piece: &Piece) -> bool {
        let (Some(Job::Sync(job)), Some(sent)) = (&piece.job, piece.sent()) else {
            return false;
        };
        let since = match job.is_after_write {
            true => sent + LOOK_AGAIN,
            false => sent,
        };
        self.looked_at.since(&job.task_sid, since)
    }

    /// Posts a handoff's note unless the note is there.
    async fn post_note(&self, invocation: &Invocation, job: &NoteJob) -> Result<Outcome, Failure> {
        invocation.set("taskSid", job.task_sid.as_str());
        invocation.set("reservationSid", job.reservation_sid.as_str());
        post_deferred(&self.taskrouter, &self.notes, invocation, job).await
    }

    /// Copies a task's attributes to its session.
    async fn copy(
        &self,
        invocation: &Invocation,
        piece: &Piece,
        job: &SyncJob,
        progress: &CopyProgress,
    ) -> Result<Outcome, Failure> {
        invocation.set("taskSid", job.task_sid.as_str());
        if self.is_looked_at(piece) {
            return Ok(Outcome::NothingToDo(NothingToDo::CopiedSince));
        }
        let began = invocation.now();
        let request = SyncRequest {
            task: &job.task_sid,
            // The event's type is no longer known. So the session gets the AI's reservation, as for the AI's own
            // events.
            with_reservation: true,
            final_attributes: None,
            is_recent: true,
            is_second_look: job.is_second_look,
        };
        let result = self.sessions.run(invocation, request, progress).await;
        self.note_pace(result, progress);
        let result = match &self.consumer.queue {
            Some(queue) => deferral::look_again(queue, invocation, request, result, progress).await,
            None => result,
        };
        // A copy whose look after the write isn't on the queue has failed here and isn't noted.
        if matches!(result, Ok(Outcome::Done | Outcome::NothingToDo(_))) {
            self.looked_at.note(&job.task_sid, began);
        }
        result
    }

    /// Remembers the result of a copy, for the pace. A copy that needed no write says nothing about the session API.
    fn note_pace(&self, result: Result<Outcome, Failure>, progress: &CopyProgress) {
        let (now, tries, mut schedule) = (Instant::now(), progress.write_tries(), self.schedule());
        schedule.tried(now, tries);
        if result == Err(Failure::Unavailable) {
            schedule.failed(now, progress.wait());
        } else if tries > 0 {
            schedule.succeeded();
        }
    }
}

/// Whether other copies go first. A look after a write mostly finds that nothing was written late. Such a look waits
/// only in its early receives, so that it is done in the end.
fn may_wait(piece: &Piece) -> bool {
    matches!(&piece.job, Some(Job::Sync(job)) if job.is_after_write) && piece.receives() <= EARLY_RECEIVES
}

#[cfg(test)]
mod tests {
    use aws_lambda_events::sqs::SqsMessage;

    use super::*;

    /// A pause after this many receives.
    fn failure_pause(receives: u32) -> Duration {
        let (mut event, mut message) = (SqsEvent::default(), SqsMessage::default());
        let count = ("ApproximateReceiveCount".to_owned(), receives.to_string());
        message.attributes.extend([count]);
        event.records.push(message);
        pieces(event)[0].failure_pause()
    }

    #[test]
    fn later_receives_last_for_more_than_five_hours() {
        const MESSAGES: u32 = 100;
        // After a hundred receives the message goes to the dead-letter queue.
        let pauses = || (EARLY_RECEIVES + 1..100).map(failure_pause).sum::<Duration>();
        let mean = (0..MESSAGES).map(|_| pauses()).sum::<Duration>() / MESSAGES;
        assert!(mean > Duration::from_secs(5 * 3_600), "{mean:?}");
    }
}
