//! Answers of the upstreams for the fuzz targets.

use http::Method;
use http::header::{ETAG, RETRY_AFTER};
use reqwest::{Body, Request, Response};

/// Upstreams of an account without tasks and of a platform with every session.
pub(crate) fn unknown(request: &Request) -> Response {
    match *request.method() {
        Method::PATCH => answer(200, "{}"),
        _ => answer(404, r#"{"code":20404}"#),
    }
}

/// Upstreams with a task that the AI has accepted, a chat conversation and a session.
pub(crate) fn known(request: &Request) -> Response {
    let path = request.url().path();
    let list = path.rsplit('/').next().unwrap_or_default();
    let body = match (request.method(), list) {
        (&Method::POST, "Messages") => r#"{"sid":"IM00000000000000000000000000000001"}"#,
        (_, "Messages") => r#"{"messages":[],"meta":{"next_page_url":null}}"#,
        (_, "Participants") => r#"{"participants":[{"messaging_binding":null}],"meta":{"next_page_url":null}}"#,
        (_, "Reservations") => concat!(
            r#"{"reservations":[{"sid":"WR00000000000000000000000000000001","reservation_status":"accepted","#,
            r#""worker_sid":"WK00000000000000000000000000000001"}],"meta":{"next_page_url":null}}"#
        ),
        (_, sid) if sid.starts_with("WR") => concat!(
            r#"{"sid":"WR00000000000000000000000000000001","reservation_status":"accepted","#,
            r#""worker_sid":"WK00000000000000000000000000000001","date_created":"2026-11-22T08:00:00Z"}"#
        ),
        _ => concat!(
            r#"{"assignment_status":"assigned","attributes":"{\"name\":\"hunter 2\",\"session_id\":\"hunter 2\","#,
            r#"\"conversationSid\":\"CH00000000000000000000000000000001\"}"}"#
        ),
    };
    answer(200, body)
}

/// Parses an answer. The first line has the status and optionally an ETag and a `Retry-After`. The body follows.
pub(crate) fn written(text: &str) -> Response {
    let (head, body) = text.split_once('\n').unwrap_or((text, ""));
    let mut words = head.split(' ');
    let status = words.next().and_then(|status| status.parse().ok()).unwrap_or(200);
    let mut response = http::Response::new(Body::from(body.to_owned()));
    *response.status_mut() = http::StatusCode::from_u16(status).unwrap_or_default();
    for (name, value) in [ETAG, RETRY_AFTER].into_iter().zip(words) {
        if let Ok(value) = value.parse() {
            response.headers_mut().insert(name, value);
        }
    }
    response.into()
}

fn answer(status: u16, body: &'static str) -> Response {
    let mut response = http::Response::new(Body::from(body));
    *response.status_mut() = http::StatusCode::from_u16(status).unwrap_or_default();
    response.headers_mut().insert(ETAG, http::HeaderValue::from_static("3"));
    response.into()
}
