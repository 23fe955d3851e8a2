//! A webhook of Twilio: verifies a request, reads its events and answers with a constant body. The cause of an answer
//! is logged and not sent.

mod authenticity;
mod received;
mod result;

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Method, Response};
use lambda_http::{Body, Context, Request, RequestExt};
use memchr::memchr_iter;

use crate::aws::queue;
use crate::aws::secrets::{Secret, Secrets};
use crate::invocation::system::System;
use crate::invocation::{Interrupted, Invocation, Limits};
use crate::jobs::outcome::{self, Failure, NothingToDo, Outcome};
use crate::lambda::http::NoRequest;
use crate::twilio::event::{Event, MalformedEvent, cloud_events};
use crate::twilio::sid::WorkspaceSid;
use crate::twilio::signature::Form;

pub use received::EventsOfTask;
use received::Received;
pub use result::{Forbidden, Rejection, UnreadableRequest, WebhookResult};

/// The longest body that is read. A task's attributes have at most 4,096 characters, which a form can make ten times as
/// long.
const MAX_BODY_BYTES: usize = 256 * 1024;

/// The most form fields that are read. TaskRouter's events have about sixty.
const MAX_FORM_FIELDS: usize = 1_000;

const FORM: &str = "application/x-www-form-urlencoded";

const CLOUD_EVENTS: [&str; 3] = [
    "application/json",
    "application/cloudevents+json",
    "application/cloudevents-batch+json",
];

/// Event Streams waits 5 s. The network takes some of that.
pub(super) const WITH_QUEUE: Limits = Limits {
    longest: Duration::from_millis(4_300),
    ..WITHOUT_QUEUE
};

/// The event callback waits 15 s. A cold start takes at most 3 s of that.
pub(super) const WITHOUT_QUEUE: Limits = Limits {
    fallback: Duration::from_secs(15),
    longest: Duration::from_millis(11_500),
    margin: Duration::from_millis(500),
};

pub struct Webhook {
    pub system: System,
    pub secrets: Arc<Secrets>,
    pub workspace: WorkspaceSid,
    /// The URL that is registered at Twilio, if the request's own context doesn't show it.
    pub public_url: Option<String>,
    /// Whether work that can't be done in time goes to a queue.
    pub has_queue: bool,
}

/// The work of a webhook.
pub trait EventWorker {
    /// Works on the events about one task.
    fn work(
        &self,
        invocation: &Invocation,
        events: &EventsOfTask,
    ) -> impl Future<Output = Result<Outcome, Failure>> + Send;
}

/// The content of a body, as its content type announces it.
enum Content<'r> {
    Form(Vec<(Cow<'r, str>, Cow<'r, str>)>),
    CloudEvents,
    Other,
}

impl Webhook {
    /// Verifies a request, works on each task in the events and answers with the worst result. The answer is in time
    /// whatever happens. Writes the log line.
    pub async fn answer(&self, request: Request, worker: &impl EventWorker) -> Response<Body> {
        let context = request.lambda_context();
        let invocation = self.start(&context);
        let worked = async {
            let received = self.receive(&invocation, &request).await?;
            let results = join_all(received.tasks.iter().map(|events| worker.work(&invocation, events))).await;
            Ok(received.result(results))
        };
        let result = match invocation.run(Box::pin(worked)).await {
            Ok(Ok(result) | Err(result)) => result,
            Err(Interrupted::OutOfTime) => Failure::Unavailable.into(),
            Err(Interrupted::Panicked) => Failure::Panicked.into(),
        };
        outcome::log(invocation, result.to_log());
        result.response()
    }

    /// Answers a payload that can't be turned into a request.
    pub fn reject(&self, reason: NoRequest, context: &Context) -> Response<Body> {
        let rejection = match reason {
            NoRequest::NotHttp => Rejection::Unreadable(UnreadableRequest::NotHttp),
            NoRequest::Invalid => Rejection::Forbidden(Forbidden::InvalidRequest),
        };
        let result = WebhookResult::Rejection(rejection);
        outcome::log(self.start(context), result.to_log());
        result.response()
    }

    fn start(&self, context: &Context) -> Invocation {
        let start = |limits| Invocation::start(self.system, &context.request_id, context.deadline, limits);
        match self.has_queue {
            true => start(WITH_QUEUE).reserving(queue::TIMEOUT),
            false => start(WITHOUT_QUEUE),
        }
    }

    /// Verifies a request and reads its events. Checks method, size, signature, content type and content in this order.
    async fn receive(&self, invocation: &Invocation, request: &Request) -> Result<Received, WebhookResult> {
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
        let content = content(request)?;
        let secret = self.authenticate(invocation, request, signature, &content).await?;
        let unreadable = |malformed: MalformedEvent| Rejection::Unreadable(malformed.into());
        let events = match content {
            Content::Form(form) => vec![Event::from_form(&form).map(Some)],
            Content::CloudEvents => cloud_events(body).map_err(unreadable)?,
            Content::Other => return Err(Rejection::UnsupportedMediaType.into()),
        };
        let mut received = Received::default();
        for event in events {
            match event {
                Ok(Some(event)) => match self.check_origin(&event, &secret) {
                    Ok(()) => received.add(event),
                    Err(reason) => received.add_result(Outcome::NothingToDo(reason)),
                },
                Ok(None) => received.add_result(Outcome::NothingToDo(NothingToDo::OtherProduct)),
                Err(malformed) => received.add_result(unreadable(malformed)),
            }
        }
        received.set_log_fields(invocation);
        Ok(received)
    }

    /// Checks that an event belongs to this account and workspace.
    fn check_origin(&self, event: &Event, secret: &Secret) -> Result<(), NothingToDo> {
        let is_other = |sid: &Option<String>, ours: &str| sid.as_deref().is_some_and(|sid| sid != ours);
        if is_other(&event.account_sid, secret.account_sid.as_str()) {
            return Err(NothingToDo::OtherAccount);
        }
        if is_other(&event.workspace_sid, self.workspace.as_str()) {
            return Err(NothingToDo::OtherWorkspace);
        }
        Ok(())
    }
}

fn header<'r>(request: &'r Request, name: &str) -> Option<&'r str> {
    request.headers().get(name)?.to_str().ok()
}

/// The content of a request's body. A form with too many fields is refused before parsing and sorting.
fn content(request: &Request) -> Result<Content<'_>, Rejection> {
    let content_type = request.headers().get(CONTENT_TYPE).map(HeaderValue::as_bytes);
    let content_type = content_type.map_or(Cow::Borrowed(""), String::from_utf8_lossy);
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    let is = |name: &&str| essence.eq_ignore_ascii_case(name);
    let body: &[u8] = request.body();
    match () {
        () if is(&FORM) && memchr_iter(b'&', body).count() >= MAX_FORM_FIELDS => {
            Err(Rejection::Forbidden(Forbidden::TooManyFields))
        }
        () if is(&FORM) => Ok(Content::Form(form_urlencoded::parse(body).collect())),
        () if CLOUD_EVENTS.iter().any(is) => Ok(Content::CloudEvents),
        () => Ok(Content::Other),
    }
}

impl Content<'_> {
    fn form(&self) -> Option<&Form<'_>> {
        match self {
            Self::Form(form) => Some(form),
            Self::CloudEvents | Self::Other => None,
        }
    }
}
