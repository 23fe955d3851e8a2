//! Tasks that may have to be closed and tasks that come back to the AI.

use std::time::Duration;

use end_to_end::{SESSION_ID, Scene};
use serde_json::{Value, json};
use simulator::exchange::{Answer, Upstream};
use simulator::fault::Effect;
use simulator::twilio::sids::REP_WORKER_SID;
use simulator::world::TASK_EVENTS;

use super::{at_write, log, scene_with, tell};
use crate::webhook::{Callback, error, no_content};

async fn scene(on: &'static str, delay: &'static str) -> Scene {
    Scene::with(|options| {
        options.close_queue = true;
        options.batching_window = Duration::from_secs(300);
        options.task_events.set("AUTO_CLOSE_ON", on);
        options.task_events.set("AUTO_CLOSE_DELAY", delay);
    })
    .await
}

/// The requests to close a task and their delays.
fn sent(scene: &Scene) -> Vec<(Value, u64)> {
    let exchanges = scene.world.exchanges.of(Upstream::Sqs);
    let requests = exchanges.iter().filter_map(|exchange| {
        let request: Value = serde_json::from_slice(&exchange.body).ok()?;
        let body: Value = serde_json::from_str(request["MessageBody"].as_str()?).ok()?;
        Some((body, request["DelaySeconds"].as_u64().unwrap_or_default()))
    });
    requests.collect()
}

#[tokio::test]
async fn wrap_ups_and_rejections_are_passed_on() {
    let scene = scene("wrapup,rejection", "7").await;
    let (task, reservation) = (&scene.task_sid, &scene.reservation_sid);
    let wrapup = json!({ "close": { "taskSid": task, "cause": "wrapup" } });
    let of_reservation = json!({ "close": { "taskSid": task, "reservationSid": reservation, "cause": "wrapup" } });
    let rejection = json!({ "close": { "taskSid": task, "reservationSid": reservation, "cause": "rejection" } });
    for (event_type, expected) in [
        ("task.wrapup", vec![(wrapup, 7)]),
        ("reservation.wrapup", vec![(of_reservation, 7)]),
        ("reservation.rejected", vec![(rejection, 30)]),
        ("reservation.completed", vec![]),
        ("task.completed", vec![]),
    ] {
        scene.world.exchanges.clear();
        assert_eq!(tell(&scene, event_type).await, no_content());
        assert_eq!(sent(&scene), expected, "{event_type}");
    }
    let humans = Callback::event(&scene, TASK_EVENTS, "reservation.rejected").with("WorkerSid", REP_WORKER_SID);
    scene.world.exchanges.clear();
    assert_eq!(humans.send().await, no_content());
    assert_eq!(sent(&scene), []);
}

#[tokio::test]
async fn rejection_is_not_passed_on_by_default() {
    let scene = scene("wrapup", "0").await;
    assert_eq!(tell(&scene, "reservation.rejected").await, no_content());
    assert_eq!(sent(&scene), []);
}

#[tokio::test]
async fn task_is_passed_on_without_a_session_and_if_the_copy_fails() {
    let scene = scene("wrapup", "0").await;
    scene
        .world
        .faults
        .add(at_write().always().before(Effect::Answer(Answer::status(403))));
    assert_eq!(tell(&scene, "task.wrapup").await, error(500, "refused"));
    assert_eq!(sent(&scene).len(), 1);
    scene.set_attributes("{}");
    assert_eq!(tell(&scene, "task.wrapup").await, no_content());
    assert_eq!(sent(&scene).len(), 2);
    assert_eq!(
        (&log(&scene)["level"], &log(&scene)["outcome"]),
        (&json!("INFO"), &json!("deferred"))
    );
}

#[tokio::test]
async fn unavailable_close_queue_gives_503() {
    let scene = scene("wrapup", "0").await;
    assert_eq!(tell(&scene, "task.updated").await, no_content());
    scene.world.server(Upstream::Sqs).take_down().await.unwrap();
    assert_eq!(tell(&scene, "task.wrapup").await, error(503, "unavailable"));
    assert_eq!(
        scene.world.session_api.patches(SESSION_ID).len(),
        2,
        "copied all the same"
    );
}

#[tokio::test]
async fn handed_off_task_that_is_offered_to_the_ai_is_a_loop() {
    let scene = scene_with(|_| ()).await;
    let handed_off = format!(r#"{{"session_id":"{SESSION_ID}","handedOff":true}}"#);
    scene.set_attributes(&handed_off);
    let event = || Callback::event(&scene, TASK_EVENTS, "reservation.created");
    for (callback, outcome) in [
        (event(), ["WARN", "loop"]),
        (event().without("TaskAttributes"), ["WARN", "loop"]),
        (event().with("WorkerSid", REP_WORKER_SID), ["INFO", "done"]),
        (
            Callback::event(&scene, TASK_EVENTS, "reservation.accepted"),
            ["INFO", "done"],
        ),
        // The task was handed off after it was offered.
        (event().with("TaskAttributes", "{}"), ["INFO", "done"]),
    ] {
        assert_eq!(callback.send().await, no_content());
        let line = log(&scene);
        assert_eq!(["level", "outcome"].map(|field| line[field].clone()), outcome);
    }
}
