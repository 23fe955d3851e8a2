//! Two tasks with one session, where an ended task doesn't take the session back.

use end_to_end::{SESSION_ID, Scene};
use http::Method;
use serde_json::json;
use simulator::exchange::{Answer, Upstream};
use simulator::fault::{Effect, Fault};
use simulator::twilio::{ReservationStatus, TaskStatus};
use simulator::world::TASK_EVENTS;

use super::{log, written};
use crate::webhook::{Callback, error, no_content};

/// The task that the session was last written for.
fn owner(scene: &Scene) -> String {
    let data = scene.world.session_api.custom_data(SESSION_ID).unwrap();
    data.get("flex_task_sid").unwrap().trim_matches('"').to_owned()
}

/// Ends the scene's task.
fn end(scene: &Scene, status: TaskStatus) {
    let twilio = &scene.world.twilio;
    twilio
        .move_reservation(&scene.reservation_sid, ReservationStatus::Accepted)
        .unwrap();
    twilio.end_task(&scene.task_sid, status, "resolved").unwrap();
}

/// Writes the session for another task, as after a transfer.
async fn transfer(scene: &Scene) -> String {
    let newer = scene.world.twilio.create_task(&scene.task().attributes).unwrap().sid;
    let event = Callback::event(scene, TASK_EVENTS, "task.created").with("TaskSid", &newer);
    assert_eq!(event.send().await, no_content());
    assert_eq!(owner(scene), newer);
    newer
}

#[tokio::test]
async fn ended_task_leaves_the_session_to_a_newer_one() {
    for (status, event_type) in [
        (TaskStatus::Wrapping, "task.wrapup"),
        (TaskStatus::Completed, "task.completed"),
        (TaskStatus::Completed, "reservation.completed"),
    ] {
        let scene = Scene::start().await;
        end(&scene, status);
        let event = Callback::event(&scene, TASK_EVENTS, event_type);
        let newer = transfer(&scene).await;
        assert_eq!(event.send().await, no_content());
        assert_eq!(owner(&scene), newer, "{event_type}");
        let line = log(&scene);
        let expected = (&json!("nothing-to-do"), &json!("the session belongs to a newer task"));
        assert_eq!((&line["outcome"], &line["cause"]), expected);
    }
}

#[tokio::test]
async fn gone_task_leaves_the_session_to_a_newer_one() {
    let scene = Scene::start().await;
    let event = Callback::event(&scene, TASK_EVENTS, "task.deleted");
    let newer = transfer(&scene).await;
    scene.world.twilio.delete_task(&scene.task_sid).unwrap();
    assert_eq!(event.send().await, no_content());
    assert_eq!(owner(&scene), newer);
}

#[tokio::test]
async fn session_is_written_if_it_cannot_be_read() {
    let answers = [
        Answer::status(403),
        Answer::status(404),
        Answer::status(405),
        Answer::status(200).body("<html>"),
        Answer::status(200).body(r#"{"custom_data":[]}"#),
        Answer::status(200).body(r#"{"custom_data":{"flex_task_sid":7}}"#),
    ];
    for answer in answers {
        let scene = Scene::start().await;
        end(&scene, TaskStatus::Completed);
        let read = Fault::at(Upstream::SessionApi).method(Method::GET).always();
        scene.world.faults.add(read.before(Effect::Answer(answer)));
        let event = Callback::event(&scene, TASK_EVENTS, "task.completed");
        assert_eq!(event.send().await, no_content());
        assert_eq!(owner(&scene), scene.task_sid);
    }
}

#[tokio::test]
async fn session_that_is_unavailable_is_not_written() {
    let scene = super::scene_with(|options| options.timeout = crate::webhook::SHORT).await;
    end(&scene, TaskStatus::Completed);
    let read = Fault::at(Upstream::SessionApi).method(Method::GET).always();
    scene.world.faults.add(read.before(Effect::Answer(Answer::status(503))));
    let event = Callback::event(&scene, TASK_EVENTS, "task.completed");
    assert_eq!(event.send().await, error(503, "unavailable"));
    assert_eq!(written(&scene), [""; 0]);
}
