//! The session API's probe.

use http::Method;
use serde_json::json;
use simulator::exchange::{Answer, Upstream};
use simulator::fault::{Effect, Fault};

use crate::broken::broken;
use crate::scene::{SESSION_ID, Scene};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn session_api_that_stores_a_key_has_no_finding() {
    let mut scene = Scene::good().await;
    scene.option("--probe-session", SESSION_ID);
    assert_eq!(scene.check(&[]).await, (0, Vec::new()));
    let stored = scene.world.session_api.custom_data(SESSION_ID).unwrap();
    assert_eq!(
        serde_json::to_value(&stored).unwrap(),
        json!({"flex_connect_probe": ""})
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn session_api_is_left_alone_without_a_probe_session() {
    let scene = Scene::good().await;
    scene.check(&[]).await;
    assert!(scene.world.exchanges.of(Upstream::SessionApi).is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn token_and_keys_are_sent_as_the_options_say() {
    let mut scene = broken("session-refused").await;
    scene.option("--session-method", "PUT");
    scene.option("--session-body-key", "payload.keys");
    scene.option("--session-auth-header", "x-api-key");
    scene.option("--session-auth-scheme", "");
    scene.option("--session-headers", "x-bot: 7");
    let (code, found) = scene.check(&[]).await;
    assert_eq!((code, found), (1, vec!["session-refused".to_owned()]));
    let exchanges = scene.world.exchanges.of(Upstream::SessionApi);
    let [exchange] = exchanges.as_slice() else {
        panic!("{exchanges:?}")
    };
    assert_eq!(exchange.method, Method::PUT);
    let token = scene.world.session_api.settings().token;
    assert_eq!(exchange.header("x-api-key"), Some(token.as_str()));
    assert_eq!(
        (exchange.header("authorization"), exchange.header("x-bot")),
        (None, Some("7"))
    );
    let body: serde_json::Value = serde_json::from_str(&exchange.text()).unwrap();
    assert!(body["payload"]["keys"]["flex_connect_probe"].is_string(), "{body}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn unavailable_session_api_hides_no_finding() {
    let mut scene = broken("callback-missing").await;
    scene.option("--probe-session", SESSION_ID);
    let server = scene.world.server(Upstream::SessionApi);
    let host = server.url().trim_start_matches("http://").to_owned();
    server.take_down().await.unwrap();
    let why = format!("the session API is unavailable: no connection to {host}");
    let run = scene.connect(&["check", "--json"]).await;
    assert_eq!((run.code, run.err), (2, format!("connect: {why}\n")));
    let report: serde_json::Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!(report["findings"][0]["id"], "callback-missing");
    assert_eq!(report["findings"].as_array().unwrap().len(), 1);
    assert_eq!(report["unchecked"], json!([format!("the session API, since {why}")]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn session_api_that_asks_for_patience_is_named() {
    let mut scene = Scene::good().await;
    scene.option("--probe-session", SESSION_ID);
    let host = scene.world.server(Upstream::SessionApi).url();
    let host = host.trim_start_matches("http://");
    let busy = Effect::Answer(Answer::status(503).body("{}"));
    scene
        .world
        .faults
        .add(Fault::at(Upstream::SessionApi).always().before(busy));
    let run = scene.connect(&["check"]).await;
    let expected = format!("connect: the session API is unavailable: {host} answered with status 503\n");
    assert_eq!((run.code, run.err), (2, expected));
    assert!(run.out.contains("· not checked: the session API, since"), "{}", run.out);
}
