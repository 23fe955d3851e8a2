//! The behaviour common to both webhooks, and the calls of the tests to them.

mod answers;
mod callback;
mod event_streams;
mod hostile;
mod logs;
mod rotation;
mod signature;
mod time;

use std::collections::BTreeMap;
use std::time::Duration;

use end_to_end::Scene;
use serde::Deserialize;
use serde_json::Value;
use sha2::{Digest, Sha256};
use simulator::world::{AUTO_CLOSE, TASK_EVENTS};

pub(crate) use callback::Callback;

pub(crate) const WEBHOOKS: [&str; 2] = [TASK_EVENTS, AUTO_CLOSE];

/// A function's timeout in tests of lasting faults.
pub(crate) const SHORT: Duration = Duration::from_secs(3);

/// A webhook's answer.
#[derive(Debug, PartialEq)]
pub(crate) struct Answer {
    status: u16,
    content_type: Option<String>,
    body: String,
}

/// The answer to an event that was handled.
pub(crate) fn no_content() -> Answer {
    Answer::json(204, String::new())
}

/// The answer with an error code of the reference.
pub(crate) fn error(status: u16, code: &str) -> Answer {
    Answer::json(status, format!(r#"{{"error":"{code}"}}"#))
}

impl Answer {
    fn json(status: u16, body: String) -> Self {
        Self {
            status,
            content_type: Some("application/json".to_owned()),
            body,
        }
    }
}

/// A function's answer to API Gateway.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PlainAnswer {
    status_code: u16,
    headers: BTreeMap<String, String>,
    #[serde(default)]
    body: String,
}

/// Invokes a webhook with an arbitrary payload.
pub(crate) async fn invoke(scene: &Scene, function: &str, payload: Vec<u8>) -> Answer {
    let invocation = scene.world.lambda.invoke(function, payload).await;
    let answer: PlainAnswer = serde_json::from_slice(&invocation.payload).expect("an HTTP answer");
    Answer {
        status: answer.status_code,
        content_type: answer.headers.get("content-type").cloned(),
        body: answer.body,
    }
}

/// Sends a webhook an event of the scene's task.
pub(crate) async fn tell(scene: &Scene, function: &'static str, event_type: &str) -> Answer {
    Callback::event(scene, function, event_type).send().await
}

/// Sends both webhooks an event of the scene's task at the same time.
pub(crate) async fn tell_both(scene: &Scene, event_type: &str) -> [Answer; 2] {
    let [one, other] = WEBHOOKS.map(|function| tell(scene, function, event_type));
    tokio::join!(one, other).into()
}

/// The query that carries the hash of a body.
pub(crate) fn body_hash(body: &str) -> String {
    let digits = Sha256::digest(body)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect::<String>();
    format!("bodySHA256={digits}")
}

/// A webhook's log without the varying fields. Steps are short, such as `read task 200`.
pub(crate) fn log(scene: &Scene, function: &str) -> Vec<Value> {
    let mut lines = scene.log(function);
    for line in &mut lines {
        let line = line.as_object_mut().expect("a log line is an object");
        for varies in ["timestamp", "requestId", "ms", "function", "version"] {
            assert!(line.remove(varies).is_some(), "no {varies} in {line:?}");
        }
        let steps = line["steps"].as_array().expect("a list of steps");
        line["steps"] = steps.iter().map(step_in_short).collect();
    }
    lines
}

fn step_in_short(step: &Value) -> Value {
    assert!(step["ms"].is_u64(), "no ms in {step}");
    let step_and_status = [&step["step"], &step["status"]].map(|text| match text {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    });
    step_and_status.join(" ").into()
}
