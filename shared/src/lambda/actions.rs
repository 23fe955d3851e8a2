//! The entry point of the AI's actions. An action comes as a direct invocation, or as an HTTPS request with a bearer
//! token.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use http::header::{ALLOW, AUTHORIZATION, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderName, HeaderValue, Method, Response, StatusCode};
use lambda_http::{Body, Context, Request};
use lambda_runtime::{Diagnostic, LambdaEvent};
use serde::{Deserialize, Serialize};
use serde_json::value::{RawValue, to_raw_value};

use crate::aws::secrets::{Reread, RereadReason, Secrets};
use crate::invocation::log::Level;
use crate::invocation::system::System;
use crate::invocation::{Interrupted, Invocation, Limits};
use crate::jobs::action::ActionError;
use crate::jobs::outcome;
use crate::lambda::http::{HttpPayload, NoRequest, json_response, respond};

/// The longest body of an HTTPS request that is read.
const MAX_BODY_BYTES: usize = 256 * 1024;

/// A run stops a second before its deadline. A message that it sent by then is in the conversation before another run
/// may think this run dead.
const LIMITS: Limits = Limits {
    fallback: Duration::from_secs(20),
    longest: Duration::from_secs(15 * 60),
    margin: Duration::from_secs(1),
};

/// API Gateway waits 29 s. A cold start takes at most 3 s of that.
pub(super) const HTTPS_LIMITS: Limits = Limits {
    longest: Duration::from_secs(25),
    ..LIMITS
};

/// Seconds after which an HTTPS request may be sent again.
const RETRY_AFTER_SECONDS: &str = "1";

/// OpenCX names its session in this header.
/// <https://docs.open.cx/actions/execution>
const SESSION_ID: HeaderName = HeaderName::from_static("x-opencx-session-id");

/// An action of the AI platform.
pub trait Action: Sync {
    type Answer: Serialize + Send;

    /// Does the work. The same request may run again, even at the same time.
    fn run(
        &self,
        invocation: &Invocation,
        input: ActionInput,
    ) -> impl Future<Output = Result<Self::Answer, ActionError>> + Send;

    /// Level and outcome for the log.
    fn to_log(answer: &Self::Answer) -> (Level, &'static str);
}

/// The request of an action.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ActionInput {
    /// The request's JSON text, which should be an object.
    pub json: String,
    /// The session that a header names. Counts only if the request names neither task nor session.
    pub session_id: Option<String>,
}

pub struct ActionEntry {
    pub system: System,
    pub secrets: Arc<Secrets>,
}

/// The reason why an HTTPS request was rejected before or during the action.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
enum HttpsRejection {
    #[error("the method must be POST")]
    MethodNotAllowed,
    #[error("the body is longer than 256 KiB")]
    TooLarge,
    #[error("the bearer token is missing or not valid")]
    Unauthorized,
    #[error(transparent)]
    Action(#[from] ActionError),
}

impl ActionEntry {
    /// Does the action for an invocation and writes the log line. An event with a `requestContext` is an HTTPS request.
    /// Any other event is the action's request itself.
    ///
    /// # Errors
    /// The reason why a directly invoked action was not done, in the form of a Lambda function error.
    pub async fn handle<A: Action>(
        &self,
        action: &A,
        event: LambdaEvent<Box<RawValue>>,
    ) -> Result<Box<RawValue>, Diagnostic> {
        let LambdaEvent { payload, context } = event;
        if is_http(&payload) {
            let payload = HttpPayload::parse(payload.get());
            let answer = |request: Request| {
                let context = &context;
                async move { self.answer(action, &request, context).await }
            };
            let reject = |reason, context: &Context| self.reject(reason, context);
            let event = LambdaEvent::new(payload, context.clone());
            return to_json(&respond(event, answer, reject).await);
        }
        let invocation = Invocation::start(self.system, &context.request_id, context.deadline, LIMITS);
        let input = ActionInput {
            json: payload.get().to_owned(),
            session_id: None,
        };
        let result = run(action, &invocation, input).await;
        log::<A>(invocation, &result);
        to_json(&result?)
    }

    /// Answers an HTTPS request. Checks method, size and token in this order.
    async fn answer<A: Action>(&self, action: &A, request: &Request, context: &Context) -> Response<Body> {
        let invocation = Invocation::start(self.system, &context.request_id, context.deadline, HTTPS_LIMITS);
        if let Err(rejection) = self.check(&invocation, request).await {
            outcome::log(invocation, rejection.to_log());
            return rejection.response();
        }
        let input = ActionInput {
            json: String::from_utf8_lossy(request.body()).into_owned(),
            session_id: request
                .headers()
                .get(SESSION_ID)
                .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned()),
        };
        let result = run(action, &invocation, input).await;
        log::<A>(invocation, &result);
        match result {
            Ok(answer) => json_response(StatusCode::OK, serde_json::to_string(&answer).ok()),
            Err(error) => HttpsRejection::from(error).response(),
        }
    }

