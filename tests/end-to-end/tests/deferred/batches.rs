//! Batches in which some messages succeed and some fail.

use std::time::Duration;

use end_to_end::{LIMIT, SESSION_ID};
use serde_json::json;
use simulator::exchange::Upstream;
use simulator::fault::{Effect, Fault};
use simulator::options::{DEAD_LETTER_QUEUE, QUEUE};
use simulator::world::DEFERRED;

use super::{asked, at_write, attributes, deliver, emptied, log, scene, scene_with, status, sync, sync_of};
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
    let outcomes: Vec<_> = log(&scene).into_iter().map(|line| line["outcome"].clone()).collect();
    assert_eq!(outcomes, ["unavailable", "done", "unreadable"]);

    let [(operation, first), (_, second)] = asked(&scene).try_into().unwrap();
    assert_eq!(operation, "ChangeMessageVisibilityBatch");
    let receipts: Vec<_> = first["Entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| &entry["ReceiptHandle"])
        .collect();
    assert_eq!(receipts, ["receipt-0", "receipt-2"]);
    // The visibility timeout is two minutes after three receives, or half of that.
    for entry in first["Entries"].as_array().unwrap() {
        assert!(
            (60..=120).contains(&entry["VisibilityTimeout"].as_u64().unwrap()),
            "{entry}"
        );
    }
    let at_once = json!([{ "Id": "0", "ReceiptHandle": "receipt-3", "VisibilityTimeout": 0 }]);
    assert_eq!(second["Entries"], at_once);
}

#[tokio::test]
async fn hanging_upstream_leaves_time_for_other_tasks() {
    let scene = scene_with(|options| options.deferred.timeout = SHORT).await;
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
async fn live_events_keep_half_of_the_session_apis_limit() {
    let scene = scene().await;
    let message = || {
        let attributes = json!({ "session_id": SESSION_ID }).to_string();
        sync_of(&scene.world.twilio.create_task(&attributes).unwrap().sid)
    };
    let messages = [message(), message(), message()];
    let failed = deliver(&scene, &messages.each_ref().map(|message| (message.as_str(), 1))).await;
    assert_eq!(failed, [0; 0]);
    let exchanges = scene.world.exchanges.of(Upstream::SessionApi);
    let mut writes = exchanges
        .iter()
        .filter(|exchange| exchange.method == http::Method::PATCH);
    let [first, last] = [writes.next().unwrap(), writes.next_back().unwrap()].map(|write| write.arrival);
    assert!(last - first >= Duration::from_millis(4_500), "{:?}", last - first);
}

#[tokio::test]
async fn failures_are_reported_in_time_if_the_queue_hangs() {
    let scene = scene_with(|options| options.deferred.timeout = SHORT).await;
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
    let last: Vec<_> = log(&scene)
        .into_iter()
        .map(|line| line["steps"].as_array().unwrap().last().cloned().unwrap())
        .collect();
    let timed_out = json!("hide messages time-out");
    assert_eq!(last[..3], [timed_out.clone(), timed_out.clone(), timed_out]);
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
    scene.set_attributes(&attributes(r#","a":1"#));
    let poison = [
        "poison".to_owned(),
        sync_of("WT1"),
        format!(r#"{{"sync":{{"taskSid":"{}","name":"Ana"}}}}"#, scene.task_sid),
    ];
    for body in &poison {
        scene.world.sqs.send(QUEUE, body);
    }
    scene.world.sqs.send(QUEUE, &sync(&scene));
    let buried = scene
        .world
        .sqs
        .wait_for(DEAD_LETTER_QUEUE, |dead| dead.len() == poison.len(), LIMIT);
    let mut dead: Vec<_> = buried.await.unwrap().into_iter().map(|message| message.body).collect();
    dead.sort();
    let mut expected = poison.to_vec();
    expected.sort();
    assert_eq!(dead, expected);
    assert_eq!(scene.world.sqs.messages(QUEUE), []);
    assert_eq!(scene.world.session_api.patches(SESSION_ID).len(), 1);
}

#[tokio::test]
async fn non_batch_payload_is_an_error() {
    let scene = scene().await;
    for event in ["null", "{}", r#"{"Records":[{}]}"#] {
        let invocation = scene.world.lambda.invoke(DEFERRED, event.as_bytes().to_vec()).await;
        let error = end_to_end::outcome(&invocation).unwrap_err();
        assert_eq!(
            (error.error_type.as_str(), error.error_message.as_str()),
            ("NotABatch", "this is no batch of messages")
        );
    }
    assert_eq!(log(&scene).len(), 3);
    assert_eq!(deliver(&scene, &[]).await, [0; 0]);
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
