//! Keeps pages of the Internet from changing the simulator. Their visitors' browsers can send requests to this machine.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::ORIGIN;
use http::{Method, StatusCode};

use crate::loopback;

/// A program sends no `Origin`, and a browser sends one with every request that is neither GET nor HEAD.
pub(super) async fn guard(request: Request, next: Next) -> Response {
    let reads = [Method::GET, Method::HEAD].contains(request.method());
    if reads || request.headers().get(ORIGIN).is_none_or(loopback::is_origin) {
        return next.run(request).await;
    }
    let refusal = "Only programs and pages of this machine can change the simulator.\n";
    (StatusCode::FORBIDDEN, refusal).into_response()
}
