//! The causes `rejection` and `resolved`, for tasks that no worker has accepted.

use end_to_end::{Scene, refusal};
use serde_json::Value;
use simulator::exchange::Exchange;
use simulator::fault::Effect;
use simulator::twilio::sids::REP_WORKER_SID;
use simulator::twilio::{ReservationStatus, TaskStatus};
use simulator::world::AUTO_CLOSE;

use super::queue::close;
use super::{at_write, end, written};
use crate::messages::deliver;
use crate::webhook;

/// A scene in which `auto-close` has a queue.
async fn scene() -> Scene {
    Scene::with(|options| options.close_queue = true).await
}

/// A scene in which the AI has rejected its reservation.
async fn rejected() -> Scene {
    let scene = scene().await;
    release(&scene, ReservationStatus::Rejected);
    scene
}

fn release(scene: &Scene, status: ReservationStatus) {
    let moved = scene.world.twilio.move_reservation(&scene.reservation_sid, status);
    moved.expect("the reservation is pending");
}

/// Handles a message about the AI's reservation and returns the logged cause. The cause is null if the task was ended.
async fn handle(scene: &Scene, cause: &str) -> Value {
    let message = close(scene, &scene.reservation_sid, cause);
    assert_eq!(deliver(scene, AUTO_CLOSE, &[(&message, 1)]).await, [0; 0]);
    webhook::log(scene, AUTO_CLOSE).pop().unwrap()["cause"].take()
}

const OPEN: &str = "the task is offered to a worker, or a worker has it";

#[tokio::test]
async fn rejected_task_is_canceled_with_a_reason() {
    for (cause, reason) in [
        ("rejection", "Closed by auto-close after the AI rejected it"),
        ("resolved", "Closed by auto-close because the AI resolved it"),
    ] {
        let scene = rejected().await;
        assert_eq!(handle(&scene, cause).await, Value::Null);
        let task = scene.task();
        assert_eq!(
            (task.status, task.reason.as_deref()),
            (TaskStatus::Canceled, Some(reason))
        );
        assert_eq!(handle(&scene, cause).await, "the task is closed already");
    }
}

#[tokio::test]
async fn timed_out_reservation_ends_a_resolved_task_only() {
    let scene = scene().await;
    release(&scene, ReservationStatus::Timeout);
    assert_eq!(handle(&scene, "rejection").await, "the AI did not release the task");
    assert_eq!(handle(&scene, "resolved").await, Value::Null);
    assert_eq!(scene.task().status, TaskStatus::Canceled);
}

#[tokio::test]
async fn resolved_task_is_canceled_while_it_is_offered_to_the_ai() {
    let scene = scene().await;
    assert_eq!(
        handle(&scene, "rejection").await,
        "the task is not in a state in which it is closed"
    );
    assert_eq!(handle(&scene, "resolved").await, Value::Null);
    assert_eq!(scene.task().status, TaskStatus::Canceled);
}

#[tokio::test]
async fn resolved_task_that_the_ai_wrapped_up_is_completed() {
    let scene = scene().await;
    end(&scene, ReservationStatus::Wrapping);
    assert_eq!(
        handle(&scene, "rejection").await,
        "the task is not in a state in which it is closed"
    );
    assert_eq!(handle(&scene, "resolved").await, Value::Null);
    assert_eq!(scene.task().status, TaskStatus::Completed);
}

#[tokio::test]
async fn task_that_is_handed_off_or_offered_to_a_human_agent_is_left() {
    for cause in ["rejection", "resolved"] {
        let scene = rejected().await;
        scene.set_attributes(r#"{"handedOff":true}"#);
        assert_eq!(handle(&scene, cause).await, "the task was handed off", "{cause}");

        let scene = rejected().await;
        let offered = scene.world.twilio.reserve(&scene.task_sid, REP_WORKER_SID).unwrap();
        let not_pending = "the task is not in a state in which it is closed";
        let expected = if cause == "resolved" { OPEN } else { not_pending };
        assert_eq!(handle(&scene, cause).await, expected, "{cause}");
        let accepted = ReservationStatus::Accepted;
        scene.world.twilio.move_reservation(&offered.sid, accepted).unwrap();
        assert_eq!(handle(&scene, cause).await, not_pending, "{cause}");
        assert_eq!(scene.writes(), [""; 0]);
    }
}

#[tokio::test]
async fn offer_made_during_the_cancellation_stops_it() {
    let scene = rejected().await;
    let (twilio, task) = (scene.world.twilio.clone(), scene.task_sid.clone());
    let offer = Effect::run(move || drop(twilio.reserve(&task, REP_WORKER_SID)));
    scene.world.faults.add(at_write().before(offer));
    assert_eq!(handle(&scene, "resolved").await, OPEN);
    assert_eq!(written(&scene).len(), 1);
    assert_eq!(scene.task().status, TaskStatus::Reserved);
}

#[tokio::test]
async fn closed_task_is_no_failure() {
    for (status, code) in [(400, 20001), (404, 20404)] {
        let scene = rejected().await;
        scene.world.faults.add(at_write().before(refusal(status, code)));
        assert_eq!(handle(&scene, "resolved").await, "the task is closed already");
        let bodies: Vec<_> = written(&scene).iter().map(Exchange::text).collect();
        let canceled = "AssignmentStatus=canceled&Reason=Closed+by+auto-close+because+the+AI+resolved+it";
        assert_eq!(bodies, [canceled]);
    }
}
