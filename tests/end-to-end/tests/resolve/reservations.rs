//! The released reservation and the steps after its release.

use std::time::Duration;

use simulator::options::CLOSE_QUEUE;
use simulator::sqs::queue_url;
use simulator::twilio::sids::AI_WORKER_SID;

use super::*;

#[tokio::test]
async fn pending_reservation_is_rejected() {
    let scene = Scene::start().await;

    assert_eq!(resolve(&scene).await, Ok(answer(&scene, ["marked", "rejected", "off"])));

    assert_marked(&scene);
    assert_eq!(scene.writes(), [WRITE_SESSION, RELEASE]);
    assert_eq!(scene.reservation().status, ReservationStatus::Rejected);
    assert_eq!(scene.task().status, TaskStatus::Pending);
}

#[tokio::test]
async fn accepted_reservation_is_wrapped_up() {
    let scene = Scene::start().await;
    move_reservation(&scene, ReservationStatus::Accepted);

    assert_eq!(resolve(&scene).await, Ok(answer(&scene, ["marked", "wrapping", "off"])));

    assert_eq!(scene.reservation().status, ReservationStatus::Wrapping);
    assert_eq!(scene.task().status, TaskStatus::Wrapping);
}

#[tokio::test]
async fn repeat_releases_nothing_and_writes_no_attribute() {
    let scene = Scene::with(with_attribute).await;
    let attributes = scene.task().attributes;
    assert_eq!(resolve(&scene).await, Ok(answer(&scene, ["marked", "rejected", "off"])));
    let resolved = attributes.replace('}', r#","aiResolved":true}"#);
    assert_eq!(scene.task().attributes, resolved);
    assert_eq!(scene.writes(), [WRITE_SESSION, WRITE_TASK, RELEASE]);
    scene.world.exchanges.clear();

    assert_eq!(
        resolve(&scene).await,
        Ok(answer(&scene, ["marked", "already-released", "off"]))
    );

    assert_eq!(scene.writes(), [WRITE_SESSION]);
    assert_eq!(scene.task().attributes, resolved);
}

#[tokio::test]
async fn task_that_ended_is_marked_all_the_same() {
    for status in [TaskStatus::Canceled, TaskStatus::Completed] {
        let scene = Scene::with(with_attribute).await;
        let attributes = scene.task().attributes;
        if status == TaskStatus::Completed {
            move_reservation(&scene, ReservationStatus::Accepted);
            move_reservation(&scene, ReservationStatus::Wrapping);
        }
        scene.world.twilio.end_task(&scene.task_sid, status, "").unwrap();

        let answered = resolve(&scene).await;

        assert_eq!(answered, Ok(answer(&scene, ["marked", "already-released", "off"])));
        assert_marked(&scene);
        assert_eq!(scene.task().attributes, attributes);
    }
}

#[tokio::test]
async fn open_reservation_is_found_without_its_sid() {
    let scene = Scene::start().await;
    for request in [
        json!({ "taskSid": scene.task_sid }),
        json!({ "sessionId": SESSION_ID, "unknown": [] }),
    ] {
        let answered = resolve_with(&scene, request).await.expect("it can be resolved");
        assert_eq!(answered["reservationSid"], json!(scene.reservation_sid));
        assert_eq!(answered["taskSid"], json!(scene.task_sid));
    }
    let offered_again = scene.world.twilio.reserve(&scene.task_sid, AI_WORKER_SID).unwrap();
    let answered = resolve(&scene).await.expect("it can be resolved");
    assert_eq!(answered["reservationSid"], json!(offered_again.sid));
    assert_eq!(answered["reservation"], "rejected");
}

#[tokio::test]
async fn resolved_task_is_left_to_auto_close() {
    let scene = Scene::with(|options| {
        options.close_queue = true;
        options.resolve.set("AUTO_CLOSE_DELAY", "1");
    })
    .await;

    assert_eq!(
        resolve(&scene).await,
        Ok(answer(&scene, ["marked", "rejected", "queued"]))
    );

    let sent = scene
        .world
        .exchanges
        .of(Upstream::Sqs)
        .into_iter()
        .find(|it| it.text().contains("resolved"));
    let sent: Value = serde_json::from_slice(&sent.expect("a message was sent").body).unwrap();
    let (task, reservation) = (&scene.task_sid, &scene.reservation_sid);
    let message = format!(r#"{{"close":{{"taskSid":"{task}","reservationSid":"{reservation}","cause":"resolved"}}}}"#);
    let expected = json!({ "QueueUrl": queue_url(CLOSE_QUEUE), "MessageBody": message, "DelaySeconds": 1 });
    assert_eq!(sent, expected);
    let deadline = tokio::time::Instant::now() + end_to_end::LIMIT;
    let mut changed = scene.world.twilio.changed();
    while scene.task().status != TaskStatus::Canceled {
        scene.world.clock.advance(Duration::from_secs(1));
        let change = tokio::time::timeout(Duration::from_millis(200), changed.changed()).await;
        assert!(
            change.is_ok() || tokio::time::Instant::now() < deadline,
            "auto-close has not ended the task"
        );
    }
}

#[tokio::test]
async fn unavailable_close_queue_is_an_error_after_the_release() {
    let scene = Scene::with(|options| {
        options.close_queue = true;
        options.resolve.timeout = Duration::from_secs(4);
    })
    .await;
    let is_send = |exchange: &Exchange| exchange.text().contains("MessageBody");
    scene.strike(Fault::at(Upstream::Sqs).always().before(Effect::Reset));

    assert_eq!(error_type(resolve(&scene).await), "Unavailable");

    assert!(scene.world.exchanges.of(Upstream::Sqs).iter().any(is_send));
    assert_eq!(scene.reservation().status, ReservationStatus::Rejected);
    scene.world.faults.clear();
    assert_eq!(
        resolve(&scene).await,
        Ok(answer(&scene, ["marked", "already-released", "queued"]))
    );
}
