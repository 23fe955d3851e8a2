//! The path of a request through a front to a function and back.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, Method, Uri, Version, request};
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use time::OffsetDateTime;

use crate::identity;
use crate::lambda::registry::Registry;

/// A service that turns requests into events.
pub(super) trait Service: Send + Sync + 'static {
    /// The limit for a request's body.
    const REQUEST_LIMIT: usize;
    /// The limit for a function's answer. None if only the function's own timeout counts.
    const TIME_LIMIT: Option<Duration>;
    /// The response header with the request's id, if any.
    const REQUEST_ID_HEADER: Option<&str>;

    /// The function that a path leads to.
    fn target<'a>(&'a self, path: &'a str) -> Option<Target<'a>>;

    fn event(&self, request: &Received) -> Value;

    /// The response for a function's answer. None if the answer is malformed.
    fn response(&self, answer: &[u8]) -> Option<Response>;

    /// The service's own response to a request that no function answered.
    fn refusal(&self, refusal: Refusal) -> Response;
}

pub(super) enum Target<'a> {
    /// The function with this route.
    Route(&'a str),
    Function(&'a str),
}

/// The reason why no function answered.
#[derive(Clone, Copy)]
pub(super) enum Refusal {
    TooLarge,
    NoRoute,
    Throttled,
    /// The function failed, or its answer was malformed.
    FunctionFailed,
    /// The answer took longer than the service waits.
    TimedOut,
}

/// A request with the service's own knowledge.
pub(super) struct Received {
    pub(super) method: Method,
    pub(super) uri: Uri,
    pub(super) version: Version,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    pub(super) request_id: String,
    pub(super) source: IpAddr,
    pub(super) time: OffsetDateTime,
}

impl Received {
    fn new(head: request::Parts, body: Bytes) -> Self {
        Self {
            method: head.method,
            uri: head.uri,
            version: head.version,
            headers: head.headers,
            body,
            request_id: identity::request_id(),
            // All requests come from this machine.
            source: IpAddr::V4(Ipv4Addr::LOCALHOST),
            time: OffsetDateTime::now_utc(),
        }
    }

    pub(super) fn query(&self) -> &str {
        self.uri.query().unwrap_or_default()
    }

    pub(super) fn time_in_milliseconds(&self) -> i128 {
        self.time.unix_timestamp_nanos() / 1_000_000
    }
}

pub(super) fn router(functions: Arc<Registry>, service: impl Service) -> Router {
    Router::new()
        .fallback(proxy)
        .layer(DefaultBodyLimit::disable())
        .with_state((functions, Arc::new(service)))
}

async fn proxy<S: Service>(
    State((functions, service)): State<(Arc<Registry>, Arc<S>)>,
    head: request::Parts,
    body: Bytes,
) -> Response {
    let request = Received::new(head, body);
    let response = match invoke(&functions, &*service, &request).await {
        Ok(response) => response,
        Err(refusal) => service.refusal(refusal),
    };
    let id = S::REQUEST_ID_HEADER.map(|name| [(name, request.request_id)]);
    (id, response).into_response()
}

async fn invoke<S: Service>(functions: &Registry, service: &S, request: &Received) -> Result<Response, Refusal> {
    if request.body.len() > S::REQUEST_LIMIT {
        return Err(Refusal::TooLarge);
    }
    let deployment = match service.target(request.uri.path()) {
        Some(Target::Route(path)) => functions.at_path(path),
        Some(Target::Function(name)) => functions.named(name),
        None => None,
    };
    let deployment = deployment.ok_or(Refusal::NoRoute)?;
    let permit = deployment.admit().map_err(|_| Refusal::Throttled)?;
    let event = service.event(request).to_string().into_bytes();
    let invocation = deployment.invoke(permit, identity::request_id(), event);
    let invocation = match S::TIME_LIMIT {
        Some(limit) => tokio::time::timeout(limit, invocation)
            .await
            .map_err(|_| Refusal::TimedOut)?,
        None => invocation.await,
    };
    match invocation.function_error {
        None => service.response(&invocation.payload).ok_or(Refusal::FunctionFailed),
        Some(_) => Err(Refusal::FunctionFailed),
    }
}
