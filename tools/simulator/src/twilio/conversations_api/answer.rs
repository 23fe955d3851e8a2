//! The parts that all answers of Conversations' API share.

use axum::response::Response;
use http::Uri;
use serde_json::Value;

use crate::twilio::conversations::CONVERSATIONS;
use crate::twilio::page::{List, filters};
use crate::twilio::refusal::Refusal;

const MAX_PAGE_SIZE: usize = 100;

pub(super) type Answer = Result<Response, Refusal>;

pub(super) fn list<'a>(key: &'a str, uri: &'a Uri, items: Vec<(usize, Value)>) -> List<'a> {
    List {
        host: CONVERSATIONS,
        path: uri.path(),
        key,
        filters: filters(uri),
        max_page_size: MAX_PAGE_SIZE,
        items,
        descending: false,
    }
}
