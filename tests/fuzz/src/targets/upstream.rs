//! The upstreams' answers.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use flex_handoff::aws::secrets::{Required, Secret};
use flex_handoff::upstream::transport::{InProcess, TransportError};
use http::Method;

use super::{queue, request, webhook};
use crate::answers;
use crate::harness::{check_text, run as run_function};

/// The separator between two answers.
const END: &str = "\n---\n";

/// The most requests of an invocation: a hundred pages of a list, each after some retries, or retries until the
/// deadline.
const MOST_REQUESTS: usize = 5_000;

/// The input is the function's name in the first line, and then the answers in the order of its requests, as
/// [`answers::written`] parses them. After the last answer, connections are refused. The name `secret` stands for
/// reading the secret.
pub(super) fn run(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let (name, rest) = text.split_once('\n').unwrap_or((text, ""));
    let answers = to_answer(rest);
    match name {
        "secret" => read_secret(rest),
        "task-events" => run_function(webhook::task_events(&event("reservation.created"), answers)),
        "deferred" => run_function(queue::attend(&queue::batch(SYNC), answers)),
        _ => {}
    }
}

const SYNC: &str = r#"{"sync":{"taskSid":"WT00000000000000000000000000000001"}}"#;

fn event(event_type: &str) -> String {
    let text = format!(
        "POST /\ncontent-type: application/x-www-form-urlencoded\nx-twilio-signature: sign\n\n\
         EventType={event_type}&TaskSid=WT00000000000000000000000000000001\
         &WorkerSid=WK00000000000000000000000000000001"
    );
    request::payload(&text)
}

fn to_answer(text: &str) -> Arc<InProcess> {
    let written: VecDeque<String> = text.split(END).map(str::to_owned).collect();
    let state = Mutex::new((written, 0));
    Arc::new(move |request| {
        let is_sessions = request.url().host_str() == Some("sessions.test");
        let is_patch = request.method() == Method::PATCH;
        assert!(is_patch == is_sessions || is_sessions && request.method() == Method::GET);
        let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
        state.1 += 1;
        assert!(state.1 <= MOST_REQUESTS, "the function sends too many requests");
        let answer = state.0.pop_front().map(|text| answers::written(&text));
        Box::pin(async move { answer.ok_or(TransportError::NoConnection) })
    })
}

fn read_secret(text: &str) {
    match Secret::parse(text, Required::SessionApiToken) {
        Ok(secret) => {
            assert!(secret.auth_tokens().count() <= 2);
            check_text(&format!(
                "{:?} {:?}",
                secret.twilio,
                secret.session_authorization("Bearer")
            ));
        }
        Err(faults) => check_text(&faults.join(" ")),
    }
}
