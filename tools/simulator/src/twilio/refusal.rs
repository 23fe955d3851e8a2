//! Twilio's error answers.

use std::fmt;

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde_json::json;

#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Refusal {
    pub status: StatusCode,
    /// Twilio's error code.
    pub code: u32,
    pub message: String,
}

impl Refusal {
    fn new(status: StatusCode, code: u32, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
        }
    }

    /// The credentials are wrong or missing.
    pub(crate) fn unauthenticated() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, 20003, "Authenticate")
    }

    /// A parameter is wrong, or the resource's state forbids the change.
    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, 20001, message)
    }

    /// No resource at `path`.
    pub(crate) fn not_found(path: &str) -> Self {
        let message = format!("The requested resource {path} was not found");
        Self::new(StatusCode::NOT_FOUND, 20404, message)
    }

    /// No resource at `path`, since the simulator lacks this kind of resource.
    pub(crate) fn not_simulated(path: &str, name: &str) -> Self {
        let Self { status, code, message } = Self::not_found(path);
        let message = format!("{message}. Not simulated: {name}. See docs/simulator.md");
        Self { status, code, message }
    }

    /// A parameter asks for something that the simulator lacks.
    pub(crate) fn unsupported(name: &str) -> Self {
        Self::invalid(format!("Not simulated: {name}. See docs/simulator.md"))
    }

    /// The resource doesn't support this method.
    pub(crate) fn method_not_allowed() -> Self {
        Self::new(StatusCode::METHOD_NOT_ALLOWED, 20004, "Method not allowed")
    }

    /// Too many requests at once. The request was not processed.
    pub(crate) fn too_many_requests() -> Self {
        Self::new(StatusCode::TOO_MANY_REQUESTS, 20429, "Too Many Requests")
    }

    /// `If-Match` names another version.
    pub(crate) fn precondition_failed() -> Self {
        Self::new(
            StatusCode::PRECONDITION_FAILED,
            20412,
            "Precondition failed: the resource has another ETag",
        )
    }

    /// The conversation is closed for good.
    pub(crate) fn conversation_closed() -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            50377,
            "Can't update conversation as it's in final closed state",
        )
    }

    /// A conversation's timer is too short or not a duration. Twilio has a code for each case.
    pub(crate) fn timer(code: u32, message: &str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, message)
    }

    /// Event Streams' limit on sinks and subscriptions.
    pub(crate) fn too_many_event_streams() -> Self {
        Self::new(StatusCode::BAD_REQUEST, 91003, "The limit of 100 is reached")
    }

    /// Another conversation has the unique name.
    pub(crate) fn unique_name_exists() -> Self {
        let message = "Conversation with provided unique name already exists";
        Self::new(StatusCode::CONFLICT, 50353, message)
    }

    /// The unique name looks like a SID.
    pub(crate) fn unique_name_like_a_sid() -> Self {
        let message = "Unique name should not match conversation sid pattern";
        Self::new(StatusCode::BAD_REQUEST, 50390, message)
    }

    /// The conversation has five webhooks of its own.
    pub(crate) fn too_many_webhooks() -> Self {
        Self::new(StatusCode::BAD_REQUEST, 50361, "Too many conversation webhooks")
    }

    /// The chat user is already in the conversation.
    pub(crate) fn participant_exists() -> Self {
        Self::new(StatusCode::CONFLICT, 50433, "Participant already exists")
    }

    /// The two addresses already lead to another conversation.
    pub(crate) fn binding_exists(conversation_sid: &str) -> Self {
        let message = format!(
            "A binding for this participant and proxy address already exists in Conversation {conversation_sid}"
        );
        Self::new(StatusCode::CONFLICT, 50416, message)
    }

    /// An identity can't be added: the participant already has an identity or has no projected address.
    pub(crate) fn identity_not_addable() -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            50444,
            "Failed to add an identity to a participant",
        )
    }

    /// A proxy address can't be added to a chat user.
    pub(crate) fn proxy_address_not_addable() -> Self {
        let message = "Failed to add a proxy address to a participant";
        Self::new(StatusCode::BAD_REQUEST, 50441, message)
    }

    /// The message's body exceeds the limit of its channels.
    pub(crate) fn body_too_long() -> Self {
        Self::new(StatusCode::BAD_REQUEST, 50504, "Message body is too long")
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} ({}): {}", self.code, self.status, self.message)
    }
}

impl std::error::Error for Refusal {}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let body = json!({
            "code": self.code,
            "message": self.message,
            "more_info": format!("https://www.twilio.com/docs/errors/{}", self.code),
            "status": self.status.as_u16(),
        });
        (self.status, Json(body)).into_response()
    }
}
