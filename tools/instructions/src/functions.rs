//! The deployed functions, with constant answers in place of the network.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_sdk_secretsmanager::Client;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flex_handoff::aws::secrets::{Required, Secrets};
use flex_handoff::config::session_url::SessionUrl;
use flex_handoff::config::{self, NotePolicy, SessionSettings, Upstreams};
use flex_handoff::invocation::system::Machine;
use flex_handoff::lambda::start::{ColdStart, Connections};
use flex_handoff::twilio::sid::{WorkerSid, WorkspaceSid};
use flex_handoff::upstream::transport::Transport;
use handoff::Handoff;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::json;
use sha1::Sha1;
use task_events::TaskEvents;

use crate::answers::{self, ATTRIBUTES, CONVERSATION_SID, RESERVATION_SID, TASK_SID, WORKER_SID, WORKSPACE_SID};
use crate::secret::{ACCOUNT_SID, AUTH_TOKEN, aws};

const DOMAIN: &str = "functions.example";
const PATH: &str = "/task-events";

/// The measured function.
#[derive(Clone, Copy)]
pub(crate) enum Function {
    /// `task-events` with an event of a task: two reads of the task and one write of the session.
    TaskEvents,
    /// `handoff` of a task that has not been handed off: two reads, two reads of the conversation, three writes.
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
                Self::TaskEvents => invoke_task_events(times).await,
                Self::Handoff => invoke_handoff(times).await,
            }
        });
    }
}

async fn invoke_task_events(times: u64) {
    let url = SessionUrl::parse("https://api.open.cx/chat/sessions/{session_id}");
    let config = config::TaskEvents {
        upstreams: upstreams(),
        ai_worker: WorkerSid::parse(WORKER_SID),
        sessions: SessionSettings {
            url: url.expect("a session's URL"),
            id_attribute: "session_id".to_owned(),
        },
        public_url: None,
        queue_url: None,
    };
    let function = TaskEvents::new(config, connections().await);
    let payload = event();
    for _ in 0..times {
        let request = serde_json::from_str(&payload).expect("the payload is JSON");
        let answer = function.handle(request, "request", deadline()).await;
        let answer = serde_json::to_string(&answer).expect("an answer is JSON");
        assert!(answer.contains("204"), "{answer}");
    }
}

async fn invoke_handoff(times: u64) {
    let config = config::Handoff {
        upstreams: upstreams(),
        conversations_url: "https://conversations.twilio.com".parse().expect("a URL"),
        ai_worker: WorkerSid::parse(WORKER_SID).expect("a worker's SID"),
        note: NotePolicy::ChatOnly,
        note_author: "system".to_owned(),
    };
    let function = Handoff::new(config, connections().await);
    let payload = json!({
        "taskSid": TASK_SID,
        "reservationSid": RESERVATION_SID,
        "conversationSid": CONVERSATION_SID,
        "reason": "customer wants her money back",
        "summary": "Ana was charged twice for order 1138 and asks for one of the charges back.",
        "sentiment": "negative",
        "language": "en",
        "timestamp": "2026-11-22T09:00:00Z",
    });
    let payload = payload.to_string();
    for _ in 0..times {
        let request = serde_json::from_str(&payload).expect("the payload is JSON");
        let answer = function.handle(request, "request", deadline()).await;
        let answer = serde_json::to_string(&answer.expect("it is handed off")).expect("an answer is JSON");
        assert!(answer.contains("posted"), "{answer}");
    }
}

fn upstreams() -> Upstreams {
    Upstreams {
        secret_id: "flex-handoff".to_owned(),
        workspace: WorkspaceSid::parse(WORKSPACE_SID).expect("a workspace's SID"),
        taskrouter_url: "https://taskrouter.twilio.com".parse().expect("a URL"),
    }
}

async fn connections() -> Connections {
    let aws = aws();
    let secrets = Secrets::read(Client::new(&aws), "flex-handoff", Required::SessionApiToken).await;
    Connections {
        transport: Transport::InProcess(answers::constant()),
        machine: Machine::REAL,
        aws,
        secrets: Arc::new(secrets.expect("the secret is complete")),
        cold_start: ColdStart::default(),
    }
}

/// The time in 15 seconds, in milliseconds of Unix time.
fn deadline() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from((now + Duration::from_secs(15)).as_millis()).unwrap_or(u64::MAX)
}

/// TaskRouter's event as API Gateway passes it on.
fn event() -> String {
    let form = [
        ("AccountSid", ACCOUNT_SID),
        ("EventDescription", "Task attributes updated"),
        ("EventType", "task.updated"),
        ("ResourceSid", TASK_SID),
        ("ResourceType", "task"),
        ("Sid", "EV00000000000000000000000000000001"),
        ("TaskAge", "112"),
        ("TaskAssignmentStatus", "assigned"),
        ("TaskAttributes", ATTRIBUTES),
        ("TaskChannelSid", "TC00000000000000000000000000000001"),
        ("TaskChannelUniqueName", "chat"),
        ("TaskDateCreated", "1795337823"),
        ("TaskPriority", "0"),
        ("TaskQueueName", "AI"),
        ("TaskQueueSid", "WQ00000000000000000000000000000001"),
        ("TaskSid", TASK_SID),
        ("Timestamp", "1795337935"),
        ("TimestampMs", "1795337935122"),
        ("WorkflowName", "Support"),
        ("WorkflowSid", "WW00000000000000000000000000000001"),
        ("WorkspaceName", "Flex Task Assignment"),
        ("WorkspaceSid", WORKSPACE_SID),
    ];
    let body = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(form)
        .finish();
    // The names are in the order of the signature.
    let mut mac = Hmac::<Sha1>::new_from_slice(AUTH_TOKEN.as_bytes()).expect("a key of any length");
    mac.update(format!("https://{DOMAIN}{PATH}").as_bytes());
    for (name, value) in form {
        mac.update(name.as_bytes());
        mac.update(value.as_bytes());
    }
    json!({
        "version": "2.0",
        "routeKey": "POST /task-events",
        "rawPath": PATH,
        "rawQueryString": "",
        "headers": {
            "accept": "*/*",
            "content-length": body.len().to_string(),
            "content-type": "application/x-www-form-urlencoded; charset=UTF-8",
            "host": DOMAIN,
            "i-twilio-idempotency-token": "00000000-0000-0000-0000-000000000001",
            "user-agent": "TwilioProxy/1.1",
            "x-forwarded-for": "192.0.2.1",
            "x-forwarded-proto": "https",
            "x-home-region": "us1",
            "x-twilio-signature": STANDARD.encode(mac.finalize().into_bytes()),
        },
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "a1b2c3d4e5",
            "domainName": DOMAIN,
            "http": { "method": "POST", "path": PATH, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1" },
            "requestId": "request",
            "stage": "$default",
            "time": "22/Nov/2026:08:58:55 +0000",
            "timeEpoch": 1_795_337_935_122_u64,
        },
        // API Gateway encodes binary content types in base64.
        "body": STANDARD.encode(body),
        "isBase64Encoded": true,
    })
    .to_string()
}
