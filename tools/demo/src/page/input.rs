//! The JSON bodies that the page sends.

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{FromRequest, Request};
use http::StatusCode;
use serde::de::DeserializeOwned;

use super::problem::Problem;

/// A JSON body. Any other body is refused in the page's own form.
pub(crate) struct Input<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Input<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let Json(input) = Json::from_request(request, state).await.map_err(problem)?;
        Ok(Self(input))
    }
}

fn problem(rejection: JsonRejection) -> Problem {
    let message = match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => "That is longer than this server takes.".to_owned(),
        _ => rejection.body_text(),
    };
    Problem::new(rejection.status(), message)
}
