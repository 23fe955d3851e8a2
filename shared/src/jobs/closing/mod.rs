//! Ends tasks that the AI resolved. Only `auto-close` has this code.

mod decide;

use crate::clients::taskrouter::{Reservation, TaskRouter};
use crate::config::{AiWorkers, AutoCloseScope};
use crate::invocation::Invocation;
use crate::jobs::outcome::{Failure, NothingToDo, Outcome, Refused};
use crate::twilio::sid::{ReservationSid, TaskSid};
use crate::upstream::answer::CallError;
use crate::upstream::retry::{Backoff, MAX_WRITES, Retries};

/// TaskRouter's code for a task whose status doesn't allow the change.
/// <https://www.twilio.com/docs/api/errors/20001>
const NOT_IN_THAT_STATE: u32 = 20001;

/// The `Reason` on the task.
const REASON: &str = "Closed by auto-close at wrap-up";

pub struct Closing {
    taskrouter: TaskRouter,
    ai_workers: AiWorkers,
    scope: AutoCloseScope,
}

impl Closing {
    pub fn new(taskrouter: TaskRouter, ai_workers: AiWorkers, scope: AutoCloseScope) -> Self {
        Self {
            taskrouter,
            ai_workers,
            scope,
        }
    }

    /// Completes a task if its present state allows it. With `wrapped_up`, only if that reservation is still the last one
    /// that was wrapped up.
    ///
    /// # Errors
    /// Why the task could not be completed.
    pub async fn run(
        &self,
        invocation: &Invocation,
        task: &TaskSid,
        wrapped_up: Option<&ReservationSid>,
    ) -> Result<Outcome, Failure> {
        let already_closed = Ok(Outcome::NothingToDo(NothingToDo::AlreadyClosed));
        let mut changes = 0;
        let mut backoff = Backoff::new(Retries::UntilDeadline);
        loop {
            match self.try_to_close(invocation, task, wrapped_up).await {
                Ok(outcome) => return outcome,
                Err(CallError::NotFound) => return already_closed,
                Err(CallError::Refused { code, .. }) if code == Some(NOT_IN_THAT_STATE) => return already_closed,
                Err(CallError::PreconditionFailed) if changes + 1 < MAX_WRITES => changes += 1,
                Err(CallError::Unavailable(unavailable)) => {
                    let pause = backoff.pause(invocation, &unavailable);
                    pause.await.map_err(|_| Failure::Unavailable)?;
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Reads the task and its reservations, decides, and completes the task.
    async fn try_to_close(
        &self,
        invocation: &Invocation,
        sid: &TaskSid,
        wrapped_up: Option<&ReservationSid>,
    ) -> Result<Result<Outcome, Failure>, CallError> {
        let look = decide::Look {
            scope: self.scope,
            ai_workers: &self.ai_workers,
            wrapped_up,
        };
        let (task, reservations) = tokio::try_join!(
            self.taskrouter.task(invocation, sid),
            self.reservations(invocation, sid, look)
        )?;
        if let Err(reason) = look.should_close(&task, &reservations) {
            return Ok(reason);
        }
        // A worker may have accepted the task after that list was read and before the task was: the task's version counts
        // that already. Any change after the task was read moves its version on, and the write is refused.
        let reservations = self.reservations(invocation, sid, look).await?;
        if let Err(reason) = look.should_close(&task, &reservations) {
            return Ok(reason);
        }
        let Some(etag) = task.etag else {
            return Ok(Err(Failure::Refused(Refused::NoEtag)));
        };
        let form = vec![
            ("AssignmentStatus", "completed".to_owned()),
            ("Reason", REASON.to_owned()),
        ];
        let write = self
            .taskrouter
            .write_task(invocation, "complete task", sid, &etag, form);
        write.await.map(|()| Ok(Outcome::Done))
    }

    /// All reservations of the task, if the decision needs them.
    async fn reservations(
        &self,
        invocation: &Invocation,
        task: &TaskSid,
        look: decide::Look<'_>,
    ) -> Result<Vec<Reservation>, CallError> {
        if look.needs_reservations() {
            self.taskrouter.reservations(invocation, task).await
        } else {
            Ok(Vec::new())
        }
    }
}
