//! Work that is tried now and goes to the queue of `deferred` if not done.

use std::time::Duration;

use tokio::time::timeout;

use crate::aws::job::{Job, SyncJob};
use crate::aws::queue::Queue;
use crate::invocation::Invocation;
use crate::jobs::outcome::{Failure, Outcome};
use crate::jobs::session_sync::{CopyProgress, SessionSync, SyncRequest};
use crate::upstream::retry::jitter;

/// The delay of another look at a task.
pub const LOOK_AGAIN: Duration = Duration::from_secs(60);

/// The longest delay of a message.
pub const MAX_DELAY: Duration = Duration::from_secs(900);

/// A copy ends by itself when its time is over. A copy that doesn't end is dropped a moment later.
const GRACE: Duration = Duration::from_millis(100);

/// Copies a task's attributes to its session, or sends the copy to the queue. If the session API was unavailable a
/// moment ago, sends the copy at once. Otherwise sends the copy after any failure.
///
/// # Errors
/// [`Failure::Unavailable`] if the copy is neither done nor on the queue.
pub async fn copy_or_defer(
    sessions: &SessionSync,
    queue: &Queue,
    invocation: &Invocation,
    request: SyncRequest<'_>,
    progress: &CopyProgress,
) -> Result<Outcome, Failure> {
    let result = match sessions.unavailable_for() {
        Some(time) => {
            progress.wait_at_least(time);
            Err(Failure::Unavailable)
        }
        None => {
            let copy = Box::pin(sessions.run(invocation, request, progress));
            let copied = timeout(invocation.remaining() + GRACE, copy).await;
            copied.unwrap_or(Err(Failure::Unavailable))
        }
    };
    let sender = Sender {
        queue,
        invocation,
        request,
        progress,
    };
    let Ok(outcome) = result else {
        // The look comes first. If time is over before the copy is on the queue, the event is sent again and does the
        // copy.
        let looked = sender.look_after_write().await;
        let sent = sender.send(sender.job(), delay(progress.wait())).await;
        return looked.and(sent).map(|()| Outcome::Deferred);
    };
    sender.look_again(outcome).await
}

/// Sends a task to the queue for another look, a minute after a copy by `deferred`. Another look is needed if the task
/// or the session wasn't there, or if a write may still be carried out.
///
/// # Errors
/// The copy's own failure, or [`Failure::Unavailable`] if the queue is unavailable.
pub async fn look_again(
    queue: &Queue,
    invocation: &Invocation,
    request: SyncRequest<'_>,
    result: Result<Outcome, Failure>,
    progress: &CopyProgress,
) -> Result<Outcome, Failure> {
    let sender = Sender {
        queue,
        invocation,
        request,
        progress,
    };
    match result {
        Ok(outcome) => sender.look_again(outcome).await,
        Err(failure) => sender.look_after_write().await.and(Err(failure)),
    }
}

/// Sends copies of a task to the queue.
struct Sender<'s> {
    queue: &'s Queue,
    invocation: &'s Invocation,
    request: SyncRequest<'s>,
    progress: &'s CopyProgress,
}

impl Sender<'_> {
    async fn look_again(&self, outcome: Outcome) -> Result<Outcome, Failure> {
        let may_appear = match outcome {
            Outcome::TaskGone => self.request.is_recent,
            Outcome::UnknownSession => true,
            _ => false,
        };
        if may_appear && !self.request.is_second_look {
            let job = SyncJob {
                is_second_look: true,
                ..self.job()
            };
            self.send(job, LOOK_AGAIN).await?;
            return Ok(Outcome::Deferred);
        }
        self.look_after_write().await?;
        Ok(outcome)
    }

    /// Looks again after a write that may still be carried out, even if a later try succeeded.
    async fn look_after_write(&self) -> Result<(), Failure> {
        if !self.progress.may_be_written_later() {
            return Ok(());
        }
        let job = SyncJob {
            is_after_write: true,
            ..self.job()
        };
        self.progress.set_lacks_look(true);
        self.send(job, LOOK_AGAIN).await?;
        self.progress.set_lacks_look(false);
        Ok(())
    }

    fn job(&self) -> SyncJob {
        SyncJob {
            task_sid: self.request.task.clone(),
            is_second_look: self.request.is_second_look,
            is_after_write: false,
        }
    }

    async fn send(&self, job: SyncJob, delay: Duration) -> Result<(), Failure> {
        let sent = self.queue.send(self.invocation, &Job::Sync(job), delay).await;
        sent.map_err(|_| Failure::Unavailable)
    }
}

/// The delay of a message after an upstream asked to be left alone for a time, with a little jitter.
fn delay(wait: Option<Duration>) -> Duration {
    let Some(wait) = wait else { return Duration::ZERO };
    // Whole seconds, and not sooner than asked.
    let wait = Duration::from_secs(wait.as_secs() + u64::from(wait.subsec_nanos() > 0));
    wait.saturating_add(jitter(Duration::from_secs(5).min(wait)))
        .min(MAX_DELAY)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delay_is_what_the_upstream_asks_for_and_at_most_a_quarter_of_an_hour() {
        assert_eq!(delay(None), Duration::ZERO);
        for (wait, shortest, longest) in [
            (500, 1.0, 2.0),
            (2_000, 2.0, 4.0),
            (60_000, 60.0, 65.0),
            (3_600_000, 900.0, 900.0),
        ] {
            let delay = delay(Some(Duration::from_millis(wait))).as_secs_f64();
            assert!((shortest..=longest).contains(&delay), "{wait} ms: {delay} s");
        }
    }
}
