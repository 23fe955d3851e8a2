//! The actions over HTTPS: events, answers and their description in `docs/actions`.

mod described;
mod requests;
mod tokens;

use std::collections::BTreeMap;

use end_to_end::Scene;
use serde::Deserialize;
use serde_json::{Value, json};
use simulator::upstreams::ACTION_TOKEN;
use simulator::world::{HANDOFF, REPLY, RESOLVE};

const ACTIONS: [&str; 3] = [HANDOFF, RESOLVE, REPLY];

/// An answer to an HTTPS request.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct HttpAnswer {
    status_code: u16,
    headers: BTreeMap<String, String>,
    #[serde(default)]
    body: String,
}

impl HttpAnswer {
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).expect("the body is JSON")
    }

    /// Status and `errorType`.
    fn error(&self) -> (u16, String) {
        let error = self.json()["errorType"].as_str().expect("an errorType").to_owned();
        (self.status_code, error)
    }
}

/// An HTTP API event in payload format 2.0.
fn event(function: &str, method: &str, headers: Value, body: &str) -> Value {
    let path = format!("/{function}");
    json!({
        "version": "2.0",
        "routeKey": format!("ANY {path}"),
        "rawPath": path,
        "rawQueryString": "",
        "headers": headers,
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "abcdef1234",
            "domainName": "abcdef1234.execute-api.eu-west-1.amazonaws.com",
            "domainPrefix": "abcdef1234",
            "http": {
                "method": method,
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": "192.0.2.1",
                "userAgent": "a test",
            },
            "requestId": "a-request",
            "routeKey": format!("ANY {path}"),
            "stage": "$default",
            "time": "22/Nov/2026:09:00:00 +0000",
            "timeEpoch": 1_795_338_000_000_u64,
        },
        "body": body,
        "isBase64Encoded": false,
    })
}

fn authorized() -> Value {
    json!({ "authorization": format!("Bearer {ACTION_TOKEN}"), "content-type": "application/json" })
}

async fn send(scene: &Scene, function: &str, event: &Value) -> HttpAnswer {
    let payload = event.to_string().into_bytes();
    let invocation = scene.world.lambda.invoke(function, payload).await;
    assert_eq!(invocation.function_error, None);
    serde_json::from_slice(&invocation.payload).expect("an HTTP answer")
}

/// Sends an authorized request.
async fn post(scene: &Scene, function: &str, request: &Value) -> HttpAnswer {
    let event = event(function, "POST", authorized(), &request.to_string());
    send(scene, function, &event).await
}

/// A request that an action can do.
fn request(scene: &Scene, function: &str) -> Value {
    let task_sid = &scene.task_sid;
    match function {
        HANDOFF => json!({
            "taskSid": task_sid,
            "reason": "customer wants to cancel",
            "summary": "Ana was charged twice.",
            "sentiment": "negative",
            "language": "en",
        }),
        REPLY => json!({ "taskSid": task_sid, "messageId": "m-1", "text": "Hi Ana" }),
        _ => json!({ "taskSid": task_sid }),
    }
}
