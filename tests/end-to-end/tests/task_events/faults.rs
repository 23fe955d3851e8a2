//! Upstream failures. The function recovers from transient failures, answers lasting ones with 503 and refusals with
//! 500.

use std::time::{Duration, Instant};

use end_to_end::Scene;
use http::Method;
use serde_json::json;
use simulator::exchange::{Answer, Upstream};
use simulator::fault::{Effect, Fault};
use tokio::task::JoinSet;

use super::{at_read, at_write, custom_data, log, scene_with, session, set, synchronise, tell, written};
use crate::webhook::{SHORT, error, no_content};

fn status(status: u16) -> Effect {
    Effect::Answer(Answer::status(status).body(r#"{"code":0,"message":"a message"}"#))
}

/// Transient faults of any upstream.
fn passing() -> Vec<(&'static str, Effect)> {
    vec![
        ("408", status(408)),
        ("409", status(409)),
        ("425", status(425)),
        ("429", status(429)),
        ("500", status(500)),
        ("502", status(502)),
        ("503", status(503)),
        ("504", status(504)),
        ("529", status(529)),
        ("a reset", Effect::Reset),
    ]
}

/// Unreadable answers of TaskRouter.
fn unreadable() -> Vec<(&'static str, Effect)> {
    let ok = |body: &'static str| Effect::Answer(Answer::status(200).body(body));
    vec![
        ("a body that is cut off", Effect::rewrite(Answer::cut_off)),
        ("garbage", ok("<html>")),
        ("no body", ok("")),
        ("another shape", ok("{}")),
        ("a list", ok("[]")),
        (
            "half a body",
            Effect::rewrite(|answer| {
                let half = answer.body.len() / 2;
                let body = answer.body.slice(..half);
                answer.body(body)
            }),
        ),
        ("no text", Effect::Answer(Answer::status(200).body(&b"\xff\xfe"[..]))),
    ]
}

/// Asserts that an event is handled although the fault happens once.
async fn assert_recovered(scene: &Scene, what: &str, fault: Fault) {
    let struck = scene.world.faults.add(fault);
    synchronise(scene).await;
    assert_eq!(struck.count(), 1, "{what}");
    scene.world.faults.clear();
}

#[tokio::test]
async fn transient_faults_of_taskrouter_are_recovered_from() {
    let scene = Scene::start().await;
    for (what, effect) in passing() {
        assert_recovered(&scene, what, at_read(&scene).before(effect)).await;
    }
    for (what, effect) in unreadable() {
        // The fault is at the first read and then at the read that must agree.
        assert_recovered(&scene, what, at_read(&scene).after(effect.clone())).await;
        assert_recovered(&scene, what, at_read(&scene).skip(1).after(effect)).await;
    }
}

#[tokio::test]
async fn transient_faults_of_the_session_api_are_recovered_from() {
    let scene = Scene::start().await;
    let cut_off = ("a body that is cut off", Effect::rewrite(Answer::cut_off));
    for (what, effect) in passing().into_iter().chain([cut_off]) {
        set(&scene, &format!(r#""what":"{what}""#));
        // The write may or may not have been applied.
        assert_recovered(&scene, what, at_write().after(effect.clone())).await;
        assert_recovered(&scene, what, at_write().before(effect)).await;
        assert_eq!(
            session(&scene),
            custom_data(&scene, &format!(r#""flex_what":"{what}""#))
        );
    }
}

#[tokio::test]
async fn transient_faults_of_the_reservation_list_are_recovered_from() {
    let scene = Scene::start().await;
    let at_list = || Fault::at(Upstream::TaskRouter).path_ends_with("/Reservations");
    for (what, effect) in passing().into_iter().chain(unreadable()) {
        let struck = scene.world.faults.add(at_list().after(effect));
        assert_eq!(tell(&scene, "reservation.created").await, no_content(), "{what}");
        assert_eq!(struck.count(), 1, "{what}");
        scene.world.faults.clear();
    }
}

#[tokio::test]
async fn lasting_faults_give_503() {
    let reads = [
        status(429),
        status(503),
        Effect::Reset,
        Effect::Hang,
        Effect::rewrite(Answer::cut_off),
    ];
    let writes = [status(409), status(412), status(500), Effect::Reset, Effect::Hang];
    let at_read = || Fault::at(Upstream::TaskRouter).method(Method::GET);
    let faults = reads.into_iter().map(|effect| at_read().after(effect));
    let faults = faults.chain(writes.into_iter().map(|effect| at_write().before(effect)));
    // Each fault lasts until the function's timeout. Side by side they take little time.
    let lasting: JoinSet<()> = faults.map(|fault| assert_unavailable(fault.always())).collect();
    lasting.join_all().await;
}

async fn assert_unavailable(fault: Fault) {
    let scene = scene_with(|options| options.timeout = SHORT).await;
    let struck = scene.world.faults.add(fault);
    assert_eq!(tell(&scene, "task.updated").await, error(503, "unavailable"));
    assert_eq!(log(&scene)["level"], "WARN");
    assert!(struck.count() > 0);
}

#[tokio::test]
async fn session_apis_412_is_retried_ten_times() {
    let scene = Scene::start().await;
    for (times, writes, answer) in [(9, 10, no_content()), (10, 10, error(503, "unavailable"))] {
        scene.world.exchanges.clear();
        scene.world.faults.add(at_write().times(times).before(status(412)));
        assert_eq!(tell(&scene, "task.updated").await, answer);
        assert_eq!(written(&scene).len(), writes);
        scene.world.faults.clear();
    }
}

#[tokio::test]
async fn unreachable_upstream_gives_503_until_it_recovers() {
    let scene = scene_with(|options| options.timeout = SHORT).await;
    for upstream in [Upstream::TaskRouter, Upstream::SessionApi] {
        let server = scene.world.server(upstream);
        server.take_down().await.unwrap();
        assert_eq!(tell(&scene, "task.updated").await, error(503, "unavailable"));
        server.bring_back().await.unwrap();
        synchronise(&scene).await;
    }
}

#[tokio::test]
async fn refusal_is_not_retried_and_redirect_not_followed() {
    let scene = Scene::start().await;
    let elsewhere = format!("{}/elsewhere", scene.world.server(Upstream::Conversations).url());
    for refused in [400, 402, 403, 405, 410, 413, 422, 301, 302, 303, 307, 308] {
        let refusal = Effect::Answer(Answer::status(refused).header("location", &elsewhere));
        for (fault, step) in [(at_read(&scene), "read task"), (at_write(), "write session")] {
            let struck = scene.world.faults.add(fault.always().before(refusal.clone()));
            assert_eq!(tell(&scene, "task.updated").await, error(500, "refused"), "{refused}");
            assert_eq!(struck.count(), 1, "{refused}");
            let line = log(&scene);
            assert_eq!(
                (&line["level"], line["steps"].as_array().unwrap().last()),
                (&json!("ERROR"), Some(&json!(format!("{step} {refused}"))))
            );
            scene.world.faults.clear();
        }
    }
    assert!(scene.world.exchanges.of(Upstream::Conversations).is_empty());
}

#[tokio::test]
async fn non_object_attributes_give_500() {
    let scene = Scene::start().await;
    for attributes in [
        "null",
        "7",
        r#""[]""#,
        r#""null""#,
        r#""7""#,
        r#""""#,
        r#""{""#,
        r#""\"{}\"""#,
    ] {
        let body = format!(r#"{{"assignment_status":"pending","attributes":{attributes}}}"#);
        let fault = at_read(&scene).before(Effect::Answer(Answer::status(200).body(body)));
        let struck = scene.world.faults.add(fault);
        assert_eq!(
            tell(&scene, "task.updated").await,
            error(500, "refused"),
            "{attributes}"
        );
        assert_eq!(struck.count(), 1);
        assert_eq!(log(&scene)["cause"], "the task's attributes are not a JSON object");
    }
    assert_eq!(written(&scene), [""; 0]);
}

#[tokio::test]
async fn retry_after_is_honoured() {
    let scene = Scene::start().await;
    for fault in [at_read(&scene), at_write()] {
        let busy = Answer::status(429).header("retry-after", "1");
        scene.world.faults.add(fault.before(Effect::Answer(busy)));
        let asked = Instant::now();
        synchronise(&scene).await;
        assert!(asked.elapsed() >= Duration::from_secs(1), "{:?}", asked.elapsed());
        scene.world.faults.clear();
    }
}

#[tokio::test]
async fn retry_after_beyond_the_deadline_is_not_honoured() {
    let scene = Scene::start().await;
    for fault in [at_read(&scene), at_write()] {
        let busy = Answer::status(503).header("retry-after", "60");
        let struck = scene.world.faults.add(fault.always().before(Effect::Answer(busy)));
        let asked = Instant::now();
        assert_eq!(tell(&scene, "task.updated").await, error(503, "unavailable"));
        assert!(asked.elapsed() < Duration::from_secs(5), "{:?}", asked.elapsed());
        assert_eq!(struck.count(), 1);
        scene.world.faults.clear();
    }
}

#[tokio::test]
async fn session_apis_rate_limit_gives_503() {
    let scene = Scene::with(|options| {
        options.task_events.timeout = SHORT;
        options.session_api.requests_per_minute = 1;
    })
    .await;
    synchronise(&scene).await;
    assert_eq!(tell(&scene, "task.updated").await, error(503, "unavailable"));
    let steps = log(&scene)["steps"].to_string();
    assert!(steps.contains("write session 429"), "{steps}");
}

#[tokio::test]
async fn unanswered_read_is_retried() {
    let scene = Scene::start().await;
    scene.world.faults.add(at_read(&scene).after(Effect::Hang));
    synchronise(&scene).await;
    assert_eq!(log(&scene)["steps"][0], "read task timeout");
}

#[tokio::test]
async fn taskrouter_is_only_read() {
    let scene = Scene::start().await;
    for event_type in [
        "task.wrapup",
        "reservation.wrapup",
        "task.completed",
        "reservation.created",
    ] {
        assert_eq!(tell(&scene, event_type).await, no_content());
    }
    let exchanges = scene.exchanges();
    let mut to_taskrouter = exchanges
        .iter()
        .filter(|exchange| exchange.upstream == Upstream::TaskRouter);
    assert!(to_taskrouter.all(|exchange| exchange.method == Method::GET));
}
