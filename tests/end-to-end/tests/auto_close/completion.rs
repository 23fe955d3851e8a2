//! A task is closed by one write, which is conditional on the version that was read.

use end_to_end::{Scene, refusal};
use http::Method;
use simulator::exchange::{Answer as UpstreamAnswer, Exchange, Upstream};
use simulator::fault::{Effect, Fault};
use simulator::twilio::{ReservationStatus, TaskStatus};
use simulator::world::AUTO_CLOSE;
use tokio::task::JoinSet;

use super::{
    COMPLETION, at_list, at_read, at_write, cause, end, tell, was_closed, wrapped_up, wrapped_up_with_scope, written,
};
use crate::webhook::{self, SHORT, error, no_content};

/// Another program writes the task's attributes at this moment.
fn change(scene: &Scene, attributes: &'static str) -> Effect {
    let (twilio, task) = (scene.world.twilio.clone(), scene.task_sid.clone());
    Effect::run(move || drop(twilio.set_attributes(&task, attributes)))
}

fn bodies(scene: &Scene) -> Vec<String> {
    written(scene).iter().map(Exchange::text).collect()
}

#[tokio::test]
async fn write_carries_the_read_version_byte_for_byte() {
    for (etag, sent) in [("\"3\"", "\"3\""), ("3", "3"), ("W/\"a b\"", "\"a b\"")] {
        let scene = wrapped_up().await;
        let tagged = move |answer: UpstreamAnswer| answer.header("etag", etag);
        scene.world.faults.add(at_read(&scene).after(Effect::rewrite(tagged)));
        scene.world.faults.add(at_write().before(refusal(400, 20001)));
        assert_eq!(tell(&scene, "task.wrapup").await, no_content());
        let [write] = <[Exchange; 1]>::try_from(written(&scene)).unwrap();
        assert_eq!(write.path.rsplit('/').next(), Some(scene.task_sid.as_str()));
        assert_eq!(
            (write.method.clone(), write.text().as_str()),
            (Method::POST, COMPLETION)
        );
        let headers = ["if-match", "content-type", "authorization"].map(|name| write.header(name));
        assert_eq!(
            headers,
            [Some(sent), Some("application/x-www-form-urlencoded"), Some("Basic")]
        );
    }
}

#[tokio::test]
async fn task_and_reservations_are_read_before_the_write() {
    let scene = wrapped_up().await;
    assert_eq!(tell(&scene, "task.wrapup").await, no_content());
    let mut requests = scene.requests();
    assert_eq!(requests.pop().as_deref(), Some("POST Tasks/WT"));
    assert_eq!(requests.pop().as_deref(), Some("GET Tasks/WT/Reservations"));
    requests.sort();
    assert_eq!(requests, ["GET Tasks/WT", "GET Tasks/WT/Reservations"]);
}

#[tokio::test]
async fn task_without_an_etag_is_not_written() {
    for scope in ["ai", "all"] {
        let scene = wrapped_up_with_scope(scope).await;
        let untagged = Effect::rewrite(|answer: UpstreamAnswer| answer.without_header("etag"));
        scene.world.faults.add(at_read(&scene).after(untagged));
        assert_eq!(tell(&scene, "task.wrapup").await, error(500, "refused"));
        assert_eq!(cause(&scene), "TaskRouter sent no ETag for the task");
        assert!(!was_closed(&scene));
    }
}

