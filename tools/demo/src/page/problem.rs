//! Why the page's server did not do what it was asked to.

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde::Serialize;
use simulator::twilio::Refusal;

/// An answer that says in a sentence what is wrong.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Problem {
    #[serde(skip)]
    pub(crate) status: StatusCode,
    #[serde(rename = "error")]
    message: String,
    /// Which member of the request is at fault.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'static str>,
    /// By which the function `handoff` calls it.
    #[serde(rename = "errorType", skip_serializing_if = "Option::is_none")]
    error_type: Option<String>,
    /// Where it is in a text that was given.
    #[serde(flatten)]
    place: Option<Place>,
}

/// A place in a workflow's JSON, from 1.
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

    /// It can't be done as things are now.
    pub(crate) fn conflict(message: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, message)
    }

    pub(crate) fn no_such_task() -> Self {
        Self::new(StatusCode::NOT_FOUND, "There is no such task (any more).")
    }

    /// A member of the request is not what it has to be.
    pub(crate) fn field(field: &'static str, message: impl Into<String>) -> Self {
        Self {
            field: Some(field),
            ..Self::new(StatusCode::UNPROCESSABLE_ENTITY, message)
        }
    }

    /// The function `handoff` answered with an error.
    pub(crate) fn function_error(error_type: String, message: String) -> Self {
        Self {
            error_type: Some(error_type),
            ..Self::conflict(message)
        }
    }

    /// A text that was given is wrong at a place in it.
    pub(crate) fn at(place: Place, message: impl Into<String>) -> Self {
        Self {
            place: Some(place),
            ..Self::new(StatusCode::UNPROCESSABLE_ENTITY, message)
        }
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
