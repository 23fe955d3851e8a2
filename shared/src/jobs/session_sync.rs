//! Keeps an AI session's custom data equal to its task's attributes.
//!
//! Events arrive late, twice, out of order, and in several instances at once. So an event, or a message on the queue, only
//! names a task: the task is read, written to the session, and read again, until a read agrees with the last write. The
//! instance that writes last also reads after its write, so the session ends up equal to the task.

use url::Url;

use crate::attributes::Attributes;
use crate::attributes::flatten::{CustomData, flatten};
use crate::clients::session_api::SessionApi;
use crate::clients::taskrouter::{Reservation, TaskAttributes, TaskRouter};
use crate::config::{AiWorkers, SessionSettings};
use crate::invocation::Invocation;
use crate::jobs::outcome::{Failure, NothingToDo, Outcome, Refused};
use crate::twilio::sid::{ConversationSid, ReservationSid, TaskSid};
use crate::upstream::answer::{CallError, Unavailable};
use crate::upstream::retry::{Backoff, MAX_WRITES, Retries};

/// Writes sessions.
pub struct SessionSync {
    taskrouter: TaskRouter,
    session_api: SessionApi,
    settings: SessionSettings,
    ai_workers: AiWorkers,
}

/// A task to copy.
#[derive(Debug, Clone, Copy)]
pub struct SyncRequest<'r> {
    pub task: &'r TaskSid,
    /// Whether the session is told the newest reservation of the AI.
    pub with_reservation: bool,
    pub final_attributes: FinalSource<'r>,
}

/// The source of a task's attributes once TaskRouter no longer has the task.
#[derive(Debug, Clone, Copy)]
pub enum FinalSource<'r> {
    /// The event that ended the task, if this is one.
    Event(Option<&'r str>),
    /// TaskRouter's event log. An event that isn't the task's end counts only with `if_no_end`, since the log may be
    /// behind.
    Log { if_no_end: bool },
}

/// Custom data to write, and the session that it is written to.
struct Target {
    session_url: Url,
    data: CustomData,
    snapshot: Snapshot,
}

/// A task as it was read.
struct Snapshot {
    attributes: String,
    /// TaskRouter's own answer, unless the task is gone.
    read: Option<TaskAttributes>,
    reservation: Option<ReservationSid>,
}

impl Snapshot {
    /// Whether both lead to the same custom data.
    fn agrees_with(&self, other: &Snapshot) -> bool {
        self.attributes == other.attributes && self.reservation == other.reservation
    }
}

impl SessionSync {
    pub fn new(
        taskrouter: TaskRouter,
        session_api: SessionApi,
        settings: SessionSettings,
        ai_workers: AiWorkers,
    ) -> Self {
        Self {
            taskrouter,
            session_api,
            settings,
            ai_workers,
        }
    }

