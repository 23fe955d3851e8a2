use std::time::Duration;

use reqwest::Method;
use serde_json::json;
use simulator::lambda::{ApiGateway, Front, Function};

use super::{answered, custom_domain, event, form, open, own_message, parts, request, told};
use crate::function;

const DIFFERENT: [&str; 6] = [
    "/headers/X-Amzn-Trace-Id",
    "/multiValueHeaders/X-Amzn-Trace-Id",
    "/requestContext/extendedRequestId",
    "/requestContext/requestId",
    "/requestContext/requestTime",
    "/requestContext/requestTimeEpoch",
];

#[tokio::test]
async fn form_becomes_an_event_in_payload_format_1_0() {
    let (host, endpoint) = open(Front::RestApi(ApiGateway::staged("prod"))).await;
    let domain_name = &*endpoint.domain_name;
    let api_id = domain_name
        .strip_suffix(".execute-api.eu-west-1.amazonaws.com")
        .unwrap();
    assert_eq!(endpoint.url("/hook"), format!("https://{domain_name}/prod/hook"));

    let request = form(&endpoint, "/hook?b=2&a=%2B%20c&b=3+4")
        .header("X-Twice", "one")
        .header("X-Twice", "two");
    let event = event(&host, request, &DIFFERENT).await;

    let expected = json!({
        "resource": "/hook",
        "path": "/hook",
        "httpMethod": "POST",
        "headers": {
            "Accept": "*/*",
            "Content-Length": "22",
            "Content-Type": "application/x-www-form-urlencoded",
            "Host": domain_name,
            "User-Agent": "TwilioProxy/1.1",
            "X-Amzn-Trace-Id": "…",
            "X-Forwarded-For": "127.0.0.1",
            "X-Forwarded-Port": "443",
            "X-Forwarded-Proto": "https",
            "X-Twice": "two",
            "X-Twilio-Signature": "c2lnbmF0dXJl",
        },
        "multiValueHeaders": {
            "Accept": ["*/*"],
            "Content-Length": ["22"],
            "Content-Type": ["application/x-www-form-urlencoded"],
            "Host": [domain_name],
            "User-Agent": ["TwilioProxy/1.1"],
            "X-Amzn-Trace-Id": "…",
            "X-Forwarded-For": ["127.0.0.1"],
            "X-Forwarded-Port": ["443"],
            "X-Forwarded-Proto": ["https"],
            "X-Twice": ["one", "two"],
            "X-Twilio-Signature": ["c2lnbmF0dXJl"],
        },
        "queryStringParameters": {"a": "+ c", "b": "3 4"},
        "multiValueQueryStringParameters": {"a": ["+ c"], "b": ["2", "3 4"]},
        "pathParameters": null,
        "stageVariables": null,
        "requestContext": {
            "resourceId": "us4z18",
            "resourcePath": "/hook",
            "operationName": null,
            "httpMethod": "POST",
            "extendedRequestId": "…",
            "requestTime": "…",
            "path": "/prod/hook",
            "accountId": "123456789012",
            "protocol": "HTTP/1.1",
            "stage": "prod",
            "domainPrefix": api_id,
            "requestTimeEpoch": "…",
            "requestId": "…",
            "identity": {
                "cognitoIdentityPoolId": null,
                "accountId": null,
                "cognitoIdentityId": null,
                "caller": null,
                "sourceIp": "127.0.0.1",
                "principalOrgId": null,
                "accessKey": null,
                "cognitoAuthenticationType": null,
                "cognitoAuthenticationProvider": null,
                "userArn": null,
                "userAgent": "TwilioProxy/1.1",
                "user": null,
            },
            "domainName": domain_name,
            "apiId": api_id,
        },
        "body": "EventType=task.created",
        "isBase64Encoded": false,
    });
    assert_eq!(event, expected);
}

