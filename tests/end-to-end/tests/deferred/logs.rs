//! The log of `deferred` has one line for each piece of work, without secrets or customers' text.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};
use simulator::exchange::{Answer, Upstream};
use simulator::fault::{Effect, Fault};
use simulator::world::{DEFERRED, TASK_EVENTS};

use super::{deliver, scene_with, sync};
use crate::webhook;

/// Part of every secret and every customer's text.
const PRIVATE: &str = "hunter2";

#[tokio::test]
async fn logs_and_messages_hold_no_private_text() {
    let scene = scene_with(|options| {
        options.deferred.timeout = webhook::SHORT;
        options.session_api.token = format!("session-token-{PRIVATE}");
    })
    .await;
    let session_id = format!("session-{PRIVATE}");
    scene.world.session_api.create_session(&session_id);
    let attributes = json!({
        "session_id": session_id, "conversationSid": format!("CH-{PRIVATE}"), "name": PRIVATE,
        "customer": { "name": PRIVATE }, "customer_name": PRIVATE,
    });
    scene.set_attributes(&attributes.to_string());
    let note = json!({ "note": {
        "taskSid": scene.task_sid, "reservationSid": scene.reservation_sid, "conversationSid": scene.conversation_sid,
    } })
    .to_string();
    let poison = format!(r#"{{"sync":{{"taskSid":"{PRIVATE}"}}}}"#);
    let text = |status| Effect::Answer(Answer::status(status).body(format!(r#"{{"message":"{PRIVATE}""#)));

    let mut works = 0;
    for upstream in [Upstream::TaskRouter, Upstream::SessionApi, Upstream::Sqs] {
        for mishap in [text(200), text(400), text(404), text(500), Effect::Reset] {
            scene.world.faults.add(Fault::at(upstream).always().after(mishap));
            deliver(&scene, &[(&sync(&scene), 1), (&note, 1), (&poison, 1)]).await;
            works += 3;
            webhook::tell(&scene, TASK_EVENTS, "task.updated").await;
            scene.world.faults.clear();
            // After a failure, this environment would leave the session API alone for some seconds.
            scene.world.lambda.kill_environments(DEFERRED);
        }
    }

    let lines = [DEFERRED, TASK_EVENTS].map(|function| scene.world.lambda.logs(function));
    for line in lines.iter().flatten() {
        assert!(!line.contains(PRIVATE), "{line}");
    }
    // The queue itself delivered more.
    assert!(lines[0].len() >= works, "{}", lines[0].len());
    let lines: Vec<Map<String, Value>> = lines[0]
        .iter()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let fields: BTreeSet<_> = lines.iter().flat_map(Map::keys).map(String::as_str).collect();
    let expected = [
        "cause",
        "collisions",
        "function",
        "hiddenForSeconds",
        "level",
        "messages",
        "ms",
        "outcome",
        "receives",
        "requestId",
        "reservationSid",
        "steps",
        "taskSid",
        "timestamp",
        "version",
    ];
    assert_eq!(fields, expected.into());
    for (operation, request) in super::asked(&scene) {
        assert!(!request.to_string().contains(PRIVATE), "{operation} {request}");
    }
}
