//! Keeps an AI session's custom data equal to its task's attributes.
//!
//! Events arrive late, twice, out of order, and in several instances at once. So an event, or a message on the queue, only
//! says which task to look at: the task is read, written to the session, and read again, until a read agrees with what was
//! written. Whichever instance writes last, it reads after its write, so the session ends as the task is.

use std::time::Duration;

use url::Url;

use crate::attributes::Attributes;
use crate::attributes::flatten::{CustomData, flatten};
use crate::clients::session_api::SessionApi;
use crate::clients::taskrouter::{Reservation, TaskAttributes, TaskRouter};
use crate::config::SessionSettings;
use crate::invocation::Invocation;
use crate::jobs::outcome::Outcome;
use crate::twilio::sid::{ReservationSid, TaskSid, WorkerSid};
use crate::upstream::CallError;
use crate::upstream::retry::{Backoff, MAX_WRITES};

/// Writes sessions as their tasks are.
pub struct SessionSync {
    taskrouter: TaskRouter,
    session_api: SessionApi,
    settings: SessionSettings,
}

/// What to look at.
#[derive(Debug, Clone, Copy)]
pub struct Cue<'c> {
    pub task: &'c TaskSid,
    /// The worker whose newest reservation the session is told, if any.
    pub worker: Option<&'c WorkerSid>,
    pub last_words: LastWords<'c>,
}

/// Where a task that is gone has left its attributes.
#[derive(Debug, Clone, Copy)]
pub enum LastWords<'c> {
    /// In the event that ended it, if this is one.
    Event(Option<&'c str>),
    /// In TaskRouter's own log of events. Where that knows of no end, it may be behind, and its newest event counts
    /// only if `if_no_end` says so.
    Log { if_no_end: bool },
}

/// What is to be written, and where.
struct Target {
    session_url: Url,
    data: CustomData,
    /// What both were made of.
    seen: Seen,
}

/// What was read of a task.
struct Seen {
    attributes: TaskAttributes,
    reservation: Option<ReservationSid>,
}

impl Seen {
    /// Whether the session is told the same by both.
    fn agrees_with(&self, other: &Seen) -> bool {
        self.attributes.text == other.attributes.text && self.reservation == other.reservation
    }
}

impl SessionSync {
    pub fn new(taskrouter: TaskRouter, session_api: SessionApi, settings: SessionSettings) -> Self {
        Self {
            taskrouter,
            session_api,
            settings,
        }
    }

    /// For how long the session API is not asked, since it has had too many requests, if it has.
    pub fn busy_for(&self) -> Option<Duration> {
        self.session_api.busy_for()
    }

