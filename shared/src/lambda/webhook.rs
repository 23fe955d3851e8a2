//! A webhook of Twilio: verifies a request and reads its event, and answers it with a constant body. The cause of an
//! answer is logged and not sent.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use http::header::{ALLOW, CONTENT_TYPE};
use http::{HeaderValue, Method, Response, StatusCode};
use lambda_http::{Body, Context, Request};

use crate::aws::secrets::{Reread, RereadReason, Secret, Secrets};
use crate::invocation::log::Level;
use crate::invocation::system::System;
use crate::invocation::{Interrupted, Invocation, Limits};
use crate::jobs::outcome::{self, Failure, NothingToDo, Outcome};
use crate::lambda::http::{NoRequest, json_response, requested_url};
use crate::twilio::event::{Event, MalformedEvent};
use crate::twilio::sid::WorkspaceSid;
use crate::twilio::signature::{Form, Signed};

/// The longest body that is read. A task's attributes have at most 4,096 characters, which a form makes at most ten times
/// as long.
const MAX_BODY_BYTES: usize = 256 * 1024;

const FORM: &str = "application/x-www-form-urlencoded";

/// Twilio gives up after 15 s, of which a cold start takes at most 3.
const LIMITS: Limits = Limits {
    fallback: Duration::from_secs(12),
    longest: Duration::from_secs(10),
    margin: Duration::from_millis(500),
};

/// The reason why a request is rejected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rejection {
    MethodNotAllowed,
    TooLarge,
    Forbidden(Forbidden),
    UnsupportedMediaType,
    Unreadable(Unreadable),
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
}

/// The reason why an authentic request can't be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    #[error("the payload is not an HTTP request")]
    NotHttp,
    #[error(transparent)]
    Event(#[from] MalformedEvent),
}

/// The result of a request. It decides the answer and the log line.
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

/// Verifies requests.
pub struct Webhook {
    pub system: System,
    pub secrets: Arc<Secrets>,
    pub workspace: WorkspaceSid,
    /// The URL that is registered at Twilio, if the request's own context doesn't show it.
    pub public_url: Option<String>,
}

impl Webhook {
    /// Does the work for a request and answers it, in time whatever happens, and writes the log line.
    pub async fn answer(
        &self,
        context: &Context,
        work: impl AsyncFnOnce(&Invocation) -> Result<Outcome, WebhookResult>,
    ) -> Response<Body> {
        let invocation = Invocation::start(self.system, &context.request_id, context.deadline, LIMITS);
        let result = match invocation.run(Box::pin(work(&invocation))).await {
            Ok(Ok(outcome)) => outcome.into(),
            Ok(Err(result)) => result,
            Err(Interrupted::OutOfTime) => Failure::Unavailable.into(),
            Err(Interrupted::Panicked) => Failure::Panicked.into(),
        };
        outcome::log(invocation, result.to_log());
        result.response()
    }

    /// Answers a payload that can't be turned into a request.
    pub fn reject(&self, reason: NoRequest, context: &Context) -> Response<Body> {
        let invocation = Invocation::start(self.system, &context.request_id, context.deadline, LIMITS);
        let rejection = match reason {
            NoRequest::NotHttp => Rejection::Unreadable(Unreadable::NotHttp),
            NoRequest::Invalid => Rejection::Forbidden(Forbidden::InvalidRequest),
        };
        let result = WebhookResult::Rejection(rejection);
        outcome::log(invocation, result.to_log());
        result.response()
    }

    /// Verifies a request and reads its event. Checks method, size, signature, content type and content, in this order.
    ///
    /// # Errors
    /// The result of a request that has no event for this function.
    pub async fn receive(&self, invocation: &Invocation, request: &Request) -> Result<Event, WebhookResult> {
        if request.method() != Method::POST {
            return Err(Rejection::MethodNotAllowed.into());
        }
        let body: &[u8] = request.body();
        if body.len() > MAX_BODY_BYTES {
            return Err(Rejection::TooLarge.into());
        }
        let signature = header(request, "x-twilio-signature").ok_or_else(|| {
            invocation.set("signature", "missing");
            Rejection::Forbidden(Forbidden::NoSignature)
        })?;
        let form: Vec<_> = form_urlencoded::parse(body).collect();
        let secret = self.authenticate(invocation, request, signature, &form).await?;
        if !is_form(request) {
            return Err(Rejection::UnsupportedMediaType.into());
        }
        let event = Event::from_form(&form).map_err(|malformed| Rejection::Unreadable(malformed.into()))?;
        invocation.set("eventType", event.event_type.to_log());
        let is_other = |sid: &Option<String>, ours: &str| sid.as_deref().is_some_and(|sid| sid != ours);
        if is_other(&event.account_sid, secret.account_sid.as_str()) {
            return Err(Outcome::NothingToDo(NothingToDo::OtherAccount).into());
        }
        if is_other(&event.workspace_sid, self.workspace.as_str()) {
            return Err(Outcome::NothingToDo(NothingToDo::OtherWorkspace).into());
        }
        Ok(event)
    }

