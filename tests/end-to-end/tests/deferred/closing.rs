//! `AUTO_CLOSE_DELAY`: the messages that `auto-close` sends, and how `deferred` handles them.

use std::time::Duration;

use end_to_end::Scene;
use serde_json::json;
use simulator::exchange::Upstream;
use simulator::fault::{Effect, Fault};
use simulator::options::QUEUE;
use simulator::sqs::queue_url;
use simulator::twilio::sids::{AI_WORKER_SID, REP_WORKER_SID};
use simulator::twilio::{Reservation, ReservationStatus, TaskStatus};
use simulator::world::AUTO_CLOSE;

use super::{asked, deliver, emptied, log, scene_with, status, until_a_message_is_left};
use crate::webhook::{self, Callback, SHORT, error, no_content};

/// A scene in which `auto-close` waits this long, and the AI has wrapped up its task.
async fn wrapped_up_with(scope: &str, delay: &str) -> Scene {
    let scene = scene_with(|options| {
        options.auto_close.timeout = SHORT;
        options.auto_close.set("AUTO_CLOSE_DELAY", delay);
        options.auto_close.set("AUTO_CLOSE_SCOPE", scope);
        options.deferred.set("AUTO_CLOSE_SCOPE", scope);
    })
    .await;
    wrap_up(&scene, &scene.reservation_sid);
    scene
}

async fn wrapped_up() -> Scene {
    wrapped_up_with("ai", "900").await
}

fn wrap_up(scene: &Scene, reservation_sid: &str) {
    for status in [ReservationStatus::Accepted, ReservationStatus::Wrapping] {
        let moved = scene.world.twilio.move_reservation(reservation_sid, status);
        moved.expect("the reservation is open");
    }
}

fn close(scene: &Scene) -> String {
    close_after(scene, &scene.reservation_sid)
}

fn close_after(scene: &Scene, reservation_sid: &str) -> String {
    json!({ "close": { "taskSid": scene.task_sid, "reservationSid": reservation_sid } }).to_string()
}

/// A worker accepts the task.
fn accept(scene: &Scene, worker_sid: &str) -> Reservation {
    let reservation = scene.world.twilio.reserve(&scene.task_sid, worker_sid).unwrap();
    let accepted = scene
        .world
        .twilio
        .move_reservation(&reservation.sid, ReservationStatus::Accepted);
    accepted.unwrap()
}

/// Handles the message after the delay. Returns whether the task was closed.
async fn closes(scene: &Scene, message: &str) -> bool {
    assert_eq!(deliver(scene, &[(message, 1)]).await, [0; 0]);
    scene.task().status == TaskStatus::Completed
}

#[tokio::test]
async fn wrap_up_is_deferred_for_the_delay() {
    for event_type in ["reservation.wrapup", "task.wrapup"] {
        let scene = wrapped_up().await;
        assert_eq!(webhook::tell(&scene, AUTO_CLOSE, event_type).await, no_content());
        let [(operation, request)] = asked(&scene).try_into().unwrap();
        assert_eq!(operation, "SendMessage");
        let body: serde_json::Value = serde_json::from_str(request["MessageBody"].as_str().unwrap()).unwrap();
        assert_eq!(body.to_string(), close(&scene));
        assert_eq!(
            [&request["QueueUrl"], &request["DelaySeconds"]],
            [&json!(queue_url(QUEUE)), &json!(900)]
        );
        assert_eq!(scene.task().status, TaskStatus::Wrapping);
        let line = webhook::log(&scene, AUTO_CLOSE).pop().unwrap();
        assert_eq!([&line["level"], &line["outcome"]], ["INFO", "delayed"]);
        assert_eq!(line["reservationSid"], scene.reservation_sid.as_str());
    }
}

#[tokio::test]
async fn event_naming_a_reservation_needs_no_read() {
    let scene = wrapped_up().await;
    let event = Callback::event(&scene, AUTO_CLOSE, "task.wrapup").with("ReservationSid", &scene.reservation_sid);
    assert_eq!(event.send().await, no_content());
    assert_eq!(scene.requests(), [""; 0]);
    assert_eq!(asked(&scene).len(), 1);
}

