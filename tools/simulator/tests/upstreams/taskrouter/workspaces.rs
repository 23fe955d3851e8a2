//! Workspaces and the separation between them.

use http::Method;
use serde_json::{Value, json};
use simulator::exchange::Upstream;

use super::{delete, get, listed, own, post, text};
use crate::caller::{call, world};

#[tokio::test]
async fn a_new_workspace_has_twilios_activities_and_task_channels_and_is_apart_from_others() {
    let world = world().await;

    let created = post(&world, "/v1/Workspaces", &[("FriendlyName", "Bakery")]).await;
    let path = format!("/v1/Workspaces/{}", text(&created.json["sid"]));

    assert_eq!(created.status, 201);
    let names = ["Offline", "Available", "Unavailable"];
    let activities = listed(&world, &format!("{path}/Activities"), "activities", "friendly_name").await;
    assert_eq!(activities, names);
    let channels = listed(&world, &format!("{path}/TaskChannels"), "channels", "unique_name").await;
    assert_eq!(channels, ["default", "voice", "chat", "sms", "video", "email"]);
    assert_eq!(created.json["default_activity_name"], "Offline");
    for (list, key) in [
        ("Workers", "workers"),
        ("TaskQueues", "task_queues"),
        ("Tasks", "tasks"),
    ] {
        let none = listed(&world, &format!("{path}/{list}"), key, "sid").await;
        assert_eq!(none, Vec::<String>::new(), "{list}");
    }
}

#[tokio::test]
async fn a_workspace_keeps_what_it_was_not_told_to_change_and_an_empty_url_takes_one_away() {
    let world = world().await;
    let fields = [
        ("FriendlyName", "Bakery"),
        ("EventCallbackUrl", "https://events.invalid/"),
        ("EventsFilter", "task.created"),
        ("MultiTaskEnabled", "false"),
        ("PrioritizeQueueOrder", "LIFO"),
    ];
    let created = post(&world, "/v1/Workspaces", &fields).await;
    let path = format!("/v1/Workspaces/{}", text(&created.json["sid"]));

    let renamed = post(&world, &path, &[("FriendlyName", "Shop")]).await;
    let silent = post(&world, &path, &[("EventCallbackUrl", "")]).await;

    let mut expected = created.json.clone();
    expected["friendly_name"] = json!("Shop");
    expected["date_updated"] = renamed.json["date_updated"].clone();
    assert_eq!(renamed.json, expected);
    assert_eq!(expected["events_filter"], "task.created");
    assert_eq!(
        [&expected["multi_task_enabled"], &expected["prioritize_queue_order"]],
        [&json!(false), &json!("LIFO")]
    );
    assert_eq!(silent.json["event_callback_url"], Value::Null);
}

#[tokio::test]
async fn a_deleted_workspace_is_gone_with_all_that_was_in_it() {
    let world = world().await;
    let fields = [("FriendlyName", "Bakery"), ("Template", "FIFO")];
    let created = post(&world, "/v1/Workspaces", &fields).await;
    let path = format!("/v1/Workspaces/{}", text(&created.json["sid"]));
    let queue = &listed(&world, &format!("{path}/TaskQueues"), "task_queues", "sid").await[0];

    let deleted = delete(&world, &path).await;

    assert_eq!((deleted.status, deleted.json), (204, Value::Null));
    for path in [
        path.clone(),
        format!("{path}/TaskQueues"),
        format!("{path}/TaskQueues/{queue}"),
    ] {
        assert_eq!(get(&world, &path).await.refusal(), (404, 20404), "{path}");
    }
    assert_eq!(delete(&world, &path).await.refusal(), (404, 20404));
}

#[tokio::test]
async fn what_a_new_resource_needs_is_asked_for() {
    let world = world().await;
    let nameless = [("Colour", "red")];
    for path in [
        "/v1/Workspaces".to_owned(),
        own("Activities"),
        own("TaskChannels"),
        own("TaskQueues"),
        own("Workers"),
        own("Workflows"),
    ] {
        assert_eq!(post(&world, &path, &nameless).await.refusal(), (400, 20001), "{path}");
    }
    let named = [("FriendlyName", "Pigeon"), ("Colour", "grey")];
    assert_eq!(post(&world, &own("TaskChannels"), &named).await.refusal(), (400, 20001));
    assert_eq!(post(&world, &own("Workflows"), &named).await.refusal(), (400, 20001));
    // Twilio ignores unknown parameters.
    assert_eq!(post(&world, &own("Activities"), &named).await.status, 201);
}

#[tokio::test]
async fn a_resource_is_used_as_it_can_be_or_not_at_all() {
    let world = world().await;
    let send = async |upstream, method, path: &str| call(&world, upstream, method, path).send().await;

    let put = send(Upstream::TaskRouter, Method::PUT, "/v1/Workspaces").await;
    let written_event = send(Upstream::TaskRouter, Method::POST, &own("Events")).await;
    let deleted_list = send(Upstream::Conversations, Method::DELETE, "/v1/Conversations").await;
    let bare = send(Upstream::Conversations, Method::POST, "/v1/Conversations").await;

    assert_eq!(
        [put, written_event, deleted_list].map(|answer| answer.refusal()),
        [(405, 20004); 3]
    );
    assert_eq!(bare.status, 201);
}
