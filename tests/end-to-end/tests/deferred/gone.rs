//! A task that is gone: what it held at its end is in TaskRouter's own log of events.

use end_to_end::{SESSION_ID, Scene};
use serde_json::{Value, json};
use simulator::exchange::{Answer, Upstream};
use simulator::fault::{Effect, Fault};
use simulator::twilio::TaskStatus;

use super::{attributes, deliver, log, scene, session, sync, sync_of};

#[tokio::test]
async fn a_task_that_is_gone_leaves_what_it_held_at_its_end() {
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
        // It ended on a read that agrees.
        let logs = scene.world.exchanges.of(Upstream::TaskRouter).into_iter();
        let logs: Vec<_> = logs.filter(|exchange| exchange.path.ends_with("/Events")).collect();
        assert_eq!(logs.len(), 2);
        assert!(
            logs[0]
                .query
                .contains(&format!("TaskSid={}&Minutes=43200", scene.task_sid))
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

#[tokio::test]
async fn a_task_of_which_the_log_knows_no_end_is_asked_for_a_few_times_and_then_let_go() {
    let scene = scene().await;
    let unknown = sync_of("WT00000000000000000000000000000000");
    for receives in 1..4 {
        assert_eq!(deliver(&scene, &[(&unknown, receives)]).await, [0]);
    }
    assert_eq!(deliver(&scene, &[(&unknown, 4)]).await, [0; 0]);
    let last = log(&scene).pop().unwrap();
    assert_eq!(
        [&last["outcome"], &last["cause"]],
        ["not for us", "a task that is gone"]
    );
    assert_eq!(scene.writes(), [""; 0]);
}

/// An event of the log: when, of which type, and the value of `a` among the task's attributes, if it has any.
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

/// The scene, its task gone without a word.
async fn gone() -> Scene {
    let scene = scene().await;
    scene.world.twilio.delete_task(&scene.task_sid).unwrap();
    scene
}

/// What the session is told of `a`.
fn told(scene: &Scene) -> Value {
    let session: Value = serde_json::from_str(&session(scene)).unwrap();
    session["flex_a"].clone()
}

#[tokio::test]
async fn the_newest_attributes_that_the_log_has_are_taken_in_whatever_order_it_tells() {
    let cases: [&[Logged<'_>]; 6] = [
        &[(1, "task.created", Some(1)), (2, "task.completed", Some(9))],
        &[(2, "task.canceled", Some(9)), (1, "task.created", Some(1))],
        // What ends a task last need not say what it held.
        &[(1, "task.completed", Some(9)), (2, "task.system-deleted", None)],
        &[
            (3, "task.deleted", None),
            (2, "task.updated", Some(9)),
            (1, "task.created", Some(1)),
        ],
        // A task that has ended is there for five minutes more, and its attributes can be changed.
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
async fn all_pages_of_the_log_are_read() {
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
async fn where_the_log_knows_no_end_its_newest_event_counts_in_the_end() {
    let scene = gone().await;
    let events = [(1, "task.created", Some(1)), (2, "task.updated", Some(9))];
    scene.world.faults.add(at_log().always().before(page(&events, None)));
    for receives in 1..4 {
        assert_eq!(deliver(&scene, &[(&sync(&scene), receives)]).await, [0]);
    }
    assert_eq!(told(&scene), Value::Null);
    assert_eq!(deliver(&scene, &[(&sync(&scene), 4)]).await, [0; 0]);
    assert_eq!(told(&scene), 9);
}

#[tokio::test]
async fn a_task_of_many_events_is_no_more_than_can_be_read() {
    let scene = scene().await;
    let long = "語".repeat(4_000);
    for a in 1..=400 {
        scene.set_attributes(&attributes(&format!(r#","a":{a},"long":"{long}""#)));
    }
    scene.world.twilio.delete_task(&scene.task_sid).unwrap();
    assert_eq!(deliver(&scene, &[(&sync(&scene), 1)]).await, [0; 0]);
    assert_eq!(told(&scene), 400);
}
