//! The upstreams of a world, without the servers that bring them to a port.

use std::sync::OnceLock;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use http::Request;
use serde_json::json;

use crate::clock::Clock;
use crate::exchange::{Answer, Upstream};
use crate::options::{DEAD_LETTER_QUEUE, Options, QUEUE};
use crate::secrets_manager::SecretsManager;
use crate::server;
use crate::session_api::SessionApi;
use crate::sqs::{self, Redrive, Sqs};
use crate::twilio::sids::{ACCOUNT_SID, API_KEY_SID};
use crate::twilio::{Behaviour, Twilio};

/// All upstreams, by one clock and with credentials that fit each other.
pub struct Upstreams {
    pub twilio: Twilio,
    pub session_api: SessionApi,
    pub secrets: SecretsManager,
    pub sqs: Sqs,
    /// What answers without a wire, in the order of [`Upstream::ALL`]: to build it takes longer than most answers.
    pub(crate) routers: OnceLock<[Router; Upstream::ALL.len()]>,
}

impl Upstreams {
    /// The upstreams as these options have them. Callbacks will be sent on the present Tokio runtime.
    pub fn new(clock: Clock, options: &Options) -> Self {
        let sqs = Sqs::new(clock.clone());
        create_queues(&sqs);
        let behaviour = Behaviour {
            routing: options.routing,
            accepted_can_be_rejected: options.accepted_can_be_rejected,
        };
        Self {
            twilio: Twilio::new(clock.clone(), options.credentials.clone(), behaviour),
            session_api: SessionApi::new(clock.clone(), options.session_api.clone()),
            secrets: SecretsManager::new(clock, options.secret.clone().unwrap_or_else(|| secret(options))),
            sqs,
            routers: OnceLock::new(),
        }
    }

    /// What one of them answers to a request that needs no wire to reach it.
    pub async fn answer(&self, upstream: Upstream, request: Request<Bytes>) -> Answer {
        let routers = self
            .routers
            .get_or_init(|| Upstream::ALL.map(|upstream| self.router(upstream)));
        server::answer(routers[upstream as usize].clone(), request.map(Body::from)).await
    }

    /// What answers the requests to one of them.
    pub(crate) fn router(&self, upstream: Upstream) -> Router {
        match upstream {
            Upstream::TaskRouter => self.twilio.taskrouter(),
            Upstream::Conversations => self.twilio.conversations_api(),
            Upstream::SessionApi => self.session_api.router(),
            Upstream::SecretsManager => self.secrets.router(),
            Upstream::Sqs => self.sqs.router(),
        }
    }
}

/// The queues as `template.yaml` has them.
fn create_queues(sqs: &Sqs) {
    sqs.create_queue(DEAD_LETTER_QUEUE, sqs::Settings::default());
    let redrive = Redrive {
        dead_letter_queue: DEAD_LETTER_QUEUE.to_owned(),
        max_receive_count: 40,
    };
    let settings = sqs::Settings {
        visibility_timeout: Duration::from_secs(360),
        redrive: Some(redrive),
        ..sqs::Settings::default()
    };
    sqs.create_queue(QUEUE, settings);
}

/// The secret's text that fits the upstreams' own credentials.
fn secret(options: &Options) -> String {
    json!({
        "account_sid": ACCOUNT_SID,
        "auth_token": options.credentials.auth_token,
        "api_key_sid": API_KEY_SID,
        "api_key_secret": options.credentials.api_keys.get(API_KEY_SID),
        "session_api_token": options.session_api.token,
    })
    .to_string()
}
