//! The REST API of Event Streams: sinks, subscriptions and their types.

mod answer;
mod sinks;
mod subscribed_events;
mod subscriptions;

use axum::routing::{get, post};
use axum::{Router, middleware};

use super::account::Twilio;
use super::api::{authenticate, no_such_method, no_such_resource};

pub(crate) fn router(twilio: Twilio) -> Router {
    Router::new()
        .route("/v1/Sinks", get(sinks::list).post(sinks::create))
        .route(
            "/v1/Sinks/{sink}",
            get(sinks::fetch).post(sinks::update).delete(sinks::delete),
        )
        .route("/v1/Sinks/{sink}/Test", post(sinks::test))
        .route("/v1/Sinks/{sink}/Validate", post(sinks::validate))
        .route(
            "/v1/Subscriptions",
            get(subscriptions::list).post(subscriptions::create),
        )
        .route(
            "/v1/Subscriptions/{subscription}",
            get(subscriptions::fetch)
                .post(subscriptions::update)
                .delete(subscriptions::delete),
        )
        .route(
            "/v1/Subscriptions/{subscription}/SubscribedEvents",
            get(subscribed_events::list).post(subscribed_events::create),
        )
        .route(
            "/v1/Subscriptions/{subscription}/SubscribedEvents/{type}",
            get(subscribed_events::fetch)
                .post(subscribed_events::update)
                .delete(subscribed_events::delete),
        )
        .fallback(no_such_resource)
        .method_not_allowed_fallback(no_such_method)
        .layer(middleware::from_fn_with_state(twilio.clone(), authenticate))
        .with_state(twilio)
}
