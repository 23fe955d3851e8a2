//! The part of Flex's REST API that is about interactions. Transfers are not simulated.

mod channels;
mod interactions;
mod invites;
mod participants;

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router, middleware};
use http::Uri;
use serde_json::Value;

use super::account::Twilio;
use super::api::{authenticate, no_such_method, no_such_resource};
use super::interactions::{FLEX, InteractionChannel, InteractionParticipant, Invite};
use super::page::{List, PageQuery, filters};
use super::parameters::Query;
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
        .route(&format!("{channel}/Invites"), get(list::<Invite>).post(invites::create))
        .route(
            &format!("{channel}/Participants"),
            get(list::<InteractionParticipant>).post(participants::create),
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

/// Flex always answers 200, even for new resources.
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

/// A kind of resource that a channel lists.
trait Listed {
    /// The list's member in the answer.
    const KEY: &'static str;

    /// The resources of a channel with their numbers.
    fn listed(channel: &InteractionChannel) -> Vec<(usize, Value)>;
}

async fn list<L: Listed>(
    State(twilio): State<Twilio>,
    Path((interaction, channel)): Path<(String, String)>,
    uri: Uri,
    Query(query): Query<PageQuery>,
) -> Answer {
    let channel = twilio.in_flex(|flex| flex.interactions.channel(&interaction, &channel).cloned())?;
    Ok(page(L::KEY, &uri, &query, L::listed(&channel)))
}
