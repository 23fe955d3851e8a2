//! What a webhook logs: one line for each invocation, and nothing that is a secret or a customer's.

use std::collections::BTreeSet;

use end_to_end::Scene;
use http::Method;
use serde_json::{Map, Value, json};
use simulator::exchange::{Answer as UpstreamAnswer, Upstream};
use simulator::fault::{Effect, Fault};
use simulator::world::{AUTO_CLOSE, TASK_EVENTS};

use super::{Callback, WEBHOOKS, log, tell};

/// In every text that no log may hold.
const PRIVATE: &str = "hunter2";

/// A scene with the mark in every secret and in every text of the customer's.
async fn private_scene() -> Scene {
    let scene = Scene::with(|options| {
        options.credentials.auth_token = format!("token-{PRIVATE}");
        options
            .credentials
            .api_keys
            .values_mut()
            .for_each(|key| key.push_str(PRIVATE));
        options.session_api.token = format!("session-token-{PRIVATE}");
    })
    .await;
    let session_id = format!("session-{PRIVATE}");
    scene.world.session_api.create_session(&session_id);
    let attributes = json!({
        "session_id": session_id,
        "conversationSid": format!("CH-{PRIVATE}"),
        "name": PRIVATE,
        "customer": { "name": PRIVATE, "notes": [PRIVATE] },
        "customer_name": format!("{PRIVATE}, too"),
    });
    scene.set_attributes(&attributes.to_string());
    scene
}

/// What an upstream may do, with the mark in its words.
fn mishaps() -> Vec<Effect> {
    let text = |answer: UpstreamAnswer| Effect::Answer(answer.body(format!("{{\"message\":\"{PRIVATE}\"")));
    vec![
        text(UpstreamAnswer::status(200)),
        text(UpstreamAnswer::status(400)),
        text(UpstreamAnswer::status(302).header("location", &format!("https://{PRIVATE}.example/"))),
        text(UpstreamAnswer::status(404)),
        text(UpstreamAnswer::status(500)),
        text(UpstreamAnswer::status(429).header("retry-after", PRIVATE)),
        Effect::rewrite(UpstreamAnswer::cut_off),
        Effect::Reset,
    ]
}

#[tokio::test]
async fn an_invocation_leaves_one_line_with_its_outcome_its_sids_and_its_steps() {
    let scene = Scene::start().await;
    for function in WEBHOOKS {
        tell(&scene, function, "reservation.wrapup").await;
    }
    let task_events = json!({
        "level": "INFO",
        "outcome": "done",
        "eventType": "reservation.wrapup",
        "taskSid": scene.task_sid,
        "steps": [
            "read task 200", "list reservations 200", "write session 200", "read task 200", "list reservations 200",
        ],
    });
    let auto_close = json!({
        "level": "INFO",
        "outcome": "not for us",
        "cause": "the task is not wrapping",
        "eventType": "reservation.wrapup",
        "taskSid": scene.task_sid,
        "steps": ["read task 200", "list reservations 200"],
    });
    assert_eq!(in_order(log(&scene, TASK_EVENTS)), in_order(vec![task_events]));
    assert_eq!(in_order(log(&scene, AUTO_CLOSE)), in_order(vec![auto_close]));
}

/// Reads that are made side by side may end in either order.
fn in_order(mut lines: Vec<Value>) -> Vec<Value> {
    for line in &mut lines {
        let steps = line["steps"].as_array_mut().expect("a list of steps");
        steps.sort_by_key(Value::to_string);
    }
    lines
}

#[tokio::test]
async fn no_line_holds_a_secret_or_a_customers_text_whatever_happens() {
    let scene = private_scene().await;
    let mut invocations = 0;
    for function in WEBHOOKS {
        let event = || Callback::event(&scene, function, "task.wrapup");
        let callbacks = [
            event(),
            event().query(&format!("q={PRIVATE}")),
            event().signed_by(PRIVATE),
            event().with("TaskSid", PRIVATE),
            event().with("TaskAttributes", format!("{{{PRIVATE}")),
            event().with("AccountSid", PRIVATE),
            event().with("WorkspaceSid", PRIVATE),
            event().content_type(Some("text/hunter2")),
            event().method(Method::PUT),
        ];
        for upstream in [Upstream::TaskRouter, Upstream::SessionApi] {
            for mishap in mishaps() {
                for method in [Method::GET, Method::PATCH] {
                    scene
                        .world
                        .faults
                        .add(Fault::at(upstream).method(method).after(mishap.clone()));
                }
                tell(&scene, function, "task.wrapup").await;
                scene.world.faults.clear();
                invocations += 1;
            }
        }
        invocations += callbacks.len();
        for callback in callbacks {
            callback.send().await;
        }
    }

    let lines: Vec<Map<String, Value>> = WEBHOOKS
        .iter()
        .flat_map(|function| scene.log(function))
        .map(|line| serde_json::from_value(line).expect("a log line is an object"))
        .collect();
    assert_eq!(lines.len(), invocations);
    let request_ids: BTreeSet<_> = lines.iter().map(|line| line["requestId"].to_string()).collect();
    assert_eq!(request_ids.len(), invocations);
    let fields: BTreeSet<_> = lines.iter().flat_map(Map::keys).map(String::as_str).collect();
    let expected = [
        "cause",
        "collisions",
        "eventType",
        "level",
        "ms",
        "outcome",
        "requestId",
        "steps",
        "taskSid",
        "timestamp",
    ];
    assert_eq!(fields, expected.into());
    for line in lines {
        let line = Value::from(line).to_string();
        assert!(!line.contains(PRIVATE), "{line}");
    }
}
