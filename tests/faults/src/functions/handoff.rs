//! `handoff`.

use std::sync::Arc;
use std::time::Duration;

use flex_handoff::config;
use handoff::Handoff;
use serde_json::Value;
use simulator::options::QUEUE;
use simulator::sqs::queue_url;

use super::deferred::note;
use super::{Ended, ai_workers, ended, invoke, lambda_event, upstreams};
use crate::network::{CONVERSATIONS_URL, FLEX_URL, Network};

/// The function's timeout, as in `template.yaml`.
const TIMEOUT: Duration = Duration::from_secs(20);

/// The place of notes that can't be posted in time.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Deferral {
    Off,
    Queue,
}

/// Invokes `handoff`.
pub(crate) async fn hand_over(network: &Arc<Network>, deferral: Deferral, request: &Value) -> Ended {
    invoke(network, TIMEOUT, async |connections| {
        let config = config::HandoffConfig {
            upstreams: upstreams(),
            conversations_url: CONVERSATIONS_URL.parse().expect("a URL"),
            flex_url: FLEX_URL.parse().expect("a URL"),
            ai_workers: ai_workers(),
            session_id_attribute: "session_id".to_owned(),
            note: note(),
            workflow: None,
            queue_url: match deferral {
                Deferral::Off => None,
                Deferral::Queue => Some(queue_url(QUEUE)),
            },
        };
        let function = Handoff::new(config, &connections);
        ended(function.handle(lambda_event(request.clone(), TIMEOUT)).await)
    })
    .await
}
