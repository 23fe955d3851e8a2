//! The Runtime API. A function fetches its events and posts its answers here.
//!
//! <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde_json::json;
use tokio::sync::mpsc;

use super::failure::Failure;
use crate::lock::lock;

/// Lambda's limit for a synchronous answer: 6 MiB, plus 100 bytes for Lambda itself.
const RESPONSE_LIMIT: usize = 6 * 1024 * 1024 + 100;

/// An event and its headers.
pub(super) struct Event {
    pub(super) request_id: String,
    /// Milliseconds since 1970.
    pub(super) deadline: i64,
    pub(super) function_arn: String,
    pub(super) trace_id: String,
    pub(super) payload: Vec<u8>,
}

/// A report of the runtime to Lambda.
pub(super) enum Report {
    /// The runtime waits for an event. Its initialisation or last invocation is over.
    Next,
    /// The invocation's outcome.
    Outcome(Result<Vec<u8>, Failure>),
    /// The initialisation failed.
    InitError(Vec<u8>),
}

/// The Runtime API of an environment. Takes events from `events` and sends the runtime's reports to `reports`.
pub(super) fn router(events: mpsc::Receiver<Event>, reports: mpsc::UnboundedSender<Report>) -> Router {
    let runtime = Runtime {
        events: tokio::sync::Mutex::new(events),
        reports,
        in_hand: Mutex::default(),
    };
    Router::new()
        .route("/2018-06-01/runtime/invocation/next", get(next))
        .route("/2018-06-01/runtime/invocation/{request_id}/response", post(response))
        .route("/2018-06-01/runtime/invocation/{request_id}/error", post(error))
        .route("/2018-06-01/runtime/init/error", post(init_error))
        .layer(DefaultBodyLimit::disable())
        .with_state(Arc::new(runtime))
}

struct Runtime {
    events: tokio::sync::Mutex<mpsc::Receiver<Event>>,
    reports: mpsc::UnboundedSender<Report>,
    /// The request id of the event that the runtime has taken and not yet answered.
    in_hand: Mutex<Option<String>>,
}

impl Runtime {
    fn report(&self, report: Report) {
        // The receiver is gone once the environment is being removed. The runtime is then about to be killed.
        let _ = self.reports.send(report);
    }

    /// Reports the outcome of the present event. The runtime must name the event's id.
    fn settle(&self, request_id: &str, outcome: Result<Vec<u8>, Failure>) -> Response {
        if lock(&self.in_hand).take_if(|in_hand| in_hand == request_id).is_none() {
            return refusal(StatusCode::BAD_REQUEST, "InvalidRequestID", "Invalid request ID");
        }
        self.report(Report::Outcome(outcome));
        accepted()
    }
}

async fn next(State(runtime): State<Arc<Runtime>>) -> Response {
    runtime.report(Report::Next);
    let Some(event) = runtime.events.lock().await.recv().await else {
        return refusal(
            StatusCode::GONE,
            "InvalidStateTransition",
            "This environment is being shut down",
        );
    };
    *lock(&runtime.in_hand) = Some(event.request_id.clone());
    let headers = [
        ("Lambda-Runtime-Aws-Request-Id", event.request_id),
        ("Lambda-Runtime-Deadline-Ms", event.deadline.to_string()),
        ("Lambda-Runtime-Invoked-Function-Arn", event.function_arn),
        ("Lambda-Runtime-Trace-Id", event.trace_id),
        ("Content-Type", "application/json".to_owned()),
    ];
    (headers, event.payload).into_response()
}

async fn response(State(runtime): State<Arc<Runtime>>, Path(request_id): Path<String>, body: Bytes) -> Response {
    if body.len() <= RESPONSE_LIMIT {
        return runtime.settle(&request_id, Ok(body.into()));
    }
    let answer = runtime.settle(&request_id, Err(Failure::ResponseTooLarge { limit: RESPONSE_LIMIT }));
    if answer.status().is_success() {
        return refusal(
            StatusCode::PAYLOAD_TOO_LARGE,
            "RequestEntityTooLarge",
            "Exceeded maximum allowed payload size",
        );
    }
    answer
}

async fn error(State(runtime): State<Arc<Runtime>>, Path(request_id): Path<String>, body: Bytes) -> Response {
    runtime.settle(&request_id, Err(Failure::Reported(body.into())))
}

async fn init_error(State(runtime): State<Arc<Runtime>>, body: Bytes) -> Response {
    runtime.report(Report::InitError(body.into()));
    accepted()
}

fn accepted() -> Response {
    (StatusCode::ACCEPTED, axum::Json(json!({"status": "OK"}))).into_response()
}

fn refusal(status: StatusCode, error_type: &str, message: &str) -> Response {
    (
        status,
        axum::Json(json!({"errorType": error_type, "errorMessage": message})),
    )
        .into_response()
}
