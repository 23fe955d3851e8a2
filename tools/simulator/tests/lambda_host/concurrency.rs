//! Lambda's concurrency limits, and the fate of throttled invocations.

use std::time::Duration;

use reqwest::StatusCode;
use serde_json::{Value, json};
use simulator::clock::Clock;
use simulator::lambda::{EventSource, Function, LambdaHost};
use simulator::loopback;
use simulator::sqs::{Message, Settings, Sqs};

use crate::{context, function, host, invoke, json_of};

const LIMIT: Duration = Duration::from_secs(20);

async fn host_with_one() -> LambdaHost {
    host(Function {
        reserved_concurrency: Some(1),
        ..function()
    })
    .await
}

/// Starts an invocation that never ends and waits until it has begun.
pub(crate) async fn occupy(host: &LambdaHost) {
    context(host).await;
    let mut changed = host.changed();
    let busy = host.clone();
    tokio::spawn(async move { invoke(&busy, json!({"do": "hang"})).await });
    changed.changed().await.unwrap();
}

pub(crate) async fn call(
    host: &LambdaHost,
    name: &str,
    kind: &str,
    order: Value,
) -> (StatusCode, Option<String>, String) {
    let url = format!("{}/2015-03-31/functions/{name}/invocations", host.invoke_endpoint());
    let request = loopback::client().post(url).header("X-Amz-Invocation-Type", kind);
    let response = request.body(order.to_string()).send().await.unwrap();
    let error = response.headers().get("x-amzn-errortype");
    let error = error.map(|error| error.to_str().unwrap().to_owned());
    (response.status(), error, response.text().await.unwrap())
}

async fn assert_throttled(host: &LambdaHost, name: &str, reason: &str) {
    let (status, error, body) = call(host, name, "RequestResponse", json!({})).await;
    assert_eq!(
        (status.as_u16(), error.as_deref()),
        (429, Some("TooManyRequestsException"))
    );
    let expected = json!({"Reason": reason, "Type": "User", "message": "Rate Exceeded."});
    assert_eq!(json_of(body.as_bytes()), expected);
}

async fn assert_let_in(host: &LambdaHost, name: &str) {
    let (status, _, body) = call(host, name, "RequestResponse", json!({"do": "echo"})).await;
    assert_eq!((status.as_u16(), body.as_str()), (200, r#"{"do":"echo"}"#));
}

#[tokio::test]
async fn an_invoke_past_a_functions_own_concurrency_is_throttled_until_there_is_room() {
    let host = host_with_one().await;
    occupy(&host).await;
    assert_throttled(
        &host,
        "misbehaving",
        "ReservedFunctionConcurrentInvocationLimitExceeded",
    )
    .await;
    // The hanging invocation and the call of `context`. A throttled call is no invocation.
    assert_eq!(host.invocations().len(), 2);
    host.kill_environments("misbehaving");
    call(&host, "misbehaving", "Event", json!({})).await;
    host.events_settled().await;
    assert_let_in(&host, "misbehaving").await;
}

#[tokio::test]
async fn functions_share_what_the_account_leaves_beside_what_is_reserved() {
    let host = host(function()).await;
    let named = |name: &str, reserved_concurrency| Function {
        name: name.to_owned(),
        reserved_concurrency,
        ..function()
    };
    host.deploy(named("other", None));
    host.deploy(named("reserved", Some(1)));
    host.limit_concurrency(2);
    occupy(&host).await;
    for name in ["misbehaving", "other"] {
        assert_throttled(&host, name, "ConcurrentInvocationLimitExceeded").await;
    }
    assert_let_in(&host, "reserved").await;
    host.limit_concurrency(3);
    assert_let_in(&host, "other").await;
}

#[tokio::test]
async fn a_function_that_none_is_reserved_to_but_zero_is_switched_off() {
    let off = Function {
        reserved_concurrency: Some(0),
        ..function()
    };
    let host = host(off).await;
    assert_throttled(
        &host,
        "misbehaving",
        "ReservedFunctionConcurrentInvocationLimitExceeded",
    )
    .await;
    host.deploy(function());
    assert_let_in(&host, "misbehaving").await;
}

#[tokio::test]
async fn the_http_api_answers_503_to_what_is_throttled() {
    let host = host_with_one().await;
    occupy(&host).await;
    let url = format!("http://{}/hook", host.http_api().address);
    let response = loopback::client().post(url).send().await.unwrap();
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    let body = response.bytes().await.unwrap();
    assert_eq!(json_of(&body), json!({"message": "Service Unavailable"}));
}

#[tokio::test]
async fn an_event_that_is_throttled_waits_and_has_all_its_tries_then() {
    let host = host_with_one().await;
    occupy(&host).await;
    let (status, ..) = call(&host, "misbehaving", "Event", json!({"do": "fail"})).await;
    assert_eq!(status, StatusCode::ACCEPTED);
    assert_eq!(host.invocations().len(), 2);
    host.kill_environments("misbehaving");
    host.events_settled().await;
    let [failed] = &host.failed_events()[..] else {
        panic!("{:?}", host.failed_events())
    };
    assert_eq!(failed.attempts, 3);
}

#[tokio::test]
async fn messages_for_a_function_that_is_throttled_wait_while_they_are_hidden_and_come_again_after_that() {
    let host = host_with_one().await;
    occupy(&host).await;
    let sqs = Sqs::new(Clock::default());
    let settings = Settings {
        visibility_timeout: Duration::from_millis(200),
        ..Settings::default()
    };
    sqs.create_queue("work", settings);
    sqs.send("work", "a");
    let source = EventSource {
        queue: "work".to_owned(),
        function: "misbehaving".to_owned(),
        batch_size: 10,
        batching_window: Duration::ZERO,
        maximum_concurrency: 1,
        reports_item_failures: true,
    };
    host.map_event_source(&sqs, &source);
    let received_again = |messages: &[Message]| messages.iter().all(|message| message.receive_count == 2);
    assert!(sqs.wait_for("work", received_again, LIMIT).await.is_some());
    assert_eq!(host.invocations().len(), 2);
    host.kill_environments("misbehaving");
    assert!(sqs.wait_for("work", <[Message]>::is_empty, LIMIT).await.is_some());
}

#[tokio::test]
async fn of_a_crowd_most_wait_for_a_process_that_has_started() {
    let host = host(function()).await;
    let mut crowd = tokio::task::JoinSet::new();
    for _ in 0..60 {
        let host = host.clone();
        crowd.spawn(async move { context(&host).await["process"].as_u64().unwrap() });
    }
    let processes: std::collections::BTreeSet<u64> = crowd.join_all().await.into_iter().collect();
    assert!(processes.len() < 30, "{}", processes.len());
}
