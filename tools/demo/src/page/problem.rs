//! The errors of the page's server.

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde::Serialize;
use simulator::twilio::Refusal;

/// An answer with one sentence that says what is wrong.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Problem {
    #[serde(skip)]
    pub(crate) status: StatusCode,
    #[serde(rename = "error")]
    message: String,
    /// The member of the request that is at fault.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'static str>,
    /// The error type of one of the AI's functions.
    #[serde(rename = "errorType", skip_serializing_if = "Option::is_none")]
    error_type: Option<String>,
    /// The place in a text of the visitor.
    #[serde(flatten)]
    place: Option<Place>,
}

/// A place in a workflow's JSON. Line and column count from 1.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Place {
    pub(crate) line: usize,
    pub(crate) column: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) pointer: Option<String>,
}

impl Problem {
    pub(crate) fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self {
            status,
            message: message.into(),
            field: None,
            error_type: None,
            place: None,
        }
    }

    /// The present state doesn't allow the action.
    pub(crate) fn conflict(message: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, message)
    }

    pub(crate) fn no_such_task() -> Self {
        Self::new(StatusCode::NOT_FOUND, "There is no such task (any more).")
    }

    /// A member of the request is malformed.
    pub(crate) fn field(field: &'static str, message: impl Into<String>) -> Self {
        Self {
            field: Some(field),
            ..Self::new(StatusCode::UNPROCESSABLE_ENTITY, message)
        }
    }

    /// One of the AI's functions answered with an error.
    pub(crate) fn function_error(error_type: String, message: String) -> Self {
        Self {
            error_type: Some(error_type),
            ..Self::conflict(message)
        }
    }

    /// A text of the visitor has a mistake at this place.
    pub(crate) fn at(place: Place, message: impl Into<String>) -> Self {
        Self {
            place: Some(place),
            ..Self::new(StatusCode::UNPROCESSABLE_ENTITY, message)
        }
    }

    pub(crate) fn error_type(&self) -> Option<&str> {
        self.error_type.as_deref()
    }

    pub(crate) fn message(&self) -> &str {
        &self.message
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let status = match refusal.status {
            StatusCode::NOT_FOUND => StatusCode::NOT_FOUND,
            _ => StatusCode::CONFLICT,
        };
        Self::new(status, format!("Twilio refuses: {}", refusal.message))
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        (self.status, Json(self)).into_response()
    }
}
