//! With a queue, there is at most one more try. The rest goes to `deferred`.

use std::time::{Duration, Instant};

use end_to_end::Scene;
use serde_json::{Value, json};
use simulator::exchange::{Answer, Upstream};
use simulator::fault::{Effect, Fault};
use simulator::world::TASK_EVENTS;

use super::{at_read, at_write, log, tell, written};
use crate::webhook::{Callback, error, no_content};

async fn scene() -> Scene {
    let scene = Scene::with(|options| {
        options.queue = true;
        // `deferred` takes no message while a test looks at the queue.
        options.batching_window = Duration::from_secs(300);
    })
    .await;
    // The first event starts the function.
    let first = Callback::event(&scene, TASK_EVENTS, "worker.created");
    assert_eq!(first.send().await, no_content());
    scene
}

/// The messages that were sent and their delays.
fn sent(scene: &Scene) -> Vec<(Value, u64)> {
    let exchanges = scene.world.exchanges.of(Upstream::Sqs);
    let is_send = |target: &str| target == "AmazonSQS.SendMessage";
    let sends = exchanges
        .iter()
        .filter(|exchange| exchange.header("x-amz-target").is_some_and(is_send));
    let parts = sends.map(|exchange| {
        let request: Value = serde_json::from_slice(&exchange.body).unwrap();
        let body = serde_json::from_str(request["MessageBody"].as_str().unwrap()).unwrap();
        (body, request["DelaySeconds"].as_u64().unwrap_or_default())
    });
    let mut parts: Vec<(Value, u64)> = parts.collect();
    // Two messages are sent side by side.
    parts.sort_by_key(|(_, delay)| *delay);
    parts
}

fn sync(scene: &Scene) -> Value {
    json!({ "sync": { "taskSid": scene.task_sid } })
}

fn after_write(scene: &Scene) -> Value {
    json!({ "sync": { "taskSid": scene.task_sid, "isAfterWrite": true } })
}

fn second_look(scene: &Scene) -> Value {
    json!({ "sync": { "taskSid": scene.task_sid, "isSecondLook": true } })
}

fn status(status: u16) -> Effect {
    Effect::Answer(Answer::status(status).body("{}"))
}

fn outcome(scene: &Scene) -> [Value; 2] {
    let line = log(scene);
    ["level", "outcome"].map(|field| line[field].clone())
}

#[tokio::test]
async fn outage_costs_two_requests_and_then_none() {
    let scene = scene().await;
    scene.world.faults.add(at_write().always().before(status(503)));
    assert_eq!(tell(&scene, "task.updated").await, no_content());
    assert_eq!(written(&scene).len(), 2);
    assert_eq!(outcome(&scene), ["WARN", "deferred"]);
    scene.world.exchanges.clear();
    // The session API was unavailable a moment ago, so nothing is asked.
    assert_eq!(tell(&scene, "task.updated").await, no_content());
    assert_eq!(log(&scene)["steps"], json!(["send message 200"]));
    let [(message, delay)] = &sent(&scene)[..] else {
        panic!("one message")
    };
    assert_eq!(message, &sync(&scene));
    assert!((1..=5).contains(delay), "{delay}");
}

#[tokio::test]
async fn refusal_goes_to_the_queue_at_once() {
    let scene = scene().await;
    for (fault, tries) in [(at_read(&scene), 1), (at_write(), 1)] {
        let struck = scene.world.faults.add(fault.always().before(status(403)));
        assert_eq!(tell(&scene, "task.updated").await, no_content());
        assert_eq!(struck.count(), tries);
        assert_eq!(outcome(&scene), ["WARN", "deferred"]);
        scene.world.faults.clear();
    }
    assert_eq!(sent(&scene), [(sync(&scene), 0), (sync(&scene), 0)]);
}

