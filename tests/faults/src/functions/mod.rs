//! The functions, each invocation of which is a process that can be killed.

pub(crate) mod actions;
pub(crate) mod auto_close;
pub(crate) mod deferred;
pub(crate) mod handoff;
pub(crate) mod webhook;

use std::sync::Arc;
use std::time::Duration;

use flex_handoff::config::session_url::SessionUrl;
use flex_handoff::config::{
    AiWorkers, BodyKey, RemovedValue, SessionAuth, SessionKeys, SessionSettings, Upstreams as UpstreamSettings,
};
use flex_handoff::invocation::system::System;
use flex_handoff::lambda::start::Connections;
use flex_handoff::twilio::sid::{WorkerSid, WorkspaceSid};
use http::header::AUTHORIZATION;
use http::{HeaderMap, Method};
use lambda_runtime::{Context, Diagnostic, LambdaEvent};
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_json::value::RawValue;
use simulator::twilio::sids::{AI_WORKER_SID, WORKSPACE_SID};

use crate::aws;
use crate::network::{Network, Process, SESSION_API_URL, TASKROUTER_URL};
use crate::virtual_time;

/// The end of an invocation.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Ended {
    /// The answer of a function that isn't invoked over HTTP.
    Answered(Value),
    /// The `errorType` of a failure.
    Failed(String),
    /// The HTTP status of a webhook.
    Status(u64),
    /// The process was killed or never started.
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

/// Runs a function in its own process until a time limit.
pub(crate) async fn invoke(
    network: &Arc<Network>,
    limit: Duration,
    function: impl AsyncFnOnce(Connections) -> Ended,
) -> Ended {
    invoke_in(network.process(), network, limit, function).await
}

/// Runs a function in a process until a time limit.
async fn invoke_in(
    process: Process,
    network: &Arc<Network>,
    limit: Duration,
    function: impl AsyncFnOnce(Connections) -> Ended,
) -> Ended {
    let run = async {
        // Lambda's runtime reports a failed start like a crash.
        let Some(secrets) = aws::secrets(network, &process).await else {
            return Ended::Killed;
        };
        let connections = Connections {
            transport: network.transport(&process),
            system: system("test"),
            aws: aws::config(network, &process),
            secrets,
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

/// The end of an action's invocation.
fn ended(result: Result<Box<RawValue>, Diagnostic>) -> Ended {
    match result {
        Ok(answer) => Ended::Answered(serde_json::from_str(answer.get()).expect("an answer is JSON")),
        Err(error) => Ended::Failed(error.error_type),
    }
}

/// The event of an invocation in the form of Lambda's runtime.
pub(crate) fn lambda_event<P: DeserializeOwned>(payload: Value, timeout: Duration) -> LambdaEvent<P> {
    let mut context = Context::default();
    context.request_id = "request".to_owned();
    let deadline = virtual_time::now() + timeout;
    context.deadline = u64::try_from(deadline.unix_timestamp_nanos() / 1_000_000).expect("it is after 1970");
    // The payload is read from its text, since a part of the payload may be kept as written.
    let payload = serde_json::from_str(&payload.to_string()).expect("any JSON is a payload");
    LambdaEvent::new(payload, context)
}

/// A system with the virtual clock and without a log.
pub(crate) fn system(function: &'static str) -> System {
    System {
        function,
        now: virtual_time::now,
        log: |_| {},
    }
}

/// The upstream settings that every function has.
pub(crate) fn upstreams() -> UpstreamSettings {
    UpstreamSettings {
        secret_id: "flex-handoff".to_owned(),
        workspace: WorkspaceSid::parse(WORKSPACE_SID).expect("a workspace's SID"),
        taskrouter_url: TASKROUTER_URL.parse().expect("a URL"),
    }
}

pub(crate) fn ai_workers() -> AiWorkers {
    AiWorkers(vec![WorkerSid::parse(AI_WORKER_SID).expect("a worker's SID")])
}

fn sessions() -> SessionSettings {
    let url = format!("{SESSION_API_URL}/chat/sessions/{{session_id}}");
    SessionSettings {
        url: SessionUrl::parse(&url).expect("a session's URL"),
        method: Method::PATCH,
        body_key: BodyKey::parse("custom_data").expect("a path"),
        auth: SessionAuth {
            header: AUTHORIZATION,
            scheme: "Bearer".to_owned(),
        },
        headers: HeaderMap::new(),
        keys: SessionKeys::parse("*").expect("a pattern"),
        removed: RemovedValue::Blank,
        id_attribute: "session_id".to_owned(),
    }
}
