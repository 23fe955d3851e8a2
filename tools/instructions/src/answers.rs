//! The upstreams' answers. The AI is offered a task with a kilobyte of attributes, a chat conversation and a session.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use flex_handoff::upstream::transport::InProcess;
use http::Method;
use http::header::ETAG;
use reqwest::{Request, Response, ResponseBuilderExt};
use serde_json::{Value, json};

pub(crate) const ATTRIBUTES: &str = include_str!("../../../shared/benches/attributes/1000.json").trim_ascii_end();
pub(crate) const WORKSPACE_SID: &str = "WS00000000000000000000000000000001";
pub(crate) const TASK_SID: &str = "WT00000000000000000000000000000001";
pub(crate) const WORKER_SID: &str = "WK00000000000000000000000000000001";
pub(crate) const RESERVATION_SID: &str = "WR00000000000000000000000000000001";
/// The conversation in the attributes.
pub(crate) const CONVERSATION_SID: &str = "CH5d7c1e9f0a3b4c8d9e2f1a6b7c8d9e0f";

/// The answers, which are made once and are the same for every invocation. The read after a write of the task shows it
/// handed off.
pub(crate) fn constant() -> Arc<InProcess> {
    let last_page = json!({ "next_page_url": null, "page_size": 100 });
    let leak = |body: Value| &*body.to_string().leak();
    let is_written = AtomicBool::new(false);
    let handed_off = leak(task(&handed_off_attributes()));
    let task = leak(task(ATTRIBUTES));
    let reservations = leak(json!({ "reservations": [], "meta": last_page }));
    let reservation = leak(reservation());
    let participants = leak(json!({ "participants": [{ "messaging_binding": null }], "meta": last_page }));
    let messages = leak(json!({ "messages": [], "meta": last_page }));
    let message = leak(json!({ "sid": "IM00000000000000000000000000000001" }));
    Arc::new(move |request: Request| {
        let path = request.url().path();
        let resource = path.rsplit('/').next().unwrap_or_default();
        let body = match (request.method(), resource) {
            (&Method::PATCH, _) => "{}",
            (&Method::POST, "Messages") => message,
            (_, "Messages") => messages,
            (_, "Participants") => participants,
            (_, "Reservations") => reservations,
            (_, RESERVATION_SID) => reservation,
            (&Method::POST, _) => {
                is_written.store(true, Ordering::Relaxed);
                "{}"
            }
            _ if is_written.swap(false, Ordering::Relaxed) => handed_off,
            _ => task,
        };
        let answer = answer(&request, body);
        Box::pin(async { Ok(answer) })
    })
}

fn answer(request: &Request, body: &'static str) -> Response {
    let answer = http::Response::builder()
        .header(ETAG, "3")
        // Without this extension, reqwest would make up a URL and parse it.
        .url(request.url().clone())
        .body(body);
    answer.expect("status, header and URL are such").into()
}

/// The attributes of a task that has been handed off.
fn handed_off_attributes() -> String {
    let mut attributes: Value = serde_json::from_str(ATTRIBUTES).expect("attributes are JSON");
    attributes["handedOff"] = true.into();
    for name in ["Reason", "Summary", "Sentiment", "Language"] {
        attributes[format!("handoff{name}")] = "".into();
    }
    attributes["handoffTimestamp"] = "2026-11-22T09:00:00Z".into();
    attributes.to_string()
}

fn task(attributes: &str) -> Value {
    json!({
        "account_sid": "AC00000000000000000000000000000001",
        "addons": "{}",
        "age": 112,
        "assignment_status": "reserved",
        "attributes": attributes,
        "date_created": "2026-11-22T08:57:03Z",
        "date_updated": "2026-11-22T08:57:04Z",
        "priority": 0,
        "reason": null,
        "sid": TASK_SID,
        "task_channel_sid": "TC00000000000000000000000000000001",
        "task_channel_unique_name": "chat",
        "task_queue_entered_date": "2026-11-22T08:57:03Z",
        "task_queue_friendly_name": "AI",
        "task_queue_sid": "WQ00000000000000000000000000000001",
        "timeout": 86400,
        "url": format!("https://taskrouter.twilio.com/v1/Workspaces/{WORKSPACE_SID}/Tasks/{TASK_SID}"),
        "workflow_friendly_name": "Support",
        "workflow_sid": "WW00000000000000000000000000000001",
        "workspace_sid": WORKSPACE_SID,
    })
}

fn reservation() -> Value {
    json!({
        "account_sid": "AC00000000000000000000000000000001",
        "date_created": "2026-11-22T08:57:03Z",
        "date_updated": "2026-11-22T08:57:04Z",
        "reservation_status": "pending",
        "sid": RESERVATION_SID,
        "task_sid": TASK_SID,
        "worker_name": "ai",
        "worker_sid": WORKER_SID,
        "workspace_sid": WORKSPACE_SID,
    })
}
