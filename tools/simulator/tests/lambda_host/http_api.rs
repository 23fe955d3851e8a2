use std::time::Duration;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use simulator::lambda::{Function, LambdaHost};
use simulator::loopback;

use crate::{function, host, json_of};

#[tokio::test]
async fn a_form_reaches_the_function_base64_encoded() {
    let host = host(function()).await;
    let event = event(
        request(&host, Method::POST, "/hook?b=2&a=1&b=3%20")
            .header("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
            .header("User-Agent", "TwilioProxy/1.1")
            .header("X-Twilio-Signature", "c2lnbmF0dXJl")
            .header("X-Twice", "one")
            .header("X-Twice", "two")
            .header("Cookie", "a=1; b=2")
            .body("EventType=task.created"),
    )
    .await;
    let domain_name = host.http_api().domain_name;
    let api_id = domain_name
        .strip_suffix(".execute-api.eu-west-1.amazonaws.com")
        .unwrap();

    assert_eq!(event["version"], "2.0");
    assert_eq!(event["routeKey"], "POST /hook");
    assert_eq!(event["rawPath"], "/hook");
    assert_eq!(event["rawQueryString"], "b=2&a=1&b=3%20");
    assert_eq!(event["queryStringParameters"], json!({"a": "1", "b": "2,3 "}));
    assert_eq!(event["cookies"], json!(["a=1", "b=2"]));
    assert_eq!(event["body"], "RXZlbnRUeXBlPXRhc2suY3JlYXRlZA==");
    assert_eq!(event["isBase64Encoded"], true);

    let headers = &event["headers"];
    assert_eq!(headers["x-twilio-signature"], "c2lnbmF0dXJl");
    assert_eq!(headers["x-twice"], "one,two");
    assert_eq!(headers["host"], json!(domain_name));
    assert_eq!(headers["x-forwarded-proto"], "https");
    assert_eq!(headers.get("cookie"), None);

    let context = &event["requestContext"];
    assert_eq!(context["domainName"], json!(domain_name));
    assert_eq!(context["domainPrefix"], json!(api_id));
    assert_eq!(context["apiId"], json!(api_id));
    assert_eq!(context["accountId"], "123456789012");
    assert_eq!(context["stage"], "$default");
    assert_eq!(context["routeKey"], "POST /hook");
    let http = json!({
        "method": "POST",
        "path": "/hook",
        "protocol": "HTTP/1.1",
        "sourceIp": "127.0.0.1",
        "userAgent": "TwilioProxy/1.1",
    });
    assert_eq!(context["http"], http);
    let time = context["time"].as_str().unwrap();
    assert_eq!(
        (time.len(), &time[20..]),
        ("22/Nov/2026:09:00:00 +0000".len(), " +0000")
    );
    assert!(context["timeEpoch"].as_i64().unwrap() > 1_700_000_000_000);
}

#[tokio::test]
async fn a_json_body_reaches_the_function_as_text() {
    let host = host(function()).await;
    let body = r#"{"name":"Ørjan"}"#;
    let event = event(
        request(&host, Method::POST, "/hook")
            .header("Content-Type", "application/json")
            .body(body),
    )
    .await;
    assert_eq!(event["body"], body);
    assert_eq!(event["isBase64Encoded"], false);
}

#[tokio::test]
async fn a_request_without_body_query_and_cookies_has_none_of_them() {
    let host = host(function()).await;
    let event = event(request(&host, Method::GET, "/hook")).await;
    assert_eq!(event["routeKey"], "ANY /hook");
    assert_eq!(event["requestContext"]["http"]["method"], "GET");
    assert_eq!(event["rawQueryString"], "");
    for absent in ["body", "cookies", "queryStringParameters"] {
        assert_eq!(event.get(absent), None, "{absent}");
    }
}

#[tokio::test]
async fn an_answer_with_a_status_code_becomes_that_response() {
    let response = answered(json!({
        "statusCode": 418,
        "headers": {"Content-Type": "text/x-pot", "X-Cups": 2},
        "cookies": ["a=1", "b=2"],
        "body": "dGVh",
        "isBase64Encoded": true,
    }))
    .await;
    assert_eq!(response.status(), StatusCode::IM_A_TEAPOT);
    assert_eq!(response.headers()["content-type"], "text/x-pot");
    assert_eq!(response.headers()["x-cups"], "2");
    assert_eq!(
        response.headers().get_all("set-cookie").iter().collect::<Vec<_>>(),
        ["a=1", "b=2"]
    );
    assert!(response.headers().contains_key("apigw-requestid"));
    assert_eq!(response.text().await.unwrap(), "tea");
}

#[tokio::test]
async fn an_answer_without_a_status_code_is_the_body_of_a_200() {
    let response = answered(json!({"hello": "world"})).await;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.headers()["content-type"], "application/json");
    assert_eq!(response.text().await.unwrap(), r#"{"hello":"world"}"#);
}

#[tokio::test]
async fn an_answer_that_is_no_response_is_an_internal_server_error() {
    for malformed in [
        json!({"statusCode": "ok"}),
        json!({"statusCode": 99}),
        json!({"statusCode": 200, "body": {"not": "text"}}),
        json!({"statusCode": 200, "body": "?", "isBase64Encoded": true}),
        json!({"statusCode": 200, "headers": {"a name": "x"}}),
    ] {
        assert_own_answer(answered(malformed).await, 500, "Internal Server Error").await;
    }
}

#[tokio::test]
async fn a_function_error_is_an_internal_server_error() {
    let host = host(function()).await;
    for event in [json!({"do": "fail"}), json!({"do": "exit"})] {
        let response = told(&host, &event).send().await.unwrap();
        assert_own_answer(response, 500, "Internal Server Error").await;
    }
}

#[tokio::test]
async fn a_path_without_a_route_is_not_found() {
    let host = host(function()).await;
    for path in ["/", "/hook/", "/other"] {
        let response = request(&host, Method::POST, path).send().await.unwrap();
        assert_own_answer(response, 404, "Not Found").await;
    }
}

#[tokio::test]
async fn an_integration_that_takes_over_thirty_seconds_is_unavailable() {
    let host = host(Function {
        timeout: Duration::from_secs(40),
        ..function()
    })
    .await;
    // The function is started in real time. With the clock paused, the next limit is reached as soon as nothing else
    // happens.
    told(&host, &json!({"do": "echo"})).send().await.unwrap();
    tokio::time::pause();
    let response = told(&host, &json!({"do": "hang"})).send().await.unwrap();
    assert_own_answer(response, 503, "Service Unavailable").await;
}

fn request(host: &LambdaHost, method: Method, path_and_query: &str) -> reqwest::RequestBuilder {
    loopback::client().request(method, format!("http://{}{path_and_query}", host.http_api().address))
}

/// A request that tells the function what to do.
fn told(host: &LambdaHost, order: &Value) -> reqwest::RequestBuilder {
    request(host, Method::POST, "/hook")
        .header("Content-Type", "application/json")
        .body(order.to_string())
}

/// The event made from a request. The function answers with this event.
async fn event(request: reqwest::RequestBuilder) -> Value {
    json_of(&request.send().await.unwrap().bytes().await.unwrap())
}

/// The caller's response if the function returns this answer.
async fn answered(answer: Value) -> reqwest::Response {
    let host = host(function()).await;
    told(&host, &json!({"do": "answer", "answer": answer}))
        .send()
        .await
        .unwrap()
}

async fn assert_own_answer(response: reqwest::Response, status: u16, message: &str) {
    assert_eq!(response.status(), status);
    assert_eq!(json_of(&response.bytes().await.unwrap()), json!({"message": message}));
}
