//! The events filter of docs/connect.md and the session writes that it saves.

use end_to_end::{LIMIT, SESSION_ID, Scene};
use serde_json::Value;
use simulator::twilio::Routing;
use simulator::world::TASK_EVENTS;

use super::attributes;

/// The value of `EventsFilter` in docs/connect.md.
fn recommended_filter() -> String {
    let guide = include_str!("../../../../docs/connect.md");
    let (_, after) = guide.split_once("EventsFilter=").expect("the guide has a filter");
    let (filter, _) = after.split_once('"').expect("it is in quotes");
    // The guide quotes the value for the shell, in an indented block.
    filter.replace("\\\n   ", "")
}

/// Offers a new task to the AI with this filter. Returns the number of session writes and the final session.
async fn new_task(events_filter: &str) -> (usize, Value) {
    let scene = Scene::with(|options| options.routing = Routing::ByWorkflow).await;
    let twilio = &scene.world.twilio;
    let http_api = scene.world.lambda.http_api();
    twilio.resolve(&http_api.domain_name, http_api.address);
    let url = scene.world.webhook_url(TASK_EVENTS);
    twilio.set_event_callback(&url, events_filter).unwrap();

    twilio.create_task(&attributes(r#""channelType":"web""#)).unwrap();
    tokio::time::timeout(LIMIT, twilio.events_settled()).await.unwrap();
    let mut session: Value = serde_json::from_str(&super::session(&scene)).unwrap();
    for differs in ["flex_task_sid", "flex_reservation_sid"] {
        assert!(session[differs].take().is_string(), "{differs}");
    }
    (scene.world.session_api.patches(SESSION_ID).len(), session)
}

#[tokio::test]
async fn recommended_filter_saves_three_of_five_session_writes() {
    let (writes, session) = new_task("").await;
    assert_eq!(writes, 5);
    assert_eq!(new_task(&recommended_filter()).await, (2, session));
}

#[test]
fn recommended_filter_names_each_event_type_once() {
    let filter = recommended_filter();
    let mut names: Vec<&str> = filter.split(',').collect();
    assert_eq!(names.len(), 10);
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), 10);
    let is_wanted = |name: &&str| name.starts_with("task.") || name.starts_with("reservation.");
    assert!(names.iter().all(is_wanted), "{names:?}");
}
