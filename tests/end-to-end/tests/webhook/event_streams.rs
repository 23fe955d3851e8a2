//! Requests of Event Streams: CloudEvents, whose hash is in the signed URL.

use end_to_end::{SESSION_ID, Scene};
use serde_json::{Value, json};
use simulator::twilio::SignatureAlgorithm;
use simulator::twilio::sids::{ACCOUNT_SID, AI_WORKER_SID, WORKSPACE_SID};
use simulator::world::TASK_EVENTS;

use super::{Callback, WEBHOOKS, body_hash, error, log, no_content};

/// The test event of a webhook sink, as Twilio shows it.
const TEST_EVENT: &str = r#"[{"specversion":"1.0","type":"com.twilio.eventstreams.test-event","source":"Sink",
    "id":"AC11111111111111111111111111111111","dataschema":"https://events-schemas.twilio.com/EventStreams.TestSink/1.json",
    "datacontenttype":"application/json","time":"2026-06-10T06:02:54.377Z",
    "data":{"test_id":"cae2f9e2-c277-4612-8ad3-93c1a7a3ef88"}}]"#;

/// An event about the scene's task.
fn event(scene: &Scene, event_type: &str) -> Value {
    let mut event = json!({
        "specversion": "1.0",
        "type": format!("com.twilio.taskrouter.{event_type}"),
        "source": format!("/v1/Workspaces/{WORKSPACE_SID}"),
        "id": "EZ77777777777777777777777777777777",
        "dataschema": "https://events-schemas.twilio.com/TaskRouter.WDSEvent/4",
        "datacontenttype": "application/json",
        "time": "2026-11-22T09:00:01.250Z",
        "data": {
            "sid": "EV11111111111111111111111111111111",
            "account_sid": ACCOUNT_SID,
            "payload": {
                "eventtype": event_type,
                "timestamp": "2026-11-22T09:00:01.250Z",
                "account_sid": ACCOUNT_SID,
                "workspace_sid": WORKSPACE_SID,
                "task_sid": scene.task_sid,
                "task_attributes": scene.task().attributes,
                "task_version": 2,
            },
        },
    });
    if event_type.starts_with("reservation.") {
        event["data"]["payload"]["reservation_sid"] = scene.reservation_sid.clone().into();
        event["data"]["payload"]["worker_sid"] = AI_WORKER_SID.into();
    }
    event
}

/// A signed request with this body.
fn request<'s>(scene: &'s Scene, function: &'static str, body: &str) -> Callback<'s> {
    let request = Callback::of(scene, function, vec![]).content_type(Some("application/json"));
    request.query(&body_hash(body)).body(body)
}

#[tokio::test]
async fn list_of_events_is_verified_by_its_hash() {
    let scene = Scene::start().await;
    for function in WEBHOOKS {
        let body = json!([event(&scene, "worker.created")]).to_string();
        for content_type in [
            "application/json; charset=utf-8",
            "application/cloudevents+json",
            "Application/CloudEvents-Batch+JSON",
        ] {
            let request = request(&scene, function, &body).content_type(Some(content_type));
            assert_eq!(request.send().await, no_content(), "{function} {content_type}");
        }
        assert_eq!(
            request(&scene, function, TEST_EVENT).send().await,
            no_content(),
            "{function}"
        );
        assert_eq!(
            log(&scene, function).pop().unwrap()["cause"],
            "an event of another product"
        );
        let unhashed = Callback::of(&scene, function, vec![]).content_type(Some("application/json"));
        assert_eq!(
            unhashed.body(body.clone()).send().await,
            error(403, "forbidden"),
            "{function}"
        );
        let other_body = request(&scene, function, &body).body(format!("{body} "));
        assert_eq!(
            other_body.send().await,
            error(503, "unavailable"),
            "{function}: read again a moment ago"
        );
    }
}

