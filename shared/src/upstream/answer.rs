//! The answer of an upstream, or the reason for having none.

use std::time::{Duration, SystemTime};

use http::header::{ETAG, RETRY_AFTER};
use http::{HeaderMap, HeaderValue, StatusCode};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::upstream::retry_after::parse_retry_after;
use crate::upstream::transport::TransportError;

/// An answer with a 2xx status.
#[derive(Clone, PartialEq, Eq)]
pub struct Answer {
    /// The version of the resource. An empty version counts as none.
    pub etag: Option<HeaderValue>,
    body: Vec<u8>,
}

impl Answer {
    /// Reads the answer's JSON. `None` if the JSON has another shape.
    pub fn json<T: DeserializeOwned>(&self) -> Option<T> {
        serde_json::from_slice(&self.body).ok()
    }
}

/// The reason why a request has no usable answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// 404.
    #[error("not found")]
    NotFound,
    /// 412: the resource has changed since it was read.
    #[error("changed since it was read")]
    PreconditionFailed,
    /// 401 with every credential of the newest secret.
    #[error("the credentials were not accepted")]
    Unauthorized,
    /// Another 4xx or a redirect. Another try won't help.
    #[error("refused with status {status}")]
    Refused {
        status: u16,
        /// Twilio's own error code.
        code: Option<u32>,
    },
    /// 408, 409, 425, 429, 5xx, or no readable answer (no connection, timeout, reset). Another try may help.
    #[error("unavailable")]
    Unavailable(Unavailable),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Unavailable {
    /// Whether the request may have been carried out all the same.
    pub maybe_done: bool,
    /// Whether the request may still be carried out. After a timeout or a reset the request is under way. After a 502
    /// or 504 it may be behind the gateway.
    pub maybe_later: bool,
    /// Whether the upstream answered in full, but not in the expected shape.
    pub unreadable: bool,
    /// How long the upstream asks to be left alone.
    pub retry_after: Option<Duration>,
}

impl CallError {
    pub(crate) const UNREADABLE: Self = Self::Unavailable(Unavailable {
        maybe_done: true,
        maybe_later: false,
        unreadable: true,
        retry_after: None,
    });

    /// Whether the request may have been carried out all the same.
    pub fn maybe_done(&self) -> bool {
        matches!(self, Self::Unavailable(unavailable) if unavailable.maybe_done)
    }

    /// How long the upstream asks to be left alone.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Unavailable(unavailable) => unavailable.retry_after,
            _ => None,
        }
    }
}

impl From<TransportError> for CallError {
    fn from(error: TransportError) -> Self {
        Self::Unavailable(Unavailable {
            maybe_done: error.maybe_done(),
            maybe_later: error.maybe_done(),
            ..Unavailable::default()
        })
    }
}

/// The value that was read. `None` after 404.
///
/// # Errors
/// Any other error of the read.
pub fn found<T>(read: Result<T, CallError>) -> Result<Option<T>, CallError> {
    match read {
        Err(CallError::NotFound) => Ok(None),
        read => read.map(Some),
    }
}

/// Reads an answer by its status. This is the only policy for retries.
pub(super) fn classify(
    status: StatusCode,
    headers: &HeaderMap,
    body: Vec<u8>,
    now: impl Fn() -> SystemTime,
) -> Result<Answer, CallError> {
    let unavailable = |maybe_done| {
        let retry_after = || parse_retry_after(headers.get(RETRY_AFTER)?.to_str().ok()?, now());
        CallError::Unavailable(Unavailable {
            maybe_done,
            maybe_later: matches!(status.as_u16(), 502 | 504),
            unreadable: false,
            retry_after: retry_after(),
        })
    };
    match status.as_u16() {
        200..=299 => Ok(Answer {
            etag: headers.get(ETAG).and_then(strong_etag),
            body,
        }),
        401 => Err(CallError::Unauthorized),
        404 => Err(CallError::NotFound),
        412 => Err(CallError::PreconditionFailed),
        // The upstream says that the request was not processed.
        409 | 425 | 429 => Err(unavailable(false)),
        408 | 500..=599 => Err(unavailable(true)),
        status => Err(CallError::Refused {
            status,
            code: twilio_code(&body),
        }),
    }
}

/// An `ETag` as `If-Match` needs it, without the `W/` that a proxy may add. A weak ETag never matches.
/// <https://www.rfc-editor.org/rfc/rfc9110#field.if-match>
fn strong_etag(etag: &HeaderValue) -> Option<HeaderValue> {
    let strong = etag.as_bytes().strip_prefix(b"W/").unwrap_or(etag.as_bytes());
    HeaderValue::from_bytes(strong).ok().filter(|etag| !etag.is_empty())
}

/// Twilio's code in the body of a refusal.
/// <https://www.twilio.com/docs/usage/twilios-response#response-formats-exceptions>
pub(super) fn twilio_code(body: &[u8]) -> Option<u32> {
    #[derive(Deserialize)]
    struct TwilioError {
        code: u32,
    }
    serde_json::from_slice::<TwilioError>(body).ok().map(|error| error.code)
}

/// Reads an ISO 8601 date and time, the format of Twilio's newer products. Any other value counts as none.
pub(crate) fn date<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<OffsetDateTime>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    Ok(text.and_then(|text| OffsetDateTime::parse(&text, &Rfc3339).ok()))
}
