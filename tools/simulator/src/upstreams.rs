//! The upstreams of a world, without their servers.

use std::sync::OnceLock;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use http::Request;
use serde_json::json;

use crate::clock::Clock;
use crate::exchange::{Answer, Upstream};
use crate::options::{CLOSE_DEAD_LETTER_QUEUE, CLOSE_QUEUE, DEAD_LETTER_QUEUE, Options, QUEUE};
use crate::secrets_manager::SecretsManager;
use crate::server;
use crate::session_api::SessionApi;
use crate::sqs::{self, Redrive, Sqs};
use crate::twilio::sids::{ACCOUNT_SID, API_KEY_SID};
use crate::twilio::{Behaviour, Twilio};

/// All upstreams, with a common clock and matching credentials.
pub struct Upstreams {
    pub twilio: Twilio,
    pub session_api: SessionApi,
    pub secrets: SecretsManager,
    pub sqs: Sqs,
    /// The routers for requests without a network, in the order of [`Upstream::ALL`]. Building a router takes longer
    /// than most answers, so they are kept.
    pub(crate) routers: OnceLock<[Router; Upstream::ALL.len()]>,
}

impl Upstreams {
    /// Creates the upstreams. Callbacks will be sent on the present Tokio runtime.
    pub fn new(clock: Clock, options: &Options) -> Self {
        let sqs = Sqs::new(clock.clone());
        create_queues(&sqs);
        let behaviour = Behaviour {
            routing: options.routing,
            accepted_can_be_rejected: options.accepted_can_be_rejected,
            assumptions: options.assumptions,
            evaluations_per_second: options.evaluations_per_second,
        };
        Self {
            twilio: Twilio::start(clock.clone(), options.credentials.clone(), behaviour),
            session_api: SessionApi::new(clock.clone(), options.session_api.clone()),
            secrets: SecretsManager::new(clock, options.secret.clone().unwrap_or_else(|| secret(options))),
            sqs,
            routers: OnceLock::new(),
        }
    }

    /// An upstream's answer to a request that doesn't use a network.
    pub async fn answer(&self, upstream: Upstream, request: Request<Bytes>) -> Answer {
        let routers = self
            .routers
            .get_or_init(|| Upstream::ALL.map(|upstream| self.router(upstream)));
        server::answer(routers[upstream as usize].clone(), request.map(Body::from)).await
    }

    pub(crate) fn router(&self, upstream: Upstream) -> Router {
        match upstream {
            Upstream::TaskRouter => self.twilio.taskrouter(),
            Upstream::Conversations => self.twilio.conversations_api(),
            Upstream::EventStreams => self.twilio.events_api(),
            Upstream::Flex => self.twilio.interactions_api(),
            Upstream::SessionApi => self.session_api.router(),
            Upstream::SecretsManager => self.secrets.router(),
            Upstream::Sqs => self.sqs.router(),
        }
    }
}

/// Creates the queues with the settings of `template.yaml`.
fn create_queues(sqs: &Sqs) {
    // The visibility timeout is six times the timeout of the function that reads the queue.
    for (queue, dead_letter_queue, visibility_timeout) in [
        (QUEUE, DEAD_LETTER_QUEUE, Duration::from_secs(6 * 180)),
        (CLOSE_QUEUE, CLOSE_DEAD_LETTER_QUEUE, Duration::from_secs(6 * 15)),
    ] {
        sqs.create_queue(dead_letter_queue, sqs::Settings::default());
        let redrive = Redrive {
            dead_letter_queue: dead_letter_queue.to_owned(),
            max_receive_count: 100,
        };
        let settings = sqs::Settings {
            visibility_timeout,
            redrive: Some(redrive),
            ..sqs::Settings::default()
        };
        sqs.create_queue(queue, settings);
    }
}

/// The bearer token of the functions' HTTPS actions.
pub const ACTION_TOKEN: &str = "an-action-token-of-no-real-platform";

/// A secret that matches the upstreams' own credentials.
fn secret(options: &Options) -> String {
    json!({
        "account_sid": ACCOUNT_SID,
        "auth_token": options.credentials.auth_token,
        "api_key_sid": API_KEY_SID,
        "api_key_secret": options.credentials.api_keys.get(API_KEY_SID),
        "session_api_token": options.session_api.token,
        "action_token": ACTION_TOKEN,
    })
    .to_string()
}
