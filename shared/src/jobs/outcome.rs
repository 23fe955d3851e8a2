//! The result of a piece of work, for webhooks and queues alike.

use crate::invocation::Invocation;
use crate::invocation::log::Level;
use crate::upstream::answer::CallError;

/// The work that was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Done,
    /// The work could not be done and is on a queue.
    Deferred,
    /// The work is on the queue that is meant for this work.
    Queued,
    NothingToDo(NothingToDo),
    /// A task that was handed off is offered to the AI again.
    Loop,
    /// The task is gone and its last attributes are unknown.
    TaskGone,
    /// The session API doesn't know the session.
    UnknownSession,
}

/// The reason why there was nothing to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NothingToDo {
    #[error("an event of another account")]
    OtherAccount,
    #[error("an event of another workspace")]
    OtherWorkspace,
    #[error("an event of another product")]
    OtherProduct,
    #[error("an event without a task")]
    NoTask,
    #[error("an event that ends no task")]
    NotAnEnd,
    #[error("the task names no session")]
    NoSession,
    #[error("the session belongs to a newer task")]
    NewerTask,
    #[error("the task was copied after the message was sent")]
    CopiedSince,
    #[error("the task is not in a state in which it is closed")]
    NotClosable,
    #[error("the task was handed off")]
    HandedOff,
    #[error("another reservation is newer")]
    NewerReservation,
    #[error("the AI did not end the task")]
    NotEndedByAi,
    #[error("the AI did not release the task")]
    NotReleasedByAi,
    #[error("the task is offered to a worker, or a worker has it")]
    ReservationOpen,
    #[error("a human agent has the task")]
    HumanActive,
    #[error("the task is closed already")]
    AlreadyClosed,
    #[error("the task was not handed off, or another program has removed its handoff attributes")]
    NotHandedOff,
    #[error("the note is there")]
    NoteThere,
    #[error("a participant is on an outside channel")]
    NoteWithheld,
    #[error("there is no such conversation, or it is closed")]
    NoConversation,
    #[error("HANDOFF_NOTE is never")]
    NotesOff,
}

/// The reason why work was not done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// Another try won't help.
    Refused(Refused),
    /// An upstream was unavailable, or time ran out. Another try may help.
    Unavailable,
    Panicked,
}

/// The reason for a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    #[error("the credentials were not accepted (see the last step)")]
    Unauthorized,
    #[error("an upstream refused the request (see the last step)")]
    Upstream,
    #[error("the task's attributes are not a JSON object")]
    AttributesUnreadable,
    #[error("the task's attributes flatten to more than 4 MiB")]
    TooMuchData,
    #[error("TaskRouter sent no ETag for the task")]
    NoEtag,
}

impl Outcome {
    /// Level, name and cause for the log.
    pub fn to_log(self) -> (Level, &'static str, Option<String>) {
        match self {
            Self::Done => (Level::Info, "done", None),
            Self::Deferred => (Level::Warn, "deferred", None),
            Self::Queued => (Level::Info, "deferred", None),
            Self::NothingToDo(reason) => (Level::Info, "nothing-to-do", Some(reason.to_string())),
            Self::Loop => (Level::Warn, "loop", None),
            Self::TaskGone => (Level::Warn, "gone", None),
            Self::UnknownSession => (Level::Warn, "unknown-session", None),
        }
    }
}

impl Failure {
    /// Level, name and cause for the log.
    pub fn to_log(self) -> (Level, &'static str, Option<String>) {
        match self {
            Self::Refused(reason) => (Level::Error, "refused", Some(reason.to_string())),
            Self::Unavailable => (Level::Warn, "unavailable", None),
            Self::Panicked => (Level::Error, "panicked", None),
        }
    }
}

/// Writes the log line of an invocation.
pub fn log(invocation: Invocation, (level, outcome, cause): (Level, &str, Option<String>)) {
    if let Some(cause) = cause {
        invocation.set("cause", cause);
    }
    invocation.finish(level, outcome);
}

impl From<CallError> for Failure {
    /// For a call where 404 and 412 have no special meaning.
    fn from(error: CallError) -> Self {
        match error {
            CallError::Unavailable(_) | CallError::PreconditionFailed => Self::Unavailable,
            CallError::Unauthorized => Self::Refused(Refused::Unauthorized),
            CallError::NotFound | CallError::Refused { .. } => Self::Refused(Refused::Upstream),
        }
    }
}
