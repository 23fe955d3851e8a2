//! Requests that `lambda_http` can't convert are answered and logged with one line.

use end_to_end::Scene;
use serde_json::json;
use simulator::world::TASK_EVENTS;

use super::{WEBHOOKS, error, invoke, log};

/// An HTTP API request with this query, host and body.
fn event(query: &str, host: &str, scheme: &str, body: &str) -> Vec<u8> {
    let event = json!({
        "version": "2.0",
        "rawPath": format!("/{TASK_EVENTS}"),
        "rawQueryString": query,
        "headers": { "host": host, "x-forwarded-proto": scheme, "x-twilio-signature": "AA==" },
        "requestContext": { "domainName": "a.example", "http": { "method": "POST", "path": "/" } },
        "body": body,
        "isBase64Encoded": true,
    });
    event.to_string().into_bytes()
}

#[tokio::test]
async fn request_that_cannot_be_converted_is_forbidden_in_one_line() {
    let scene = Scene::start().await;
    for function in WEBHOOKS {
        let requests = [
            event("a=<b>", "a.example", "https", ""),
            event("a b", "a.example", "https", ""),
            event("\"", "a.example", "https", ""),
            event("", "a b", "https", ""),
            event("", "a.example", "https, http", ""),
            event("", "a.example", "https", "%%%"),
        ];
        let count = requests.len();
        for request in requests {
            let shown = String::from_utf8_lossy(&request).into_owned();
            assert_eq!(
                invoke(&scene, function, request).await,
                error(403, "forbidden"),
                "{shown}"
            );
        }
        let lines = log(&scene, function);
        let line = json!({
            "level": "WARN",
            "outcome": "forbidden",
            "cause": "the request has an invalid query, host or body",
            "steps": [],
        });
        assert_eq!(lines, vec![line; count], "{function}");
    }
}
