//! A webhook of Twilio behind API Gateway's HTTP API: an authentic event on the way in, a constant answer on the way
//! out. The cause of an answer goes to the log alone.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::de::{IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use crate::aws::secrets::{Reread, Secret, Secrets};
use crate::invocation::system::Machine;
use crate::invocation::{Broken, Invocation, Limits};
use crate::jobs::outcome::Outcome;
use crate::lambda::payload::Payload;
use crate::lambda::start::ColdStart;
use crate::twilio::event::Event;
use crate::twilio::sid::WorkspaceSid;
use crate::twilio::signature::{Form, Signed};

/// A longer body isn't looked at. A task's attributes have at most 4,096 characters, which a form makes at most ten
/// times as long.
const MAX_BODY_BYTES: usize = 256 * 1024;

/// Twilio gives up after 15 s; the answer is out within 12, whatever the upstreams do.
const LIMITS: Limits = Limits {
    fallback: Duration::from_secs(12),
    longest: Duration::from_millis(11_500),
    margin: Duration::from_millis(500),
};

/// A request as API Gateway's HTTP API gives it (payload format 2.0): what is used of it, byte for byte.
///
/// It is read here, since the crates for it build a URL of their own, and panic on a body that isn't base64.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HttpRequest {
    #[serde(default)]
    raw_path: String,
    #[serde(default)]
    raw_query_string: String,
    #[serde(default)]
    headers: Headers,
    #[serde(default)]
    body: Option<String>,
    #[serde(default)]
    is_base64_encoded: bool,
    request_context: RequestContext,
}

/// Those of a request's headers that are used.
#[derive(Default)]
struct Headers {
    signature: Option<String>,
    content_type: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RequestContext {
    domain_name: String,
    http: HttpContext,
}

#[derive(Deserialize)]
struct HttpContext {
    method: String,
}

/// The answer, as API Gateway's HTTP API takes it.
#[derive(Debug, Serialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub struct HttpAnswer {
    status_code: u16,
    headers: AnswerHeaders,
    // Always empty; `cargo lambda watch` wants them to be there.
    multi_value_headers: NoHeaders,
    cookies: [&'static str; 0],
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<String>,
    is_base64_encoded: bool,
}

#[derive(Debug, Serialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
struct AnswerHeaders {
    content_type: &'static str,
}

#[derive(Debug, Serialize, PartialEq, Eq)]
struct NoHeaders {}

/// Handles a request and answers it, in time whatever happens, and leaves the invocation's log line.
pub async fn answer(
    machine: Machine,
    request_id: &str,
    deadline_ms: u64,
    cold_start: Duration,
    work: impl AsyncFnOnce(&Invocation) -> Result<Outcome, Outcome>,
) -> HttpAnswer {
    let mut limits = LIMITS;
    limits.longest = limits.longest.saturating_sub(cold_start);
    let invocation = Invocation::start(machine, request_id, deadline_ms, limits);
    let outcome = match invocation.run(Box::pin(work(&invocation))).await {
        Ok(Ok(outcome) | Err(outcome)) => outcome,
        Err(Broken::OutOfTime) => Outcome::Unavailable,
        Err(Broken::Panicked) => Outcome::Panicked,
    };
    outcome.log(invocation);
    outcome.answer()
}

/// What a webhook needs to know an authentic event.
pub struct Webhook {
    pub machine: Machine,
    /// What the start took of the first request's time.
    pub cold_start: ColdStart,
    pub secrets: Arc<Secrets>,
    pub workspace: WorkspaceSid,
    /// The URL that is registered at Twilio, where the request context doesn't show it.
    pub public_url: Option<String>,
}

impl Webhook {
    /// Checks a request and reads its event: method, size, signature, content type, content, in this order.
    ///
    /// # Errors
    /// What the request is answered with, if it is not an event for us.
    pub async fn receive(&self, invocation: &Invocation, request: Payload<HttpRequest>) -> Result<Event, Outcome> {
        let request = request
            .0
            .ok_or(Outcome::Unreadable("this is no request of an HTTP API"))?;
        if request.request_context.http.method != "POST" {
            return Err(Outcome::MethodNotAllowed);
        }
        let body = request.body()?;
        let form: Vec<_> = form_urlencoded::parse(&body).collect();
        let secret = self.authenticate(invocation, &request, &form, &body).await?;
        if !request.is_form() {
            return Err(Outcome::UnsupportedMediaType);
        }
        let event = Event::from_form(&form).map_err(|malformed| Outcome::Unreadable(malformed.cause()))?;
        invocation.set("eventType", event.type_to_log());
        if event
            .account_sid
            .as_deref()
            .is_some_and(|account| account != secret.account_sid.as_str())
        {
            return Err(Outcome::NotForUs("another account"));
        }
        if event
            .workspace_sid
            .as_deref()
            .is_some_and(|workspace| workspace != self.workspace.as_str())
        {
            return Err(Outcome::NotForUs("another workspace"));
        }
        Ok(event)
    }

