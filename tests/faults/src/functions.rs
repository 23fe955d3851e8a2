//! The functions. Each invocation is a process that can be killed.

use std::sync::Arc;
use std::time::Duration;

use auto_close::AutoClose;
use deferred::Deferred;
use flex_handoff::config::session_url::SessionUrl;
use flex_handoff::config::{self, AutoCloseScope, NotePolicy};
use flex_handoff::invocation::system::Machine;
use flex_handoff::lambda::payload::Payload;
use flex_handoff::lambda::start::{ColdStart, Connections};
use flex_handoff::lambda::webhook::{HttpAnswer, HttpRequest};
use flex_handoff::twilio::sid::{WorkerSid, WorkspaceSid};
use handoff::Handoff;
use serde_json::{Value, json};
use simulator::options::QUEUE;
use simulator::sqs::queue_url;
use simulator::twilio::sids::{AI_WORKER_SID, WORKSPACE_SID};
use simulator::twilio::{Credentials, Event, signature};
use task_events::TaskEvents;

use crate::aws;
use crate::network::{CONVERSATIONS_URL, Network, SESSION_API_URL, TASKROUTER_URL};
use crate::virtual_time;

/// The functions' timeouts, as in `template.yaml`.
const HANDOFF_TIMEOUT: Duration = Duration::from_secs(20);
const WEBHOOK_TIMEOUT: Duration = Duration::from_secs(15);
const DEFERRED_TIMEOUT: Duration = Duration::from_secs(60);

/// A webhook answers within this time, even if upstreams hang.
const ANSWERED: Duration = Duration::from_secs(12);

/// The delay before a task is closed.
const DELAY: Duration = Duration::from_secs(60);

const DOMAIN: &str = "functions.test";

/// The end of an invocation.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Ended {
    /// The handoff's answer.
    Answered(Value),
    /// The handoff's `errorType`.
    Failed(String),
    /// A webhook's status.
    Status(u64),
    /// The process was killed, or never started.
    Killed,
    /// The invocation did not end in time.
    TooLate,
}

impl Ended {
    /// Whether the AI platform retries.
    pub(crate) fn is_worth_another_try(&self) -> bool {
        match self {
            Self::Answered(_) | Self::Status(_) => false,
            Self::Failed(error) => error == "Unavailable",
            Self::Killed | Self::TooLate => true,
        }
    }
}

/// Runs a function in its own process, up to a time limit.
async fn invoke(network: &Arc<Network>, limit: Duration, function: impl AsyncFnOnce(Connections) -> Ended) -> Ended {
    let process = network.process();
    let run = async {
        // Lambda's runtime reports a failed start like a crash.
        let Some(secrets) = aws::secrets(network, &process).await else {
            return Ended::Killed;
        };
        let connections = Connections {
            transport: network.transport(&process),
            machine: Machine {
                now: virtual_time::now,
                log: |_| {},
            },
            aws: aws::config(network, &process),
            secrets,
            cold_start: ColdStart::default(),
        };
        let ended = tokio::time::timeout(limit, function(connections)).await;
        ended.unwrap_or(Ended::TooLate)
    };
    tokio::select! {
        biased;
        () = process.killed() => Ended::Killed,
        ended = run => ended,
    }
}

/// Invokes `handoff`.
pub(crate) async fn hand_over(network: &Arc<Network>, request: &Value) -> Ended {
    invoke(network, HANDOFF_TIMEOUT, async |connections| {
        let config = config::Handoff {
            upstreams: upstreams(),
            conversations_url: CONVERSATIONS_URL.parse().expect("a URL"),
            ai_worker: ai_worker(),
            note: NotePolicy::ChatOnly,
            note_author: "system".to_owned(),
        };
        let function = Handoff::new(config, connections);
        let payload = serde_json::from_value(request.clone()).expect("any JSON is a payload");
        match function.handle(payload, "request", deadline(HANDOFF_TIMEOUT)).await {
            Ok(answer) => Ended::Answered(serde_json::to_value(answer).expect("an answer is JSON")),
            Err(error) => Ended::Failed(error.error_type().to_owned()),
        }
    })
    .await
}

/// A webhook for TaskRouter's events.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Webhook {
    TaskEvents,
    AutoClose,
    /// `auto-close` with a delay.
    DelayedClose,
}

