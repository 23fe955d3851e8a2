//! The parts that the REST APIs of TaskRouter, Conversations and Flex share.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::Uri;

use super::account::Twilio;
use super::not_simulated;
use super::refusal::Refusal;

/// Admits requests with valid credentials for simulated resources.
pub(super) async fn authenticate(State(twilio): State<Twilio>, request: Request, next: Next) -> Response {
    match twilio.check_credentials(request.headers()) {
        Ok(()) => {
            twilio.count_request();
            match not_simulated::refusal(request.uri().path()) {
                Some(refusal) => refusal.into_response(),
                None => next.run(request).await,
            }
        }
        Err(refusal) => refusal.into_response(),
    }
}

pub(super) async fn no_such_method() -> Refusal {
    Refusal::method_not_allowed()
}

pub(super) async fn no_such_resource(uri: Uri) -> Refusal {
    Refusal::not_simulated(uri.path(), "any resource with this path")
}
