//! Why a handoff did not happen, in the words of the function's callers.

use std::fmt;

use flex_handoff::attributes::Unreadable;
use flex_handoff::attributes::handoff::TooLarge;
use flex_handoff::invocation::log::Level;
use flex_handoff::upstream::CallError;
use lambda_runtime::Diagnostic;

/// Why a handoff did not happen. Its text names no customer's datum.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HandoffError {
    /// The request is at fault, and in what.
    InvalidRequest(Vec<String>),
    TaskNotFound,
    TaskClosed,
    ReservationNotFound,
    ReservationNotAi,
    ReservationNotRejectable,
    AttributesTooLarge,
    AttributesUnreadable,
    /// Twilio refused our credentials or the request.
    Refused(&'static str),
    /// Trying again will help.
    Unavailable,
    /// A defect of ours; the handoff can be tried again like one that was cut short.
    Panicked,
}

impl HandoffError {
    /// The `errorType` of the Lambda function error.
    pub fn error_type(&self) -> &'static str {
        match self {
            Self::InvalidRequest(_) => "InvalidRequest",
            Self::TaskNotFound => "TaskNotFound",
            Self::TaskClosed => "TaskClosed",
            Self::ReservationNotFound => "ReservationNotFound",
            Self::ReservationNotAi => "ReservationNotAi",
            Self::ReservationNotRejectable => "ReservationNotRejectable",
            Self::AttributesTooLarge => "AttributesTooLarge",
            Self::AttributesUnreadable => "AttributesUnreadable",
            Self::Refused(_) => "Refused",
            Self::Unavailable | Self::Panicked => "Unavailable",
        }
    }

    /// How much it matters in the log.
    pub(crate) fn level(&self) -> Level {
        match self {
            Self::Refused(_) | Self::Panicked => Level::Error,
            _ => Level::Warn,
        }
    }
}

impl fmt::Display for HandoffError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InvalidRequest(faults) => write!(formatter, "the request is at fault: {}", faults.join("; ")),
            Self::TaskNotFound => {
                formatter.write_str("TaskRouter has no such task (it deletes one 5 minutes after its end)")
            }
            Self::TaskClosed => formatter.write_str("the task is wrapping, completed or canceled"),
            Self::ReservationNotFound => formatter.write_str("the task has no such reservation"),
            Self::ReservationNotAi => formatter.write_str("the reservation is another worker's than the AI's"),
            Self::ReservationNotRejectable => {
                formatter.write_str("the reservation is past rejecting: accepted for good, wrapping or completed")
            }
            Self::AttributesTooLarge => write!(formatter, "{TooLarge}"),
            Self::AttributesUnreadable => write!(formatter, "{Unreadable}"),
            Self::Refused(what) => write!(formatter, "Twilio refused: {what}"),
            Self::Unavailable => formatter.write_str("an upstream was away, or time ran out: try the same again"),
            Self::Panicked => formatter.write_str("an internal error: try the same again"),
        }
    }
}

impl std::error::Error for HandoffError {}

impl From<Unreadable> for HandoffError {
    fn from(_: Unreadable) -> Self {
        Self::AttributesUnreadable
    }
}

impl From<TooLarge> for HandoffError {
    fn from(_: TooLarge) -> Self {
        Self::AttributesTooLarge
    }
}

impl From<CallError> for HandoffError {
    /// For a call whose 404 and 412 mean nothing special.
    fn from(error: CallError) -> Self {
        match error {
            CallError::Away { .. } | CallError::Changed => Self::Unavailable,
            CallError::Refused { status: 401 | 403, .. } => Self::Refused("our credentials"),
            CallError::NotFound | CallError::Refused { .. } => Self::Refused("the request"),
        }
    }
}

impl From<HandoffError> for Diagnostic {
    fn from(error: HandoffError) -> Self {
        Self {
            error_type: error.error_type().to_owned(),
            error_message: error.to_string(),
        }
    }
}
