//! Events that `task-events` defers to the queue.

use std::time::{Duration, Instant};

use end_to_end::Scene;
use serde_json::json;
use simulator::exchange::{Answer, Upstream};
use simulator::fault::{Effect, Fault};
use simulator::options::QUEUE;
use simulator::session_api::Settings;
use simulator::sqs::queue_url;
use simulator::world::{DEFERRED, TASK_EVENTS};
use tokio::task::JoinSet;

use super::{
    as_the_task, asked, at_write, attributes, emptied, left, scene, session, status, sync, tell,
    until_a_message_is_left,
};
use crate::webhook::{self, Callback, error, no_content};

/// Asserts that an event during this fault is answered 204 and that the session agrees with the task in the end.
async fn assert_left_and_done(what: &str, fault: Fault) {
    let scene = scene().await;
    let struck = scene.world.faults.add(fault.always());
    until_a_message_is_left(&scene);
    scene.set_attributes(&attributes(r#","a":1"#));

    assert_eq!(tell(&scene).await, no_content(), "{what}");
    assert!(struck.count() > 0, "{what}");
    let request = json!({ "QueueUrl": queue_url(QUEUE), "MessageBody": sync(&scene), "DelaySeconds": 0 });
    let sent = asked(&scene);
    assert_eq!(sent.first(), Some(&("SendMessage".to_owned(), request)), "{what}");
    let line = webhook::log(&scene, TASK_EVENTS).pop().unwrap();
    assert_eq!([&line["level"], &line["outcome"]], ["WARN", "deferred"], "{what}");
    let steps = line["steps"].as_array().unwrap();
    assert_eq!(steps.last(), Some(&json!("send message 200")), "{what}");

    emptied(&scene).await;
    assert_eq!(session(&scene), as_the_task(&scene, r#""flex_a":1,"#), "{what}");
}

#[tokio::test]
async fn late_write_is_deferred_and_done_later() {
    let at_read = || Fault::at(Upstream::TaskRouter).method(http::Method::GET);
    let mut cases = JoinSet::new();
    for (what, fault) in [
        ("the session API is away", at_write().before(status(503))),
        ("the session API doesn't get it", at_write().before(status(409))),
        ("TaskRouter is away", at_read().before(status(500))),
        ("TaskRouter hangs", at_read().before(Effect::Hang)),
        (
            "TaskRouter is cut off",
            at_read().after(Effect::rewrite(Answer::cut_off)),
        ),
    ] {
        cases.spawn(assert_left_and_done(what, fault));
    }
    cases.join_all().await;
}

/// Sends the first event to a slowly starting function while the session API hangs.
async fn first_event(is_queue_away: bool) -> (webhook::Answer, Duration) {
    let scene = Scene::with(|options| options.queue = true).await;
    let slow = Fault::at(Upstream::SecretsManager).before(Effect::Delay(Duration::from_millis(2_500)));
    scene.world.faults.add(slow);
    scene.world.faults.add(at_write().always().before(Effect::Hang));
    if is_queue_away {
        let at_queue = Fault::at(Upstream::Sqs).always();
        scene.world.faults.add(at_queue.before(Effect::Hang));
    } else {
        until_a_message_is_left(&scene);
    }
    let asked = Instant::now();
    (tell(&scene).await, asked.elapsed())
}

#[tokio::test(flavor = "multi_thread")]
async fn answer_is_in_time_despite_hangs_and_slow_start() {
    let answers = tokio::join!(first_event(false), first_event(true));
    let expected = [no_content(), error(503, "unavailable")];
    for ((answer, elapsed), expected) in [answers.0, answers.1].into_iter().zip(expected) {
        assert_eq!(answer, expected);
        assert!(elapsed < Duration::from_secs(12), "{elapsed:?}");
    }
}

#[tokio::test]
async fn unavailable_queue_gives_503() {
    let faults = [
        ("away", Fault::at(Upstream::Sqs).before(status(503))),
        ("hangs", Fault::at(Upstream::Sqs).before(Effect::Hang)),
        ("lost", Fault::at(Upstream::Sqs).before(Effect::Reset)),
        ("refuses", Fault::at(Upstream::Sqs).before(status(403))),
    ];
    let mut cases = JoinSet::new();
    for (what, fault) in faults {
        cases.spawn(async move {
            let scene = scene().await;
            scene.world.faults.add(at_write().always().before(status(503)));
            scene.world.faults.add(fault.always());
            assert_eq!(tell(&scene).await, error(503, "unavailable"), "{what}");
        });
    }
    cases.join_all().await;

    let scene = scene().await;
    scene.world.faults.add(at_write().always().before(status(503)));
    scene.world.server(Upstream::Sqs).take_down().await.unwrap();
    assert_eq!(tell(&scene).await, error(503, "unavailable"));
    let line = webhook::log(&scene, TASK_EVENTS).pop().unwrap();
    assert_eq!(
        line["steps"].as_array().unwrap().last(),
        Some(&json!("send message no connection"))
    );
}

#[tokio::test]
async fn send_to_the_queue_is_retried() {
    for effect in [status(500), status(503), Effect::Reset] {
        let scene = scene().await;
        scene.world.faults.add(at_write().always().before(status(503)));
        scene.world.faults.add(Fault::at(Upstream::Sqs).before(effect));
        assert_eq!(tell(&scene).await, no_content());
        assert_eq!(left(&scene), [sync(&scene), sync(&scene)]);
    }
}

#[tokio::test]
async fn done_and_ignored_events_are_not_deferred() {
    let scene = scene().await;
    assert_eq!(tell(&scene).await, no_content());
    assert_eq!(webhook::tell(&scene, TASK_EVENTS, "worker.created").await, no_content());
    assert_eq!(asked(&scene), []);
    assert_eq!(scene.world.lambda.logs(DEFERRED), [""; 0]);
}

#[tokio::test]
async fn token_rotation_after_a_secret_read_loses_no_event() {
    let scene = scene().await;
    // A forged event uses up the minute's only read of the secret for signatures.
    let forged = Callback::event(&scene, TASK_EVENTS, "task.updated").signed_by("another-token");
    assert_eq!(forged.send().await, error(403, "forbidden"));
    let token = "a-new-session-api-token".to_owned();
    scene.rotate_secret(|secret| drop(secret.insert("session_api_token".to_owned(), token.clone().into())));
    let settings = scene.world.session_api.settings();
    scene.world.session_api.set(Settings { token, ..settings });
    scene.set_attributes(&attributes(r#","a":1"#));

    assert_eq!(tell(&scene).await, no_content());
    let line = webhook::log(&scene, TASK_EVENTS).pop().unwrap();
    assert_eq!([&line["level"], &line["outcome"]], ["INFO", "done"]);
    let expected = json!({ "flex_session_id": "session-1", "flex_a": 1, "flex_task_sid": scene.task_sid });
    let session: serde_json::Value = serde_json::from_str(&session(&scene)).unwrap();
    assert_eq!(session, expected);
}

#[tokio::test]
async fn refused_credentials_without_a_queue_invite_a_retry() {
    let scene = scene().await;
    scene.replace_api_key("nobody-told-the-function");
    assert_eq!(tell(&scene).await, no_content());
    assert_eq!(left(&scene), [sync(&scene)]);
    scene
        .world
        .faults
        .add(Fault::at(Upstream::Sqs).always().before(status(403)));
    assert_eq!(tell(&scene).await, error(503, "unavailable"));
}

#[tokio::test]
async fn unverifiable_event_is_not_deferred() {
    let scene = scene().await;
    tell(&scene).await;
    scene.world.server(Upstream::SecretsManager).take_down().await.unwrap();
    scene.world.faults.add(at_write().always().before(status(503)));
    let forged = Callback::event(&scene, TASK_EVENTS, "task.updated").signed_by("another-token");
    assert_eq!(forged.send().await, error(503, "unavailable"));
    assert_eq!(asked(&scene), []);
}
