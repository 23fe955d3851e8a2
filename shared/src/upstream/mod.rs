//! One upstream over HTTP: requests with credentials, what its answers mean, and when to ask again.

pub mod retry;
pub mod transport;

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use http::header::{AUTHORIZATION, CONTENT_TYPE, ETAG, IF_MATCH, RETRY_AFTER};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use serde::Deserialize;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use tokio::time::Instant;
use url::Url;

use crate::attributes::json::{Document, Value};
use crate::aws::secrets::{Reread, Secret, Secrets};
use crate::invocation::Invocation;
use crate::upstream::retry::{Backoff, parse_retry_after};
use crate::upstream::transport::{Lost, Transport};

/// One try gets no longer than this, so that there is time for another.
const TRY_TIMEOUT: Duration = Duration::from_secs(4);

/// A longer answer isn't read. The longest proper one is a hundred chat messages, each of 32 KB and 4 KB of attributes.
const MAX_ANSWER_BYTES: usize = 4 << 20;

/// Room that is made for an answer of so many bytes as it says. For a longer one room is made as it comes.
const USUAL_ANSWER_BYTES: usize = 16 << 10;

/// The invocation that a request comes from, as its log line has it: whoever runs the upstream can then tell which of
/// its requests belong together, and ask by that id.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// An upstream: its address, and whose credentials it wants.
pub struct Upstream {
    transport: Transport,
    secrets: Arc<Secrets>,
    credentials: fn(&Secret) -> Option<&HeaderValue>,
    /// Whether 409 is a passing state, as it is with the session API.
    conflict_passes: bool,
    /// Whether to ask again after a 429 within the same call.
    outlasts_busy: bool,
}

/// One request.
pub struct Request {
    /// What it is for, as it is logged.
    pub step: &'static str,
    pub method: Method,
    pub url: Url,
    pub if_match: Option<HeaderValue>,
    pub body: Body,
}

/// What a request carries.
pub enum Body {
    None,
    Form(Vec<(&'static str, String)>),
    Json(String),
}

/// An answer with a 2xx status.
#[derive(Clone, PartialEq, Eq)]
pub struct Answer {
    /// The version; an empty one is none.
    pub etag: Option<HeaderValue>,
    body: Vec<u8>,
}

impl Answer {
    /// What `read` makes of the answer's JSON, which need hold no more than what is asked of it; `None` if it isn't
    /// JSON.
    pub fn json<T>(&self, read: impl FnOnce(Value<'_, '_>) -> Option<T>) -> Option<T> {
        read(Document::parse(std::str::from_utf8(&self.body).ok()?).ok()?.root())
    }
}

/// Why there is no such answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CallError {
    /// 404.
    NotFound,
    /// 412: it has been changed since it was read.
    Changed,
    /// Another 4xx, or a redirect: asking again won't help. With Twilio's own error code, if it gave one.
    Refused { status: u16, code: Option<u32> },
    /// 429, 5xx, no connection, a time-out, a reset, an unreadable answer: asking again may help.
    Away {
        /// Whether the request may have been carried out all the same.
        maybe_done: bool,
        /// 429: too many at once.
        busy: bool,
        retry_after: Option<Duration>,
    },
}

impl CallError {
    pub(crate) const UNREADABLE: Self = Self::Away {
        maybe_done: true,
        busy: false,
        retry_after: None,
    };
}

impl Request {
    /// A request that reads.
    pub fn get(step: &'static str, url: Url) -> Self {
        Self {
            step,
            method: Method::GET,
            url,
            if_match: None,
            body: Body::None,
        }
    }

    /// A request that deletes.
    pub fn delete(step: &'static str, url: Url) -> Self {
        Self {
            method: Method::DELETE,
            ..Self::get(step, url)
        }
    }

