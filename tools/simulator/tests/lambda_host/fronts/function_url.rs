use reqwest::Method;
use serde_json::json;
use simulator::lambda::Front;

use super::{answered, event, form, open, own_message, parts, request, told};

fn front() -> Front {
    Front::FunctionUrl {
        function: "misbehaving".to_owned(),
    }
}

#[tokio::test]
async fn any_path_of_a_function_url_reaches_its_function() {
    let (host, endpoint) = open(front()).await;
    let domain_name = &*endpoint.domain_name;
    let url_id = domain_name.strip_suffix(".lambda-url.eu-west-1.on.aws").unwrap();
    assert_eq!(url_id.len(), 32);
    assert_eq!(endpoint.url("/"), format!("https://{domain_name}/"));

    for path in ["/", "/any/path"] {
        let different = [
            "/headers/x-amzn-trace-id",
            "/requestContext/requestId",
            "/requestContext/time",
            "/requestContext/timeEpoch",
        ];
        let request = form(&endpoint, &format!("{path}?b=2&a=%2B&b=3%20")).header("Cookie", "a=1; b=2");
        let event = event(&host, request, &different).await;

        let expected = json!({
            "version": "2.0",
            "routeKey": "$default",
            "rawPath": path,
            "rawQueryString": "b=2&a=%2B&b=3%20",
            "cookies": ["a=1", "b=2"],
            "headers": {
                "accept": "*/*",
                "content-length": "22",
                "content-type": "application/x-www-form-urlencoded",
                "cookie": "a=1; b=2",
                "host": domain_name,
                "user-agent": "TwilioProxy/1.1",
                "x-amzn-trace-id": "…",
                "x-forwarded-for": "127.0.0.1",
                "x-forwarded-port": "443",
                "x-forwarded-proto": "https",
                "x-twilio-signature": "c2lnbmF0dXJl",
            },
            "queryStringParameters": {"a": "+", "b": "2,3 "},
            "requestContext": {
                "accountId": "anonymous",
                "apiId": url_id,
                "domainName": domain_name,
                "domainPrefix": url_id,
                "http": {
                    "method": "POST",
                    "path": path,
                    "protocol": "HTTP/1.1",
                    "sourceIp": "127.0.0.1",
                    "userAgent": "TwilioProxy/1.1",
                },
                "requestId": "…",
                "routeKey": "$default",
                "stage": "$default",
                "time": "…",
                "timeEpoch": "…",
            },
            "body": "RXZlbnRUeXBlPXRhc2suY3JlYXRlZA==",
            "isBase64Encoded": true,
        });
        assert_eq!(event, expected);
    }
}

#[tokio::test]
async fn answer_of_a_function_url_is_in_payload_format_2_0() {
    let (_host, endpoint) = open(front()).await;
    let answer = json!({"statusCode": 418, "cookies": ["a=1"], "body": "dGVh", "isBase64Encoded": true});
    let response = answered(&endpoint, answer).await;
    assert_eq!(response.headers()["set-cookie"], "a=1");
    assert!(response.headers().contains_key("x-amzn-requestid"));
    let expected = (418, "text/plain;charset=utf-8".to_owned(), "tea".to_owned());
    assert_eq!(parts(response).await, expected);
}

#[tokio::test]
async fn failed_function_is_a_bad_gateway() {
    let (_host, endpoint) = open(front()).await;
    let response = told(&endpoint, json!({"do": "fail"})).await;
    let expected = (
        502,
        "text/plain; charset=utf-8".to_owned(),
        "Internal Server Error".to_owned(),
    );
    assert_eq!(parts(response).await, expected);
}

#[tokio::test]
async fn url_of_a_function_that_is_gone_is_forbidden() {
    let (host, endpoint) = open(front()).await;
    host.stop().await;
    let response = request(&endpoint, Method::GET, "/").send().await.unwrap();
    assert_eq!(parts(response).await, own_message(403, "Message", "Forbidden"));
}
