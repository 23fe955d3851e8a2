//! The Invoke API. Requests need no signature here.
//!
//! <https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html>

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use serde_json::json;

use super::concurrency::Throttled;
use super::deployment::Deployment;
use super::event_queue::EventQueue;
use super::registry::Registry;
use crate::identity;

/// The limit for a synchronous payload: 6 MiB.
const SYNCHRONOUS_LIMIT: usize = 6 * 1024 * 1024;

/// The limit for an asynchronous payload: 1 MiB.
const ASYNCHRONOUS_LIMIT: usize = 1024 * 1024;

pub(super) fn router(functions: Arc<Registry>, events: Arc<EventQueue>) -> Router {
    Router::new()
        .route("/2015-03-31/functions/{name}/invocations", post(invoke))
        .layer(DefaultBodyLimit::disable())
        .with_state((functions, events))
}

async fn invoke(
    State((functions, events)): State<(Arc<Registry>, Arc<EventQueue>)>,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let request_id = identity::request_id();
    let kind = headers
        .get("x-amz-invocation-type")
        .map_or(Ok("RequestResponse"), |kind| kind.to_str());
    let answer = match accept(&functions, &name, kind.unwrap_or("(not text)"), body) {
        Err(refusal) => refusal.into_response(),
        Ok((deployment, Kind::RequestResponse, payload)) => answer(deployment, request_id.clone(), payload).await,
        Ok((deployment, Kind::Event, payload)) => {
            events.push(deployment, request_id.clone(), payload);
            StatusCode::ACCEPTED.into_response()
        }
        Ok((_, Kind::DryRun, _)) => StatusCode::NO_CONTENT.into_response(),
    };
    ([("X-Amzn-RequestId", request_id)], answer).into_response()
}

async fn answer(deployment: Arc<Deployment>, request_id: String, payload: Vec<u8>) -> Response {
    let permit = match deployment.admit() {
        Ok(permit) => permit,
        Err(throttled) => return too_many(throttled),
    };
    let invocation = deployment.invoke(permit, request_id, payload).await;
    let headers = [
        ("Content-Type", "application/json"),
        ("X-Amz-Executed-Version", "$LATEST"),
    ];
    let error = invocation.function_error.map(|kind| [("X-Amz-Function-Error", kind)]);
    (headers, error, invocation.payload).into_response()
}

fn too_many(throttled: Throttled) -> Response {
    let body = axum::Json(json!({"Reason": throttled.reason(), "Type": "User", "message": "Rate Exceeded."}));
    let error_type = [("x-amzn-ErrorType", "TooManyRequestsException")];
    (StatusCode::TOO_MANY_REQUESTS, error_type, body).into_response()
}

enum Kind {
    RequestResponse,
    Event,
    DryRun,
}

/// Checks a request of any invocation type. Returns the deployment, type and payload.
fn accept(
    functions: &Registry,
    name: &str,
    kind: &str,
    body: Bytes,
) -> Result<(Arc<Deployment>, Kind, Vec<u8>), Refusal> {
    let (kind, limit) = match kind {
        "RequestResponse" => (Kind::RequestResponse, SYNCHRONOUS_LIMIT),
        "Event" => (Kind::Event, ASYNCHRONOUS_LIMIT),
        "DryRun" => (Kind::DryRun, SYNCHRONOUS_LIMIT),
        unknown => return Err(Refusal::InvocationType(unknown.to_owned())),
    };
    if body.len() > limit {
        return Err(Refusal::TooLarge(limit));
    }
    // Without a payload the function receives an empty object.
    let payload = if body.is_empty() { b"{}".to_vec() } else { body.into() };
    serde_json::from_slice::<serde::de::IgnoredAny>(&payload).map_err(Refusal::NotJson)?;
    let deployment = functions
        .named(plain_name(name))
        .ok_or_else(|| Refusal::NotFound(plain_name(name).to_owned()))?;
    Ok((deployment, kind, payload))
}

/// The function's name, from a name or a whole or partial ARN.
fn plain_name(name: &str) -> &str {
    name.rsplit("function:").next().unwrap_or(name)
}

enum Refusal {
    InvocationType(String),
    TooLarge(usize),
    NotJson(serde_json::Error),
    NotFound(String),
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let (status, error_type, message) = match self {
            Self::InvocationType(unknown) => (
                StatusCode::BAD_REQUEST,
                "InvalidParameterValueException",
                format!("Value {unknown} for the header X-Amz-Invocation-Type is not Event, RequestResponse or DryRun"),
            ),
            Self::TooLarge(limit) => (
                StatusCode::PAYLOAD_TOO_LARGE,
                "RequestTooLargeException",
                format!("Request must be smaller than {limit} bytes for the InvokeFunction operation"),
            ),
            Self::NotJson(error) => (
                StatusCode::BAD_REQUEST,
                "InvalidRequestContentException",
                format!("Could not parse request body into json: {error}"),
            ),
            Self::NotFound(name) => (
                StatusCode::NOT_FOUND,
                "ResourceNotFoundException",
                format!("Function not found: {}", identity::function_arn(&name)),
            ),
        };
        let body = axum::Json(json!({"Type": "User", "Message": message}));
        (status, [("x-amzn-ErrorType", error_type)], body).into_response()
    }
}
