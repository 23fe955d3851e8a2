//! After a 429, the functions leave the session API alone for a while and write only when needed.

use std::time::{Duration, Instant};

use end_to_end::{SESSION_ID, Scene};
use serde_json::json;
use simulator::exchange::{Answer, Exchange, Upstream};
use simulator::fault::Effect;
use simulator::world::{DEFERRED, TASK_EVENTS};
use time::OffsetDateTime;

use super::{at_write, deliver, left, log, scene, scene_with, sync, sync_of, tell};
use crate::messages::{deliver_records, record};
use crate::webhook::no_content;

fn busy(retry_after: &str) -> Effect {
    Effect::Answer(Answer::status(429).header("retry-after", retry_after))
}

/// The number of a function's requests to the session API.
fn asked_by(scene: &Scene, function: &str) -> usize {
    let is_its = |exchange: &&Exchange| {
        let agent = exchange.header("user-agent").unwrap_or_default();
        agent.contains(function) && exchange.method == http::Method::PATCH
    };
    let exchanges = scene.world.exchanges.of(Upstream::SessionApi);
    exchanges.iter().filter(is_its).count()
}

#[tokio::test]
async fn events_after_a_429_are_deferred_without_a_request() {
    let scene = scene().await;
    scene.world.faults.add(at_write().always().before(busy("60")));
    let began = Instant::now();
    for _ in 0..3 {
        assert_eq!(tell(&scene).await, no_content());
    }
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    assert_eq!(left(&scene), [sync(&scene), sync(&scene), sync(&scene)]);
    assert_eq!(asked_by(&scene, TASK_EVENTS), 1);
}

#[tokio::test]
async fn copies_wait_for_the_session_api_within_their_batch() {
    let scene = scene_with(|options| options.deferred.set("SESSION_RATE", "60")).await;
    scene.world.session_api.create_session("session-2");
    let other = scene.world.twilio.create_task(r#"{"session_id":"session-2"}"#);
    scene.world.faults.add(at_write().before(busy("1")));
    scene.world.faults.add(at_write().skip(1).before(busy("6")));
    let began = Instant::now();
    let messages = [sync(&scene), sync_of(&other.unwrap().sid)];
    let failed = deliver(&scene, &messages.each_ref().map(|it| (it.as_str(), 1))).await;
    assert_eq!(failed, [0]);
    // The two tries of the failed copy count as turns. So without the wait, the other copy would start after four seconds.
    assert!(began.elapsed() >= Duration::from_secs(7), "{:?}", began.elapsed());
    assert_eq!(asked_by(&scene, DEFERRED), 3);
    assert_eq!(scene.world.session_api.patches("session-2").len(), 1);
}

#[tokio::test]
async fn copies_return_to_the_queue_if_the_wait_is_too_long() {
    let scene = scene().await;
    scene.world.session_api.create_session("session-2");
    let other = scene.world.twilio.create_task(r#"{"session_id":"session-2"}"#);
    scene.world.faults.add(at_write().always().before(busy("3600")));
    let messages = [sync(&scene), sync_of(&other.unwrap().sid)];
    let failed = deliver(&scene, &messages.each_ref().map(|it| (it.as_str(), 1))).await;
    assert_eq!(failed, [0, 1]);
    assert_eq!(asked_by(&scene, DEFERRED), 1);
}

#[tokio::test]
async fn message_older_than_the_last_read_counts_as_done() {
    let scene = scene().await;
    let now = OffsetDateTime::now_utc();
    let left = |seconds: i64| {
        let sent = (now.unix_timestamp() + seconds) * 1_000;
        let attributes = json!({ "ApproximateReceiveCount": "1", "SentTimestamp": sent.to_string() });
        record(0, &sync(&scene), attributes)
    };
    for (batch, writes) in [
        (vec![left(-60)], 1),
        (vec![left(-60)], 1),
        (vec![left(-60), left(-10)], 1),
        (vec![left(-60), left(0)], 2),
        (vec![left(60)], 3),
    ] {
        assert_eq!(deliver_records(&scene, DEFERRED, batch).await, [0; 0]);
        assert_eq!(scene.world.session_api.patches(SESSION_ID).len(), writes);
    }
    let causes: Vec<_> = log(&scene).iter().map(|line| line["cause"].clone()).collect();
    let done = "the task was copied after the message was sent";
    assert_eq!(
        causes,
        [json!(null), json!(done), json!(done), json!(null), json!(null)]
    );
}
