//! The errors of the AI's actions: `handoff`, `resolve` and `reply`.

use http::StatusCode;

use crate::attributes::Unreadable;
use crate::attributes::handoff::AttributesTooLarge;
use crate::invocation::log::Level;
use crate::upstream::answer::CallError;

/// The reason why an action was not done. The text holds no attribute and no message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ActionError {
    /// The request has these faults.
    #[error("the request is invalid: {}", .0.join("; "))]
    InvalidRequest(Vec<String>),
    #[error("TaskRouter has no such task (it deletes a task 5 minutes after its end)")]
    TaskNotFound,
    #[error("the task has no such reservation")]
    ReservationNotFound,
    #[error("the task is wrapping, completed or canceled")]
    TaskClosed,
    #[error("the reservation belongs to a worker that is not the AI's")]
    ReservationNotAi,
    #[error("the reservation can't be released")]
    ReservationNotRejectable,
    #[error("the task has been handed off")]
    HandedOff,
    #[error("a human agent has the task")]
    HumanActive,
    #[error("the task has no conversation, or its conversation is closed")]
    NoConversation,
    #[error("the task's other attributes leave no room within 4,096 characters")]
    AttributesTooLarge,
    #[error("the task's attributes are not a JSON object")]
    AttributesUnreadable,
    /// An upstream refused the credentials or the request.
    #[error("Twilio refused {0}")]
    Refused(RefusedPart),
    /// An upstream was unavailable, or time ran out.
    #[error("an upstream was unavailable, or time ran out: try again")]
    Unavailable,
    /// A defect of this function. The action can be tried again like an interrupted action.
    #[error("an internal error: try again")]
    Panicked,
}

/// The part of a request that an upstream refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RefusedPart {
    #[error("the credentials")]
    Credentials,
    #[error("the request")]
    Request,
    /// Twilio sent no ETag, so the task can't be written safely.
    #[error("to send an ETag for the task")]
    Etag,
}

impl ActionError {
    /// The `errorType` of the Lambda function error and of the HTTPS answer.
    pub fn error_type(&self) -> &'static str {
        match self {
            Self::InvalidRequest(_) => "InvalidRequest",
            Self::TaskNotFound => "TaskNotFound",
            Self::ReservationNotFound => "ReservationNotFound",
            Self::TaskClosed => "TaskClosed",
            Self::ReservationNotAi => "ReservationNotAi",
            Self::ReservationNotRejectable => "ReservationNotRejectable",
            Self::HandedOff => "HandedOff",
            Self::HumanActive => "HumanActive",
            Self::NoConversation => "NoConversation",
            Self::AttributesTooLarge => "AttributesTooLarge",
            Self::AttributesUnreadable => "AttributesUnreadable",
            Self::Refused(_) => "Refused",
            Self::Unavailable | Self::Panicked => "Unavailable",
        }
    }

    /// The status of the HTTPS answer.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::InvalidRequest(_) => StatusCode::BAD_REQUEST,
            Self::TaskNotFound | Self::ReservationNotFound => StatusCode::NOT_FOUND,
            Self::TaskClosed
            | Self::ReservationNotAi
            | Self::ReservationNotRejectable
            | Self::HandedOff
            | Self::HumanActive
            | Self::NoConversation => StatusCode::CONFLICT,
            Self::AttributesTooLarge | Self::AttributesUnreadable => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Refused(_) => StatusCode::BAD_GATEWAY,
            Self::Unavailable | Self::Panicked => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// Whether the same request may succeed later.
    pub fn is_retryable(&self) -> bool {
        matches!(self, Self::Unavailable | Self::Panicked)
    }

    /// Level and outcome for the log.
    pub fn to_log(&self) -> (Level, &'static str) {
        match self {
            Self::Panicked => (Level::Error, "panicked"),
            Self::Refused(_) => (Level::Error, self.error_type()),
            _ => (Level::Warn, self.error_type()),
        }
    }
}

impl From<Unreadable> for ActionError {
    fn from(_: Unreadable) -> Self {
        Self::AttributesUnreadable
    }
}

impl From<AttributesTooLarge> for ActionError {
    fn from(_: AttributesTooLarge) -> Self {
        Self::AttributesTooLarge
    }
}

impl From<CallError> for ActionError {
    /// For a call where 404 and 412 have no special meaning.
    fn from(error: CallError) -> Self {
        match error {
            CallError::Unavailable(_) | CallError::PreconditionFailed => Self::Unavailable,
            CallError::Unauthorized | CallError::Refused { status: 403, .. } => Self::Refused(RefusedPart::Credentials),
            CallError::NotFound | CallError::Refused { .. } => Self::Refused(RefusedPart::Request),
        }
    }
}
