//! Batches in which some messages succeed and others fail.

use std::time::Duration;

use end_to_end::{LIMIT, SESSION_ID, Scene};
use serde_json::{Value, json};
use simulator::exchange::Upstream;
use simulator::fault::{Effect, Fault};
use simulator::options::{DEAD_LETTER_QUEUE, Options, QUEUE};
use simulator::world::DEFERRED;

use super::{asked, at_write, deliver, emptied, left, log, scene, scene_with, status, sync, sync_of};
use crate::messages::{deliver_records, record};
use crate::webhook::SHORT;

#[tokio::test]
async fn failed_messages_are_reported_and_others_done() {
    let scene = scene().await;
    scene.world.session_api.create_session("session-2");
    let other = scene
        .world
        .twilio
        .create_task(r#"{"session_id":"session-2"}"#)
        .unwrap()
        .sid;
    let away = |path: &str| path.ends_with(SESSION_ID);
    scene
        .world
        .faults
        .add(at_write().path(away).always().before(status(503)));

    let (failing, working) = (sync(&scene), sync_of(&other));
    let failed = deliver(&scene, &[(&failing, 1), (&working, 1), (&failing, 3), ("{}", 1)]).await;
    assert_eq!(failed, [0, 2, 3]);
    assert_eq!(scene.world.session_api.patches("session-2").len(), 1);
    assert_eq!(scene.world.session_api.patches(SESSION_ID).len(), 0);
    let mut outcomes: Vec<_> = log(&scene).into_iter().map(|line| line["outcome"].clone()).collect();
    outcomes.sort_by_key(Value::to_string);
    assert_eq!(outcomes, ["done", "unavailable", "unreadable"]);

    let mut asked = asked(&scene);
    asked.sort_by_key(|(_, request)| request.to_string());
    let [(operation, first), (_, second)] = asked.try_into().unwrap();
    assert_eq!(operation, "ChangeMessageVisibilityBatch");
    let receipts: Vec<_> = first["Entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| &entry["ReceiptHandle"])
        .collect();
    assert_eq!(receipts, ["receipt-0", "receipt-2"]);
    // After a failure of the session API there is no turn for five seconds. An unreadable message stays hidden for 15
    // to 30 seconds.
    let visibility = |request: &Value, place: usize| request["Entries"][place]["VisibilityTimeout"].as_u64().unwrap();
    assert_eq!(visibility(&first, 0), visibility(&first, 1));
    assert!((4..=5).contains(&visibility(&first, 0)));
    assert!((15..=30).contains(&visibility(&second, 0)));
    assert_eq!(second["Entries"][0]["ReceiptHandle"], "receipt-3");
}

#[tokio::test]
async fn hanging_upstream_leaves_time_for_other_tasks() {
    let scene = scene_with(|options| {
        options.deferred.timeout = SHORT;
        options.deferred.set("SESSION_RATE", "6000");
    })
    .await;
    scene.world.session_api.create_session("session-2");
    let message = |session: &str| {
        let attributes = json!({ "session_id": session }).to_string();
        sync_of(&scene.world.twilio.create_task(&attributes).unwrap().sid)
    };
    let messages = [SESSION_ID, SESSION_ID, SESSION_ID, SESSION_ID, SESSION_ID, "session-2"].map(message);
    let away = |path: &str| path.ends_with(SESSION_ID);
    scene
        .world
        .faults
        .add(at_write().path(away).always().before(Effect::Hang));
    let failed = deliver(&scene, &messages.each_ref().map(|message| (message.as_str(), 1))).await;
    assert_eq!(failed, [0, 1, 2, 3, 4]);
    assert_eq!(scene.world.session_api.patches("session-2").len(), 1);
}

#[tokio::test]
async fn write_that_is_given_up_is_followed_by_a_second_look() {
    let scene = scene_with(|options| options.deferred.timeout = SHORT).await;
    scene.world.faults.add(at_write().before(Effect::Hang));
    assert_eq!(deliver(&scene, &[(&sync(&scene), 1)]).await, [0]);
    let sent: Vec<Value> = left(&scene)
        .iter()
        .map(|body| serde_json::from_str(body).unwrap())
        .collect();
    assert_eq!(
        sent,
        [json!({ "sync": { "taskSid": scene.task_sid, "isAfterWrite": true } })]
    );
}

/// The times between the session writes of two invocations with two messages each.
async fn pauses_between_writes(change: impl FnOnce(&mut Options)) -> Vec<Duration> {
    let scene = scene_with(change).await;
    let message = || other_task(&scene);
    for messages in [[message(), message()], [message(), message()]] {
        let failed = deliver(&scene, &messages.each_ref().map(|message| (message.as_str(), 1))).await;
        assert_eq!(failed, [0; 0]);
    }
    let exchanges = scene.world.exchanges.of(Upstream::SessionApi);
    let writes = exchanges
        .iter()
        .filter(|exchange| exchange.method == http::Method::PATCH);
    let times: Vec<_> = writes.map(|write| write.arrival).collect();
    times.windows(2).map(|pair| pair[1] - pair[0]).collect()
}

#[tokio::test]
async fn pace_is_half_of_the_session_rate_across_invocations() {
    let (standard, fast) = tokio::join!(
        pauses_between_writes(|_| ()),
        pauses_between_writes(|options| options.deferred.set("SESSION_RATE", "120"))
    );
    for (pauses, shortest) in [(standard, 2_000), (fast, 700)] {
        assert_eq!(pauses.len(), 3);
        let shortest = Duration::from_millis(shortest);
        assert!(pauses.iter().all(|pause| *pause >= shortest), "{pauses:?}");
    }
}

/// A scene in which an instance has a turn every 20 s, so that a batch has only the first.
async fn slow_scene() -> Scene {
    scene_with(|options| {
        options.deferred.timeout = SHORT;
        options.deferred.set("SESSION_RATE", "6");
    })
    .await
}

/// The message to synchronise another task.
fn other_task(scene: &Scene) -> String {
    let attributes = json!({ "session_id": SESSION_ID }).to_string();
    sync_of(&scene.world.twilio.create_task(&attributes).unwrap().sid)
}

#[tokio::test]
async fn messages_without_a_turn_return_to_the_queue() {
    let scene = slow_scene().await;
    let message = || other_task(&scene);
    let messages = [message(), message(), message()];
    let failed = deliver(&scene, &messages.each_ref().map(|message| (message.as_str(), 1))).await;
    assert_eq!(failed, [1, 2]);
    let outcomes: Vec<_> = log(&scene).into_iter().map(|line| line["outcome"].clone()).collect();
    assert_eq!(
        outcomes.iter().filter(|it| *it == "deferred").count(),
        2,
        "{outcomes:?}"
    );
    // The next turn is in 20 s. After that each task has a slot every 8 or 16 s.
    let waits: Vec<_> = asked(&scene)
        .iter()
        .map(|(_, request)| request["Entries"][0]["VisibilityTimeout"].as_u64().unwrap())
        .collect();
    assert!((15..=20 + 7).contains(&waits[0]), "{waits:?}");
    assert!((15..=20 + 15).contains(&waits[1]), "{waits:?}");
}

#[tokio::test]
async fn look_after_a_write_lets_other_copies_go_first_in_ten_receives() {
    for (receives, stays) in [(10, 0), (11, 1)] {
        let scene = slow_scene().await;
        let other = other_task(&scene);
        let look = json!({ "sync": { "taskSid": scene.task_sid, "isAfterWrite": true } }).to_string();
        let failed = deliver(&scene, &[(&look, receives), (&other, 1)]).await;
        assert_eq!(failed, [stays], "{receives}");
    }
}

#[tokio::test]
async fn queue_that_fails_is_asked_once_more_for_a_message_without_a_turn() {
    let scene = slow_scene().await;
    scene.world.faults.add(Fault::at(Upstream::Sqs).before(status(500)));
    let other = other_task(&scene);
    let failed = deliver(&scene, &[(&sync(&scene), 1), (&other, 1)]).await;
    assert_eq!(failed, [1]);
    assert_eq!(asked(&scene).len(), 2);
}

#[tokio::test]
async fn one_message_of_a_task_without_a_turn_returns_to_the_queue() {
    let scene = slow_scene().await;
    let other = other_task(&scene);
    let first = sync(&scene);
    let messages = [(&first, "1000"), (&other, "2000"), (&other, "4000"), (&other, "3000")];
    let records = messages.iter().enumerate().map(|(place, (body, sent))| {
        let attributes = json!({ "ApproximateReceiveCount": "1", "SentTimestamp": sent });
        record(place, body, attributes)
    });
    let failed = deliver_records(&scene, DEFERRED, records.collect()).await;
    assert_eq!(failed, [2]);
    let hidden: Vec<_> = asked(&scene)
        .into_iter()
        .map(|(_, request)| request["Entries"].as_array().unwrap().len())
        .collect();
    assert_eq!(hidden, [1]);
}

#[tokio::test]
async fn failures_are_reported_in_time_if_the_queue_hangs() {
    let scene = scene_with(|options| {
        options.deferred.timeout = SHORT;
        options.deferred.set("SESSION_RATE", "6000");
    })
    .await;
    scene.world.session_api.create_session("session-2");
    let message = |session: &str| {
        let attributes = json!({ "session_id": session }).to_string();
        sync_of(&scene.world.twilio.create_task(&attributes).unwrap().sid)
    };
    let messages = [SESSION_ID, SESSION_ID, SESSION_ID, "session-2"].map(message);
    let away = |path: &str| path.ends_with(SESSION_ID);
    scene
        .world
        .faults
        .add(at_write().path(away).always().before(Effect::Hang));
    scene
        .world
        .faults
        .add(Fault::at(Upstream::Sqs).always().before(Effect::Hang));
    let failed = deliver(&scene, &messages.each_ref().map(|message| (message.as_str(), 1))).await;
    assert_eq!(failed, [0, 1, 2]);
    assert_eq!(scene.world.session_api.patches("session-2").len(), 1);
    let last = log(&scene)
        .into_iter()
        .map(|line| line["steps"].as_array().unwrap().last().cloned());
    let timed_out = last.filter(|step| *step == Some(json!("change visibility timeout")));
    assert_eq!(timed_out.count(), 3);
}

#[tokio::test]
async fn visibility_changes_go_ten_at_a_time() {
    let scene = scene().await;
    scene.world.faults.add(at_write().always().before(status(400)));
    let message = sync(&scene);
    let failed = deliver(&scene, &[(message.as_str(), 1); 23]).await;
    assert_eq!(failed, (0..23).collect::<Vec<_>>());
    let hidden: Vec<_> = asked(&scene)
        .into_iter()
        .map(|(_, request)| request["Entries"].as_array().unwrap().len())
        .collect();
    assert_eq!(hidden, [10, 10, 3]);
}

#[tokio::test]
async fn refused_message_is_tried_again() {
    let scene = scene().await;
    scene.world.faults.add(at_write().before(status(400)));
    assert_eq!(deliver(&scene, &[(&sync(&scene), 1)]).await, [0]);
    assert_eq!(deliver(&scene, &[(&sync(&scene), 2)]).await, [0; 0]);
}

#[tokio::test]
async fn unreadable_message_goes_to_the_dead_letter_queue() {
    let scene = scene().await;
    let poison = ["poison".to_owned(), sync_of("WT1")];
    for body in &poison {
        scene.world.sqs.send(QUEUE, body);
    }
    let buried = scene
        .world
        .sqs
        .wait_for(DEAD_LETTER_QUEUE, |dead| dead.len() == poison.len(), LIMIT);
    let pass_time = async {
        loop {
            tokio::time::sleep(Duration::from_millis(20)).await;
            scene.world.clock.advance(Duration::from_secs(15 * 60));
        }
    };
    let dead = tokio::select! {
        dead = buried => dead,
        () = pass_time => None,
    };
    let mut dead: Vec<_> = dead.unwrap().into_iter().map(|message| message.body).collect();
    dead.sort();
    let mut expected = poison.to_vec();
    expected.sort();
    assert_eq!(dead, expected);
    assert_eq!(scene.world.sqs.messages(QUEUE), []);
}

#[tokio::test]
async fn later_versions_message_is_understood() {
    let scene = scene().await;
    let message = format!(r#"{{"sync":{{"taskSid":"{}","later":[1]}}}}"#, scene.task_sid);
    assert_eq!(deliver(&scene, &[(&message, 1)]).await, [0; 0]);
    assert_eq!(scene.world.session_api.patches(SESSION_ID).len(), 1);
}

#[tokio::test]
async fn unavailable_queue_prevents_neither_work_nor_reports() {
    let scene = scene().await;
    scene
        .world
        .faults
        .add(Fault::at(Upstream::Sqs).always().before(status(500)));
    scene.world.faults.add(at_write().always().before(status(503)));
    assert_eq!(deliver(&scene, &[(&sync(&scene), 1)]).await, [0]);
    scene.world.faults.clear();
    emptied(&scene).await;
}
