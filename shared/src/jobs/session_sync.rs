//! Keeps an AI session's custom data equal to its task's attributes.
//!
//! Events arrive late, twice, out of order and in several instances at once. So an event or a message on the queue only
//! names a task. The task is read, written to the session and read again until a read agrees with the last write. The
//! instance that writes last also reads after its write, so the session ends up equal to the task.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

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
    /// Whether the session gets the AI's newest reservation.
    pub with_reservation: bool,
    /// The attributes in the event, if the event ended the task.
    pub final_attributes: Option<&'r str>,
    /// Whether the event is less than a minute old. TaskRouter's event log may then be behind.
    pub is_recent: bool,
    /// Whether the task was gone a minute ago, or its session unknown.
    pub is_second_look: bool,
}

/// The facts that a copy learns on its way.
#[derive(Debug, Default)]
pub struct CopyProgress(Mutex<Learnt>);

#[derive(Debug, Default)]
struct Learnt {
    write_tries: u32,
    maybe_written_later: bool,
    lacks_look: bool,
    wait: Option<Duration>,
    handed_off: bool,
}

impl CopyProgress {
    fn learnt(&self) -> MutexGuard<'_, Learnt> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The number of tries to write a session.
    pub fn write_tries(&self) -> u32 {
        self.learnt().write_tries
    }

    fn count_write_try(&self) {
        self.learnt().write_tries += 1;
    }

    /// Whether a write may still be carried out after a later write.
    pub fn may_be_written_later(&self) -> bool {
        self.learnt().maybe_written_later
    }

    /// How long an upstream asked to be left alone.
    pub fn wait(&self) -> Option<Duration> {
        self.learnt().wait
    }

    /// Whether the look after such a write is not on the queue.
    pub fn lacks_look(&self) -> bool {
        self.learnt().lacks_look
    }

    pub(super) fn set_lacks_look(&self, lacks_look: bool) {
        self.learnt().lacks_look = lacks_look;
    }

    /// Whether the task was handed off when it was last read.
    pub fn handed_off(&self) -> bool {
        self.learnt().handed_off
    }

    pub(super) fn wait_at_least(&self, time: Duration) {
        let mut learnt = self.learnt();
        learnt.wait = learnt.wait.max(Some(time));
    }

    /// The failure that an upstream's error means for the copy.
    fn failure(&self, error: CallError) -> Failure {
        if let Some(time) = error.retry_after() {
            self.wait_at_least(time);
        }
        error.into()
    }
}

/// Custom data to write, and the session to write to.
struct Target {
    session_url: Url,
    data: CustomData,
    snapshot: TaskSnapshot,
}

struct TaskSnapshot {
    attributes: String,
    /// TaskRouter's own answer, unless the task is gone.
    read: Option<TaskAttributes>,
    reservation: Option<ReservationSid>,
}

impl TaskSnapshot {
    /// Whether the task exists and can still be handed over.
    fn is_open(&self) -> bool {
        self.read.as_ref().is_some_and(|read| !read.status.is_closed())
    }

