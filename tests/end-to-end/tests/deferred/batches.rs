//! Batches in which some messages succeed and others fail.

use std::time::Duration;

use end_to_end::{LIMIT, SESSION_ID};
use serde_json::{Value, json};
use simulator::exchange::Upstream;
use simulator::fault::{Effect, Fault};
use simulator::options::{DEAD_LETTER_QUEUE, QUEUE};

use super::{asked, at_write, deliver, emptied, left, log, scene, scene_with, status, sync, sync_of};
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
    // The two tries of the failed copy count as two turns of 2.4 seconds each. An unreadable message stays hidden for 15 to
    // 30 seconds.
    let visibility = |request: &Value, place: usize| request["Entries"][place]["VisibilityTimeout"].as_u64().unwrap();
    assert_eq!(visibility(&first, 0), visibility(&first, 1));
    assert!((1..=5).contains(&visibility(&first, 0)));
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
