//! A webhook's log has one line for each invocation, without secrets or customers' text.

use std::collections::BTreeSet;

use end_to_end::Scene;
use http::Method;
use serde_json::{Map, Value, json};
use simulator::exchange::{Answer as UpstreamAnswer, Upstream};
use simulator::fault::{Effect, Fault};
use simulator::world::{AUTO_CLOSE, TASK_EVENTS};

use super::{Callback, WEBHOOKS, log, tell};

/// Part of every secret and every customer's text.
const PRIVATE: &str = "hunter2";

/// A scene with the mark in every secret and every customer's text.
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

/// Upstream faults whose answers contain the mark.
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
async fn invocation_logs_outcome_sids_and_steps() {
    let scene = Scene::start().await;
    for function in WEBHOOKS {
        tell(&scene, function, "reservation.wrapup").await;
    }
    let task_events = json!({
        "level": "INFO",
        "outcome": "done",
        "eventType": "reservation.wrapup",
        "taskSid": scene.task_sid,
        "reservationSid": scene.reservation_sid,
        "steps": [
            "read task 200", "list reservations 200", "write session 200", "read task 200", "list reservations 200",
        ],
    });
    let auto_close = json!({
        "level": "INFO",
        "outcome": "nothing-to-do",
        "cause": "the task is not in a state in which it is closed",
        "eventType": "reservation.wrapup",
        "taskSid": scene.task_sid,
        "reservationSid": scene.reservation_sid,
        "steps": ["read task 200", "list reservations 200"],
    });
    assert_eq!(in_order(log(&scene, TASK_EVENTS)), in_order(vec![task_events]));
    assert_eq!(in_order(log(&scene, AUTO_CLOSE)), in_order(vec![auto_close]));
}

/// Sorts the reads that run side by side, since they can end in any order.
fn in_order(mut lines: Vec<Value>) -> Vec<Value> {
    for line in &mut lines {
        let steps = line["steps"].as_array_mut().expect("a list of steps");
        steps.sort_by_key(Value::to_string);
    }
    lines
}

#[tokio::test]
async fn wrong_signature_is_logged_with_whether_our_account_is_named() {
    let scene = Scene::start().await;
    for function in WEBHOOKS {
        let event = || Callback::event(&scene, function, "task.wrapup");
        let forged = || event().signed_by("another token");
        event().send().await;
        event().signature(None).send().await;
        // The second of two wrong signatures within a minute is answered 503.
        forged().send().await;
        forged().send().await;
        forged()
            .with("AccountSid", "AC00000000000000000000000000000000")
            .send()
            .await;
        let lines = scene.log(function);
        let logged = lines
            .iter()
            .map(|line| (line["signature"].as_str(), line["namesOurAccount"].as_bool()));
        let expected = [
            (None, None),
            (Some("missing"), None),
            (Some("wrong"), Some(true)),
            (Some("wrong"), Some(true)),
            (Some("wrong"), Some(false)),
        ];
        assert_eq!(logged.collect::<Vec<_>>(), expected, "{function}");
    }
}

#[tokio::test]
async fn logs_hold_no_private_text() {
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
        "function",
        "level",
        "ms",
        "namesOurAccount",
        "outcome",
        "rateLimited",
        "requestId",
        "signature",
        "steps",
        "taskSid",
        "timestamp",
        "version",
    ];
    assert_eq!(fields, expected.into());
    for line in lines {
        let line = Value::from(line).to_string();
        assert!(!line.contains(PRIVATE), "{line}");
    }
}