    /// The secret by which the request is authentic: the one at hand, or, where its signature doesn't verify by that,
    /// a fresh one.
    async fn authenticate(
        &self,
        invocation: &Invocation,
        request: &HttpRequest,
        form: &Form<'_>,
        body: &[u8],
    ) -> Result<Arc<Secret>, Outcome> {
        let signature = request.headers.signature.as_deref().ok_or(Outcome::Forbidden)?;
        let url = self.url(request);
        let is_authentic = |secret: &Secret| {
            let signed = |form| Signed { url: &url, form, body };
            secret.auth_tokens().any(|token| {
                // Of what isn't a form the URL alone is signed; it is turned down for its type all the same.
                signed(form).is_valid(signature, token) || !request.is_form() && signed(&[]).is_valid(signature, token)
            })
        };
        let secret = self.secrets.current();
        if is_authentic(&secret) {
            return Ok(secret);
        }
        match self.secrets.reread(&secret, invocation).await {
            Reread::Fresh(fresh) if is_authentic(&fresh) => Ok(fresh),
            Reread::Fresh(_) | Reread::NoOther => Err(Outcome::Forbidden),
            // Whether the auth token is still good can't be told.
            Reread::Away => Err(Outcome::Unavailable),
        }
    }

    fn url(&self, request: &HttpRequest) -> String {
        let mut url = match &self.public_url {
            Some(url) => url.clone(),
            None => format!("https://{}{}", request.request_context.domain_name, request.raw_path),
        };
        if !request.raw_query_string.is_empty() {
            url.push('?');
            url.push_str(&request.raw_query_string);
        }
        url
    }
}

impl HttpRequest {
    /// The body's bytes.
    fn body(&self) -> Result<Cow<'_, [u8]>, Outcome> {
        let text = self.body.as_deref().unwrap_or_default();
        let longest = if self.is_base64_encoded {
            MAX_BODY_BYTES.div_ceil(3) * 4
        } else {
            MAX_BODY_BYTES
        };
        if text.len() > longest {
            return Err(Outcome::TooLarge);
        }
        if !self.is_base64_encoded {
            return Ok(text.as_bytes().into());
        }
        // What can't be decoded can't have been signed.
        let body = STANDARD.decode(text).map_err(|_| Outcome::Forbidden)?;
        if body.len() > MAX_BODY_BYTES {
            Err(Outcome::TooLarge)
        } else {
            Ok(body.into())
        }
    }

    fn is_form(&self) -> bool {
        let content_type = self.headers.content_type.as_deref().unwrap_or_default();
        let essence = content_type.split(';').next().unwrap_or_default().trim();
        essence.eq_ignore_ascii_case("application/x-www-form-urlencoded")
    }
}

impl<'de> Deserialize<'de> for Headers {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(HeadersVisitor)
    }
}

struct HeadersVisitor;

impl<'de> Visitor<'de> for HeadersVisitor {
    type Value = Headers;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("headers")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Headers, M::Error> {
        /// In place where that is possible, as it is not in a `Cow` alone.
        #[derive(Deserialize)]
        struct Name<'n>(#[serde(borrow)] Cow<'n, str>);

