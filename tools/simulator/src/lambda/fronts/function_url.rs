//! A Lambda function URL without authentication (`AuthType: NONE`), payload format 2.0.
//!
//! <https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html>

use std::time::Duration;

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::payload_2_0::{self, Seen};
use super::proxy::{Received, Refusal, Service, Target};
use super::response_2_0;
use crate::identity;

pub(super) struct FunctionUrl {
    function: String,
    url_id: String,
    pub(super) domain_name: String,
}

impl FunctionUrl {
    pub(super) fn new(function: String) -> Self {
        let url_id = identity::function_url_id();
        Self {
            function,
            domain_name: identity::function_url_domain_name(&url_id),
            url_id,
        }
    }
}

impl Service for FunctionUrl {
    const REQUEST_LIMIT: usize = 6 * 1024 * 1024;
    const TIME_LIMIT: Option<Duration> = None;
    const REQUEST_ID_HEADER: Option<&str> = Some("x-amzn-RequestId");

    fn target<'a>(&'a self, _path: &'a str) -> Option<Target<'a>> {
        Some(Target::Function(&self.function))
    }

    fn event(&self, request: &Received) -> Value {
        let seen = Seen {
            account_id: "anonymous",
            api_id: &self.url_id,
            domain_name: &self.domain_name,
            domain_prefix: &self.url_id,
            raw_path: request.uri.path(),
            route_key: "$default",
            stage: "$default",
            keeps_cookie_header: true,
        };
        payload_2_0::event(request, &seen)
    }

    fn response(&self, answer: &[u8]) -> Option<Response> {
        response_2_0::response(answer)
    }

    fn refusal(&self, refusal: Refusal) -> Response {
        match refusal {
            Refusal::TooLarge => message(
                StatusCode::PAYLOAD_TOO_LARGE,
                "Request must be smaller than 6291456 bytes",
            ),
            Refusal::NoRoute => message(StatusCode::FORBIDDEN, "Forbidden"),
            Refusal::Throttled => message(StatusCode::TOO_MANY_REQUESTS, "Rate Exceeded."),
            Refusal::FunctionFailed | Refusal::TimedOut => {
                (StatusCode::BAD_GATEWAY, "Internal Server Error").into_response()
            }
        }
    }
}

fn message(status: StatusCode, message: &str) -> Response {
    (status, axum::Json(json!({"Message": message}))).into_response()
}
