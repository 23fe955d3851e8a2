//! What work comes to, whoever asked for it.

use crate::invocation::Invocation;
use crate::invocation::log::Level;
use crate::upstream::CallError;

/// What became of a request, or of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Done,
    /// An upstream was away or didn't take our credentials, or time ran short: it is left on the queue.
    Deferred,
    /// It is left on the queue, since it is to wait.
    Delayed,
    /// Authentic, but nothing that concerns us, and why.
    NotForUs(&'static str),
    MethodNotAllowed,
    TooLarge,
    Forbidden,
    UnsupportedMediaType,
    /// Authentic, or not from API Gateway at all, but unreadable, and why.
    Unreadable(&'static str),
    /// An upstream refused us, and what: trying again won't help.
    Refused(&'static str),
    /// An upstream was away, or time ran short: trying again will help.
    Unavailable,
    /// A defect of ours.
    Panicked,
}

impl Outcome {
    /// An upstream didn't take our credentials, not even the newest that we may read. That ends without a word to us.
    pub const UNAUTHORIZED: Self = Self::Refused("our credentials, see the last step");

    /// Writes the log line of an invocation that ended so.
    pub fn log(self, invocation: Invocation) {
        let (level, outcome, cause) = match self {
            Self::Done => (Level::Info, "done", None),
            Self::Deferred => (Level::Warn, "deferred", None),
            Self::Delayed => (Level::Info, "delayed", None),
            Self::NotForUs(why) => (Level::Info, "not for us", Some(why)),
            Self::MethodNotAllowed => (Level::Warn, "method not allowed", None),
            Self::TooLarge => (Level::Warn, "too large", None),
            Self::Forbidden => (Level::Warn, "forbidden", Some("no signature, or a wrong one")),
            Self::UnsupportedMediaType => (Level::Warn, "unsupported media type", None),
            Self::Unreadable(why) => (Level::Warn, "unreadable", Some(why)),
            Self::Refused(why) => (Level::Error, "refused", Some(why)),
            Self::Unavailable => (Level::Warn, "unavailable", None),
            Self::Panicked => (Level::Error, "panicked", None),
        };
        if let Some(cause) = cause {
            invocation.set("cause", cause);
        }
        invocation.finish(level, outcome);
    }
}

impl From<CallError> for Outcome {
    /// For a call whose 404 and 412 mean nothing special.
    fn from(error: CallError) -> Self {
        match error {
            CallError::Away { .. } | CallError::Changed => Self::Unavailable,
            CallError::Refused { status: 401, .. } => Self::UNAUTHORIZED,
            CallError::NotFound | CallError::Refused { .. } => Self::Refused("by an upstream, see the last step"),
        }
    }
}