    /// Writes the session until a read of the task agrees with what was written.
    ///
    /// # Errors
    /// Why the session is not known to be as the task is.
    pub async fn run(&self, invocation: &Invocation, cue: Cue<'_>) -> Result<Outcome, Outcome> {
        let mut written: Option<Target> = None;
        let mut refused_writes = 0;
        let mut backoff = Backoff::default();
        loop {
            let before = written.as_ref().map(|target| &target.seen);
            let seen = self.read(invocation, cue, before).await;
            if let (Some(before), Ok(seen)) = (before, &seen)
                && before.agrees_with(seen)
            {
                return Ok(Outcome::Done);
            }
            let mut target = match seen.and_then(|seen| self.target(invocation, cue.task, seen)) {
                // What there was to write is written.
                Err(Outcome::NotForUs(_)) if written.is_some() => return Ok(Outcome::Done),
                target => target?,
            };
            if let Some(before) = &written {
                if before.session_url == target.session_url {
                    target.data = target.data.after(&before.data);
                    if target.data.agrees_with(&before.data) {
                        return Ok(Outcome::Done);
                    }
                }
                // A task that changes as fast as it is written must not use up what the session API allows a minute.
                let pause = backoff.pause(invocation, None);
                pause.await.map_err(|_| Outcome::Unavailable)?;
            }
            match self
                .session_api
                .write(invocation, &target.session_url, &target.data)
                .await
            {
                Ok(()) => written = Some(target),
                Err(CallError::NotFound) => return Err(UNKNOWN_SESSION),
                Err(CallError::Changed) if refused_writes + 1 < MAX_WRITES => refused_writes += 1,
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// What the task holds now.
    async fn read(&self, invocation: &Invocation, cue: Cue<'_>, before: Option<&Seen>) -> Result<Seen, Outcome> {
        let before = before.map(|before| &before.attributes);
        let attributes = async {
            match self.taskrouter.attributes(invocation, cue.task, before).await {
                Ok(attributes) => attributes.ok_or(NOT_AN_OBJECT),
                Err(CallError::NotFound) => Ok(self.last_words(invocation, cue).await?.ok_or(GONE)?.into()),
                Err(error) => Err(error.into()),
            }
        };
        let reservation = self.newest_reservation(invocation, cue);
        let (attributes, reservation) = tokio::try_join!(attributes, reservation)?;
        Ok(Seen {
            attributes,
            reservation: reservation.map(|it| it.sid),
        })
    }

    /// The attributes of a task that is gone, as far as they are known.
    async fn last_words(&self, invocation: &Invocation, cue: Cue<'_>) -> Result<Option<String>, Outcome> {
        match cue.last_words {
            LastWords::Event(attributes) => Ok(attributes.map(str::to_owned)),
            LastWords::Log { if_no_end } => match self.taskrouter.last_words(invocation, cue.task).await {
                Ok(last) => Ok(last.filter(|last| last.ended || if_no_end).map(|last| last.attributes)),
                Err(CallError::NotFound) => Ok(None),
                Err(error) => Err(error.into()),
            },
        }
    }

    async fn newest_reservation(&self, invocation: &Invocation, cue: Cue<'_>) -> Result<Option<Reservation>, Outcome> {
        let Some(worker) = cue.worker else { return Ok(None) };
        match self.taskrouter.reservations(invocation, cue.task, Some(worker)).await {
            // Of two within a second, the one that is still open.
            Ok(reservations) => Ok(reservations
                .into_iter()
                .max_by_key(|it| (it.created, !it.status.is_released()))),
            Err(CallError::NotFound) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// What the session should hold by what the task holds.
    fn target(&self, invocation: &Invocation, task: &TaskSid, seen: Seen) -> Result<Target, Outcome> {
        let attributes = Attributes::parse(&seen.attributes.text).map_err(|_| NOT_AN_OBJECT)?;
        let conversation = attributes.string("conversationSid").filter(|sid| !sid.is_empty());
        let session_url = self.settings.url.fill(|placeholder| match placeholder {
            "session_id" => attributes.identifier(&self.settings.id_attribute),
            "task_sid" => Some(task.to_string()),
            "conversation_sid" => conversation.clone(),
            _ => None,
        });
        let session_url = session_url.ok_or(Outcome::NotForUs("a task that names no session"))?;
        let mut data =
            flatten(&attributes).map_err(|_| Outcome::Refused("the task's attributes flatten to too much"))?;
        data.set("flex_task_sid", task.as_str());
        if let Some(reservation) = &seen.reservation {
            data.set("flex_reservation_sid", reservation.as_str());
        }
        if let Some(conversation) = conversation {
            data.set("flex_conversation_sid", &conversation);
        }
        if !data.collisions().is_empty() {
            // A log event has its limit.
            let names = data.collisions().iter().take(20);
            let names: Vec<String> = names.map(|name| name.chars().take(200).collect()).collect();
            invocation.set("collisions", names);
        }
        Ok(Target {
            session_url,
            data,
            seen,
        })
    }
}

const NOT_AN_OBJECT: Outcome = Outcome::Refused("the task's attributes are not a JSON object");

/// What a task comes to that is gone without having left its attributes.
pub const GONE: Outcome = Outcome::NotForUs("a task that is gone");

const UNKNOWN_SESSION: Outcome = Outcome::NotForUs("a session that the session API doesn't know");
