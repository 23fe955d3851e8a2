//! The turns of `deferred`: which message is next and when.

use std::time::Duration;

use end_to_end::{SESSION_ID, Scene};
use serde_json::json;
use simulator::exchange::Upstream;
use simulator::fault::Fault;
use simulator::options::Options;
use simulator::world::DEFERRED;

use super::{asked, deliver, log, scene_with, status, sync, sync_of};
use crate::messages::{deliver_records, record};
use crate::webhook::SHORT;

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
