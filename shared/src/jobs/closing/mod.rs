//! Ends tasks that the AI resolved. Only `auto-close` has this code.

mod decide;

use http::HeaderValue;

use crate::attributes::{Attributes, Unreadable};
use crate::aws::job::{CloseCause, CloseJob};
use crate::clients::interactions::{Channel, Interactions};
use crate::clients::taskrouter::{Reservation, Task, TaskRouter};
use crate::config::{AiWorkers, AutoCloseScope, ConversationEnd};
use crate::invocation::Invocation;
use crate::jobs::outcome::{Failure, NothingToDo, Outcome, Refused};
use crate::twilio::sid::{ParticipantSid, TaskSid};
use crate::upstream::answer::CallError;
use crate::upstream::retry::{Backoff, MAX_WRITES, Retries};
use decide::{CloseDecision, CloseRules, Ending};

/// TaskRouter's code for a task whose status doesn't allow the change.
/// <https://www.twilio.com/docs/api/errors/20001>
const NOT_IN_THAT_STATE: u32 = 20001;

/// The tasks to end and the way to end them.
pub struct ClosingSettings {
    pub ai_workers: AiWorkers,
    pub scope: AutoCloseScope,
    pub conversation: ConversationEnd,
}

pub struct Closing {
    taskrouter: TaskRouter,
    interactions: Interactions,
    settings: ClosingSettings,
    retries: Retries,
}

/// The write that ends a task.
enum CloseWrite {
    /// Sets the task's status if the task still has this version.
    Status(&'static str, HeaderValue),
    /// The AI's participant leaves the interaction, and Flex ends the participant's task.
    Participant(Channel, ParticipantSid),
    /// Closes the interaction channel, and thereby its tasks and the conversation.
    Channel(Channel),
}

/// The reason why a task is not ended.
enum Stop {
    Leave(NothingToDo),
    Fail(Failure),
}

impl From<CallError> for Stop {
    fn from(error: CallError) -> Self {
        match error {
            CallError::NotFound => Self::Leave(NothingToDo::AlreadyClosed),
            error => Self::Fail(error.into()),
        }
    }
}

impl From<Unreadable> for Stop {
    fn from(_: Unreadable) -> Self {
        Self::Fail(Failure::Refused(Refused::AttributesUnreadable))
    }
}

const UNAVAILABLE: Stop = Stop::Fail(Failure::Unavailable);

impl Closing {
    pub fn new(
        taskrouter: TaskRouter,
        interactions: Interactions,
        settings: ClosingSettings,
        retries: Retries,
    ) -> Self {
        Self {
            taskrouter,
            interactions,
            settings,
            retries,
        }
    }

    /// Ends a task if its present state allows that.
    ///
    /// # Errors
    /// Why the task could not be ended.
    pub async fn run(&self, invocation: &Invocation, job: &CloseJob) -> Result<Outcome, Failure> {
        invocation.set("taskSid", job.task_sid.as_str());
        if let Some(reservation) = &job.reservation_sid {
            invocation.set("reservationSid", reservation.as_str());
        }
        match self.end(invocation, job).await {
            Ok(()) => Ok(Outcome::Done),
            Err(Stop::Leave(reason)) => Ok(Outcome::NothingToDo(reason)),
            Err(Stop::Fail(failure)) => Err(failure),
        }
    }

    /// Decides and writes until the write is done. Reads everything again after a write that may have been done.
    async fn end(&self, invocation: &Invocation, job: &CloseJob) -> Result<(), Stop> {
        let mut backoff = Backoff::new(self.retries);
        let mut conflicts = 0;
        let mut conflicting = None;
        loop {
            let write = self.decide(invocation, job).await?;
            match self.write(invocation, job, &write).await {
                Err(CallError::PreconditionFailed) => {
                    conflicts += 1;
                    // If nothing changed, a version that is refused twice would be refused forever.
                    let version = write.version().cloned();
                    if conflicts == MAX_WRITES || conflicting == version {
                        return Err(UNAVAILABLE);
                    }
                    conflicting = version;
                }
                Err(CallError::Unavailable(unavailable)) => {
                    let pause = backoff.pause(invocation, &unavailable);
                    pause.await.map_err(|_| UNAVAILABLE)?;
                }
                Err(CallError::Refused { code, .. }) if code == Some(NOT_IN_THAT_STATE) => {
                    return Err(Stop::Leave(NothingToDo::AlreadyClosed));
                }
                written => return Ok(written?),
            }
        }
    }

