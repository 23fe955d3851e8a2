//! A webhook answers before Twilio's timeout of 15 s even if upstreams hang.

use std::time::{Duration, Instant};

use end_to_end::Scene;
use http::Method;
use simulator::exchange::Upstream;
use simulator::fault::{Effect, Fault};
use simulator::world::{AUTO_CLOSE, TASK_EVENTS};

use super::{Answer, SHORT, error, no_content, tell, tell_both};

/// The latest time of an answer.
const LATEST: Duration = Duration::from_secs(12);

fn hang(scene: &Scene, upstream: Upstream, method: Method) {
    let fault = Fault::at(upstream).method(method).always();
    scene.world.faults.add(fault.before(Effect::Hang));
}

async fn timed(answer: impl Future<Output = Answer>) -> (Answer, Duration) {
    let asked = Instant::now();
    (answer.await, asked.elapsed())
}

#[tokio::test(flavor = "multi_thread")]
async fn hanging_upstream_gives_503_within_twelve_seconds() {
    let [one, other] = [Scene::start().await, Scene::start().await];
    // The first request starts the function, and is not timed.
    for (scene, function) in [(&one, TASK_EVENTS), (&one, AUTO_CLOSE), (&other, TASK_EVENTS)] {
        assert_eq!(tell(scene, function, "worker.created").await, no_content());
    }
    hang(&one, Upstream::TaskRouter, Method::GET);
    hang(&other, Upstream::SessionApi, Method::PATCH);
    let answers = tokio::join!(
        timed(tell(&one, TASK_EVENTS, "task.wrapup")),
        timed(tell(&one, AUTO_CLOSE, "task.wrapup")),
        timed(tell(&other, TASK_EVENTS, "task.wrapup")),
    );
    for (answer, duration) in [answers.0, answers.1, answers.2] {
        assert_eq!(answer, error(503, "unavailable"));
        assert!(duration < LATEST, "{duration:?}");
        assert!(duration > LATEST / 2, "it gave up after {duration:?}, with time left");
    }
}

#[tokio::test]
async fn function_answers_before_its_timeout() {
    let scene = Scene::with(|options| {
        options.task_events.timeout = SHORT;
        options.auto_close.timeout = SHORT;
    })
    .await;
    hang(&scene, Upstream::TaskRouter, Method::GET);
    let unavailable = || error(503, "unavailable");
    assert_eq!(tell_both(&scene, "task.wrapup").await, [unavailable(), unavailable()]);
}
