//! The session API.

use std::time::Duration;

use http::Method;
use serde_json::json;
use simulator::exchange::Upstream;
use simulator::session_api::Settings;
use simulator::world::World;

use crate::caller::{Call, call, world};

fn patch(world: &World, id: &str, body: &str) -> Call {
    call(
        world,
        Upstream::SessionApi,
        Method::PATCH,
        &format!("/chat/sessions/{id}"),
    )
    .json(body)
}

#[tokio::test]
async fn custom_data_is_merged_in_its_own_digits_and_order() {
    let world = world().await;
    world.session_api.create_session("a b");

    patch(&world, "a%20b", r#"{"custom_data":{"n":1.10,"s":"\ud800","b":true}}"#)
        .send()
        .await;
    patch(
        &world,
        "a%20b",
        r#"{"custom_data":{"e":1e400,"n":12345678901234567890}}"#,
    )
    .send()
    .await;

    let data = world.session_api.custom_data("a b").unwrap();
    let expected = [
        ("n", "12345678901234567890"),
        ("s", r#""\ud800""#),
        ("b", "true"),
        ("e", "1e400"),
    ];
    assert_eq!(data.iter().collect::<Vec<_>>(), expected);
    let patches = world.session_api.patches("a b");
    assert_eq!(
        (patches.len(), patches[0].get("n"), patches[1].get("s")),
        (2, Some("1.10"), None)
    );
}

#[tokio::test]
async fn a_session_is_read_with_its_custom_data() {
    let world = world().await;
    world.session_api.create_session("1");
    patch(&world, "1", r#"{"custom_data":{"flex_task_sid":"WT1"}}"#)
        .send()
        .await;

    let session = call(&world, Upstream::SessionApi, Method::GET, "/chat/sessions/1")
        .send()
        .await;

    assert_eq!(
        [&session.json["id"], &session.json["status"]],
        [&json!("1"), &json!("open")]
    );
    assert_eq!(session.json["custom_data"], json!({"flex_task_sid": "WT1"}));
}

#[tokio::test]
async fn only_strings_numbers_and_booleans_are_taken() {
    let world = world().await;
    world.session_api.create_session("1");

    for body in [
        r#"{"custom_data":{"a":{}}}"#,
        r#"{"custom_data":{"a":[]}}"#,
        r#"{"custom_data":{"ok":1,"a":null}}"#,
        r#"{"custom_data":[]}"#,
        "{}",
        "",
    ] {
        let answer = patch(&world, "1", body).send().await;
        assert_eq!(
            (answer.status, &answer.json["error"]),
            (400, &json!("Bad Request")),
            "{body}"
        );
        assert_eq!(answer.json["statusCode"], 400);
    }
    assert_eq!(world.session_api.custom_data("1").unwrap().iter().count(), 0);
}

#[tokio::test]
async fn a_wrong_token_and_an_unknown_session_are_told_apart() {
    let world = world().await;

    let unknown = patch(&world, "1", r#"{"custom_data":{}}"#).send().await;
    let unauthorized = patch(&world, "1", r#"{"custom_data":{}}"#)
        .unauthenticated()
        .send()
        .await;

    assert_eq!((unknown.status, &unknown.json["error"]), (404, &json!("Not Found")));
    assert_eq!(
        (unauthorized.status, &unauthorized.json["error"]),
        (401, &json!("Unauthorized"))
    );
}

#[tokio::test]
async fn past_its_limit_it_refuses_and_may_say_how_long() {
    let world = world().await;
    world.session_api.create_session("1");
    let settings = world.session_api.settings();
    let data = r#"{"custom_data":{}}"#;

    world.session_api.set(Settings {
        requests_per_minute: 1,
        ..settings.clone()
    });
    assert_eq!(patch(&world, "1", data).send().await.status, 200);
    let silent = patch(&world, "1", data).send().await;
    world.session_api.set(Settings {
        requests_per_minute: 1,
        retry_after: Some(Duration::from_secs(7)),
        ..settings
    });
    let telling = patch(&world, "1", data).send().await;

    assert_eq!((silent.status, silent.headers.get("retry-after")), (429, None));
    assert_eq!(
        (telling.status, telling.headers["retry-after"].to_str().unwrap()),
        (429, "7")
    );
    assert_eq!(world.session_api.patches("1").len(), 1);
}

#[tokio::test]
async fn a_value_that_is_written_again_has_not_changed() {
    let world = world().await;
    world.session_api.create_session("s");
    patch(&world, "s", r#"{"custom_data":{"a":1,"b":1}}"#).send().await;
    let first = world.session_api.changed("s");
    assert_eq!(first.keys().collect::<Vec<_>>(), ["a", "b"]);

    patch(&world, "s", r#"{"custom_data":{"a":1,"b":2}}"#).send().await;
    let second = world.session_api.changed("s");
    assert_eq!(second["a"], first["a"]);
    assert!(second["b"] > first["b"]);
}
