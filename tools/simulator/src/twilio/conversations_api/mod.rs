//! Conversations' REST API: conversations, their participants and their messages, those of the default service.

mod conversations;
mod messages;
mod participants;

use axum::response::Response;
use axum::routing::get;
use axum::{Router, middleware};
use http::Uri;
use serde_json::Value;

use super::conversations::CONVERSATIONS;
use super::page::{List, filters};
use super::refusal::Refusal;
use super::{Twilio, authenticate, no_such_method, no_such_resource};

const MAX_PAGE_SIZE: usize = 100;

type Answer = Result<Response, Refusal>;

/// The routes of Conversations.
pub(crate) fn router(twilio: Twilio) -> Router {
    Router::new()
        .route(
            "/v1/Conversations",
            get(conversations::list).post(conversations::create),
        )
        .route(
            "/v1/Conversations/{conversation}",
            get(conversations::fetch)
                .post(conversations::update)
                .delete(conversations::delete),
        )
        .route(
            "/v1/Conversations/{conversation}/Messages",
            get(messages::list).post(messages::create),
        )
        .route(
            "/v1/Conversations/{conversation}/Messages/{message}",
            get(messages::fetch).post(messages::update).delete(messages::delete),
        )
        .route(
            "/v1/Conversations/{conversation}/Participants",
            get(participants::list).post(participants::create),
        )
        .route(
            "/v1/Conversations/{conversation}/Participants/{participant}",
            get(participants::fetch)
                .post(participants::update)
                .delete(participants::delete),
        )
        .fallback(no_such_resource)
        .method_not_allowed_fallback(no_such_method)
        .layer(middleware::from_fn_with_state(twilio.clone(), authenticate))
        .with_state(twilio)
}

fn list<'a>(key: &'a str, uri: &'a Uri, items: Vec<(usize, Value)>) -> List<'a> {
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
