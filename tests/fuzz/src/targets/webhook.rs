//! A webhook's body, headers and URL.

use std::sync::Arc;
use std::time::Duration;

use auto_close::AutoClose;
use flex_handoff::config::{self, AutoCloseScope};
use flex_handoff::lambda::payload::Payload;
use flex_handoff::lambda::webhook::{HttpAnswer, HttpRequest};
use flex_handoff::upstream::transport::InProcess;
use serde_json::Value;
use task_events::TaskEvents;

use super::request;
use crate::answers;
use crate::harness::{QUEUE_URL, ai_worker, connections, deadline, run as run_function, sessions, upstreams};

const TIMEOUT: Duration = Duration::from_secs(15);

/// Both webhooks get the input, as it is if it starts like a payload, and otherwise as [`request::payload`] parses it.
/// The upstreams have no task, and every session.
pub(super) fn run(input: &[u8]) {
    let payload = match std::str::from_utf8(input) {
        Ok(text) if !text.starts_with('{') => request::payload(text),
        _ => input.to_vec(),
    };
    // Lambda's runtime rejects invalid JSON.
    let Ok(text) = serde_json::from_slice::<Value>(&payload).map(|payload| payload.to_string()) else {
        return;
    };
    let read = || serde_json::from_str(&text).expect("any JSON is a payload");
    let none: Arc<InProcess> = Arc::new(|request| Box::pin(async move { Ok(answers::unknown(&request)) }));
    for answer in [
        run_function(task_events(read(), none.clone())),
        run_function(auto_close(read(), none)),
    ] {
        check(&answer);
    }
}

pub(super) async fn task_events(request: Payload<HttpRequest>, answers: Arc<InProcess>) -> HttpAnswer {
    let config = config::TaskEvents {
        upstreams: upstreams(),
        ai_worker: None,
        sessions: sessions(),
        public_url: None,
        queue_url: Some(QUEUE_URL.to_owned()),
    };
    let function = TaskEvents::new(config, connections(answers).await);
    function.handle(request, "request", deadline(TIMEOUT)).await
}

pub(super) async fn auto_close(request: Payload<HttpRequest>, answers: Arc<InProcess>) -> HttpAnswer {
    let config = config::AutoClose {
        upstreams: upstreams(),
        ai_worker: ai_worker(),
        scope: AutoCloseScope::Ai,
        delay: Duration::ZERO,
        queue_url: None,
        public_url: None,
    };
    let function = AutoClose::new(config, connections(answers).await);
    function.handle(request, "request", deadline(TIMEOUT)).await
}

/// Checks that the answer is one of the constant ones.
pub(super) fn check(answer: &HttpAnswer) {
    let answer = serde_json::to_value(answer).expect("an answer is JSON");
    let known = [204, 400, 403, 405, 413, 415, 500, 503].map(Value::from);
    assert!(known.contains(&answer["statusCode"]), "{answer}");
    assert!(answer.to_string().len() < 300, "{answer}");
}
