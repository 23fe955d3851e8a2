//! An Application Load Balancer whose targets are functions.
//!
//! <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html>

use std::collections::BTreeMap;
use std::time::Duration;

use axum::body::Body;
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde::Deserialize;
use serde_json::{Value, json};

use super::headers::{Pairs, forwarded, is_text, last, lists};
use super::proxy::{Received, Refusal, Service, Target};
use crate::identity;

pub(super) struct LoadBalancer {
    pub(super) multi_value_headers: bool,
}

impl Service for LoadBalancer {
    const REQUEST_LIMIT: usize = 1024 * 1024;
    /// The idle timeout.
    const TIME_LIMIT: Option<Duration> = Some(Duration::from_secs(60));
    const REQUEST_ID_HEADER: Option<&str> = None;

    fn target<'a>(&'a self, path: &'a str) -> Option<Target<'a>> {
        Some(Target::Route(path))
    }

    /// The request's own `Host` is passed on. Query parameters are not decoded: "If the query parameters are
    /// URL-encoded, the load balancer does not decode them."
    fn event(&self, request: &Received) -> Value {
        let headers = forwarded(request, None);
        let query = encoded(request.query());
        let is_text = is_text(&request.headers) && !request.headers.contains_key(header::CONTENT_ENCODING);
        let text = is_text.then(|| std::str::from_utf8(&request.body).ok()).flatten();
        let is_base64_encoded = text.is_none() && !request.body.is_empty();
        let mut event = json!({
            "requestContext": { "elb": { "targetGroupArn": identity::target_group_arn(request.uri.path()) } },
            "httpMethod": request.method.as_str(),
            "path": request.uri.path(),
            "body": text.map_or_else(|| BASE64_STANDARD.encode(&request.body), str::to_owned),
            "isBase64Encoded": is_base64_encoded,
        });
        if self.multi_value_headers {
            event["multiValueHeaders"] = lists(headers);
            event["multiValueQueryStringParameters"] = lists(query);
        } else {
            event["headers"] = last(headers);
            event["queryStringParameters"] = last(query);
        }
        event
    }

    fn response(&self, answer: &[u8]) -> Option<Response> {
        serde_json::from_slice::<Answer>(answer)
            .ok()?
            .into_http(self.multi_value_headers)
    }

    fn refusal(&self, refusal: Refusal) -> Response {
        let status = match refusal {
            Refusal::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Refusal::NoRoute => StatusCode::NOT_FOUND,
            Refusal::Throttled | Refusal::FunctionFailed => StatusCode::BAD_GATEWAY,
            Refusal::TimedOut => StatusCode::GATEWAY_TIMEOUT,
        };
        let page = format!("<html>\r\n<head><title>{status}</title></head>\r\n</html>\r\n");
        (status, Html(page)).into_response()
    }
}

/// The parameters of a query as the caller encoded them.
fn encoded(query: &str) -> Pairs {
    let parameters = query.split('&').filter(|parameter| !parameter.is_empty());
    let pairs = parameters.map(|parameter| parameter.split_once('=').unwrap_or((parameter, "")));
    pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// A function's answer. The target group's attribute decides which headers count.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    status_code: u16,
    headers: Option<BTreeMap<String, String>>,
    multi_value_headers: Option<BTreeMap<String, Vec<String>>>,
    body: Option<String>,
    is_base64_encoded: Option<bool>,
}

impl Answer {
    fn into_http(self, multi_value_headers: bool) -> Option<Response> {
        let headers: Pairs = match multi_value_headers {
            true => {
                let lists = self.multi_value_headers.unwrap_or_default().into_iter();
                let named = lists.flat_map(|(name, values)| values.into_iter().map(move |value| (name.clone(), value)));
                named.collect()
            }
            false => self.headers.unwrap_or_default().into_iter().collect(),
        };
        let body = self.body.unwrap_or_default();
        let body = match self.is_base64_encoded {
            Some(true) => BASE64_STANDARD.decode(body).ok()?,
            _ => body.into_bytes(),
        };
        let mut response = Response::builder().status(StatusCode::from_u16(self.status_code).ok()?);
        for (name, value) in headers {
            response = response.header(name, value);
        }
        let mut response = response.body(Body::from(body)).ok()?;
        let default_type = header::HeaderValue::from_static("application/octet-stream");
        response
            .headers_mut()
            .entry(header::CONTENT_TYPE)
            .or_insert(default_type);
        Some(response)
    }
}