/// Sends an event to a webhook once.
pub(crate) async fn tell(network: &Arc<Network>, webhook: Webhook, event: &Event) -> Ended {
    invoke(network, ANSWERED, async |connections| {
        let deadline = deadline(WEBHOOK_TIMEOUT);
        let answer = match webhook {
            Webhook::TaskEvents => {
                let function = TaskEvents::new(task_events(), connections);
                let request = http_request("/task-events", event);
                function.handle(request, "request", deadline).await
            }
            Webhook::AutoClose | Webhook::DelayedClose => {
                let delay = match webhook {
                    Webhook::DelayedClose => DELAY,
                    _ => Duration::ZERO,
                };
                let function = AutoClose::new(auto_close(delay), connections);
                let request = http_request("/auto-close", event);
                function.handle(request, "request", deadline).await
            }
        };
        status(&answer)
    })
    .await
}

/// Invokes `deferred` with a batch of messages.
pub(crate) async fn attend(network: &Arc<Network>, batch: &Value) -> Ended {
    invoke(network, DEFERRED_TIMEOUT, async |connections| {
        let function = Deferred::new(deferred(), &connections);
        let payload = serde_json::from_value(batch.clone()).expect("any JSON is a payload");
        match function.handle(payload, "request", deadline(DEFERRED_TIMEOUT)).await {
            Ok(report) => Ended::Answered(serde_json::to_value(report).expect("a report is JSON")),
            Err(_) => Ended::Failed("NotABatch".to_owned()),
        }
    })
    .await
}

fn deferred() -> config::Deferred {
    config::Deferred {
        upstreams: upstreams(),
        ai_worker: ai_worker(),
        sessions: task_events().sessions,
        scope: AutoCloseScope::Ai,
        queue_url: queue_url(QUEUE),
    }
}

fn task_events() -> config::TaskEvents {
    let sessions = format!("{SESSION_API_URL}/chat/sessions/{{session_id}}");
    config::TaskEvents {
        upstreams: upstreams(),
        ai_worker: Some(ai_worker()),
        sessions: config::SessionSettings {
            url: SessionUrl::parse(&sessions).expect("a session's URL"),
            id_attribute: "session_id".to_owned(),
        },
        public_url: None,
        queue_url: Some(queue_url(QUEUE)),
    }
}

fn auto_close(delay: Duration) -> config::AutoClose {
    config::AutoClose {
        upstreams: upstreams(),
        ai_worker: ai_worker(),
        scope: AutoCloseScope::Ai,
        public_url: None,
        delay,
        queue_url: Some(queue_url(QUEUE)),
    }
}

/// The settings that all functions share.
pub(crate) fn upstreams() -> config::Upstreams {
    config::Upstreams {
        secret_id: "flex-handoff".to_owned(),
        workspace: WorkspaceSid::parse(WORKSPACE_SID).expect("a workspace's SID"),
        taskrouter_url: TASKROUTER_URL.parse().expect("a URL"),
    }
}

fn ai_worker() -> WorkerSid {
    WorkerSid::parse(AI_WORKER_SID).expect("a worker's SID")
}

/// The end of an invocation's time, in milliseconds of Unix time.
fn deadline(timeout: Duration) -> u64 {
    let deadline = virtual_time::now() + timeout;
    u64::try_from(deadline.unix_timestamp_nanos() / 1_000_000).expect("it is after 1970")
}

fn status(answer: &HttpAnswer) -> Ended {
    let answer = serde_json::to_value(answer).expect("an answer is JSON");
    Ended::Status(answer["statusCode"].as_u64().expect("a status"))
}

/// A signed event, as API Gateway passes it on.
fn http_request(path: &str, event: &Event) -> Payload<HttpRequest> {
    let form = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(&event.fields)
        .finish();
    let signature = signature(
        &Credentials::default().auth_token,
        &format!("https://{DOMAIN}{path}"),
        &event.fields,
    );
    let request = json!({
        "rawPath": path,
        "rawQueryString": "",
        "headers": {
            "content-type": "application/x-www-form-urlencoded; charset=UTF-8",
            "x-twilio-signature": signature,
        },
        "requestContext": { "domainName": DOMAIN, "http": { "method": "POST" } },
        "body": form,
        "isBase64Encoded": false,
    });
    serde_json::from_value(request).expect("any JSON is a payload")
}
