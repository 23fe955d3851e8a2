//! The webhooks for TaskRouter's events.

use std::sync::Arc;
use std::time::Duration;

use ::auto_close::AutoClose;
use flex_handoff::config;
use lambda_runtime::LambdaEvent;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;
use simulator::options::QUEUE;
use simulator::sqs::queue_url;
use simulator::twilio::{Credentials, Event, signature};
use task_events::TaskEvents;

use super::{Ended, ai_workers, auto_close, invoke, lambda_event, sessions, upstreams};
use crate::network::Network;

/// The functions' timeout, as in `template.yaml`.
const TIMEOUT: Duration = Duration::from_secs(15);

/// The limit for a webhook's answer, even if upstreams hang.
const ANSWERED: Duration = Duration::from_secs(12);

const DOMAIN: &str = "functions.test";

/// A webhook for TaskRouter's events.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Webhook {
    TaskEvents,
    /// `auto-close` without a queue.
    AutoClose,
    /// `auto-close` with a queue and a delay.
    DelayedClose,
}

/// Sends an event to a webhook once.
pub(crate) async fn send(network: &Arc<Network>, webhook: Webhook, event: &Event) -> Ended {
    invoke(network, ANSWERED, async |connections| match webhook {
        Webhook::TaskEvents => {
            let function = TaskEvents::new(task_events(), &connections);
            status(&function.handle(http_event("/task-events", event)).await)
        }
        Webhook::AutoClose | Webhook::DelayedClose => {
            let delay = (webhook == Webhook::DelayedClose).then_some(auto_close::DELAY);
            let function = AutoClose::new(auto_close::configuration(delay), connections);
            status(&function.handle(http_event("/auto-close", event)).await)
        }
    })
    .await
}

fn task_events() -> config::TaskEventsConfig {
    config::TaskEventsConfig {
        upstreams: upstreams(),
        ai_workers: ai_workers(),
        sessions: sessions(),
        public_url: None,
        queue_url: Some(queue_url(QUEUE)),
        close_queue: None,
        close_on_rejection: false,
    }
}

fn status(answer: &impl Serialize) -> Ended {
    let answer = serde_json::to_value(answer).expect("an answer is JSON");
    Ended::Status(answer["statusCode"].as_u64().expect("a status"))
}

/// A signed event in the form of API Gateway's HTTP API.
fn http_event<P: DeserializeOwned>(path: &str, event: &Event) -> LambdaEvent<P> {
    let form = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(&event.fields)
        .finish();
    let url = format!("https://{DOMAIN}{path}");
    let signature = signature(&Credentials::default().auth_token, &url, &event.fields);
    let request = json!({
        "version": "2.0",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {
            "host": DOMAIN,
            "content-type": "application/x-www-form-urlencoded; charset=UTF-8",
            "x-twilio-signature": signature,
        },
        "requestContext": { "domainName": DOMAIN, "http": { "method": "POST", "path": path } },
        "body": form,
        "isBase64Encoded": false,
    });
    lambda_event(request, TIMEOUT)
}