    /// Writes the session until a read of the task agrees with the last write.
    ///
    /// # Errors
    /// Why the session may differ from the task.
    pub async fn run(&self, invocation: &Invocation, request: SyncRequest<'_>) -> Result<Outcome, Failure> {
        let mut written: Option<Target> = None;
        let mut refused_writes = 0;
        let mut backoff = Backoff::new(Retries::UntilDeadline);
        loop {
            let before = written.as_ref().map(|target| &target.snapshot);
            let snapshot = self.read(invocation, request, before).await?;
            let Some(snapshot) = snapshot else {
                // A task that is gone after a write has nothing more to copy.
                return Ok(written.map_or(Outcome::TaskGone, |_| Outcome::Done));
            };
            if before.is_some_and(|before| before.agrees_with(&snapshot)) {
                return Ok(Outcome::Done);
            }
            let Some(mut target) = self.target(invocation, request.task, snapshot)? else {
                return Ok(match written {
                    Some(_) => Outcome::Done,
                    None => Outcome::NothingToDo(NothingToDo::NoSession),
                });
            };
            if let Some(before) = &written {
                if before.session_url == target.session_url {
                    self.remove_missing(&mut target.data, &before.data);
                    if target.data.agrees_with(&before.data) {
                        return Ok(Outcome::Done);
                    }
                }
                // A task that changes constantly must not use up the session API's rate limit.
                backoff
                    .pause(invocation, &Unavailable::default())
                    .await
                    .map_err(|_| Failure::Unavailable)?;
            }
            let write = self
                .session_api
                .write(invocation, &self.settings, &target.session_url, &target.data);
            match write.await {
                Ok(()) => written = Some(target),
                Err(CallError::NotFound) => return Ok(Outcome::UnknownSession),
                Err(CallError::PreconditionFailed) if refused_writes + 1 < MAX_WRITES => refused_writes += 1,
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Reads the task; `None` if it is gone and its last attributes are unknown.
    async fn read(
        &self,
        invocation: &Invocation,
        request: SyncRequest<'_>,
        before: Option<&Snapshot>,
    ) -> Result<Option<Snapshot>, Failure> {
        let before = before.and_then(|before| before.read.as_ref());
        let attributes = async {
            match self.taskrouter.attributes(invocation, request.task, before).await {
                Ok(Some(read)) => Ok(Some((read.text.clone(), Some(read)))),
                Ok(None) => Err(Failure::Refused(Refused::AttributesUnreadable)),
                Err(CallError::NotFound) => {
                    let text = self.final_attributes(invocation, request).await?;
                    Ok(text.map(|text| (text, None)))
                }
                Err(error) => Err(error.into()),
            }
        };
        let reservation = self.newest_reservation(invocation, request);
        let (attributes, reservation) = tokio::try_join!(attributes, reservation)?;
        Ok(attributes.map(|(attributes, read)| Snapshot {
            attributes,
            read,
            reservation: reservation.map(|reservation| reservation.sid),
        }))
    }

    /// The last attributes of a task that is gone.
    async fn final_attributes(
        &self,
        invocation: &Invocation,
        request: SyncRequest<'_>,
    ) -> Result<Option<String>, Failure> {
        match request.final_attributes {
            FinalSource::Event(attributes) => Ok(attributes.map(str::to_owned)),
            FinalSource::Log { if_no_end } => match self.taskrouter.final_attributes(invocation, request.task).await {
                Ok(last) => Ok(last.filter(|last| last.ended || if_no_end).map(|last| last.text)),
                Err(CallError::NotFound) => Ok(None),
                Err(error) => Err(error.into()),
            },
        }
    }

    /// The newest reservation of any AI worker. Of two within one second, the open one counts as the newer.
    async fn newest_reservation(
        &self,
        invocation: &Invocation,
        request: SyncRequest<'_>,
    ) -> Result<Option<Reservation>, Failure> {
        if !request.with_reservation {
            return Ok(None);
        }
        match self.taskrouter.reservations(invocation, request.task).await {
            Ok(reservations) => Ok(reservations
                .into_iter()
                .filter(|reservation| self.ai_workers.contains(reservation.worker.as_ref()))
                .max_by_key(|reservation| (reservation.created, !reservation.status.is_released()))),
            Err(CallError::NotFound) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// The custom data for a task; `None` if the task names no session.
    fn target(&self, invocation: &Invocation, task: &TaskSid, snapshot: Snapshot) -> Result<Option<Target>, Failure> {
        let unreadable = |_| Failure::Refused(Refused::AttributesUnreadable);
        let attributes = Attributes::parse(&snapshot.attributes).map_err(unreadable)?;
        let Some(session_url) = self.settings.url_for(task, &attributes) else {
            return Ok(None);
        };
        let mut data = flatten(&attributes).map_err(|_| Failure::Refused(Refused::TooMuchData))?;
        data.set("flex_task_sid", task.as_str());
        if let Some(reservation) = &snapshot.reservation {
            data.set("flex_reservation_sid", reservation.as_str());
        }
        if let Some(conversation) = ConversationSid::of(&attributes) {
            data.set("flex_conversation_sid", conversation.as_str());
        }
        data.retain(|key| self.settings.keys.allow(key));
        log_collisions(invocation, &data);
        Ok(Some(Target {
            session_url,
            data,
            snapshot,
        }))
    }

    /// Adds the value for a removed attribute under each key that was written and is no longer there.
    fn remove_missing(&self, data: &mut CustomData, written: &CustomData) {
        let missing: Vec<String> = data.missing_from(written).map(str::to_owned).collect();
        for key in missing {
            data.set_raw(&key, self.settings.removed.json());
        }
    }
}

/// Logs keys that more than one attribute flattened to, as far as a log event has room for them.
fn log_collisions(invocation: &Invocation, data: &CustomData) {
    let names: Vec<String> = data
        .collisions()
        .take(20)
        .map(|key| key.chars().take(200).collect())
        .collect();
    if !names.is_empty() {
        invocation.set("collisions", names);
    }
}