        let mut headers = Headers::default();
        while let Some(Name(name)) = map.next_key()? {
            if name.eq_ignore_ascii_case("x-twilio-signature") {
                headers.signature = Some(map.next_value()?);
            } else if name.eq_ignore_ascii_case("content-type") {
                headers.content_type = Some(map.next_value()?);
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(headers)
    }
}

impl Outcome {
    /// The answer: a constant for each outcome.
    pub fn answer(self) -> HttpAnswer {
        let (status_code, error) = match self {
            Self::Done | Self::Deferred | Self::Delayed | Self::NotForUs(_) => (204, None),
            Self::Unreadable(_) => (400, Some("unreadable")),
            Self::Forbidden => (403, Some("forbidden")),
            Self::MethodNotAllowed => (405, Some("method_not_allowed")),
            Self::TooLarge => (413, Some("too_large")),
            Self::UnsupportedMediaType => (415, Some("unsupported_media_type")),
            Self::Refused(_) => (500, Some("refused")),
            Self::Panicked => (500, Some("internal")),
            Self::Unavailable => (503, Some("unavailable")),
        };
        HttpAnswer {
            status_code,
            headers: AnswerHeaders {
                content_type: "application/json",
            },
            multi_value_headers: NoHeaders {},
            cookies: [],
            body: error.map(|code| format!("{{\"error\":\"{code}\"}}")),
            is_base64_encoded: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_the_headers_the_last_of_each_name_counts_however_it_is_written() {
        let read = |json: &str| {
            let headers = serde_json::from_str::<Headers>(json).ok()?;
            Some((headers.signature, headers.content_type))
        };
        let some = |text: &str| Some(text.to_owned());
        for (json, expected) in [
            ("{}", Some((None, None))),
            (
                r#"{"x-twilio-signature":"s","content-type":"t"}"#,
                Some((some("s"), some("t"))),
            ),
            (
                r#"{"X-Twilio-Signature":"s","CONTENT-TYPE":"t"}"#,
                Some((some("s"), some("t"))),
            ),
            (r#"{"x\u002dtwilio-signature":"\u0073"}"#, Some((some("s"), None))),
            (r#"{"content-type":"a","Content-Type":"b"}"#, Some((None, some("b")))),
            (r#"{"x-other":["s"],"signature":1,"":null}"#, Some((None, None))),
            (r#"{"content-type":1}"#, None),
            ("null", None),
            ("[]", None),
        ] {
            assert_eq!(read(json), expected, "{json}");
        }
    }

    #[test]
    fn every_answer_but_204_is_a_constant_json_object() {
        let answers = [
            (Outcome::Done, 204, None),
            (Outcome::Deferred, 204, None),
            (Outcome::Delayed, 204, None),
            (Outcome::NotForUs("another account"), 204, None),
            (Outcome::Unreadable("why"), 400, Some("unreadable")),
            (Outcome::Forbidden, 403, Some("forbidden")),
            (Outcome::MethodNotAllowed, 405, Some("method_not_allowed")),
            (Outcome::TooLarge, 413, Some("too_large")),
            (Outcome::UnsupportedMediaType, 415, Some("unsupported_media_type")),
            (Outcome::Refused("why"), 500, Some("refused")),
            (Outcome::Panicked, 500, Some("internal")),
            (Outcome::Unavailable, 503, Some("unavailable")),
        ];
        for (outcome, status_code, error) in answers {
            let expected = serde_json::json!({
                "statusCode": status_code,
                "headers": { "content-type": "application/json" },
                "multiValueHeaders": {},
                "cookies": [],
                "body": error.map(|code| format!("{{\"error\":\"{code}\"}}")),
                "isBase64Encoded": false,
            });
            let mut answer = serde_json::to_value(outcome.answer()).unwrap();
            answer
                .as_object_mut()
                .unwrap()
                .entry("body")
                .or_insert(serde_json::Value::Null);
            assert_eq!(answer, expected);
        }
    }
}