#[tokio::test]
async fn changed_task_is_decided_anew() {
    let scene = wrapped_up().await;
    scene.world.faults.add(at_write().before(change(&scene, r#"{"a":1}"#)));
    assert_eq!(tell(&scene, "task.wrapup").await, no_content());
    assert_eq!(scene.task().status, TaskStatus::Completed);
    assert_eq!(bodies(&scene), [COMPLETION; 2]);

    let scene = wrapped_up().await;
    scene
        .world
        .faults
        .add(at_write().before(change(&scene, r#"{"handedOff":true}"#)));
    assert_eq!(tell(&scene, "task.wrapup").await, no_content());
    assert_eq!(cause(&scene), "the task was handed off");
    assert_eq!(scene.task().status, TaskStatus::Wrapping);
    assert_eq!(bodies(&scene), [COMPLETION]);
}

#[tokio::test]
async fn task_changing_at_each_write_gives_503_after_ten() {
    let scene = wrapped_up().await;
    scene.world.faults.add(at_write().always().before(change(&scene, "{}")));
    assert_eq!(tell(&scene, "task.wrapup").await, error(503, "unavailable"));
    assert_eq!(bodies(&scene), [COMPLETION; 10]);
    assert_eq!(scene.task().status, TaskStatus::Wrapping);
}

#[tokio::test]
async fn refusal_of_a_closed_or_deleted_task_is_success() {
    for (status, code) in [(400, 20001), (404, 20404)] {
        let scene = wrapped_up().await;
        scene.world.faults.add(at_write().before(refusal(status, code)));
        assert_eq!(tell(&scene, "task.wrapup").await, no_content());
        assert_eq!(cause(&scene), "the task is closed already");
        assert_eq!(bodies(&scene), [COMPLETION]);
    }
}

#[tokio::test]
async fn other_refusals_give_500_without_a_retry() {
    let scene = wrapped_up().await;
    for (status, code) in [(400, 20002), (400, 0), (403, 20003), (422, 20422)] {
        let struck = scene
            .world
            .faults
            .add(at_write().always().before(refusal(status, code)));
        assert_eq!(tell(&scene, "task.wrapup").await, error(500, "refused"), "{status}");
        assert_eq!(struck.count(), 1, "{status}");
        scene.world.faults.clear();
    }
    let elsewhere = scene.world.server(Upstream::Conversations).url();
    for status in [301, 302, 307, 308] {
        let redirect = UpstreamAnswer::status(status).header("location", &elsewhere);
        scene.world.faults.add(at_write().before(Effect::Answer(redirect)));
        assert_eq!(tell(&scene, "task.wrapup").await, error(500, "refused"), "{status}");
    }
    assert!(scene.world.exchanges.of(Upstream::Conversations).is_empty());
    assert_eq!(scene.task().status, TaskStatus::Wrapping);
}

#[tokio::test]
async fn failed_write_is_decided_and_written_again() {
    let status = |status| Effect::Answer(UpstreamAnswer::status(status));
    let scene = wrapped_up().await;
    for effect in [
        status(408),
        status(409),
        status(425),
        status(429),
        status(500),
        status(503),
        Effect::Reset,
    ] {
        scene.world.faults.add(at_write().before(effect));
        // The write is then refused, so the second write finds the task unchanged.
        scene.world.faults.add(at_write().skip(1).before(refusal(400, 20001)));
        assert_eq!(tell(&scene, "task.wrapup").await, no_content());
        assert_eq!(cause(&scene), "the task is closed already");
        scene.world.faults.clear();
    }
    assert_eq!(bodies(&scene), [COMPLETION; 14]);
}

#[tokio::test]
async fn write_with_a_lost_answer_is_found_done() {
    for effect in [
        Effect::Reset,
        Effect::rewrite(UpstreamAnswer::cut_off),
        Effect::Answer(UpstreamAnswer::status(502)),
    ] {
        let scene = wrapped_up().await;
        scene.world.faults.add(at_write().after(effect));
        assert_eq!(tell(&scene, "task.wrapup").await, no_content());
        assert!(was_closed(&scene));
        assert_eq!(cause(&scene), "the task is closed already");
    }
}

#[tokio::test]
async fn lasting_faults_give_503() {
    let away = || Effect::Answer(UpstreamAnswer::status(503));
    let busy = Effect::Answer(UpstreamAnswer::status(429).header("retry-after", "60"));
    let at_read = || Fault::at(Upstream::TaskRouter).method(Method::GET);
    let faults = [
        at_read().before(away()),
        at_list().before(away()),
        at_list().before(Effect::Hang),
        at_write().before(away()),
        at_write().before(busy),
        at_write().before(Effect::Hang),
    ];
    // Each fault lasts until the function's timeout. Side by side they take little time.
    let lasting: JoinSet<()> = faults
        .into_iter()
        .map(|fault| assert_unavailable(fault.always()))
        .collect();
    lasting.join_all().await;
}

async fn assert_unavailable(fault: Fault) {
    let scene = Scene::with(|options| options.auto_close.timeout = SHORT).await;
    end(&scene, ReservationStatus::Wrapping);
    let struck = scene.world.faults.add(fault);
    assert_eq!(tell(&scene, "task.wrapup").await, error(503, "unavailable"));
    assert!(struck.count() > 0);
    assert_eq!(scene.task().status, TaskStatus::Wrapping);
}

#[tokio::test]
async fn simultaneous_wrap_up_events_close_the_task_once() {
    let scene = wrapped_up().await;
    let answers = tokio::join!(
        tell(&scene, "task.wrapup"),
        tell(&scene, "reservation.wrapup"),
        tell(&scene, "task.wrapup")
    );
    assert_eq!(answers, (no_content(), no_content(), no_content()));
    assert_eq!(tell(&scene, "task.wrapup").await, no_content());
    let events = scene.world.twilio.events();
    let completed = events.iter().filter(|event| event.event_type == "task.completed");
    assert_eq!(completed.count(), 1);
    assert_eq!(webhook::log(&scene, AUTO_CLOSE).len(), 4);
}
