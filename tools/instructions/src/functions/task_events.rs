//! `task-events`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flex_handoff::config::session_url::SessionUrl;
use flex_handoff::config::{self, BodyKey, RemovedValue, SessionAuth, SessionKeys, SessionSettings};
use hmac::{Hmac, KeyInit, Mac};
use http::header::AUTHORIZATION;
use http::{HeaderMap, Method};
use serde_json::json;
use sha1::Sha1;
use task_events::TaskEvents;

use super::{ai_workers, connections, lambda_event, upstreams};
use crate::answers::{ATTRIBUTES, TASK_SID, WORKSPACE_SID};
use crate::secret::{ACCOUNT_SID, AUTH_TOKEN};

const DOMAIN: &str = "functions.example";
const PATH: &str = "/task-events";

/// Sends `task-events` an event of a task.
pub(super) async fn invoke(times: u64) {
    let config = config::TaskEventsConfig {
        upstreams: upstreams(),
        ai_workers: ai_workers(),
        sessions: sessions(),
        public_url: None,
        queue_url: None,
        close_queue: None,
        close_on_rejection: false,
    };
    let function = TaskEvents::new(config, &connections("task-events").await);
    let payload = event();
    for _ in 0..times {
        let answer = function.handle(lambda_event(&payload)).await;
        let answer = serde_json::to_string(&answer).expect("an answer is JSON");
        assert!(answer.contains("204"), "{answer}");
    }
}

fn sessions() -> SessionSettings {
    let url = SessionUrl::parse("https://api.open.cx/chat/sessions/{session_id}");
    SessionSettings {
        url: url.expect("a session's URL"),
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

/// TaskRouter's event in the form of API Gateway.
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