    /// Reads the task and its reservations and decides on the write that ends the task.
    async fn decide(&self, invocation: &Invocation, job: &CloseJob) -> Result<CloseWrite, Stop> {
        let (task, reservations) = self.read(invocation, &job.task_sid).await?;
        let ending = self.ending(job, &task, &reservations)?;
        let write = self.way(invocation, &task, &ending).await?;
        // A worker may have accepted the task after the list was read and before the task was read. The task's version
        // counts that acceptance already. A later change gives the task a new version, and a write with the old version
        // is refused.
        if let CloseWrite::Status(..) = &write {
            let reservations = self.taskrouter.reservations(invocation, &job.task_sid).await?;
            self.ending(job, &task, &reservations)?;
            return Ok(write);
        }
        // The other writes name no version, so the task is read once more right before them.
        let (task, reservations) = self.read(invocation, &job.task_sid).await?;
        match self.ending(job, &task, &reservations)? == ending {
            true => Ok(write),
            false => Err(UNAVAILABLE),
        }
    }

    async fn read(&self, invocation: &Invocation, sid: &TaskSid) -> Result<(Task, Vec<Reservation>), CallError> {
        let task = self.taskrouter.task(invocation, sid);
        tokio::try_join!(task, self.taskrouter.reservations(invocation, sid))
    }

    fn ending(&self, job: &CloseJob, task: &Task, reservations: &[Reservation]) -> Result<Ending, Stop> {
        let rules = CloseRules {
            scope: self.settings.scope,
            ai_workers: &self.settings.ai_workers,
            cause: job.cause,
            named: job.reservation_sid.as_ref(),
        };
        match rules.decide(task, reservations)? {
            CloseDecision::End(ending) => Ok(ending),
            CloseDecision::Leave(reason) => Err(Stop::Leave(reason)),
        }
    }

    /// The write that ends the task. Goes through the task's interaction if there is one.
    async fn way(&self, invocation: &Invocation, task: &Task, ending: &Ending) -> Result<CloseWrite, Stop> {
        let text = task.attributes.as_deref().unwrap_or_default();
        let channel = Attributes::parse(text)
            .ok()
            .and_then(|attributes| Channel::of(&attributes));
        match (self.settings.conversation, channel, &ending.ended_by) {
            (ConversationEnd::Close, Some(channel), _) => return Ok(CloseWrite::Channel(channel)),
            (ConversationEnd::Keep, Some(channel), Some(reservation)) => {
                let found = self.interactions.participant_of(invocation, &channel, reservation);
                match found.await {
                    Ok(Some(participant)) => return Ok(CloseWrite::Participant(channel, participant)),
                    Ok(None) | Err(CallError::NotFound) => {}
                    Err(error) => return Err(error.into()),
                }
            }
            _ => {}
        }
        let no_etag = Stop::Fail(Failure::Refused(Refused::NoEtag));
        Ok(CloseWrite::Status(ending.status, task.etag.clone().ok_or(no_etag)?))
    }

    async fn write(&self, invocation: &Invocation, job: &CloseJob, write: &CloseWrite) -> Result<(), CallError> {
        match write {
            CloseWrite::Status(status, etag) => {
                let form = vec![
                    ("AssignmentStatus", (*status).to_owned()),
                    ("Reason", reason(job.cause).to_owned()),
                ];
                let write = self
                    .taskrouter
                    .write_task(invocation, "end task", &job.task_sid, etag, form);
                write.await
            }
            CloseWrite::Participant(channel, participant) => {
                let close = self.interactions.close_participant(invocation, channel, participant);
                close.await
            }
            CloseWrite::Channel(channel) => {
                let form = vec![
                    ("Status", "closed".to_owned()),
                    ("Routing", r#"{"status":"closed"}"#.to_owned()),
                ];
                let write = self
                    .interactions
                    .write_channel(invocation, "close channel", channel, form);
                write.await
            }
        }
    }
}

impl CloseWrite {
    /// The task's version that the write names.
    fn version(&self) -> Option<&HeaderValue> {
        match self {
            Self::Status(_, version) => Some(version),
            Self::Participant(..) | Self::Channel(_) => None,
        }
    }
}

/// The `Reason` on the task.
fn reason(cause: CloseCause) -> &'static str {
    match cause {
        CloseCause::Wrapup => "Closed by auto-close at wrap-up",
        CloseCause::Rejection => "Closed by auto-close after the AI rejected it",
        CloseCause::Resolved => "Closed by auto-close because the AI resolved it",
    }
}
