//! Messages on the queue.

use std::sync::Arc;
use std::time::Duration;

use deferred::Deferred;
use flex_handoff::config;
use flex_handoff::upstream::transport::InProcess;
use serde_json::{Value, json};

use crate::answers;
use crate::harness::{
    QUEUE_URL, ai_workers, check_text, connections, lambda_event, note, run as run_function, sessions, upstreams,
};

const TIMEOUT: Duration = Duration::from_secs(60);

/// The input is a batch of messages or the text of a single message. The AI has the task, which has a session.
pub(super) fn run(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let batch = if text.starts_with("{\"Records\"") {
        text.to_owned()
    } else {
        batch(text)
    };
    // Lambda's runtime rejects invalid JSON.
    let Ok(batch) = serde_json::from_str::<Value>(&batch).map(|batch| batch.to_string()) else {
        return;
    };
    let known: Arc<InProcess> = Arc::new(|request| Box::pin(async move { Ok(answers::known(&request)) }));
    run_function(attend(&batch, known));
}

/// A batch of a single message with this text.
pub(super) fn batch(body: &str) -> String {
    let record = json!({
        "messageId": "1", "receiptHandle": "1", "body": body, "attributes": { "ApproximateReceiveCount": "2" },
    });
    json!({ "Records": [record] }).to_string()
}

/// Handles a batch and checks that the answer contains only message ids.
pub(super) async fn attend(batch: &str, answers: Arc<InProcess>) {
    let config = config::DeferredConfig {
        upstreams: upstreams(),
        conversations_url: "http://conversations.test".parse().expect("a URL"),
        ai_workers: ai_workers(),
        sessions: sessions(),
        session_rate: 50,
        note: note(),
        queue_url: Some(QUEUE_URL.to_owned()),
    };
    let function = Deferred::new(config, &connections(answers).await);
    let response = function.handle(lambda_event(batch, TIMEOUT)).await;
    let mut response = serde_json::to_value(&response).expect("a response is JSON");
    for failure in response["batchItemFailures"].as_array_mut().expect("a list") {
        // This is SQS's message id, which Lambda expects unchanged.
        failure["itemIdentifier"].take();
    }
    check_text(&response.to_string());
}
