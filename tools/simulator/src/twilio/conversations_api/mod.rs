//! The REST API of Conversations: conversations, participants and messages of the default service. Paths may contain
//! the service or leave it out.

mod answer;
mod conversations;
mod messages;
mod participants;
mod scoped;

use axum::routing::get;
use axum::{Router, middleware};

use super::account::Twilio;
use super::api::{authenticate, no_such_method, no_such_resource};

pub(crate) fn router(twilio: Twilio) -> Router {
    let plain = Router::new()
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
        .with_state(twilio);
    scoped::router(plain)
}
