//! Flex's REST API, as far as it is about interactions. Transfers are not simulated.

mod channels;
mod interactions;
mod invites;
mod participants;

use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router, middleware};
use http::Uri;
use serde_json::Value;

use super::account::Twilio;
use super::api::{authenticate, no_such_method, no_such_resource};
use super::interactions::FLEX;
use super::page::{List, PageQuery, filters};
use super::refusal::Refusal;

const MAX_PAGE_SIZE: usize = 1_000;

type Answer = Result<Response, Refusal>;

pub(crate) fn router(twilio: Twilio) -> Router {
    let channel = "/v1/Interactions/{interaction}/Channels/{channel}";
    Router::new()
        .route("/v1/Interactions", post(interactions::create))
        .route(
            "/v1/Interactions/{interaction}",
            get(interactions::fetch).post(interactions::update),
        )
        .route("/v1/Interactions/{interaction}/Channels", get(channels::list))
        .route(channel, get(channels::fetch).post(channels::update))
        .route(&format!("{channel}/Invites"), get(invites::list).post(invites::create))
        .route(
            &format!("{channel}/Participants"),
            get(participants::list).post(participants::create),
        )
        .route(
            &format!("{channel}/Participants/{{participant}}"),
            post(participants::update),
        )
        .fallback(no_such_resource)
        .method_not_allowed_fallback(no_such_method)
        .layer(middleware::from_fn_with_state(twilio.clone(), authenticate))
        .with_state(twilio)
}

/// Flex answers 200, also for resources that it creates.
fn ok(resource: Value) -> Response {
    Json(resource).into_response()
}

fn page(key: &str, uri: &Uri, query: &PageQuery, items: Vec<(usize, Value)>) -> Response {
    let list = List {
        host: FLEX,
        path: uri.path(),
        key,
        filters: filters(uri),
        max_page_size: MAX_PAGE_SIZE,
        items,
        descending: false,
    };
    ok(list.page(query))
}
