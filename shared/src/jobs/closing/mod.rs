//! Completes a task that reached wrap-up, if it is one to complete. Nothing else here ever ends a task.

mod decide;

use crate::clients::taskrouter::{Reservation, TaskRouter};
use crate::config::AutoCloseScope;
use crate::invocation::Invocation;
use crate::jobs::outcome::Outcome;
use crate::twilio::sid::{ReservationSid, TaskSid, WorkerSid};
use crate::upstream::CallError;
use crate::upstream::retry::{Backoff, MAX_WRITES};

/// TaskRouter's code for a task that is not in a state in which it can be completed.
/// <https://www.twilio.com/docs/api/errors/20001>
const NOT_IN_THAT_STATE: u32 = 20001;

/// The `Reason` that is kept with the task.
const REASON: &str = "Closed by auto-close at wrap-up";

/// Closes tasks.
pub struct Closing {
    taskrouter: TaskRouter,
    ai_worker: WorkerSid,
    scope: AutoCloseScope,
}

impl Closing {
    pub fn new(taskrouter: TaskRouter, ai_worker: WorkerSid, scope: AutoCloseScope) -> Self {
        Self {
            taskrouter,
            ai_worker,
            scope,
        }
    }

    /// Completes a task, if it is one to complete, by what is there now. Where it waited since a reservation was wrapped
    /// up, that has to be the last one still.
    ///
    /// # Errors
    /// Why it is not completed.
    pub async fn run(
        &self,
        invocation: &Invocation,
        task: &TaskSid,
        wrapped_up: Option<&ReservationSid>,
    ) -> Result<Outcome, Outcome> {
        let mut changes = 0;
        let mut backoff = Backoff::default();
        loop {
            match self.try_to_close(invocation, task, wrapped_up).await? {
                Ok(()) => return Ok(Outcome::Done),
                Err(CallError::NotFound) => return Err(CLOSED_ALREADY),
                Err(CallError::Refused { code, .. }) if code == Some(NOT_IN_THAT_STATE) => return Err(CLOSED_ALREADY),
                Err(CallError::Changed) if changes + 1 < MAX_WRITES => changes += 1,
                Err(CallError::Away { retry_after, .. }) => {
                    let pause = backoff.pause(invocation, retry_after);
                    pause.await.map_err(|_| Outcome::Unavailable)?;
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// The reservation on the task that was wrapped up last, of those that matter.
    ///
    /// # Errors
    /// If there is none, or it can't be told.
    pub async fn wrapped_up(&self, invocation: &Invocation, task: &TaskSid) -> Result<ReservationSid, Outcome> {
        let worker = match self.scope {
            AutoCloseScope::Ai => Some(&self.ai_worker),
            AutoCloseScope::All => None,
        };
        let reservations = self
            .taskrouter
            .reservations(invocation, task, worker)
            .await
            .map_err(unread)?;
        let ended = reservations.into_iter().filter(decide::is_wrapped_up);
        let last = ended
            .max_by_key(|it| it.created)
            .ok_or(Outcome::NotForUs("no reservation was wrapped up"))?;
        Ok(last.sid)
    }

    /// Reads the task, and beside it its reservations; decides; and completes it.
    async fn try_to_close(
        &self,
        invocation: &Invocation,
        sid: &TaskSid,
        wrapped_up: Option<&ReservationSid>,
    ) -> Result<Result<(), CallError>, Outcome> {
        let look = decide::Look {
            scope: self.scope,
            ai_worker: &self.ai_worker,
            wrapped_up,
        };
        let reads = async {
            tokio::try_join!(
                self.taskrouter.task(invocation, sid),
                self.reservations(invocation, sid, look)
            )
        };
        let (task, reservations) = reads.await.map_err(unread)?;
        look.should_close(&task, &reservations)?;
        // A worker may have accepted the task after that list was read and before the task was: its version counts that
        // already. What comes after the task's own reading moves the version on, and the write is refused.
        let reservations = self.reservations(invocation, sid, look).await.map_err(unread)?;
        look.should_close(&task, &reservations)?;
        let etag = task.etag.ok_or(Outcome::Refused("TaskRouter gave the task no ETag"))?;
        let form = vec![
            ("AssignmentStatus", "completed".to_owned()),
            ("Reason", REASON.to_owned()),
        ];
        let write = self
            .taskrouter
            .write_task(invocation, "complete task", sid, &etag, form);
        Ok(write.await)
    }

    /// All reservations of the task, where they matter.
    async fn reservations(
        &self,
        invocation: &Invocation,
        task: &TaskSid,
        look: decide::Look<'_>,
    ) -> Result<Vec<Reservation>, CallError> {
        if look.needs_reservations() {
            self.taskrouter.reservations(invocation, task, None).await
        } else {
            Ok(Vec::new())
        }
    }
}

fn unread(error: CallError) -> Outcome {
    match error {
        CallError::NotFound => CLOSED_ALREADY,
        error => error.into(),
    }
}

const CLOSED_ALREADY: Outcome = Outcome::NotForUs("closed already");
