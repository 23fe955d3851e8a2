//! Twilio's retries by the callback URL's connection overrides.

use end_to_end::{LIMIT, Scene, binaries};
use simulator::exchange::Answer;
use simulator::fault::Effect;
use simulator::options::Options;
use simulator::twilio::Outcome;
use simulator::world::TASK_EVENTS;

use super::{at_read, at_write, custom_data, session, set};
use crate::webhook::SHORT;

/// The connection overrides of the callback URL in docs/connect.md.
fn recommended_overrides() -> &'static str {
    let mut lines = include_str!("../../../../docs/connect.md").lines();
    let url = lines.find_map(|line| line.split_once("/task-events#"));
    let (before, overrides) = url.expect("the guide has the callback's URL");
    assert!(before.trim_start().starts_with("https://"), "{before}");
    overrides
}

#[tokio::test]
async fn recommended_overrides_redeliver_a_failed_event() {
    let scene = Scene::start().await;
    let mut options = Options {
        connection_overrides: format!("#{}", recommended_overrides()),
        ..Options::default()
    };
    options.task_events.timeout = SHORT;
    scene.world.deploy(&binaries(), &options);
    // The session API is unavailable during the first delivery. The second delivery begins with the second read.
    let away = Effect::Answer(Answer::status(503));
    let struck = scene.strike(at_write().always().before(away));
    let faults = scene.world.faults.clone();
    scene.strike(at_read(&scene).skip(1).before(Effect::run(move || faults.clear())));

    set(&scene, r#""a":1"#);
    let twilio = &scene.world.twilio;
    tokio::time::timeout(LIMIT, twilio.events_settled()).await.unwrap();

    let mut deliveries = twilio.deliveries();
    deliveries.retain(|one| one.event_type == "task.updated" && one.url.contains(TASK_EVENTS));
    let outcomes: Vec<_> = deliveries.iter().flat_map(|delivery| delivery.outcomes()).collect();
    let answered = |status, body: &str| Outcome::Answered {
        status,
        body: body.to_owned(),
    };
    assert_eq!(
        outcomes,
        [answered(503, r#"{"error":"unavailable"}"#), answered(204, "")]
    );
    assert!(struck.count() > 0);
    assert_eq!(session(&scene), custom_data(&scene, r#""flex_a":1"#));
}
