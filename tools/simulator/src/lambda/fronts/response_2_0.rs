//! A function's answer in payload format 2.0 as an HTTP response.

use std::collections::BTreeMap;

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde::Deserialize;
use serde_json::Value;

/// The response for a function's answer. None if the answer is malformed.
pub(super) fn response(payload: &[u8]) -> Option<Response> {
    let value: Value = serde_json::from_slice(payload).ok()?;
    if value.get("statusCode").is_none() {
        return Some(inferred(value));
    }
    Answer::deserialize(value).ok()?.into_http()
}

/// Without a `statusCode`, the whole answer is the body of a 200.
fn inferred(value: Value) -> Response {
    let body = match value {
        Value::String(text) => text,
        other => other.to_string(),
    };
    ([(header::CONTENT_TYPE, "application/json")], body).into_response()
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    status_code: u16,
    headers: Option<BTreeMap<String, Scalar>>,
    cookies: Option<Vec<String>>,
    body: Option<String>,
    is_base64_encoded: Option<bool>,
}

/// A header's value, which may be unquoted.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Scalar {
    Text(String),
    Number(serde_json::Number),
    Boolean(bool),
}

impl Answer {
    fn into_http(self) -> Option<Response> {
        let body = self.body.unwrap_or_default();
        let body = if self.is_base64_encoded == Some(true) {
            BASE64_STANDARD.decode(body).ok()?
        } else {
            body.into_bytes()
        };
        let mut response = Response::builder().status(StatusCode::from_u16(self.status_code).ok()?);
        for (name, value) in self.headers.unwrap_or_default() {
            response = response.header(name, value.into_text());
        }
        for cookie in self.cookies.unwrap_or_default() {
            response = response.header(header::SET_COOKIE, cookie);
        }
        let mut response = response.body(Body::from(body)).ok()?;
        let default_type = HeaderValue::from_static("text/plain;charset=utf-8");
        response
            .headers_mut()
            .entry(header::CONTENT_TYPE)
            .or_insert(default_type);
        Some(response)
    }
}

impl Scalar {
    pub(super) fn into_text(self) -> String {
        match self {
            Self::Text(text) => text,
            Self::Number(number) => number.to_string(),
            Self::Boolean(boolean) => boolean.to_string(),
        }
    }
}
