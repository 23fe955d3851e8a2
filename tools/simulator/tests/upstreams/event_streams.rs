//! Event Streams: sinks, subscriptions and their types.

use http::Method;
use serde_json::{Value, json};
use simulator::exchange::Upstream;
use simulator::world::World;

use crate::caller::{Answer, call, world};
use crate::described::described;

const WEBHOOK: &str = r#"{"destination":"https://api.example/events","method":"POST","batch_events":false}"#;
const TASK_CREATED: &str = "com.twilio.taskrouter.task.created";
const TASK_UPDATED: &str = "com.twilio.taskrouter.task.updated";

async fn get(world: &World, path: &str) -> Answer {
    described(world, call(world, Upstream::EventStreams, Method::GET, path)).await
}

async fn post(world: &World, path: &str, form: &[(&str, &str)]) -> Answer {
    described(
        world,
        call(world, Upstream::EventStreams, Method::POST, path).form(form),
    )
    .await
}

async fn delete(world: &World, path: &str) -> Answer {
    described(world, call(world, Upstream::EventStreams, Method::DELETE, path)).await
}

async fn sink(world: &World) -> String {
    let form = [
        ("Description", "ours"),
        ("SinkType", "webhook"),
        ("SinkConfiguration", WEBHOOK),
    ];
    let created = post(world, "/v1/Sinks", &form).await;
    assert_eq!(created.status, 201);
    text(&created.json["sid"])
}

/// A subscription to two types. The second has an old version.
async fn subscription(world: &World, sink: &str) -> Answer {
    let types = [TASK_CREATED, TASK_UPDATED].map(|name| json!({ "type": name }));
    let old = json!({"type": TASK_UPDATED, "schema_version": 2}).to_string();
    let form = [
        ("Description", "ours"),
        ("SinkSid", sink),
        ("Types", &types[0].to_string()),
        ("Types", &old),
    ];
    post(world, "/v1/Subscriptions", &form).await
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

/// A member of each item of a list.
fn listed(answer: &Answer, key: &str, name: &str) -> Vec<Value> {
    answer.json[key]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item[name].clone())
        .collect()
}

#[tokio::test]
async fn sink_is_created_described_and_deleted() {
    let world = world().await;
    let sid = sink(&world).await;
    let path = format!("/v1/Sinks/{sid}");
    let found = get(&world, &path).await.json;
    assert_eq!(
        found["sink_configuration"],
        serde_json::from_str::<Value>(WEBHOOK).unwrap()
    );
    assert_eq!(
        (&found["status"], &found["sink_type"]),
        (&json!("active"), &json!("webhook"))
    );

    let changed = post(&world, &path, &[("Description", "theirs")]).await;
    assert_eq!(changed.json["description"], "theirs");
    for (query, expected) in [
        ("", vec![json!(sid)]),
        ("?InUse=false", vec![json!(sid)]),
        ("?InUse=true", vec![]),
        ("?Status=active", vec![json!(sid)]),
        ("?Status=failed", vec![]),
    ] {
        let list = get(&world, &format!("/v1/Sinks{query}")).await;
        assert_eq!(listed(&list, "sinks", "sid"), expected, "{query}");
    }
    assert_eq!(delete(&world, &path).await.status, 204);
    assert_eq!(get(&world, &path).await.refusal(), (404, 20404));
}

