//! `deferred`.

use std::sync::Arc;
use std::time::Duration;

use deferred::Deferred;
use flex_handoff::config::{self, NotePolicy, NoteSettings};
use serde_json::Value;
use simulator::options::QUEUE;
use simulator::sqs::queue_url;

use super::{Ended, ai_workers, invoke_in, lambda_event, sessions, upstreams};
use crate::network::{CONVERSATIONS_URL, Network};

/// The function's timeout, as in `template.yaml`.
const TIMEOUT: Duration = Duration::from_secs(180);

/// Invokes `deferred` with a batch of messages.
pub(crate) async fn attend(network: &Arc<Network>, batch: Value) -> Ended {
    invoke_in(network.consumer(), network, TIMEOUT, async |connections| {
        let function = Deferred::new(configuration(), &connections);
        let response = function.handle(lambda_event(batch, TIMEOUT)).await;
        Ended::Answered(serde_json::to_value(response).expect("a response is JSON"))
    })
    .await
}

fn configuration() -> config::DeferredConfig {
    config::DeferredConfig {
        upstreams: upstreams(),
        conversations_url: CONVERSATIONS_URL.parse().expect("a URL"),
        ai_workers: ai_workers(),
        sessions: sessions(),
        session_rate: 50,
        note: note(),
        queue_url: Some(queue_url(QUEUE)),
    }
}

/// The default settings of the note.
pub(crate) fn note() -> NoteSettings {
    let template =
        "Handed off by the AI agent\n\n{summary}\n\nSentiment: {sentiment}\nReason: {reason}\nLanguage: {language}";
    NoteSettings {
        policy: NotePolicy::ChatOnly,
        author: "system".to_owned(),
        template: template.to_owned(),
    }
}
