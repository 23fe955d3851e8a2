use reqwest::Method;
use serde_json::json;
use simulator::lambda::Front;

use super::{answered, event, form, open, parts, request, told};

fn front(multi_value_headers: bool) -> Front {
    Front::LoadBalancer {
        domain_name: "hooks.example.com".to_owned(),
        multi_value_headers,
    }
}

#[tokio::test]
async fn form_becomes_a_load_balancers_event() {
    let (host, endpoint) = open(front(false)).await;
    assert_eq!(endpoint.url("/hook"), "https://hooks.example.com/hook");

    let request = form(&endpoint, "/hook?b=2&a=%2B%20c&b=3+4&empty")
        .header("X-Twice", "one")
        .header("X-Twice", "two");
    let event = event(&host, request, &["/headers/x-amzn-trace-id"]).await;

    let expected = json!({
        "requestContext": {
            "elb": {
                "targetGroupArn":
                    "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/hook/6d0ecf831eec9f09",
            },
        },
        "httpMethod": "POST",
        "path": "/hook",
        "queryStringParameters": {"a": "%2B%20c", "b": "3+4", "empty": ""},
        "headers": {
            "accept": "*/*",
            "content-length": "22",
            "content-type": "application/x-www-form-urlencoded",
            "host": "hooks.example.com",
            "user-agent": "TwilioProxy/1.1",
            "x-amzn-trace-id": "…",
            "x-forwarded-for": "127.0.0.1",
            "x-forwarded-port": "443",
            "x-forwarded-proto": "https",
            "x-twice": "two",
            "x-twilio-signature": "c2lnbmF0dXJl",
        },
        "body": "RXZlbnRUeXBlPXRhc2suY3JlYXRlZA==",
        "isBase64Encoded": true,
    });
    assert_eq!(event, expected);
}

#[tokio::test]
async fn target_group_with_multi_value_headers_gets_lists_only() {
    let (host, endpoint) = open(front(true)).await;
    let request = request(&endpoint, Method::POST, "/hook?b=2&a=%2B&b=3")
        .header("Content-Type", "application/json")
        .header("X-Twice", "one")
        .header("X-Twice", "two")
        .body("[]");

    let event = event(&host, request, &["/multiValueHeaders/x-amzn-trace-id"]).await;

    assert_eq!(event.get("headers"), None);
    assert_eq!(event.get("queryStringParameters"), None);
    let query = json!({"a": ["%2B"], "b": ["2", "3"]});
    assert_eq!(event["multiValueQueryStringParameters"], query);
    let headers = json!({
        "accept": ["*/*"],
        "content-length": ["2"],
        "content-type": ["application/json"],
        "host": ["hooks.example.com"],
        "x-amzn-trace-id": "…",
        "x-forwarded-for": ["127.0.0.1"],
        "x-forwarded-port": ["443"],
        "x-forwarded-proto": ["https"],
        "x-twice": ["one", "two"],
    });
    assert_eq!(event["multiValueHeaders"], headers);
    assert_eq!(event["body"], "[]");
    assert_eq!(event["isBase64Encoded"], false);
}

#[tokio::test]
async fn request_without_body_and_query_has_them_empty() {
    let (host, endpoint) = open(front(false)).await;
    let event = event(&host, request(&endpoint, Method::GET, "/hook"), &[]).await;
    assert_eq!(event["queryStringParameters"], json!({}));
    assert_eq!(event["body"], "");
    assert_eq!(event["isBase64Encoded"], false);
}

#[tokio::test]
async fn answers_headers_count_in_the_target_groups_form_only() {
    let answer = json!({
        "statusCode": 418,
        "statusDescription": "418 I'm a teapot",
        "headers": {"Content-Type": "text/x-pot"},
        "multiValueHeaders": {"Content-Type": ["text/x-cup"]},
        "body": "dGVh",
        "isBase64Encoded": true,
    });
    for (multi_value_headers, content_type) in [(false, "text/x-pot"), (true, "text/x-cup")] {
        let (_host, endpoint) = open(front(multi_value_headers)).await;
        let response = answered(&endpoint, answer.clone()).await;
        let expected = (418, content_type.to_owned(), "tea".to_owned());
        assert_eq!(parts(response).await, expected);
    }
}

#[tokio::test]
async fn load_balancer_answers_for_itself_with_a_page() {
    let (_host, endpoint) = open(front(false)).await;
    let page = |status: u16, title: &str| {
        let page = format!("<html>\r\n<head><title>{title}</title></head>\r\n</html>\r\n");
        (status, "text/html; charset=utf-8".to_owned(), page)
    };
    let response = request(&endpoint, Method::POST, "/other").send().await.unwrap();
    assert_eq!(parts(response).await, page(404, "404 Not Found"));
    let response = told(&endpoint, json!({"do": "fail"})).await;
    assert_eq!(parts(response).await, page(502, "502 Bad Gateway"));
    let response = answered(&endpoint, json!({"hello": "world"})).await;
    assert_eq!(parts(response).await, page(502, "502 Bad Gateway"));
    let large = request(&endpoint, Method::POST, "/hook").body(vec![0; 1024 * 1024 + 1]);
    assert_eq!(
        parts(large.send().await.unwrap()).await,
        page(413, "413 Payload Too Large")
    );
}