#[tokio::test]
async fn only_the_ais_wrap_up_is_deferred() {
    let scene = wrapped_up().await;
    for event_type in ["task.updated", "reservation.completed", "worker.created"] {
        assert_eq!(webhook::tell(&scene, AUTO_CLOSE, event_type).await, no_content());
    }
    let reps = Callback::event(&scene, AUTO_CLOSE, "reservation.wrapup").with("WorkerSid", REP_WORKER_SID);
    assert_eq!(reps.send().await, no_content());
    assert_eq!(asked(&scene), []);

    let never_taken = Scene::with(|options| {
        options.queue = true;
        options.auto_close.set("AUTO_CLOSE_DELAY", "900");
    });
    let never_taken = never_taken.await;
    assert_eq!(
        webhook::tell(&never_taken, AUTO_CLOSE, "task.wrapup").await,
        no_content()
    );
    let line = webhook::log(&never_taken, AUTO_CLOSE).pop().unwrap();
    assert_eq!(line["cause"], "no reservation was wrapped up");
    assert_eq!(asked(&never_taken), []);
}

#[tokio::test]
async fn undeferrable_wrap_up_gives_503() {
    let scene = wrapped_up().await;
    scene
        .world
        .faults
        .add(Fault::at(Upstream::Sqs).always().before(status(503)));
    assert_eq!(
        webhook::tell(&scene, AUTO_CLOSE, "reservation.wrapup").await,
        error(503, "unavailable")
    );
    let at_list = Fault::at(Upstream::TaskRouter).path_ends_with("/Reservations");
    scene.world.faults.clear();
    scene.world.faults.add(at_list.always().before(Effect::Hang));
    assert_eq!(
        webhook::tell(&scene, AUTO_CLOSE, "task.wrapup").await,
        error(503, "unavailable")
    );
}

#[tokio::test]
async fn task_still_wrapping_is_closed() {
    for scope in ["ai", "all"] {
        let scene = wrapped_up_with(scope, "900").await;
        assert!(closes(&scene, &close(&scene)).await, "{scope}");
        // The second time, the task is already closed.
        assert!(closes(&scene, &close(&scene)).await);
        let causes: Vec<_> = log(&scene).iter().map(|line| line["cause"].clone()).collect();
        assert_eq!(causes, [json!(null), json!("the task is not wrapping")]);
        assert_eq!(scene.writes(), ["POST Tasks/WT"]);
    }
}

#[tokio::test]
async fn task_accepted_by_an_agent_is_not_closed() {
    let scene = wrapped_up().await;
    accept(&scene, REP_WORKER_SID);
    assert!(!closes(&scene, &close(&scene)).await);
    assert_eq!(scene.writes(), [""; 0]);
}

