//! Failed messages are retried after growing delays until the queue gives them up.

use std::time::Duration;

use end_to_end::{LIMIT, Scene};
use serde_json::json;
use simulator::exchange::{Exchange, Upstream};
use simulator::fault::{Effect, Fault};
use simulator::options::{DEAD_LETTER_QUEUE, QUEUE};
use simulator::sqs::Message;
use simulator::world::DEFERRED;
use time::OffsetDateTime;

use super::{as_the_task, at_write, attributes, emptied, scene, session, status, sync, tell};
use crate::messages::{deliver_records, record};
use crate::webhook::no_content;

const QUARTER_OF_AN_HOUR: Duration = Duration::from_secs(15 * 60);

/// Waits until the only message has been received this often and is hidden again. Returns the visibility timeout.
async fn hidden(scene: &Scene, receives: u32) -> Duration {
    let is_hide = |asked: &Exchange| {
        asked.header("x-amz-target") == Some("AmazonSQS.ChangeMessageVisibilityBatch") && asked.answer.is_some()
    };
    let hide = scene.world.exchanges.wait_for(is_hide, LIMIT).await;
    assert!(hide.is_some(), "{receives}");
    scene.world.exchanges.clear();
    let [message] = scene.world.sqs.messages(QUEUE).try_into().unwrap();
    assert_eq!(message.receive_count, receives);
    (message.visible_from - scene.world.clock.now()).try_into().unwrap()
}

#[tokio::test]
async fn event_survives_an_hour_without_the_session_api() {
    let scene = scene().await;
    scene.world.faults.add(at_write().always().before(status(503)));
    scene.set_attributes(&attributes(r#","a":1"#));
    assert_eq!(tell(&scene).await, no_content());
    for (receives, longest) in (1..).zip([30, 60, 120, 240, 300, 300, 300]) {
        let hidden_for = hidden(&scene, receives).await;
        assert!(hidden_for <= Duration::from_secs(longest), "{receives}: {hidden_for:?}");
        // The function's own clock does not advance, so this environment would leave the session API alone for some
        // seconds.
        scene.world.lambda.kill_environments(DEFERRED);
        scene.world.clock.advance(Duration::from_secs(longest));
    }
    hidden(&scene, 8).await;
    scene.world.lambda.kill_environments(DEFERRED);
    scene.set_attributes(&attributes(r#","a":2"#));
    scene.world.faults.clear();
    scene.world.clock.advance(QUARTER_OF_AN_HOUR);
    emptied(&scene).await;
    assert_eq!(session(&scene), as_the_task(&scene, r#""flex_a":2,"#));
}

#[tokio::test]
async fn message_stays_for_the_second_look_that_the_queue_refused() {
    let scene = scene().await;
    scene.set_attributes(&attributes(r#","a":1"#));
    scene.world.faults.add(at_write().before(Effect::Reset));
    let send = Fault::at(Upstream::Sqs).before(status(403));
    let refused = scene.world.faults.add(send);
    scene.world.sqs.send(QUEUE, &sync(&scene));
    // The write may be carried out later, so a copy before the second look's time would be too early.
    let hidden_for = hidden(&scene, 1).await;
    assert!(hidden_for > Duration::from_secs(55), "{hidden_for:?}");
    assert_eq!(refused.count(), 1);
    scene.world.clock.advance(Duration::from_secs(60));
    emptied(&scene).await;
    assert_eq!(session(&scene), as_the_task(&scene, r#""flex_a":1,"#));
}

#[tokio::test]
async fn copy_within_the_minute_does_not_stand_for_the_look_after_a_write() {
    let scene = scene().await;
    scene.world.faults.add(at_write().before(Effect::Reset));
    scene.world.faults.add(Fault::at(Upstream::Sqs).before(status(403)));
    let sent_ms = (OffsetDateTime::now_utc().unix_timestamp() - 100) * 1_000;
    let attributes = json!({ "ApproximateReceiveCount": "1", "SentTimestamp": sent_ms.to_string() });
    for (stay, writes) in [(vec![0], 1), (vec![], 2), (vec![], 3)] {
        // The second is the message of another event, and the third is the first message again.
        let message = record(0, &sync(&scene), attributes.clone());
        assert_eq!(deliver_records(&scene, DEFERRED, vec![message]).await, stay);
        let written = scene.world.session_api.patches(end_to_end::SESSION_ID).len();
        assert_eq!(written, writes);
    }
}

#[tokio::test]
async fn message_failing_for_hours_becomes_a_dead_letter() {
    let scene = scene().await;
    scene.world.faults.add(at_write().always().before(status(400)));
    let sent = scene.world.sqs.send(QUEUE, &sync(&scene));
    for receives in 1..=100 {
        hidden(&scene, receives).await;
        scene.world.clock.advance(QUARTER_OF_AN_HOUR);
    }
    let is_buried = |messages: &[Message]| messages.len() == 1;
    let buried = scene.world.sqs.wait_for(DEAD_LETTER_QUEUE, is_buried, LIMIT).await;
    let [buried] = buried.unwrap().try_into().unwrap();
    assert_eq!(
        (buried.id, buried.body, buried.receive_count),
        (sent.id, sync(&scene), 100)
    );
    assert_eq!(scene.world.sqs.messages(QUEUE), []);
}

#[tokio::test]
async fn killed_functions_message_is_received_again() {
    let scene = scene().await;
    let struck = scene.world.faults.add(at_write().always().before(Effect::Hang));
    scene.world.sqs.send(QUEUE, &sync(&scene));
    let is_write = |exchange: &Exchange| exchange.method == http::Method::PATCH;
    assert!(scene.world.exchanges.wait_for(is_write, LIMIT).await.is_some());
    scene.world.lambda.kill_environments(DEFERRED);
    assert_eq!(struck.count(), 1);
    scene.world.faults.clear();
    // This is the queue's own visibility timeout.
    scene.world.clock.advance(Duration::from_secs(6 * 180));
    emptied(&scene).await;
    assert_eq!(scene.world.session_api.patches(end_to_end::SESSION_ID).len(), 1);
}
