//! `AUTO_CLOSE_DELAY`: what `auto-close` leaves on the queue, and what `deferred` makes of it.

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

/// A world in which `auto-close` waits so long, and the AI is done with its task.
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

/// A worker takes the task.
fn accept(scene: &Scene, worker_sid: &str) -> Reservation {
    let reservation = scene.world.twilio.reserve(&scene.task_sid, worker_sid).unwrap();
    let accepted = scene
        .world
        .twilio
        .move_reservation(&reservation.sid, ReservationStatus::Accepted);
    accepted.unwrap()
}

/// What was left, when the delay is over.
async fn closes(scene: &Scene, message: &str) -> bool {
    assert_eq!(deliver(scene, &[(message, 1)]).await, [0; 0]);
    scene.task().status == TaskStatus::Completed
}

#[tokio::test]
async fn a_wrap_up_is_left_for_as_long_as_the_delay() {
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
async fn an_event_that_names_a_reservation_needs_no_look() {
    let scene = wrapped_up().await;
    let event = Callback::event(&scene, AUTO_CLOSE, "task.wrapup").with("ReservationSid", &scene.reservation_sid);
    assert_eq!(event.send().await, no_content());
    assert_eq!(scene.requests(), [""; 0]);
    assert_eq!(asked(&scene).len(), 1);
}

#[tokio::test]
async fn what_is_no_wrap_up_of_the_ais_is_not_left() {
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
async fn a_wrap_up_that_can_t_be_left_is_503() {
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
async fn a_task_that_is_wrapping_still_is_closed() {
    for scope in ["ai", "all"] {
        let scene = wrapped_up_with(scope, "900").await;
        assert!(closes(&scene, &close(&scene)).await, "{scope}");
        // And once more it is closed already.
        assert!(closes(&scene, &close(&scene)).await);
        let causes: Vec<_> = log(&scene).iter().map(|line| line["cause"].clone()).collect();
        assert_eq!(causes, [json!(null), json!("the task is not wrapping")]);
        assert_eq!(scene.writes(), ["POST Tasks/WT"]);
    }
}

#[tokio::test]
async fn a_task_that_a_rep_has_taken_meanwhile_is_not_closed() {
    let scene = wrapped_up().await;
    accept(&scene, REP_WORKER_SID);
    assert!(!closes(&scene, &close(&scene)).await);
    assert_eq!(scene.writes(), [""; 0]);
}

#[tokio::test]
async fn a_task_that_was_handed_off_meanwhile_is_not_closed() {
    let scene = wrapped_up().await;
    scene.set_attributes(r#"{"handedOff":true}"#);
    assert!(!closes(&scene, &close(&scene)).await);
    assert_eq!(scene.writes(), [""; 0]);
}

#[tokio::test]
async fn a_task_that_the_ai_took_again_is_closed_by_its_later_wrap_up_alone() {
    for scope in ["ai", "all"] {
        let scene = wrapped_up_with(scope, "900").await;
        // Dates have whole seconds.
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
async fn a_task_that_is_gone_is_closed_already() {
    let scene = wrapped_up().await;
    scene.world.twilio.delete_task(&scene.task_sid).unwrap();
    assert_eq!(deliver(&scene, &[(&close(&scene), 1)]).await, [0; 0]);
    assert_eq!(log(&scene).pop().unwrap()["cause"], "closed already");
}

#[tokio::test]
async fn a_task_that_can_t_be_closed_now_is_tried_again() {
    let scene = wrapped_up().await;
    let at_write = Fault::at(Upstream::TaskRouter).method(http::Method::POST);
    scene.world.faults.add(at_write.before(status(400)));
    assert_eq!(deliver(&scene, &[(&close(&scene), 1)]).await, [0]);
    assert!(closes(&scene, &close(&scene)).await);
}

#[tokio::test]
async fn a_message_without_a_reservation_is_none() {
    let scene = wrapped_up().await;
    let body = json!({ "close": { "taskSid": scene.task_sid } }).to_string();
    assert_eq!(deliver(&scene, &[(&body, 1)]).await, [0]);
    assert_eq!(scene.task().status, TaskStatus::Wrapping);
}

#[tokio::test]
async fn a_task_is_closed_when_the_delay_is_over() {
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

/// A wrap-up that is to be closed at once, and finds things so.
async fn close_at_once(fault: Fault) -> Scene {
    let scene = wrapped_up_with("ai", "0").await;
    scene.world.faults.add(fault.always());
    scene
}

fn at_taskrouter(effect: Effect) -> Fault {
    Fault::at(Upstream::TaskRouter).before(effect)
}

#[tokio::test]
async fn without_a_delay_nothing_is_left_that_can_be_closed() {
    for scope in ["ai", "all"] {
        let scene = wrapped_up_with(scope, "0").await;
        let answer = webhook::tell(&scene, AUTO_CLOSE, "reservation.wrapup").await;
        assert_eq!(answer, no_content());
        assert_eq!(scene.task().status, TaskStatus::Completed);
        assert_eq!(asked(&scene), []);
    }
}

#[tokio::test]
async fn a_task_that_can_t_be_closed_while_twilio_waits_is_left_and_closed_later() {
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
async fn what_can_be_neither_closed_nor_left_is_503() {
    // It takes TaskRouter to tell whose wrap-up it was.
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
async fn what_is_refused_or_not_to_be_closed_is_not_left() {
    let scene = close_at_once(at_taskrouter(status(400))).await;
    let answer = webhook::tell(&scene, AUTO_CLOSE, "reservation.wrapup").await;
    assert_eq!(answer, error(500, "refused"));
    scene.world.faults.clear();
    scene.set_attributes(r#"{"handedOff":true}"#);
    let answer = webhook::tell(&scene, AUTO_CLOSE, "reservation.wrapup").await;
    assert_eq!(answer, no_content());
    assert_eq!(asked(&scene), []);
}
