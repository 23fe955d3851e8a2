//! An API Gateway HTTP API with Lambda proxy integrations, payload format 2.0.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html>. Each path
//! has a route for POST and another for all other methods.

use std::time::Duration;

use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::api_gateway::PublicApi;
use super::payload_2_0::{self, Seen};
use super::proxy::{Received, Refusal, Service, Target};
use super::response_2_0;
use crate::identity::ACCOUNT_ID;

pub(super) struct HttpApi(pub(super) PublicApi);

impl HttpApi {
    /// A named stage is in front of the path at any domain. The key of an API mapping is left out: "`rawPath` won't
    /// provide the API mapping value".
    fn raw_path(&self, route: &str) -> String {
        match &self.0.stage {
            Some(stage) => format!("/{stage}{route}"),
            None => route.to_owned(),
        }
    }
}

impl Service for HttpApi {
    const REQUEST_LIMIT: usize = 10 * 1024 * 1024;
    const TIME_LIMIT: Option<Duration> = Some(Duration::from_secs(30));
    const REQUEST_ID_HEADER: Option<&str> = Some("Apigw-Requestid");

    fn target<'a>(&'a self, path: &'a str) -> Option<Target<'a>> {
        self.0.route(path).map(Target::Route)
    }

    fn event(&self, request: &Received) -> Value {
        let route = self.0.route(request.uri.path()).unwrap_or_default();
        let method = if request.method == Method::POST { "POST" } else { "ANY" };
        let seen = Seen {
            account_id: ACCOUNT_ID,
            api_id: &self.0.api_id,
            domain_name: &self.0.domain_name,
            domain_prefix: self.0.domain_prefix(),
            raw_path: &self.raw_path(route),
            route_key: &format!("{method} {route}"),
            stage: self.0.stage.as_deref().unwrap_or("$default"),
            keeps_cookie_header: false,
        };
        payload_2_0::event(request, &seen)
    }

    fn response(&self, answer: &[u8]) -> Option<Response> {
        response_2_0::response(answer)
    }

    fn refusal(&self, refusal: Refusal) -> Response {
        let (status, message) = match refusal {
            Refusal::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "Request Entity Too Large"),
            Refusal::NoRoute => (StatusCode::NOT_FOUND, "Not Found"),
            Refusal::Throttled | Refusal::TimedOut => (StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable"),
            Refusal::FunctionFailed => (StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error"),
        };
        (status, axum::Json(json!({"message": message}))).into_response()
    }
}