    /// The secret that verifies the request: the cached one, or else a fresh one.
    async fn authenticate(
        &self,
        invocation: &Invocation,
        request: &Request,
        signature: &str,
        form: &Form<'_>,
    ) -> Result<Arc<Secret>, WebhookResult> {
        let forbidden = || Rejection::Forbidden(Forbidden::WrongSignature).into();
        let url = self.signed_url(request).ok_or_else(forbidden)?;
        let body: &[u8] = request.body();
        let is_authentic = |secret: &Secret| {
            let signed = |form| Signed { url: &url, form, body };
            secret.auth_tokens().any(|token| {
                // The parameters of a body that isn't a form are not signed.
                signed(form).is_valid(signature, token) || !is_form(request) && signed(&[]).is_valid(signature, token)
            })
        };
        let unavailable = || WebhookResult::Failure(Failure::Unavailable);
        let secret = self.secrets.current(invocation).await.map_err(|_| unavailable())?;
        if is_authentic(&secret) {
            return Ok(secret);
        }
        let reread = self.secrets.reread(&secret, RereadReason::Signature, invocation).await;
        if !matches!(&reread, Reread::Fresh(fresh) if is_authentic(fresh)) {
            // An alarm tells Twilio's own requests, which a wrong auth token or URL refuses, from those of strangers.
            let names_our_account = memchr::memmem::find(body, secret.account_sid.as_str().as_bytes()).is_some();
            invocation.set("signature", "wrong");
            invocation.set("namesOurAccount", names_our_account);
        }
        match reread {
            Reread::Fresh(fresh) if is_authentic(&fresh) => Ok(fresh),
            Reread::Fresh(_) => Err(forbidden()),
            // A newer secret may verify it.
            Reread::NotYet | Reread::Unusable | Reread::Unavailable => Err(unavailable()),
        }
    }

    /// The URL that Twilio signed: the registered one, with the query as it was sent.
    fn signed_url(&self, request: &Request) -> Option<String> {
        let mut url = match &self.public_url {
            Some(url) => url.clone(),
            None => requested_url(request)?,
        };
        if let Some(query) = request.uri().query().filter(|query| !query.is_empty()) {
            url.push('?');
            url.push_str(query);
        }
        Some(url)
    }
}

fn header<'r>(request: &'r Request, name: &str) -> Option<&'r str> {
    request.headers().get(name)?.to_str().ok()
}

fn is_form(request: &Request) -> bool {
    let content_type = request.headers().get(CONTENT_TYPE).map(HeaderValue::as_bytes);
    let content_type = content_type.map_or(Cow::Borrowed(""), String::from_utf8_lossy);
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case(FORM)
}

impl WebhookResult {
    fn to_log(self) -> (Level, &'static str, Option<String>) {
        match self {
            Self::Outcome(outcome) => outcome.to_log(),
            Self::Failure(failure) => failure.to_log(),
            Self::Rejection(rejection) => rejection.to_log(),
        }
    }

    /// The answer: a constant for each result.
    pub fn response(self) -> Response<Body> {
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
    use super::*;
    use crate::jobs::outcome::Refused;

    #[test]
    fn every_answer_but_204_is_a_constant_json_object() {
        let answers: [(WebhookResult, u16, &str); 12] = [
            (Outcome::Done.into(), 204, ""),
            (Outcome::Deferred.into(), 204, ""),
            (Outcome::NothingToDo(NothingToDo::OtherAccount).into(), 204, ""),
            (Outcome::UnknownSession.into(), 204, ""),
            (
                Rejection::Unreadable(Unreadable::NotHttp).into(),
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
