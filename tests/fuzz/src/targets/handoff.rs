//! A handoff's request.

use std::sync::Arc;
use std::time::Duration;

use flex_handoff::config;
use flex_handoff::upstream::transport::InProcess;
use handoff::{Handoff, HandoffError};
use serde_json::Value;

use crate::answers;
use crate::harness::{ai_workers, check_text, connections, lambda_event, note, run as run_function, upstreams};

const TIMEOUT: Duration = Duration::from_secs(20);

/// The input is the payload. The AI has the task, which has a conversation.
pub(super) fn run(input: &[u8]) {
    // Lambda's runtime rejects invalid JSON.
    let Ok(payload) = serde_json::from_slice::<Value>(input).map(|payload| payload.to_string()) else {
        return;
    };
    let known: Arc<InProcess> = Arc::new(|request| Box::pin(async move { Ok(answers::known(&request)) }));
    run_function(hand_over(&payload, known));
}

/// Hands off and checks the answer or error for private text.
pub(super) async fn hand_over(payload: &str, answers: Arc<InProcess>) {
    let config = config::HandoffConfig {
        upstreams: upstreams(),
        conversations_url: "http://conversations.test".parse().expect("a URL"),
        flex_url: "http://flex.test".parse().expect("a URL"),
        ai_workers: ai_workers(),
        session_id_attribute: "session_id".to_owned(),
        note: note(),
        workflow: None,
        queue_url: None,
    };
    let function = Handoff::new(config, &connections(answers).await);
    let answer = function.handle(lambda_event(payload, TIMEOUT)).await;
    match answer {
        Ok(answer) => check_text(&serde_json::to_string(&answer).expect("an answer is JSON")),
        Err(HandoffError::Panicked) => panic!("the function has panicked"),
        Err(error) => check_text(&error.to_string()),
    }
}
