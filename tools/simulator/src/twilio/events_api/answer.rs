//! The parts that all answers of Event Streams' API share.

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::{StatusCode, Uri};
use serde_json::Value;

use crate::twilio::page::{List, PageQuery, filters};
use crate::twilio::refusal::Refusal;

/// The product's public base URL.
pub(super) const EVENTS: &str = "https://events.twilio.com";

const MAX_PAGE_SIZE: usize = 1_000;

pub(super) type Answer = Result<Response, Refusal>;

pub(super) fn ok(resource: Value) -> Response {
    Json(resource).into_response()
}

pub(super) fn created(resource: Value) -> Response {
    (StatusCode::CREATED, Json(resource)).into_response()
}

pub(super) fn deleted() -> Response {
    StatusCode::NO_CONTENT.into_response()
}

/// A page of a list in the order of creation.
pub(super) fn page(key: &str, uri: &Uri, query: &PageQuery, items: impl Iterator<Item = Value>) -> Response {
    let list = List {
        host: EVENTS,
        path: uri.path(),
        key,
        filters: filters(uri),
        max_page_size: MAX_PAGE_SIZE,
        items: items.enumerate().collect(),
        descending: false,
    };
    ok(list.page(query))
}
