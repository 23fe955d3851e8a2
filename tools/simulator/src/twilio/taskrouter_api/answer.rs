//! The parts that all answers of TaskRouter's API share.

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::header::{ETAG, IF_MATCH};
use http::{HeaderMap, StatusCode, Uri};
use serde_json::Value;

use crate::twilio::page::{List, PageQuery, filters};
use crate::twilio::refusal::Refusal;
use crate::twilio::taskrouter::workspace::resources::TASKROUTER;

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

/// An answer with the resource's ETag.
pub(super) fn versioned(etag: String, answer: Response) -> Response {
    ([(ETAG, etag)], answer).into_response()
}

pub(super) fn if_match(headers: &HeaderMap) -> Option<&str> {
    // A value that is not text matches no ETag.
    headers.get(IF_MATCH).map(|value| value.to_str().unwrap_or_default())
}

/// A page of a list with rising numbers.
pub(super) fn page(key: &str, uri: &Uri, query: &PageQuery, items: Vec<(usize, Value)>) -> Response {
    let list = List {
        host: TASKROUTER,
        path: uri.path(),
        key,
        filters: filters(uri),
        max_page_size: MAX_PAGE_SIZE,
        items,
        descending: false,
    };
    ok(list.page(query))
}

/// Whether an optional filter admits a value.
pub(super) fn admits<T: PartialEq>(filter: Option<&T>, value: &T) -> bool {
    filter.is_none_or(|wanted| wanted == value)
}