#[tokio::test]
async fn malformed_sink_is_refused() {
    let world = world().await;
    for (sink_type, configuration) in [
        ("sqs", WEBHOOK),
        ("webhook", "https://api.example/events"),
        ("webhook", r#"{"destination":"ftp://api.example/","method":"POST"}"#),
        ("webhook", r#"{"destination":"https://api.example/","method":"PUT"}"#),
    ] {
        let form = [
            ("Description", "d"),
            ("SinkType", sink_type),
            ("SinkConfiguration", configuration),
        ];
        let refused = post(&world, "/v1/Sinks", &form).await;
        assert_eq!(refused.refusal(), (400, 20001), "{configuration}");
    }
    assert_eq!(world.twilio.sinks(), []);
}

#[tokio::test]
async fn hundred_sinks_are_the_limit() {
    let world = world().await;
    for _ in 0..100 {
        sink(&world).await;
    }
    let form = [
        ("Description", "ours"),
        ("SinkType", "webhook"),
        ("SinkConfiguration", WEBHOOK),
    ];
    assert_eq!(post(&world, "/v1/Sinks", &form).await.refusal(), (400, 91003));
}

#[tokio::test]
async fn subscription_has_one_sink_and_a_sink_one_subscription() {
    let world = world().await;
    let sink = sink(&world).await;
    let created = subscription(&world, &sink).await;
    assert_eq!(created.status, 201);
    assert_eq!(created.json["sink_sid"], sink.as_str());
    let sid = text(&created.json["sid"]);

    assert_eq!(subscription(&world, &sink).await.refusal(), (400, 20001));
    let used = delete(&world, &format!("/v1/Sinks/{sink}")).await;
    assert_eq!(used.json["message"], format!("Sink {sink} is in use"));
    let list = get(&world, &format!("/v1/Subscriptions?SinkSid={sink}")).await;
    assert_eq!(listed(&list, "subscriptions", "sid"), [json!(sid)]);
    let none = get(&world, "/v1/Subscriptions?SinkSid=DG00000000000000000000000000000000").await;
    assert_eq!(listed(&none, "subscriptions", "sid"), [json!(null); 0]);

    let path = format!("/v1/Subscriptions/{sid}");
    assert_eq!(
        post(&world, &path, &[("Description", "x")]).await.json["description"],
        "x"
    );
    assert_eq!(delete(&world, &path).await.status, 204);
    assert_eq!(get(&world, &path).await.refusal(), (404, 20404));
    assert_eq!(delete(&world, &format!("/v1/Sinks/{sink}")).await.status, 204);
}

#[tokio::test]
async fn list_in_one_types_parameter_is_refused() {
    let world = world().await;
    let sink = sink(&world).await;
    let list = json!([{ "type": TASK_CREATED }]).to_string();
    let form = [("Description", "d"), ("SinkSid", sink.as_str()), ("Types", &list)];
    let refused = post(&world, "/v1/Subscriptions", &form).await;
    assert_eq!(refused.refusal(), (400, 20001));
    assert_eq!(
        refused.json["message"],
        "Missing required input parameter event_types[0].type"
    );
}

#[tokio::test]
async fn types_come_and_go_one_by_one() {
    let world = world().await;
    let sink = sink(&world).await;
    let subscription = text(&subscription(&world, &sink).await.json["sid"]);
    let path = format!("/v1/Subscriptions/{subscription}/SubscribedEvents");
    let versions = async || {
        let list = get(&world, &path).await;
        let (names, versions) = (listed(&list, "types", "type"), listed(&list, "types", "schema_version"));
        names.into_iter().zip(versions).collect::<Vec<_>>()
    };
    let expected = [(json!(TASK_CREATED), json!(4)), (json!(TASK_UPDATED), json!(2))];
    assert_eq!(versions().await, expected);

    let one = format!("{path}/{TASK_UPDATED}");
    assert_eq!(
        post(&world, &one, &[("SchemaVersion", "3")]).await.json["schema_version"],
        3
    );
    assert_eq!(get(&world, &one).await.json["schema_version"], 3);
    assert_eq!(delete(&world, &one).await.status, 204);
    assert_eq!(get(&world, &one).await.refusal(), (404, 20404));
    assert_eq!(delete(&world, &one).await.refusal(), (404, 20404));
    let added = post(&world, &path, &[("Type", TASK_UPDATED)]).await;
    assert_eq!((added.status, &added.json["type"]), (201, &json!(TASK_UPDATED)));
    let expected = [(json!(TASK_CREATED), json!(4)), (json!(TASK_UPDATED), json!(4))];
    assert_eq!(versions().await, expected);
}

#[tokio::test]
async fn event_streams_wants_credentials() {
    let world = world().await;
    let refused = call(&world, Upstream::EventStreams, Method::GET, "/v1/Sinks")
        .unauthenticated()
        .send()
        .await;
    assert_eq!(refused.refusal(), (401, 20003));
}