#[tokio::test]
async fn handed_off_task_is_not_closed() {
    let scene = wrapped_up().await;
    scene.set_attributes(r#"{"handedOff":true}"#);
    assert!(!closes(&scene, &close(&scene)).await);
    assert_eq!(scene.writes(), [""; 0]);
}

#[tokio::test]
async fn later_wrap_up_closes_a_task_accepted_again() {
    for scope in ["ai", "all"] {
        let scene = wrapped_up_with(scope, "900").await;
        // Twilio's dates are whole seconds.
        scene.world.clock.advance(Duration::from_secs(2));
        let later = accept(&scene, AI_WORKER_SID);
        let wrapping = scene
            .world
            .twilio
            .move_reservation(&later.sid, ReservationStatus::Wrapping);
        wrapping.unwrap();
        assert!(!closes(&scene, &close(&scene)).await, "{scope}");
        let line = log(&scene).pop().unwrap();
        assert_eq!(line["cause"], "that was not the last wrap-up");
        assert!(closes(&scene, &close_after(&scene, &later.sid)).await, "{scope}");
    }
}

#[tokio::test]
async fn deleted_task_counts_as_closed() {
    let scene = wrapped_up().await;
    scene.world.twilio.delete_task(&scene.task_sid).unwrap();
    assert_eq!(deliver(&scene, &[(&close(&scene), 1)]).await, [0; 0]);
    assert_eq!(log(&scene).pop().unwrap()["cause"], "closed already");
}

#[tokio::test]
async fn failed_close_is_tried_again() {
    let scene = wrapped_up().await;
    let at_write = Fault::at(Upstream::TaskRouter).method(http::Method::POST);
    scene.world.faults.add(at_write.before(status(400)));
    assert_eq!(deliver(&scene, &[(&close(&scene), 1)]).await, [0]);
    assert!(closes(&scene, &close(&scene)).await);
}

#[tokio::test]
async fn message_without_a_reservation_is_unreadable() {
    let scene = wrapped_up().await;
    let body = json!({ "close": { "taskSid": scene.task_sid } }).to_string();
    assert_eq!(deliver(&scene, &[(&body, 1)]).await, [0]);
    assert_eq!(scene.task().status, TaskStatus::Wrapping);
}

#[tokio::test]
async fn task_is_closed_after_the_delay() {
    let scene = wrapped_up().await;
    assert_eq!(webhook::tell(&scene, AUTO_CLOSE, "task.wrapup").await, no_content());
    let [message] = scene.world.sqs.messages(QUEUE).try_into().unwrap();
    assert_eq!(message.visible_from - message.sent, Duration::from_secs(900));
    assert_eq!(scene.task().status, TaskStatus::Wrapping);
    scene.world.clock.advance(Duration::from_secs(900));
    emptied(&scene).await;
    assert_eq!(scene.task().status, TaskStatus::Completed);
    assert_eq!(log(&scene).len(), 1);
}

/// Sends a wrap-up that is to be closed at once, during this fault.
async fn close_at_once(fault: Fault) -> Scene {
    let scene = wrapped_up_with("ai", "0").await;
    scene.world.faults.add(fault.always());
    scene
}

fn at_taskrouter(effect: Effect) -> Fault {
    Fault::at(Upstream::TaskRouter).before(effect)
}

#[tokio::test]
async fn closable_task_is_not_deferred_without_a_delay() {
    for scope in ["ai", "all"] {
        let scene = wrapped_up_with(scope, "0").await;
        let answer = webhook::tell(&scene, AUTO_CLOSE, "reservation.wrapup").await;
        assert_eq!(answer, no_content());
        assert_eq!(scene.task().status, TaskStatus::Completed);
        assert_eq!(asked(&scene), []);
    }
}

#[tokio::test]
async fn close_that_outlasts_the_webhook_is_deferred() {
    let at_write = |effect| {
        Fault::at(Upstream::TaskRouter)
            .method(http::Method::POST)
            .before(effect)
    };
    for fault in [
        at_taskrouter(status(503)),
        at_taskrouter(Effect::Hang),
        at_taskrouter(status(401)),
        at_write(status(500)),
    ] {
        let scene = close_at_once(fault).await;
        until_a_message_is_left(&scene);
        let answer = webhook::tell(&scene, AUTO_CLOSE, "reservation.wrapup").await;
        assert_eq!(answer, no_content());
        let [(operation, request)] = asked(&scene).try_into().unwrap();
        assert_eq!(operation, "SendMessage");
        let body: serde_json::Value = serde_json::from_str(request["MessageBody"].as_str().unwrap()).unwrap();
        assert_eq!((body.to_string(), &request["DelaySeconds"]), (close(&scene), &json!(0)));
        let line = webhook::log(&scene, AUTO_CLOSE).pop().unwrap();
        assert_eq!([&line["level"], &line["outcome"]], ["WARN", "deferred"]);
        emptied(&scene).await;
        assert_eq!(scene.task().status, TaskStatus::Completed);
    }
}

#[tokio::test]
async fn failing_close_and_failing_queue_give_503() {
    // Only TaskRouter knows whose wrap-up it was.
    let scene = close_at_once(at_taskrouter(status(503))).await;
    let answer = webhook::tell(&scene, AUTO_CLOSE, "task.wrapup").await;
    assert_eq!(answer, error(503, "unavailable"));
    assert_eq!(asked(&scene), []);
    scene
        .world
        .faults
        .add(Fault::at(Upstream::Sqs).always().before(status(503)));
    let answer = webhook::tell(&scene, AUTO_CLOSE, "reservation.wrapup").await;
    assert_eq!(answer, error(503, "unavailable"));
}

#[tokio::test]
async fn refused_or_ignored_wrap_up_is_not_deferred() {
    let scene = close_at_once(at_taskrouter(status(400))).await;
    let answer = webhook::tell(&scene, AUTO_CLOSE, "reservation.wrapup").await;
    assert_eq!(answer, error(500, "refused"));
    scene.world.faults.clear();
    scene.set_attributes(r#"{"handedOff":true}"#);
    let answer = webhook::tell(&scene, AUTO_CLOSE, "reservation.wrapup").await;
    assert_eq!(answer, no_content());
    assert_eq!(asked(&scene), []);
}
