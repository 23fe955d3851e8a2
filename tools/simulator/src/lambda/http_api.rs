//! An API Gateway HTTP API in front of the functions, with Lambda proxy integrations.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html>

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{StatusCode, request};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::registry::Registry;
use super::{http_answer, http_event};
use crate::identity;

/// API Gateway's integration timeout.
const INTEGRATION_TIMEOUT: Duration = Duration::from_secs(30);

/// API Gateway's limit for a request.
const REQUEST_LIMIT: usize = 10 * 1024 * 1024;

/// All requests come from this machine.
const SOURCE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

pub(super) fn router(functions: Arc<Registry>, domain_name: String) -> Router {
    Router::new()
        .fallback(proxy)
        .layer(DefaultBodyLimit::disable())
        .with_state(Arc::new(Gateway { functions, domain_name }))
}

struct Gateway {
    functions: Arc<Registry>,
    domain_name: String,
}

async fn proxy(State(gateway): State<Arc<Gateway>>, request: request::Parts, body: Bytes) -> Response {
    if body.len() > REQUEST_LIMIT {
        return message(StatusCode::PAYLOAD_TOO_LARGE, "Request Entity Too Large");
    }
    let Some(deployment) = gateway.functions.at_path(request.uri.path()) else {
        return message(StatusCode::NOT_FOUND, "Not Found");
    };
    let request_id = identity::request_id();
    let Ok(permit) = deployment.admit() else {
        return message(StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable");
    };
    let event = http_event::payload(&request, &body, &gateway.domain_name, SOURCE, &request_id);
    let invocation = deployment.invoke(permit, identity::request_id(), event);
    let Ok(invocation) = tokio::time::timeout(INTEGRATION_TIMEOUT, invocation).await else {
        return message(StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable");
    };
    let answer = match invocation.function_error {
        None => http_answer::response(&invocation.payload),
        Some(_) => None,
    };
    let answer = answer.unwrap_or_else(|| message(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error"));
    ([("Apigw-Requestid", request_id)], answer).into_response()
}

/// An answer by API Gateway itself.
fn message(status: StatusCode, message: &str) -> Response {
    (status, axum::Json(json!({"message": message}))).into_response()
}