#[tokio::test]
async fn retry_after_is_the_messages_delay() {
    for (retry_after, shortest, longest) in [("60", 60, 65), ("7200", 900, 900)] {
        let scene = scene().await;
        let busy = Answer::status(429).header("retry-after", retry_after);
        let struck = scene.world.faults.add(at_write().always().before(Effect::Answer(busy)));
        assert_eq!(tell(&scene, "task.updated").await, no_content());
        assert_eq!(struck.count(), 1);
        let [(message, delay)] = &sent(&scene)[..] else {
            panic!("one message")
        };
        assert_eq!(message, &sync(&scene));
        assert!((shortest..=longest).contains(delay), "{delay}");
    }
}

#[tokio::test]
async fn hanging_upstream_is_answered_within_four_and_a_half_seconds() {
    let [reads, writes, queue] = [scene().await, scene().await, scene().await];
    reads.world.faults.add(at_read(&reads).always().before(Effect::Hang));
    writes.world.faults.add(at_write().always().before(Effect::Hang));
    queue.world.faults.add(at_write().always().before(Effect::Hang));
    queue
        .world
        .faults
        .add(Fault::at(Upstream::Sqs).always().before(Effect::Hang));
    let timed = async |scene: &Scene| {
        let started = Instant::now();
        let answer = tell(scene, "task.updated").await;
        assert!(
            started.elapsed() < Duration::from_millis(4_500),
            "{:?}",
            started.elapsed()
        );
        answer
    };
    let answers = tokio::join!(timed(&reads), timed(&writes), timed(&queue));
    assert_eq!(answers, (no_content(), no_content(), error(503, "unavailable")));
    assert_eq!(sent(&reads), [(sync(&reads), 0)]);
    // The write may still be carried out after the write of `deferred`.
    assert_eq!(sent(&writes), [(sync(&writes), 0), (after_write(&writes), 60)]);
}

#[tokio::test]
async fn write_of_unknown_outcome_is_looked_at_again_after_a_minute() {
    for (effect, looks) in [
        (status(502), 1),
        (status(504), 1),
        (Effect::Reset, 1),
        (status(503), 0),
        (status(429), 0),
    ] {
        let scene = scene().await;
        scene.world.faults.add(at_write().before(effect));
        assert_eq!(tell(&scene, "task.updated").await, no_content());
        assert_eq!(outcome(&scene), ["INFO", "done"]);
        assert_eq!(sent(&scene), vec![(after_write(&scene), 60); looks]);
    }
}

#[tokio::test]
async fn unknown_session_is_looked_at_once_more() {
    let scene = scene().await;
    scene.set_attributes(r#"{"session_id":"nobodys"}"#);
    assert_eq!(tell(&scene, "task.updated").await, no_content());
    assert_eq!(outcome(&scene), ["WARN", "deferred"]);
    assert_eq!(sent(&scene), [(second_look(&scene), 60)]);
}

#[tokio::test]
async fn task_that_is_gone_is_looked_at_once_more_if_the_event_is_recent() {
    let scene = scene().await;
    let event = || Callback::event(&scene, TASK_EVENTS, "task.updated");
    scene.world.twilio.delete_task(&scene.task_sid).unwrap();
    let none = Answer::status(200).body(r#"{"events":[],"meta":{"next_page_url":null}}"#);
    let at_log = Fault::at(Upstream::TaskRouter).path_ends_with("/Events").always();
    scene.world.faults.add(at_log.before(Effect::Answer(none)));
    let old = event().with("Timestamp", "1795338000").send().await;
    assert_eq!(
        (old, outcome(&scene)),
        (no_content(), ["WARN", "gone"].map(Value::from))
    );
    assert_eq!(sent(&scene), []);
    assert_eq!(event().send().await, no_content());
    assert_eq!(outcome(&scene), ["WARN", "deferred"]);
    assert_eq!(sent(&scene), [(second_look(&scene), 60)]);
}

#[tokio::test]
async fn unavailable_queue_gives_503_whatever_the_reason() {
    let scene = scene().await;
    scene.world.server(Upstream::Sqs).take_down().await.unwrap();
    for effect in [status(403), status(503)] {
        scene.world.faults.add(at_read(&scene).always().before(effect));
        assert_eq!(tell(&scene, "task.updated").await, error(503, "unavailable"));
        scene.world.faults.clear();
    }
}