    /// A request that writes a form, if what it changes is still as it was read.
    pub fn post(
        step: &'static str,
        url: Url,
        if_match: Option<HeaderValue>,
        form: Vec<(&'static str, String)>,
    ) -> Self {
        Self {
            step,
            method: Method::POST,
            url,
            if_match,
            body: Body::Form(form),
        }
    }
}

impl Request {
    fn to_send(&self, request_id: &str, credentials: Option<&HeaderValue>) -> reqwest::Request {
        let mut request = reqwest::Request::new(self.method.clone(), self.url.clone());
        let (body, content_type) = match &self.body {
            Body::None => (None, None),
            Body::Json(json) => (Some(json.clone()), Some("application/json")),
            Body::Form(pairs) => {
                let form = form_urlencoded::Serializer::new(String::new())
                    .extend_pairs(pairs)
                    .finish();
                (Some(form), Some("application/x-www-form-urlencoded"))
            }
        };
        *request.body_mut() = body.map(reqwest::Body::from);
        let headers = [
            (REQUEST_ID, HeaderValue::from_str(request_id).ok()),
            (AUTHORIZATION, credentials.cloned()),
            (IF_MATCH, self.if_match.clone()),
            (CONTENT_TYPE, content_type.map(HeaderValue::from_static)),
        ];
        // For these and those that reqwest adds.
        request.headers_mut().reserve(8);
        for (name, value) in headers {
            request.headers_mut().extend(value.map(|value| (name, value)));
        }
        request
    }
}

impl Upstream {
    /// Twilio, with the API key or the auth token.
    pub fn twilio(transport: Transport, secrets: Arc<Secrets>) -> Self {
        Self {
            transport,
            secrets,
            credentials: |secret| Some(&secret.twilio),
            conflict_passes: false,
            outlasts_busy: true,
        }
    }

    /// The session API, with its bearer token.
    pub fn session_api(transport: Transport, secrets: Arc<Secrets>) -> Self {
        Self {
            transport,
            secrets,
            credentials: |secret| secret.session_api.as_ref(),
            conflict_passes: true,
            outlasts_busy: true,
        }
    }

    /// The same, whose calls end with the first 429.
    #[must_use]
    pub fn giving_up_when_busy(self) -> Self {
        Self {
            outlasts_busy: false,
            ..self
        }
    }

    /// Asks until there is an answer that `read` understands, or the time runs out. For requests that may be repeated.
    ///
    /// # Errors
    /// [`CallError::Away`] only when the time is over, or would be before the upstream wants to be asked again; or at the
    /// first 429, where that is not to be outlasted.
    pub async fn call<T>(
        &self,
        invocation: &Invocation,
        request: &Request,
        read: impl Fn(&Answer) -> Option<T>,
    ) -> Result<T, CallError> {
        let mut backoff = Backoff::default();
        loop {
            let error = match self
                .call_once(invocation, request)
                .await
                .as_ref()
                .map(&read)
                .map_err(Clone::clone)
            {
                Ok(Some(answer)) => return Ok(answer),
                Ok(None) => CallError::UNREADABLE,
                Err(error) => error,
            };
            let CallError::Away { retry_after, busy, .. } = error else {
                return Err(error);
            };
            if busy && !self.outlasts_busy {
                return Err(error);
            }
            if backoff.pause(invocation, retry_after).await.is_err() {
                return Err(error);
            }
        }
    }

    /// Asks once; once more with a fresh secret, if the credentials were not accepted.
    ///
    /// # Errors
    /// Whatever is not a 2xx answer.
    pub async fn call_once(&self, invocation: &Invocation, request: &Request) -> Result<Answer, CallError> {
        let secret = self.secrets.current();
        let answer = self.attempt(invocation, request, &secret).await;
        if !matches!(answer, Err(CallError::Refused { status: 401, .. })) {
            return answer;
        }
        match self.secrets.reread(&secret, invocation).await {
            Reread::Fresh(fresh) => self.attempt(invocation, request, &fresh).await,
            Reread::NoOther => answer,
            // Whether the credentials are still good can't be told.
            Reread::Away => Err(CallError::Away {
                maybe_done: false,
                busy: false,
                retry_after: None,
            }),
        }
    }