    async fn check(&self, invocation: &Invocation, request: &Request) -> Result<(), HttpsRejection> {
        if request.method() != Method::POST {
            return Err(HttpsRejection::MethodNotAllowed);
        }
        let body: &[u8] = request.body();
        if body.len() > MAX_BODY_BYTES {
            return Err(HttpsRejection::TooLarge);
        }
        let token = bearer_token(request).ok_or(HttpsRejection::Unauthorized)?;
        let secret = self.secrets.current(invocation).await;
        let secret = secret.map_err(|_| ActionError::Unavailable)?;
        if secret.accepts_action_token(token) {
            return Ok(());
        }
        // A token that was added a moment ago needs a new read.
        match self
            .secrets
            .reread(&secret, RereadReason::ActionToken, invocation)
            .await
        {
            Reread::Fresh(fresh) if fresh.accepts_action_token(token) => Ok(()),
            _ => Err(HttpsRejection::Unauthorized),
        }
    }

    /// Answers a payload that can't be turned into a request.
    fn reject(&self, reason: NoRequest, context: &Context) -> Response<Body> {
        let invocation = Invocation::start(self.system, &context.request_id, context.deadline, HTTPS_LIMITS);
        let fault = match reason {
            NoRequest::NotHttp => NOT_HTTP,
            NoRequest::Invalid => "the HTTP request has an invalid query, host or body",
        };
        let rejection = HttpsRejection::from(ActionError::InvalidRequest(vec![fault.to_owned()]));
        outcome::log(invocation, rejection.to_log());
        rejection.response()
    }
}

const NOT_HTTP: &str = "the payload has a requestContext, but is not an HTTP request";

fn to_json(answer: &impl Serialize) -> Result<Box<RawValue>, Diagnostic> {
    Ok(to_raw_value(answer).map_err(|_| ActionError::Panicked)?)
}

fn is_http(payload: &RawValue) -> bool {
    #[derive(Deserialize)]
    struct ActionEvent<'e> {
        #[serde(rename = "requestContext", borrow)]
        request_context: Option<&'e RawValue>,
    }
    let event = serde_json::from_str::<ActionEvent<'_>>(payload.get());
    event.is_ok_and(|event| event.request_context.is_some())
}

/// Does the action within the time left.
async fn run<A: Action>(action: &A, invocation: &Invocation, input: ActionInput) -> Result<A::Answer, ActionError> {
    match invocation.run(Box::pin(action.run(invocation, input))).await {
        Ok(result) => result,
        Err(Interrupted::OutOfTime) => Err(ActionError::Unavailable),
        Err(Interrupted::Panicked) => Err(ActionError::Panicked),
    }
}

fn log<A: Action>(invocation: Invocation, result: &Result<A::Answer, ActionError>) {
    let (level, outcome, cause) = match result {
        Ok(answer) => {
            let (level, outcome) = A::to_log(answer);
            (level, outcome, None)
        }
        Err(error) => to_log(error),
    };
    outcome::log(invocation, (level, outcome, cause));
}

fn to_log(error: &ActionError) -> (Level, &'static str, Option<String>) {
    let (level, outcome) = error.to_log();
    (level, outcome, Some(error.to_string()))
}