    /// Whether both lead to the same custom data.
    fn agrees_with(&self, other: &TaskSnapshot) -> bool {
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

    /// How long the session API still counts as unavailable after a failed write.
    pub fn unavailable_for(&self) -> Option<Duration> {
        self.session_api.unavailable_for()
    }

    /// Writes the session until a read of the task agrees with the last write.
    ///
    /// # Errors
    /// Why the session may differ from the task.
    pub async fn run(
        &self,
        invocation: &Invocation,
        request: SyncRequest<'_>,
        progress: &CopyProgress,
    ) -> Result<Outcome, Failure> {
        let mut written: Option<Target> = None;
        let mut refused_writes = 0;
        let mut backoff = Backoff::new(Retries::UntilDeadline);
        loop {
            let before = written.as_ref().map(|target| &target.snapshot);
            let snapshot = self.read(invocation, request, before, progress).await?;
            let Some(snapshot) = snapshot else {
                // A task that is gone after a write has nothing more to copy.
                return Ok(written.map_or(Outcome::TaskGone, |_| Outcome::Done));
            };
            if before.is_some_and(|before| before.agrees_with(&snapshot)) {
                return Ok(Outcome::Done);
            }
            let Some(mut target) = self.target(invocation, request.task, snapshot, progress)? else {
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
            if !target.snapshot.is_open()
                && self
                    .is_of_newer_task(invocation, request.task, &target, progress)
                    .await?
            {
                return Ok(Outcome::NothingToDo(NothingToDo::NewerTask));
            }
            let observe = |unavailable: &Unavailable| {
                progress.count_write_try();
                progress.learnt().maybe_written_later |= unavailable.maybe_later;
            };
            let write = self
                .session_api
                .write(invocation, &self.settings, &target.session_url, &target.data, observe);
            let write = write.await;
            if !matches!(write, Err(CallError::Unavailable(_))) {
                progress.count_write_try();
            }
            match write {
                Ok(()) => written = Some(target),
                Err(CallError::NotFound) => return Ok(Outcome::UnknownSession),
                Err(CallError::PreconditionFailed) if refused_writes + 1 < MAX_WRITES => refused_writes += 1,
                Err(error) => return Err(progress.failure(error)),
            }
        }
    }

    /// Whether the session belongs to another task. An ended task must not take a session back from a newer task.
    async fn is_of_newer_task(
        &self,
        invocation: &Invocation,
        task: &TaskSid,
        target: &Target,
        progress: &CopyProgress,
    ) -> Result<bool, Failure> {
        let read = self
            .session_api
            .task_of(invocation, &self.settings, &target.session_url);
        let owner = read.await.map_err(|error| progress.failure(error))?;
        Ok(owner.is_some_and(|owner| owner != *task))
    }

    /// Reads the task. `None` if the task is gone and its last attributes are unknown.
    async fn read(
        &self,
        invocation: &Invocation,
        request: SyncRequest<'_>,
        before: Option<&TaskSnapshot>,
        progress: &CopyProgress,
    ) -> Result<Option<TaskSnapshot>, Failure> {
        let before = before.and_then(|before| before.read.as_ref());
        let attributes = async {
            match self.taskrouter.attributes(invocation, request.task, before).await {
                Ok(Some(read)) => Ok(Some((read.text.clone(), Some(read)))),
                Ok(None) => Err(Failure::Refused(Refused::AttributesUnreadable)),
                Err(CallError::NotFound) => {
                    let text = self.final_attributes(invocation, request, progress).await?;
                    Ok(text.map(|text| (text, None)))
                }
                Err(error) => Err(progress.failure(error)),
            }
        };
        let reservation = self.newest_reservation(invocation, request, progress);
        let (attributes, reservation) = tokio::try_join!(attributes, reservation)?;
        Ok(attributes.map(|(attributes, read)| TaskSnapshot {
            attributes,
            read,
            reservation: reservation.map(|reservation| reservation.sid),
        }))
    }

    /// The last attributes of a deleted task, from the event that ended the task.
    async fn final_attributes(
        &self,
        invocation: &Invocation,
        request: SyncRequest<'_>,
        progress: &CopyProgress,
    ) -> Result<Option<String>, Failure> {
        if let Some(attributes) = request.final_attributes {
            return Ok(Some(attributes.to_owned()));
        }
        match self.taskrouter.final_attributes(invocation, request.task).await {
            Ok(attributes) => Ok(attributes),
            Err(CallError::NotFound) => Ok(None),
            Err(error) => Err(progress.failure(error)),
        }
    }

    /// The newest reservation of any AI worker. Of two reservations within the same second, the open reservation counts
    /// as newer.
    async fn newest_reservation(
        &self,
        invocation: &Invocation,
        request: SyncRequest<'_>,
        progress: &CopyProgress,
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
            Err(error) => Err(progress.failure(error)),
        }
    }

    /// The custom data for a task. `None` if the task names no session.
    fn target(
        &self,
        invocation: &Invocation,
        task: &TaskSid,
        snapshot: TaskSnapshot,
        progress: &CopyProgress,
    ) -> Result<Option<Target>, Failure> {
        let unreadable = |_| Failure::Refused(Refused::AttributesUnreadable);
        let attributes = Attributes::parse(&snapshot.attributes).map_err(unreadable)?;
        progress.learnt().handed_off = attributes.handed_off();
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

    /// Adds the value for a removed attribute under each key that was written before and is now missing.
    fn remove_missing(&self, data: &mut CustomData, written: &CustomData) {
        let missing: Vec<String> = data.missing_from(written).map(str::to_owned).collect();
        for key in missing {
            data.set_raw(&key, self.settings.removed.json());
        }
    }
}

/// Logs keys that more than one attribute flattened to, as far as a log event has room.
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