#[tokio::test]
async fn events_about_one_task_are_one_piece_of_work() {
    let scene = Scene::start().await;
    let events = ["task.created", "task.updated", "reservation.created"].map(|name| event(&scene, name));
    let answer = request(&scene, TASK_EVENTS, &json!(events).to_string()).send().await;
    assert_eq!(answer, no_content());
    let writes = scene.world.session_api.patches(SESSION_ID);
    assert_eq!(writes.len(), 1);
    assert_eq!(
        writes[0].get("flex_reservation_sid"),
        Some(json!(scene.reservation_sid).to_string().as_str())
    );
    let line = log(&scene, TASK_EVENTS).pop().unwrap();
    let expected = [
        json!("done"),
        json!(scene.task_sid),
        json!(["task.created", "task.updated", "reservation.created"]),
    ];
    assert_eq!(
        ["outcome", "taskSid", "eventTypes"].map(|field| line[field].clone()),
        expected
    );
}

#[tokio::test]
async fn unreadable_event_does_not_stop_the_others() {
    let scene = Scene::start().await;
    let body = json!([7, event(&scene, "task.updated"), { "type": "com.twilio.taskrouter.task.updated" }]);
    let answer = request(&scene, TASK_EVENTS, &body.to_string()).send().await;
    assert_eq!(answer, error(400, "unreadable"));
    assert_eq!(scene.world.session_api.patches(SESSION_ID).len(), 1);
    for body in ["", "{", "7", "[{}", "null"] {
        let answer = request(&scene, TASK_EVENTS, body).send().await;
        assert_eq!(answer, error(400, "unreadable"), "{body}");
    }
    assert_eq!(request(&scene, TASK_EVENTS, "[]").send().await, no_content());
}

#[tokio::test]
async fn several_tasks_get_the_worst_answer() {
    let scene = Scene::start().await;
    let mut gone = event(&scene, "task.updated");
    gone["data"]["payload"]["task_sid"] = "WT00000000000000000000000000000009".into();
    let body = json!([event(&scene, "task.updated"), gone]).to_string();
    assert_eq!(request(&scene, TASK_EVENTS, &body).send().await, no_content());
    let line = log(&scene, TASK_EVENTS).pop().unwrap();
    assert_eq!((&line["level"], &line["outcome"]), (&json!("WARN"), &json!("gone")));
    assert_eq!(
        line["taskSids"],
        json!([scene.task_sid, "WT00000000000000000000000000000009"])
    );
}

const KEY_ID: &str = "webhooks_sharedkey_01";
const KEY: &str = "a shared key";
const SETTINGS: &str = "key=webhooks_sharedkey_01,algorithm=HMAC_SHA256";

#[tokio::test]
async fn shared_key_of_the_secret_signs_either_kind() {
    let scene = Scene::start().await;
    scene.rotate_secret(|secret| drop(secret.insert("webhook_shared_keys".to_owned(), json!({ KEY_ID: KEY }))));
    let sign = |callback: Callback<'_>, fields: &[(String, String)]| {
        SignatureAlgorithm::HmacSha256.signature(KEY, callback.url(), fields)
    };
    for function in WEBHOOKS {
        let form = Callback::event(&scene, function, "worker.created");
        let by_key = sign(form.clone(), form.signed_fields());
        let form = form.signature(Some(&by_key));
        assert_eq!(form.clone().settings(SETTINGS).send().await, no_content(), "{function}");
        let events = request(&scene, function, TEST_EVENT);
        let by_key = sign(events.clone(), &[]);
        let events = events.signature(Some(&by_key));
        assert_eq!(events.settings(SETTINGS).send().await, no_content(), "{function}");
        for settings in [
            "key=webhooks_sharedkey_01,algorithm=HMAC_SHA512",
            "key=webhooks_sharedkey_01",
            "nonsense",
        ] {
            let answer = form.clone().settings(settings).send().await;
            assert_eq!(answer, error(403, "forbidden"), "{function} {settings}");
        }
        // No other key is tried.
        let by_token = Callback::event(&scene, function, "worker.created").settings(SETTINGS);
        assert_eq!(by_token.send().await, error(403, "forbidden"), "{function}");
        let unknown = form.settings("key=webhooks_sharedkey_02,algorithm=HMAC_SHA256");
        assert_eq!(
            unknown.send().await,
            error(503, "unavailable"),
            "{function}: read again a moment ago"
        );
    }
}
