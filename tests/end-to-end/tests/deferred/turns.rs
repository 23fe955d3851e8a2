//! The turns of `deferred`: which message is next and when.

use std::time::Duration;

use end_to_end::{SESSION_ID, Scene};
use serde_json::json;
use simulator::exchange::{Answer, Upstream};
use simulator::fault::{Effect, Fault};
use simulator::options::Options;
use simulator::world::DEFERRED;

use super::{asked, at_write, attributes, deliver, log, scene_with, status, sync, sync_of};
use crate::messages::{deliver_records, record};
use crate::webhook::SHORT;

/// The times between the tries to write a session.
fn pauses(scene: &Scene) -> Vec<Duration> {
    let exchanges = scene.world.exchanges.of(Upstream::SessionApi);
    let writes = exchanges
        .iter()
        .filter(|exchange| exchange.method == http::Method::PATCH);
    let times: Vec<_> = writes.map(|write| write.arrival).collect();
    times.windows(2).map(|pair| pair[1] - pair[0]).collect()
}

/// The times between the session writes of two invocations with two messages each.
async fn pauses_between_writes(change: impl FnOnce(&mut Options)) -> Vec<Duration> {
    let scene = scene_with(change).await;
    let message = || other_task(&scene);
    for messages in [[message(), message()], [message(), message()]] {
        let failed = deliver(&scene, &messages.each_ref().map(|message| (message.as_str(), 1))).await;
        assert_eq!(failed, [0; 0]);
    }
    pauses(&scene)
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

#[tokio::test]
async fn each_try_to_write_counts_as_a_turn() {
    let scene = || scene_with(|options| options.deferred.set("SESSION_RATE", "30"));
    let (refused, changed) = tokio::join!(scene(), scene());
    refused.world.faults.add(at_write().before(status(503)));
    let (twilio, task) = (changed.world.twilio.clone(), changed.task_sid.clone());
    let change = move || drop(twilio.set_attributes(&task, &attributes(r#","a":1"#)));
    changed.world.faults.add(at_write().after(Effect::run(change)));
    for scene in [refused, changed] {
        let (task, other) = (sync(&scene), other_task(&scene));
        assert_eq!(deliver(&scene, &[(&task, 1), (&other, 1)]).await, [0; 0]);
        let pauses = pauses(&scene);
        assert_eq!(pauses.len(), 2);
        // Turns are four seconds apart. The first copy tried to write twice.
        assert!(pauses[0] + pauses[1] >= Duration::from_secs(6), "{pauses:?}");
    }
}

#[tokio::test]
async fn second_failure_in_a_row_is_followed_by_a_pause() {
    let scene = scene_with(|options| options.deferred.set("SESSION_RATE", "6000")).await;
    scene.world.faults.add(at_write().times(4).before(status(503)));
    // A copy that needs no write doesn't show that the session API is back.
    let without_session = sync_of(&scene.world.twilio.create_task("{}").unwrap().sid);
    let message = || other_task(&scene);
    for (message, stays) in [
        (message(), vec![0]),
        (without_session, vec![]),
        (message(), vec![0]),
        (message(), vec![]),
    ] {
        assert_eq!(deliver(&scene, &[(&message, 1)]).await, stays);
    }
    let pauses = pauses(&scene);
    assert_eq!(pauses.len(), 4);
    assert!(pauses[3] >= Duration::from_secs(2), "{pauses:?}");
}

/// A scene in which an instance has a turn every ten seconds, so that a batch has only the first.
async fn slow_scene() -> Scene {
    scene_with(|options| {
        options.deferred.timeout = SHORT;
        options.deferred.set("SESSION_RATE", "12");
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
    // The next turn is in ten seconds. After that each task has a slot every four or eight seconds.
    let waits: Vec<_> = asked(&scene)
        .iter()
        .map(|(_, request)| request["Entries"][0]["VisibilityTimeout"].as_u64().unwrap())
        .collect();
    assert!((6..=10 + 3).contains(&waits[0]), "{waits:?}");
    assert!((6..=10 + 7).contains(&waits[1]), "{waits:?}");
}

#[tokio::test]
async fn look_after_a_write_lets_other_copies_go_first_in_twelve_receives() {
    for (receives, stays) in [(12, 0), (13, 1)] {
        let scene = slow_scene().await;
        let other = other_task(&scene);
        let look = json!({ "sync": { "taskSid": scene.task_sid, "isAfterWrite": true } }).to_string();
        let failed = deliver(&scene, &[(&look, receives), (&other, 1)]).await;
        assert_eq!(failed, [stays], "{receives}");
    }
}

#[tokio::test]
async fn look_that_lets_copies_go_first_waits_twenty_seconds() {
    let scene = scene_with(|options| options.deferred.set("SESSION_RATE", "24")).await;
    scene.world.faults.add(at_write().times(2).before(status(503)));
    let look = json!({ "sync": { "taskSid": scene.task_sid, "isAfterWrite": true } }).to_string();
    for message in [&other_task(&scene), &look] {
        assert_eq!(deliver(&scene, &[(message, 1)]).await, [0]);
    }
    let waits: Vec<_> = asked(&scene)
        .iter()
        .map(|(_, request)| request["Entries"][0]["VisibilityTimeout"].as_u64().unwrap())
        .collect();
    // The copy waits for the turn after its two tries. After the pause, the look has a slot every four seconds.
    assert!((6..=11).contains(&waits[0]), "{waits:?}");
    assert!((20..=23).contains(&waits[1]), "{waits:?}");
}

#[tokio::test]
async fn message_without_a_turn_waits_minutes_in_a_long_outage() {
    for (receives, shortest, longest) in [(12, 50, 65), (13, 150, 305)] {
        let scene = scene_with(|options| options.deferred.set("SESSION_RATE", "6000")).await;
        // The second copy gives up at once, since it hasn't as much time as the session API asks for.
        scene.world.faults.add(at_write().times(2).before(status(503)));
        let busy = Answer::status(429).header("retry-after", "60");
        scene.world.faults.add(at_write().skip(2).before(Effect::Answer(busy)));
        for message in [
            (&*other_task(&scene), 1),
            (&*other_task(&scene), 1),
            (&*sync(&scene), receives),
        ] {
            assert_eq!(deliver(&scene, &[message]).await, [0]);
        }
        assert_eq!(pauses(&scene).len(), 2);
        let (_, last) = asked(&scene).pop().unwrap();
        let wait = last["Entries"][0]["VisibilityTimeout"].as_u64().unwrap();
        assert!((shortest..=longest).contains(&wait), "{receives}: {wait}");
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
