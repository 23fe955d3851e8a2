//! The queue of `auto-close`: messages sent by HTTP and the work on them.

use std::time::{Duration, Instant};

use end_to_end::{LIMIT, Scene};
use serde_json::{Value, json};
use simulator::exchange::{Exchange, Upstream};
use simulator::fault::{Effect, Fault};
use simulator::options::{CLOSE_DEAD_LETTER_QUEUE, CLOSE_QUEUE, Options, QUEUE};
use simulator::sqs::queue_url;
use simulator::twilio::sids::{AI_WORKER_SID, REP_WORKER_SID};
use simulator::twilio::{Reservation, ReservationStatus, TaskStatus};
use simulator::world::AUTO_CLOSE;

use super::{end, tell};
use crate::messages::{asked, deliver, emptied};
use crate::webhook::{self, Callback, SHORT, error, no_content};

/// A scene in which `auto-close` has a queue and the AI has wrapped up its task.
async fn wrapped_up_with(change: impl FnOnce(&mut Options)) -> Scene {
    let scene = Scene::with(|options| {
        options.close_queue = true;
        change(options);
    })
    .await;
    end(&scene, ReservationStatus::Wrapping);
    scene
}

async fn wrapped_up() -> Scene {
    wrapped_up_with(|_| ()).await
}

pub(super) fn close(scene: &Scene, reservation_sid: &str, cause: &str) -> String {
    let job = json!({ "taskSid": scene.task_sid, "reservationSid": reservation_sid, "cause": cause });
    json!({ "close": job }).to_string()
}

