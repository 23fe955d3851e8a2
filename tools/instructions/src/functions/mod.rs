//! The deployed functions with constant answers in place of the network.

mod handoff;
mod task_events;

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_sdk_secretsmanager::Client;
use flex_handoff::aws::secrets::{Required, Secrets};
use flex_handoff::config::{AiWorkers, Upstreams};
use flex_handoff::invocation::system::System;
use flex_handoff::lambda::start::Connections;
use flex_handoff::twilio::sid::{WorkerSid, WorkspaceSid};
use flex_handoff::upstream::transport::Transport;
use lambda_runtime::{Context, LambdaEvent};
use serde::de::DeserializeOwned;

use crate::answers::{self, WORKER_SID, WORKSPACE_SID};
use crate::secret::aws;

/// The measured function.
#[derive(Clone, Copy)]
pub(crate) enum Function {
    /// `task-events` with an event of a task: two reads of the task and one write of the session.
    TaskEvents,
    /// `handoff` of a task that has not been handed off: seven reads and three writes.
    Handoff,
}

impl Function {
    pub(crate) const ALL: [Self; 2] = [Self::TaskEvents, Self::Handoff];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::TaskEvents => "task-events",
            Self::Handoff => "handoff",
        }
    }

    /// Invokes the function this many times, from the payload's text to the answer's.
    pub(crate) fn invoke(self, times: u64) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.expect("the system gives a runtime").block_on(async {
            match self {
                Self::TaskEvents => task_events::invoke(times).await,
                Self::Handoff => handoff::invoke(times).await,
            }
        });
    }
}

fn upstreams() -> Upstreams {
    Upstreams {
        secret_id: "flex-handoff".to_owned(),
        workspace: WorkspaceSid::parse(WORKSPACE_SID).expect("a workspace's SID"),
        taskrouter_url: "https://taskrouter.twilio.com".parse().expect("a URL"),
    }
}

fn ai_workers() -> AiWorkers {
    AiWorkers(vec![WorkerSid::parse(WORKER_SID).expect("a worker's SID")])
}

async fn connections(function: &'static str) -> Connections {
    let aws = aws();
    let secrets = Secrets::open(Client::new(&aws), "flex-handoff", Required::SessionApiToken).await;
    Connections {
        transport: Transport::InProcess(answers::constant()),
        system: System::real(function),
        aws,
        secrets: Arc::new(secrets.expect("the secret is complete")),
    }
}

/// The event of an invocation with this payload and a timeout of 15 s, in the form of Lambda's runtime.
fn lambda_event<P: DeserializeOwned>(payload: &str) -> LambdaEvent<P> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let deadline = now + Duration::from_secs(15);
    let mut context = Context::default();
    context.request_id = "request".to_owned();
    context.deadline = u64::try_from(deadline.as_millis()).unwrap_or(u64::MAX);
    LambdaEvent::new(serde_json::from_str(payload).expect("the payload is JSON"), context)
}