#[tokio::test]
async fn request_without_body_and_query_has_null_for_them() {
    let (host, endpoint) = open(Front::RestApi(ApiGateway::default())).await;
    let event = event(&host, request(&endpoint, Method::GET, "/hook"), &DIFFERENT).await;
    assert_eq!(event["requestContext"]["stage"], "prod");
    for absent in ["body", "queryStringParameters", "multiValueQueryStringParameters"] {
        assert_eq!(event.get(absent), Some(&json!(null)), "{absent}");
    }
}

#[tokio::test]
async fn base_path_of_a_custom_domain_stays_in_the_path() {
    for (base_path, url, path) in [
        (None, "https://hooks.example.com/hook", "/hook"),
        (Some("twilio"), "https://hooks.example.com/twilio/hook", "/twilio/hook"),
    ] {
        let (host, endpoint) = open(Front::RestApi(custom_domain(
            "hooks.example.com",
            base_path,
            Some("prod"),
        )))
        .await;
        assert_eq!(endpoint.url("/hook"), url);

        let event = event(&host, form(&endpoint, "/hook"), &DIFFERENT).await;

        let context = &event["requestContext"];
        let paths = [&event["resource"], &event["path"], &context["path"]];
        assert_eq!(paths, ["/hook", path, path]);
        assert_eq!(context["domainName"], "hooks.example.com");
        assert_eq!(context["domainPrefix"], "hooks");
        assert_eq!(context["stage"], "prod");
    }
}

#[tokio::test]
async fn answer_becomes_a_response_without_decoding_its_body() {
    let (_host, endpoint) = open(Front::RestApi(ApiGateway::default())).await;
    let response = answered(
        &endpoint,
        json!({
            "statusCode": 418,
            "headers": {"X-Cups": 2, "x-sugar": "no"},
            "multiValueHeaders": {"X-Sugar": ["one", "two"]},
            "body": "dGVh",
            "isBase64Encoded": true,
        }),
    )
    .await;
    assert_eq!(response.headers()["x-cups"], "2");
    let sugar: Vec<_> = response.headers().get_all("x-sugar").iter().collect();
    assert_eq!(sugar, ["one", "two"]);
    assert!(response.headers().contains_key("x-amzn-requestid"));
    let expected = (418, "application/json".to_owned(), "dGVh".to_owned());
    assert_eq!(parts(response).await, expected);
}

#[tokio::test]
async fn malformed_answer_is_a_bad_gateway() {
    let (_host, endpoint) = open(Front::RestApi(ApiGateway::default())).await;
    for malformed in [
        json!({"hello": "world"}),
        json!("text"),
        json!({"statusCode": 200, "cookies": []}),
        json!({"statusCode": 99}),
    ] {
        let response = answered(&endpoint, malformed).await;
        let expected = own_message(502, "message", "Internal server error");
        assert_eq!(parts(response).await, expected);
    }
    let response = told(&endpoint, json!({"do": "fail"})).await;
    let expected = own_message(502, "message", "Internal server error");
    assert_eq!(parts(response).await, expected);
}

#[tokio::test]
async fn path_without_a_route_lacks_an_authentication_token() {
    let (_host, mut endpoint) = open(Front::RestApi(ApiGateway::default())).await;
    for (base_path, path) in [
        ("/prod", "/other"),
        ("/prod", "/hook/"),
        ("", "/hook"),
        ("/test", "/hook"),
    ] {
        endpoint.base_path = base_path.to_owned();
        let response = request(&endpoint, Method::POST, path).send().await.unwrap();
        let expected = own_message(403, "message", "Missing Authentication Token");
        assert_eq!(parts(response).await, expected);
    }
}

#[tokio::test]
async fn answer_after_29_seconds_is_too_late() {
    let (host, endpoint) = open(Front::RestApi(ApiGateway::default())).await;
    host.deploy(Function {
        timeout: Duration::from_secs(40),
        ..function()
    });
    // The function is started in real time. With the clock paused, the next limit is reached as soon as nothing else
    // happens.
    told(&endpoint, json!({"do": "echo"})).await;
    tokio::time::pause();
    let response = told(&endpoint, json!({"do": "hang"})).await;
    let expected = own_message(504, "message", "Endpoint request timed out");
    assert_eq!(parts(response).await, expected);
}
