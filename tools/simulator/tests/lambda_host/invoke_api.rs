use reqwest::StatusCode;
use serde_json::{Value, json};
use simulator::lambda::LambdaHost;
use simulator::loopback;

use crate::{function, host, json_of};

#[tokio::test]
async fn a_synchronous_invoke_is_answered_by_the_function() {
    let host = host(function()).await;
    let response = call(&host, "misbehaving", None, r#"{"do":"echo"}"#).await;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.headers()["x-amz-executed-version"], "$LATEST");
    assert!(response.headers().contains_key("x-amzn-requestid"));
    assert!(!response.headers().contains_key("x-amz-function-error"));
    assert_eq!(json(response).await, json!({"do": "echo"}));
}

#[tokio::test]
async fn a_function_can_be_named_by_its_arn() {
    let host = host(function()).await;
    let arn = "arn%3Aaws%3Alambda%3Aeu-west-1%3A123456789012%3Afunction%3Amisbehaving";
    let response = call(&host, arn, Some("RequestResponse"), "").await;
    assert_eq!(json(response).await, json!({}));
}

#[tokio::test]
async fn a_function_error_is_a_200_with_a_header() {
    let host = host(function()).await;
    let response = call(&host, "misbehaving", Some("RequestResponse"), r#"{"do":"fail"}"#).await;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.headers()["x-amz-function-error"], "Unhandled");
    assert_eq!(json(response).await["errorType"], "Refused");
}

#[tokio::test]
async fn a_dry_run_invokes_nothing() {
    let host = host(function()).await;
    let response = call(&host, "misbehaving", Some("DryRun"), "{}").await;
    assert_eq!(response.status(), StatusCode::NO_CONTENT);
    assert_eq!(host.logs("misbehaving"), Vec::<String>::new());
}

#[tokio::test]
async fn an_event_is_accepted_at_once_and_run_later() {
    let host = host(function()).await;
    let response = call(&host, "misbehaving", Some("Event"), r#"{"do":"echo"}"#).await;
    assert_eq!(response.status(), StatusCode::ACCEPTED);
    assert_eq!(response.text().await.unwrap(), "");
    host.events_settled().await;
    assert_eq!(host.logs("misbehaving"), ["started"]);
    assert!(host.failed_events().is_empty());
}

#[tokio::test]
async fn an_event_that_fails_is_tried_three_times_with_one_request_id_and_then_given_up() {
    let host = host(function()).await;
    let response = call(&host, "misbehaving", Some("Event"), r#"{"do":"fail"}"#).await;
    let request_id = response.headers()["x-amzn-requestid"].to_str().unwrap().to_owned();
    host.events_settled().await;

    let attempt = format!("failing {request_id}");
    assert_eq!(host.logs("misbehaving"), ["started", &attempt, &attempt, &attempt]);
    let [failed] = &host.failed_events()[..] else {
        panic!("{:?}", host.failed_events())
    };
    assert_eq!(failed.function, "misbehaving");
    assert_eq!(failed.request_id, request_id);
    assert_eq!(failed.attempts, 3);
    assert_eq!(json_of(&failed.request_payload), json!({"do": "fail"}));
    assert_eq!(json_of(&failed.response_payload)["errorType"], "Refused");
}

#[tokio::test]
async fn an_unknown_function_is_not_found() {
    let host = host(function()).await;
    for kind in ["RequestResponse", "Event", "DryRun"] {
        let response = call(&host, "nobody", Some(kind), "{}").await;
        assert_eq!(response.status(), StatusCode::NOT_FOUND);
        assert_eq!(response.headers()["x-amzn-errortype"], "ResourceNotFoundException");
        let message = "Function not found: arn:aws:lambda:eu-west-1:123456789012:function:nobody";
        assert_eq!(json(response).await, json!({"Type": "User", "Message": message}));
    }
}

#[tokio::test]
async fn a_payload_that_is_not_json_is_refused() {
    let host = host(function()).await;
    for kind in ["RequestResponse", "Event", "DryRun"] {
        let response = call(&host, "misbehaving", Some(kind), "{").await;
        assert_eq!(response.status(), StatusCode::BAD_REQUEST);
        assert_eq!(response.headers()["x-amzn-errortype"], "InvalidRequestContentException");
        let message = json(response).await["Message"].as_str().unwrap().to_owned();
        assert!(
            message.starts_with("Could not parse request body into json: "),
            "{message}"
        );
    }
}

#[tokio::test]
async fn a_payload_over_the_limit_of_its_kind_is_refused() {
    let host = host(function()).await;
    let payload = |mebibytes: usize| format!("\"{}\"", "x".repeat(mebibytes * 1024 * 1024 - 2));
    for (kind, mebibytes) in [("RequestResponse", 6), ("Event", 1)] {
        let accepted = call(&host, "misbehaving", Some(kind), &payload(mebibytes)).await;
        assert!(accepted.status().is_success(), "{kind}: {}", accepted.status());
        let refused = call(&host, "misbehaving", Some(kind), &(payload(mebibytes) + " ")).await;
        assert_eq!(refused.status(), StatusCode::PAYLOAD_TOO_LARGE);
        assert_eq!(refused.headers()["x-amzn-errortype"], "RequestTooLargeException");
    }
}

#[tokio::test]
async fn an_unknown_invocation_type_is_refused() {
    let host = host(function()).await;
    let response = call(&host, "misbehaving", Some("Perhaps"), "{}").await;
    assert_eq!(response.status(), StatusCode::BAD_REQUEST);
    assert_eq!(response.headers()["x-amzn-errortype"], "InvalidParameterValueException");
}

async fn call(host: &LambdaHost, function: &str, kind: Option<&str>, payload: &str) -> reqwest::Response {
    let url = format!("{}/2015-03-31/functions/{function}/invocations", host.invoke_endpoint());
    let mut request = loopback::client().post(url).body(payload.to_owned());
    if let Some(kind) = kind {
        request = request.header("X-Amz-Invocation-Type", kind);
    }
    request.send().await.unwrap()
}

async fn json(response: reqwest::Response) -> Value {
    json_of(&response.bytes().await.unwrap())
}
