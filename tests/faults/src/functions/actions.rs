//! `resolve` and `reply`.

use std::sync::Arc;
use std::time::Duration;

use flex_handoff::config::{self, CloseQueue};
use reply::Reply;
use resolve_task::Resolve;
use serde_json::Value;
use simulator::options::CLOSE_QUEUE;
use simulator::sqs::queue_url;

use super::{Ended, ai_workers, ended, invoke, lambda_event, sessions, upstreams};
use crate::network::{CONVERSATIONS_URL, Network};
use crate::scene::AI_AUTHOR;

/// The functions' timeout, as in `template.yaml`.
const TIMEOUT: Duration = Duration::from_secs(20);

/// The attribute of a resolved task.
pub(crate) const RESOLVED_ATTRIBUTE: &str = "aiResolved";

/// Invokes `resolve`, which can also set the attribute.
pub(crate) async fn resolve(network: &Arc<Network>, request: &Value, with_attribute: bool) -> Ended {
    invoke(network, TIMEOUT, async |connections| {
        let config = config::ResolveConfig {
            upstreams: upstreams(),
            ai_workers: ai_workers(),
            sessions: sessions(),
            resolved_attribute: with_attribute.then(|| RESOLVED_ATTRIBUTE.to_owned()),
            resolved_body: None,
            close_queue: Some(CloseQueue {
                url: queue_url(CLOSE_QUEUE),
                delay: Duration::ZERO,
            }),
        };
        let function = Resolve::new(config, connections);
        ended(function.handle(lambda_event(request.clone(), TIMEOUT)).await)
    })
    .await
}

/// Invokes `reply`.
pub(crate) async fn reply(network: &Arc<Network>, request: &Value) -> Ended {
    invoke(network, TIMEOUT, async |connections| {
        let config = config::ReplyConfig {
            upstreams: upstreams(),
            conversations_url: CONVERSATIONS_URL.parse().expect("a URL"),
            ai_workers: ai_workers(),
            session_id_attribute: "session_id".to_owned(),
            author: AI_AUTHOR.to_owned(),
        };
        let function = Reply::new(config, connections);
        ended(function.handle(lambda_event(request.clone(), TIMEOUT)).await)
    })
    .await
}
