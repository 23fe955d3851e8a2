//! The REST API of Conversations: conversations, participants, messages and webhooks of the default service. Paths may
//! contain the service or leave it out.

mod answer;
mod configuration;
mod conversations;
mod hook_form;
mod messages;
mod origin;
mod participants;
mod scoped;
mod webhooks;

use axum::routing::get;
use axum::{Router, middleware};

use super::account::Twilio;
use super::api::{authenticate, no_such_method, no_such_resource};
use super::sids::CHAT_SERVICE_SID;

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
        .route(
            "/v1/Conversations/{conversation}/Webhooks",
            get(webhooks::list).post(webhooks::create),
        )
        .route(
            "/v1/Conversations/{conversation}/Webhooks/{webhook}",
            get(webhooks::fetch).post(webhooks::update).delete(webhooks::delete),
        )
        .route(
            "/v1/Configuration/Webhooks",
            get(configuration::fetch_of_account).post(configuration::update_of_account),
        )
        .route(
            &format!("/v1/Services/{CHAT_SERVICE_SID}/Configuration/Webhooks"),
            get(configuration::fetch_of_service).post(configuration::update_of_service),
        )
        .fallback(no_such_resource)
        .method_not_allowed_fallback(no_such_method)
        .layer(middleware::from_fn_with_state(twilio.clone(), authenticate))
        .with_state(twilio);
    scoped::router(plain)
}
