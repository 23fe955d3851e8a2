//! Deleted tasks, whose last attributes are in TaskRouter's event log.

use end_to_end::{SESSION_ID, Scene};
use serde_json::{Value, json};
use simulator::exchange::{Answer, Upstream};
use simulator::fault::{Effect, Fault};
use simulator::twilio::TaskStatus;

use super::{asked, attributes, deliver, log, scene, session, sync, sync_of};

#[tokio::test]
async fn deleted_tasks_last_attributes_reach_the_session() {
    for status in [TaskStatus::Completed, TaskStatus::Canceled] {
        let scene = scene().await;
        scene.set_attributes(&attributes(r#","a":1"#));
        if status == TaskStatus::Completed {
            accept(&scene);
        }
        scene.world.twilio.end_task(&scene.task_sid, status, "over").unwrap();
        scene.set_attributes(&attributes(r#","a":2"#));
        scene.world.twilio.expire_task(&scene.task_sid).unwrap();
        assert_eq!(deliver(&scene, &[(&sync(&scene), 1)]).await, [0; 0]);
        let expected = format!(
            r#"{{"flex_session_id":"{SESSION_ID}","flex_a":2,"flex_task_sid":"{}"}}"#,
            scene.task_sid
        );
        assert_eq!(session(&scene), expected);
        // The run ended after a matching read.
        let logs = scene.world.exchanges.of(Upstream::TaskRouter).into_iter();
        let logs: Vec<_> = logs.filter(|exchange| exchange.path.ends_with("/Events")).collect();
        assert_eq!(logs.len(), 2);
        assert!(
            logs[0]
                .query
                .contains(&format!("TaskSid={}&Minutes=480", scene.task_sid))
        );
    }
}

fn accept(scene: &Scene) {
    let accepted = simulator::twilio::ReservationStatus::Accepted;
    scene
        .world
        .twilio
        .move_reservation(&scene.reservation_sid, accepted)
        .unwrap();
}

/// Delivers a message whose task is gone. Returns the message for another look a minute later.
async fn second_look(scene: &Scene, message: &str) -> String {
    assert_eq!(deliver(scene, &[(message, 1)]).await, [0; 0]);
    assert_eq!(log(scene).pop().unwrap()["outcome"], "deferred");
    let [(operation, request)] = asked(scene).try_into().unwrap();
    assert_eq!(
        (operation.as_str(), &request["DelaySeconds"]),
        ("SendMessage", &json!(60))
    );
    request["MessageBody"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn task_without_a_logged_end_is_given_up_after_a_second_look() {
    let scene = scene().await;
    let again = second_look(&scene, &sync_of("WT00000000000000000000000000000000")).await;
    assert_eq!(deliver(&scene, &[(&again, 1)]).await, [0; 0]);
    let last = log(&scene).pop().unwrap();
    assert_eq!([&last["level"], &last["outcome"]], ["WARN", "gone"]);
    assert_eq!(scene.writes(), [""; 0]);
    assert_eq!(asked(&scene).len(), 1);
}

/// The date and type of a logged event, and the value of `a` in the task's attributes.
type Logged<'l> = (i64, &'l str, Option<i64>);

fn page(events: &[Logged<'_>], next_page_url: Option<&str>) -> Effect {
    let events = events.iter().map(|(at, event_type, a)| {
        let mut data = json!({ "workspace_name": "Flex" });
        if let Some(a) = a {
            data["task_attributes"] = attributes(&format!(r#","a":{a}"#)).into();
        }
        json!({ "event_type": event_type, "event_date_ms": at, "event_data": data })
    });
    let events: Vec<Value> = events.collect();
    let body = json!({ "events": events, "meta": { "next_page_url": next_page_url } });
    Effect::Answer(Answer::status(200).body(body.to_string()))
}

fn at_log() -> Fault {
    Fault::at(Upstream::TaskRouter).path_ends_with("/Events")
}

/// A scene whose task was deleted without an event.
async fn gone() -> Scene {
    let scene = scene().await;
    scene.world.twilio.delete_task(&scene.task_sid).unwrap();
    scene
}

/// The value of `a` in the session.
fn told(scene: &Scene) -> Value {
    let session: Value = serde_json::from_str(&session(scene)).unwrap();
    session["flex_a"].clone()
}

#[tokio::test]
async fn newest_logged_attributes_win_in_any_order() {
    let cases: [&[Logged<'_>]; 6] = [
        &[(1, "task.created", Some(1)), (2, "task.completed", Some(9))],
        &[(2, "task.canceled", Some(9)), (1, "task.created", Some(1))],
        // The event that ends a task may lack the task's attributes.
        &[(1, "task.completed", Some(9)), (2, "task.system-deleted", None)],
        &[
            (3, "task.deleted", None),
            (2, "task.updated", Some(9)),
            (1, "task.created", Some(1)),
        ],
        // A task stays readable for five minutes after its end, and the attributes can still change.
        &[(1, "task.completed", Some(1)), (2, "task.updated", Some(9))],
        &[
            (1, "reservation.completed", Some(1)),
            (1, "task.completed", Some(9)),
            (1, "task.updated", Some(1)),
        ],
    ];
    for events in cases {
        let scene = gone().await;
        scene.world.faults.add(at_log().always().before(page(events, None)));
        assert_eq!(deliver(&scene, &[(&sync(&scene), 1)]).await, [0; 0], "{events:?}");
        assert_eq!(told(&scene), 9, "{events:?}");
    }
}

#[tokio::test]
async fn event_log_is_read_to_its_last_page() {
    let scene = gone().await;
    for end_first in [true, false] {
        let mut pages: [&[Logged<'_>]; 2] = [&[(2, "task.completed", Some(9))], &[(1, "task.updated", Some(1))]];
        if !end_first {
            pages.reverse();
        }
        let next = "https://taskrouter.twilio.com/v1/Workspaces/WS/Events?Page=1";
        for (skipped, (events, next)) in [(pages[0], Some(next)), (pages[1], None)]
            .into_iter()
            .cycle()
            .take(4)
            .enumerate()
        {
            scene
                .world
                .faults
                .add(at_log().skip(skipped).before(page(events, next)));
        }
        assert_eq!(deliver(&scene, &[(&sync(&scene), 1)]).await, [0; 0]);
        assert_eq!(told(&scene), 9);
        scene.world.faults.clear();
    }
}

#[tokio::test]
async fn events_before_an_unlogged_end_do_not_count() {
    let scene = gone().await;
    let events = [(1, "task.created", Some(1)), (2, "task.updated", Some(9))];
    scene.world.faults.add(at_log().always().before(page(&events, None)));
    let again = second_look(&scene, &sync(&scene)).await;
    assert_eq!(deliver(&scene, &[(&again, 1)]).await, [0; 0]);
    assert_eq!(log(&scene).pop().unwrap()["outcome"], "gone");
    assert_eq!(told(&scene), Value::Null);
}

#[tokio::test]
async fn long_event_log_is_read_in_full() {
    let scene = scene().await;
    let long = "語".repeat(4_000);
    for a in 1..=400 {
        scene.set_attributes(&attributes(&format!(r#","a":{a},"long":"{long}""#)));
    }
    scene.world.twilio.delete_task(&scene.task_sid).unwrap();
    assert_eq!(deliver(&scene, &[(&sync(&scene), 1)]).await, [0; 0]);
    assert_eq!(told(&scene), 400);
}