    async fn attempt(&self, invocation: &Invocation, request: &Request, secret: &Secret) -> Result<Answer, CallError> {
        let started = Instant::now();
        let limit = TRY_TIMEOUT.min(invocation.remaining());
        let answer = tokio::time::timeout(limit, self.send(invocation, request, secret)).await;
        let (logged, answer) = match answer.unwrap_or(Err(Lost::TimeOut)) {
            Ok((status, headers, body)) => (
                serde_json::Value::from(status.as_u16()),
                understand(status, &headers, body, self.conflict_passes, || invocation.now().into()),
            ),
            Err(lost) => (
                lost.cause().into(),
                Err(CallError::Away {
                    maybe_done: lost.is_maybe_done(),
                    busy: false,
                    retry_after: None,
                }),
            ),
        };
        invocation.step(request.step, started, logged);
        answer
    }

    async fn send(
        &self,
        invocation: &Invocation,
        request: &Request,
        secret: &Secret,
    ) -> Result<(StatusCode, HeaderMap, Vec<u8>), Lost> {
        let request = request.to_send(invocation.request_id(), (self.credentials)(secret));
        let mut answer = self.transport.send(request).await?;
        let announced = answer.content_length().and_then(|bytes| usize::try_from(bytes).ok());
        let mut body = Vec::with_capacity(announced.unwrap_or_default().min(USUAL_ANSWER_BYTES));
        while let Some(chunk) = answer.chunk().await? {
            body.extend_from_slice(&chunk);
            if body.len() > MAX_ANSWER_BYTES {
                // What is cut off here is unreadable to whoever parses it.
                break;
            }
        }
        Ok((answer.status(), std::mem::take(answer.headers_mut()), body))
    }
}

fn understand(
    status: StatusCode,
    headers: &HeaderMap,
    body: Vec<u8>,
    conflict_passes: bool,
    now: impl Fn() -> SystemTime,
) -> Result<Answer, CallError> {
    let retry_after = || {
        let value = headers.get(RETRY_AFTER)?.to_str().ok()?;
        parse_retry_after(value, now())
    };
    match status.as_u16() {
        200..=299 => Ok(Answer {
            etag: headers.get(ETAG).filter(|etag| !etag.is_empty()).cloned(),
            body,
        }),
        404 => Err(CallError::NotFound),
        412 => Err(CallError::Changed),
        // Too many at once: it was not processed.
        429 => Err(CallError::Away {
            maybe_done: false,
            busy: true,
            retry_after: retry_after(),
        }),
        409 if conflict_passes => Err(CallError::Away {
            maybe_done: false,
            busy: false,
            retry_after: retry_after(),
        }),
        500..=599 => Err(CallError::Away {
            maybe_done: true,
            busy: false,
            retry_after: retry_after(),
        }),
        status => Err(CallError::Refused {
            status,
            code: twilio_code(&body),
        }),
    }
}

/// The URL of what is below another URL, which is one of http or https.
pub(crate) fn below<'s>(url: &Url, segments: impl IntoIterator<Item = &'s str>) -> Url {
    let mut below = url.clone();
    if let Ok(mut path) = below.path_segments_mut() {
        path.pop_if_empty().extend(segments);
    }
    below
}

/// The date and time in a member, in ISO 8601 as Twilio's newer products give it.
pub(crate) fn date(resource: Value<'_, '_>, name: &str) -> Option<OffsetDateTime> {
    OffsetDateTime::parse(&resource.string(name)?, &Rfc3339).ok()
}

fn twilio_code(body: &[u8]) -> Option<u32> {
    #[derive(Deserialize)]
    struct TwilioError {
        code: u32,
    }
    serde_json::from_slice::<TwilioError>(body).ok().map(|error| error.code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_below_a_url_keeps_its_path() {
        for (url, expected) in [
            ("https://a.example", "https://a.example/v1/Tasks"),
            ("https://a.example/", "https://a.example/v1/Tasks"),
            ("https://u:p@a.example:8443/x", "https://u:p@a.example:8443/x/v1/Tasks"),
        ] {
            assert_eq!(below(&Url::parse(url).unwrap(), ["v1", "Tasks"]).as_str(), expected);
        }
    }
}
