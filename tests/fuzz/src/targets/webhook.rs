//! The body, headers and URL of a webhook request.

use std::sync::Arc;
use std::time::Duration;

use flex_handoff::config;
use flex_handoff::upstream::transport::InProcess;
use serde::Serialize;
use serde_json::Value;
use task_events::TaskEvents;

use super::request;
use crate::answers;
use crate::harness::{QUEUE_URL, ai_workers, connections, lambda_event, run as run_function, sessions, upstreams};

const TIMEOUT: Duration = Duration::from_secs(15);

/// The webhook gets the input as it is if the input starts like a payload. Otherwise [`request::payload`] parses the
/// input. The upstreams have no task but every session.
pub(super) fn run(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let payload = match text.starts_with('{') {
        true => text.to_owned(),
        false => request::payload(text),
    };
    // Lambda's runtime rejects invalid JSON.
    let Ok(payload) = serde_json::from_str::<Value>(&payload).map(|payload| payload.to_string()) else {
        return;
    };
    let none: Arc<InProcess> = Arc::new(|request| Box::pin(async move { Ok(answers::unknown(&request)) }));
    run_function(task_events(&payload, none));
}

/// Sends a request to `task-events` and checks the answer.
pub(super) async fn task_events(payload: &str, answers: Arc<InProcess>) {
    let config = config::TaskEventsConfig {
        upstreams: upstreams(),
        ai_workers: ai_workers(),
        sessions: sessions(),
        public_url: None,
        queue_url: Some(QUEUE_URL.to_owned()),
        close_queue: None,
        close_on_rejection: false,
    };
    let function = TaskEvents::new(config, &connections(answers).await);
    check(&function.handle(lambda_event(payload, TIMEOUT)).await);
}

/// Checks that the answer is one of the known constants.
fn check(answer: &impl Serialize) {
    let answer = serde_json::to_value(answer).expect("an answer is JSON");
    let known = [204, 400, 403, 405, 413, 415, 500, 503].map(Value::from);
    assert!(known.contains(&answer["statusCode"]), "{answer}");
    assert!(answer.to_string().len() < 400, "{answer}");
}
