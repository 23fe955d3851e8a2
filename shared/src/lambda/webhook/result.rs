//! The result of a request to a webhook: its answer and its log level.

use http::header::ALLOW;
use http::{HeaderValue, Response, StatusCode};
use lambda_http::Body;

use crate::invocation::log::Level;
use crate::jobs::outcome::{Failure, Outcome};
use crate::lambda::http::json_response;
use crate::twilio::event::MalformedEvent;

/// The reason why a request is rejected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rejection {
    MethodNotAllowed,
    TooLarge,
    Forbidden(Forbidden),
    UnsupportedMediaType,
    Unreadable(UnreadableRequest),
}

/// The reason why a request is not authentic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Forbidden {
    #[error("there is no signature")]
    NoSignature,
    #[error("the signature doesn't verify")]
    WrongSignature,
    #[error("the request has an invalid query, host or body")]
    InvalidRequest,
    #[error("the form has more than 1,000 fields")]
    TooManyFields,
    #[error("the signature's settings name no shared key with HMAC_SHA256")]
    UnknownAlgorithm,
    #[error("the registered URL is unknown: PUBLIC_URL must name it behind a load balancer")]
    UnknownUrl,
}

/// The reason why an authentic request can't be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UnreadableRequest {
    #[error("the payload is not an HTTP request")]
    NotHttp,
    #[error(transparent)]
    Event(#[from] MalformedEvent),
}

/// The result of a request, which decides the answer and the log line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WebhookResult {
    Outcome(Outcome),
    Failure(Failure),
    Rejection(Rejection),
}

impl From<Outcome> for WebhookResult {
    fn from(outcome: Outcome) -> Self {
        Self::Outcome(outcome)
    }
}

impl From<Failure> for WebhookResult {
    fn from(failure: Failure) -> Self {
        Self::Failure(failure)
    }
}

impl From<Rejection> for WebhookResult {
    fn from(rejection: Rejection) -> Self {
        Self::Rejection(rejection)
    }
}

impl WebhookResult {
    pub(super) fn to_log(self) -> (Level, &'static str, Option<String>) {
        match self {
            Self::Outcome(outcome) => outcome.to_log(),
            Self::Failure(failure) => failure.to_log(),
            Self::Rejection(rejection) => rejection.to_log(),
        }
    }

    /// Ranks results: 503 is worst, then 500, 400 and 204. Among the 204s, the result that someone should know about is
    /// worse.
    pub(super) fn severity(&self) -> u8 {
        match self {
            Self::Failure(Failure::Unavailable) => 9,
            Self::Failure(Failure::Panicked) => 8,
            Self::Failure(Failure::Refused(_)) => 7,
            Self::Rejection(_) => 6,
            Self::Outcome(Outcome::Loop) => 5,
            Self::Outcome(Outcome::UnknownSession) => 4,
            Self::Outcome(Outcome::TaskGone) => 3,
            Self::Outcome(Outcome::Deferred | Outcome::Queued) => 2,
            Self::Outcome(Outcome::Done) => 1,
            Self::Outcome(Outcome::NothingToDo(_)) => 0,
        }
    }

    /// The answer, which is constant for each result.
    pub(super) fn response(self) -> Response<Body> {
        let (status, error) = match self {
            Self::Outcome(_) => (StatusCode::NO_CONTENT, None),
            Self::Failure(Failure::Refused(_)) => (StatusCode::INTERNAL_SERVER_ERROR, Some("refused")),
            Self::Failure(Failure::Panicked) => (StatusCode::INTERNAL_SERVER_ERROR, Some("internal")),
            Self::Failure(Failure::Unavailable) => (StatusCode::SERVICE_UNAVAILABLE, Some("unavailable")),
            Self::Rejection(Rejection::Unreadable(_)) => (StatusCode::BAD_REQUEST, Some("unreadable")),
            Self::Rejection(Rejection::Forbidden(_)) => (StatusCode::FORBIDDEN, Some("forbidden")),
            Self::Rejection(Rejection::MethodNotAllowed) => {
                (StatusCode::METHOD_NOT_ALLOWED, Some("method_not_allowed"))
            }
            Self::Rejection(Rejection::TooLarge) => (StatusCode::PAYLOAD_TOO_LARGE, Some("too_large")),
            Self::Rejection(Rejection::UnsupportedMediaType) => {
                (StatusCode::UNSUPPORTED_MEDIA_TYPE, Some("unsupported_media_type"))
            }
        };
        let body = error.map(|code| format!("{{\"error\":\"{code}\"}}"));
        let mut response = json_response(status, body);
        if status == StatusCode::METHOD_NOT_ALLOWED {
            response.headers_mut().insert(ALLOW, HeaderValue::from_static("POST"));
        }
        response
    }
}

impl Rejection {
    fn to_log(self) -> (Level, &'static str, Option<String>) {
        let (outcome, cause) = match self {
            Self::MethodNotAllowed => ("method-not-allowed", None),
            Self::TooLarge => ("too-large", None),
            Self::Forbidden(reason) => ("forbidden", Some(reason.to_string())),
            Self::UnsupportedMediaType => ("unsupported-media-type", None),
            Self::Unreadable(reason) => ("unreadable", Some(reason.to_string())),
        };
        (Level::Warn, outcome, cause)
    }
}

#[cfg(test)]
mod tests {
    use http::header::CONTENT_TYPE;

    use super::*;
    use crate::jobs::outcome::{NothingToDo, Refused};

    #[test]
    fn every_answer_but_204_is_a_constant_json_object() {
        let answers: [(WebhookResult, u16, &str); 12] = [
            (Outcome::Done.into(), 204, ""),
            (Outcome::Deferred.into(), 204, ""),
            (Outcome::NothingToDo(NothingToDo::OtherAccount).into(), 204, ""),
            (Outcome::UnknownSession.into(), 204, ""),
            (
                Rejection::Unreadable(UnreadableRequest::NotHttp).into(),
                400,
                r#"{"error":"unreadable"}"#,
            ),
            (
                Rejection::Forbidden(Forbidden::NoSignature).into(),
                403,
                r#"{"error":"forbidden"}"#,
            ),
            (
                Rejection::MethodNotAllowed.into(),
                405,
                r#"{"error":"method_not_allowed"}"#,
            ),
            (Rejection::TooLarge.into(), 413, r#"{"error":"too_large"}"#),
            (
                Rejection::UnsupportedMediaType.into(),
                415,
                r#"{"error":"unsupported_media_type"}"#,
            ),
            (
                Failure::Refused(Refused::Upstream).into(),
                500,
                r#"{"error":"refused"}"#,
            ),
            (Failure::Panicked.into(), 500, r#"{"error":"internal"}"#),
            (Failure::Unavailable.into(), 503, r#"{"error":"unavailable"}"#),
        ];
        for (result, status, body) in answers {
            let response = result.response();
            let text = std::str::from_utf8(response.body()).unwrap();
            assert_eq!((response.status().as_u16(), text), (status, body));
            assert_eq!(response.headers()[CONTENT_TYPE], "application/json");
            assert_eq!(response.headers().get(ALLOW).is_some(), status == 405);
        }
    }
}