/// The token of `Authorization: Bearer …`. <https://www.rfc-editor.org/rfc/rfc6750#section-2.1>
fn bearer_token(request: &Request) -> Option<&str> {
    let value = request.headers().get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.trim().split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

impl HttpsRejection {
    fn status(&self) -> StatusCode {
        match self {
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::Action(error) => error.status(),
        }
    }

    fn error_type(&self) -> &'static str {
        match self {
            Self::MethodNotAllowed => "MethodNotAllowed",
            Self::TooLarge => "TooLarge",
            Self::Unauthorized => "Unauthorized",
            Self::Action(error) => error.error_type(),
        }
    }

    fn to_log(&self) -> (Level, &'static str, Option<String>) {
        match self {
            Self::MethodNotAllowed => (Level::Warn, "method-not-allowed", None),
            Self::TooLarge => (Level::Warn, "too-large", None),
            Self::Unauthorized => (Level::Warn, self.error_type(), None),
            Self::Action(error) => to_log(error),
        }
    }

    fn response(&self) -> Response<Body> {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Error<'e> {
            error_type: &'e str,
            error_message: String,
            retry: bool,
            /// The webhooks' code for the same answer.
            #[serde(skip_serializing_if = "Option::is_none")]
            error: Option<&'e str>,
        }
        let body = Error {
            error_type: self.error_type(),
            error_message: self.to_string(),
            retry: matches!(self, Self::Action(error) if error.is_retryable()),
            error: match self {
                Self::MethodNotAllowed => Some("method_not_allowed"),
                Self::TooLarge => Some("too_large"),
                Self::Unauthorized | Self::Action(_) => None,
            },
        };
        let mut response = json_response(self.status(), serde_json::to_string(&body).ok());
        let header = match self.status() {
            StatusCode::METHOD_NOT_ALLOWED => Some((ALLOW, "POST")),
            StatusCode::UNAUTHORIZED => Some((WWW_AUTHENTICATE, "Bearer")),
            StatusCode::SERVICE_UNAVAILABLE => Some((RETRY_AFTER, RETRY_AFTER_SECONDS)),
            _ => None,
        };
        if let Some((name, value)) = header {
            response.headers_mut().insert(name, HeaderValue::from_static(value));
        }
        response
    }
}

impl From<ActionError> for Diagnostic {
    fn from(error: ActionError) -> Self {
        Self {
            error_type: error.error_type().to_owned(),
            error_message: error.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jobs::action::RefusedPart;

    #[test]
    fn every_rejection_is_one_json_object() {
        let invalid = ActionError::InvalidRequest(vec!["a".to_owned(), "b".to_owned()]);
        let cases: [(HttpsRejection, u16, &str, Option<&str>); 6] = [
            (
                HttpsRejection::MethodNotAllowed,
                405,
                r#"{"errorType":"MethodNotAllowed","errorMessage":"the method must be POST","retry":false,"error":"method_not_allowed"}"#,
                Some("allow"),
            ),
            (
                HttpsRejection::TooLarge,
                413,
                r#"{"errorType":"TooLarge","errorMessage":"the body is longer than 256 KiB","retry":false,"error":"too_large"}"#,
                None,
            ),
            (
                HttpsRejection::Unauthorized,
                401,
                r#"{"errorType":"Unauthorized","errorMessage":"the bearer token is missing or not valid","retry":false}"#,
                Some("www-authenticate"),
            ),
            (
                invalid.into(),
                400,
                r#"{"errorType":"InvalidRequest","errorMessage":"the request is invalid: a; b","retry":false}"#,
                None,
            ),
            (
                ActionError::Refused(RefusedPart::Request).into(),
                502,
                r#"{"errorType":"Refused","errorMessage":"Twilio refused the request","retry":false}"#,
                None,
            ),
            (
                ActionError::Unavailable.into(),
                503,
                r#"{"errorType":"Unavailable","errorMessage":"an upstream was unavailable, or time ran out: try again","retry":true}"#,
                Some("retry-after"),
            ),
        ];
        for (rejection, status, body, header) in cases {
            let response = rejection.response();
            let text = std::str::from_utf8(response.body()).unwrap();
            assert_eq!((response.status().as_u16(), text), (status, body));
            let headers: Vec<_> = response.headers().keys().map(HeaderName::as_str).collect();
            let expected: Vec<_> = ["content-type"].into_iter().chain(header).collect();
            assert_eq!(headers, expected);
        }
    }

    #[test]
    fn event_with_a_request_context_is_http() {
        let is_http = |json: &str| is_http(&RawValue::from_string(json.to_owned()).unwrap());
        for json in [r#"{"requestContext":{}}"#, r#"{"taskSid":1,"requestContext":7}"#] {
            assert!(is_http(json), "{json}");
        }
        for json in [
            "7",
            "null",
            "[]",
            "{}",
            r#"{"requestContext":null}"#,
            r#"{"body":{"requestContext":{}}}"#,
        ] {
            assert!(!is_http(json), "{json}");
        }
    }

    #[test]
    fn bearer_token_follows_its_scheme() {
        let token = |value: &str| {
            let request = http::Request::builder().header(AUTHORIZATION, value);
            bearer_token(&request.body(Body::Empty).unwrap()).map(str::to_owned)
        };
        for value in ["Bearer t.o-k", "bearer t.o-k", "BEARER   t.o-k "] {
            assert_eq!(token(value).as_deref(), Some("t.o-k"), "{value}");
        }
        for value in ["t.o-k", "Basic t.o-k", "Bearer", ""] {
            assert_eq!(token(value), None, "{value}");
        }
    }
}