fn wrapup(scene: &Scene) -> String {
    close(scene, &scene.reservation_sid, "wrapup")
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

/// Handles a message. Returns whether the task was completed.
async fn closes(scene: &Scene, message: &str) -> bool {
    assert_eq!(deliver(scene, AUTO_CLOSE, &[(message, 1)]).await, [0; 0]);
    scene.task().status == TaskStatus::Completed
}

fn log(scene: &Scene) -> Vec<Value> {
    webhook::log(scene, AUTO_CLOSE)
}

fn status(status: u16) -> Effect {
    Effect::Answer(simulator::exchange::Answer::status(status).body("{}"))
}

#[tokio::test]
async fn wrap_up_waits_on_the_queue_for_the_delay() {
    for event_type in ["reservation.wrapup", "task.wrapup"] {
        let scene = wrapped_up_with(|options| options.auto_close.set("AUTO_CLOSE_DELAY", "900")).await;
        assert_eq!(tell(&scene, event_type).await, no_content());
        let mut body = json!({ "close": { "taskSid": scene.task_sid, "cause": "wrapup" } });
        if event_type == "reservation.wrapup" {
            body["close"]["reservationSid"] = scene.reservation_sid.as_str().into();
        }
        let [(operation, request)] = asked(&scene).try_into().unwrap();
        assert_eq!(operation, "SendMessage");
        let sent: Value = serde_json::from_str(request["MessageBody"].as_str().unwrap()).unwrap();
        assert_eq!(sent, body);
        assert_eq!(
            [&request["QueueUrl"], &request["DelaySeconds"]],
            [&json!(queue_url(CLOSE_QUEUE)), &json!(900)]
        );
        assert_eq!(scene.requests(), [""; 0]);
        let line = log(&scene).pop().unwrap();
        assert_eq!([&line["level"], &line["outcome"]], ["INFO", "deferred"]);

        scene.world.clock.advance(Duration::from_secs(900));
        emptied(&scene, CLOSE_QUEUE, CLOSE_DEAD_LETTER_QUEUE).await;
        assert_eq!(scene.task().status, TaskStatus::Completed);
        assert_eq!(log(&scene).pop().unwrap()["outcome"], "done");
    }
}

#[tokio::test]
async fn unavailable_queue_gives_503() {
    let scene = wrapped_up().await;
    let at_queue = Fault::at(Upstream::Sqs).always();
    scene.world.faults.add(at_queue.before(status(503)));
    assert_eq!(tell(&scene, "task.wrapup").await, error(503, "unavailable"));
    assert_eq!(scene.requests(), [""; 0]);
}

#[tokio::test]
async fn rejection_of_the_ai_waits_half_a_minute() {
    let change = |options: &mut Options| {
        options.close_queue = true;
        options.auto_close.set("AUTO_CLOSE_ON", "wrapup,rejection");
    };
    let scene = Scene::with(change).await;
    let reps = Callback::event(&scene, AUTO_CLOSE, "reservation.rejected").with("WorkerSid", REP_WORKER_SID);
    assert_eq!(reps.send().await, no_content());
    assert_eq!(asked(&scene), []);
    assert_eq!(tell(&scene, "reservation.rejected").await, no_content());
    let [(_, request)] = asked(&scene).try_into().unwrap();
    let sent: Value = serde_json::from_str(request["MessageBody"].as_str().unwrap()).unwrap();
    assert_eq!(sent["close"]["cause"], "rejection");
    assert_eq!(request["DelaySeconds"], 30);
}

#[tokio::test]
async fn message_about_a_wrapping_task_completes_it() {
    for scope in ["ai", "all"] {
        let scene = wrapped_up_with(|options| options.auto_close.set("AUTO_CLOSE_SCOPE", scope)).await;
        assert!(closes(&scene, &wrapup(&scene)).await, "{scope}");
        assert!(closes(&scene, &wrapup(&scene)).await);
        let causes: Vec<_> = log(&scene).iter().map(|line| line["cause"].clone()).collect();
        assert_eq!(causes, [json!(null), json!("the task is closed already")]);
        assert_eq!(scene.writes(), ["POST Tasks/WT"]);
    }
}

#[tokio::test]
async fn message_without_a_cause_or_reservation_means_wrap_up() {
    let scene = wrapped_up().await;
    let message = json!({ "close": { "taskSid": scene.task_sid, "later": 1 } }).to_string();
    assert!(closes(&scene, &message).await);
}

#[tokio::test]
async fn task_that_somebody_took_meanwhile_is_left() {
    let scene = wrapped_up().await;
    accept(&scene, REP_WORKER_SID);
    assert!(!closes(&scene, &wrapup(&scene)).await);

    let scene = wrapped_up().await;
    scene.set_attributes(r#"{"handedOff":true}"#);
    assert!(!closes(&scene, &wrapup(&scene)).await);
    assert_eq!(scene.writes(), [""; 0]);
}

#[tokio::test]
async fn only_the_last_wrap_up_completes_a_task_accepted_again() {
    let scene = wrapped_up().await;
    // Twilio's dates are whole seconds.
    scene.world.clock.advance(Duration::from_secs(2));
    let later = accept(&scene, AI_WORKER_SID);
    let wrapping = scene
        .world
        .twilio
        .move_reservation(&later.sid, ReservationStatus::Wrapping);
    wrapping.unwrap();
    assert!(!closes(&scene, &wrapup(&scene)).await);
    assert_eq!(log(&scene).pop().unwrap()["cause"], "another reservation is newer");
    assert!(closes(&scene, &close(&scene, &later.sid, "wrapup")).await);
}

#[tokio::test]
async fn failed_and_unreadable_messages_stay_on_the_queue() {
    let scene = wrapped_up_with(|options| options.auto_close.timeout = SHORT).await;
    let at_write = || Fault::at(Upstream::TaskRouter).method(http::Method::POST);
    let sync = json!({ "sync": { "taskSid": scene.task_sid } }).to_string();
    let message = wrapup(&scene);
    for (effect, outcome) in [
        (status(400), "refused"),
        (status(403), "refused"),
        (status(503), "unavailable"),
        (Effect::Hang, "unavailable"),
    ] {
        scene.world.faults.add(at_write().always().before(effect));
        let failed = deliver(&scene, AUTO_CLOSE, &[(&message, 3), (&sync, 1), ("poison", 1)]).await;
        assert_eq!(failed, [0, 1, 2]);
        let mut outcomes: Vec<_> = log(&scene).into_iter().map(|line| line["outcome"].clone()).collect();
        let last = outcomes.split_off(outcomes.len() - 3);
        assert_eq!(last.iter().filter(|it| *it == outcome).count(), 1, "{last:?}");
        assert_eq!(last.iter().filter(|it| *it == "unreadable").count(), 2, "{last:?}");
        scene.world.faults.clear();
    }
    let hidden = asked(&scene);
    assert!(
        hidden
            .iter()
            .all(|(operation, _)| operation == "ChangeMessageVisibilityBatch")
    );
    assert_eq!(hidden.len(), 12);
    assert_eq!(scene.task().status, TaskStatus::Wrapping);
    assert!(closes(&scene, &message).await);
}

#[tokio::test]
async fn hanging_task_delays_no_other() {
    let scene = wrapped_up_with(|options| options.auto_close.timeout = SHORT).await;
    let other = scene.world.twilio.create_task("{}").unwrap().sid;
    let hang = Fault::at(Upstream::TaskRouter).path_ends_with(other.clone());
    scene.world.faults.add(hang.always().before(Effect::Hang));
    let hanging = json!({ "close": { "taskSid": other } }).to_string();
    let failed = deliver(&scene, AUTO_CLOSE, &[(&hanging, 1), (&wrapup(&scene), 1)]).await;
    assert_eq!(failed, [0]);
    assert_eq!(scene.task().status, TaskStatus::Completed);
}

#[tokio::test]
async fn due_close_starts_at_once_while_session_copies_wait() {
    let scene = wrapped_up_with(|options| {
        options.queue = true;
        options.batching_window = Duration::ZERO;
    })
    .await;
    let at_session_api = Fault::at(Upstream::SessionApi).always();
    scene.world.faults.add(at_session_api.before(status(503)));
    for number in 0..1_000 {
        let task = format!("WT{number:032x}");
        let sync = json!({ "sync": { "taskSid": task } }).to_string();
        scene.world.sqs.send(QUEUE, &sync);
    }
    // The copies are under way.
    let is_read = |exchange: &Exchange| exchange.upstream == Upstream::TaskRouter;
    assert!(scene.world.exchanges.wait_for(is_read, LIMIT).await.is_some());

    let due = Instant::now();
    scene.world.sqs.send(CLOSE_QUEUE, &wrapup(&scene));
    scene.arrival("GET Tasks/WT").await;
    let waited = due.elapsed();
    emptied(&scene, CLOSE_QUEUE, CLOSE_DEAD_LETTER_QUEUE).await;
    assert_eq!(scene.task().status, TaskStatus::Completed);
    assert!(waited < Duration::from_secs(2), "{waited:?}");
    assert!(scene.world.sqs.messages(QUEUE).len() > 900);
}
