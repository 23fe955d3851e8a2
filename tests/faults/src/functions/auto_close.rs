//! `auto-close`.

use std::sync::Arc;
use std::time::Duration;

use ::auto_close::AutoClose;
use flex_handoff::config::{self, AutoCloseScope, CloseQueue, ConversationEnd};
use serde_json::Value;
use simulator::options::CLOSE_QUEUE;
use simulator::sqs::queue_url;

use super::{Ended, ai_workers, invoke, lambda_event, upstreams};
use crate::network::{FLEX_URL, Network};

/// The function's timeout, as in `template.yaml`.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(15);

/// The delay before a task is closed.
pub(crate) const DELAY: Duration = Duration::from_secs(60);

/// Invokes `auto-close` with a batch of messages.
pub(crate) async fn attend(network: &Arc<Network>, batch: Value) -> Ended {
    invoke(network, TIMEOUT, async |connections| {
        let function = AutoClose::new(configuration(Some(DELAY)), connections);
        let report = function.handle(lambda_event(batch, TIMEOUT)).await;
        Ended::Answered(serde_json::to_value(report).expect("a report is JSON"))
    })
    .await
}

/// The configuration. With a delay, `auto-close` has a queue.
pub(crate) fn configuration(delay: Option<Duration>) -> config::AutoCloseConfig {
    config::AutoCloseConfig {
        upstreams: upstreams(),
        flex_url: FLEX_URL.parse().expect("a URL"),
        ai_workers: ai_workers(),
        scope: AutoCloseScope::Ai,
        close_on_rejection: true,
        conversation: ConversationEnd::Keep,
        close_queue: delay.map(|delay| CloseQueue {
            url: queue_url(CLOSE_QUEUE),
            delay,
        }),
        public_url: None,
    }
}
