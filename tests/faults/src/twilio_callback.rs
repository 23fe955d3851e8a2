//! Twilio's delivery of an event to a webhook with the connection overrides of docs/connect.md.

use std::sync::Arc;
use std::time::Duration;

use simulator::twilio::Event;

use crate::functions::Ended;
use crate::functions::webhook::{self, Webhook};
use crate::network::Network;

/// Attempts by `rc=5`.
const ATTEMPTS: usize = 6;

/// The time for all attempts, after which Twilio drops the event.
const TOTAL_TIME: Duration = Duration::from_secs(15);

/// Delivers an event. Returns the end of each attempt that ended in time.
pub(crate) async fn deliver(network: Arc<Network>, webhook: Webhook, event: Event) -> Vec<Ended> {
    let mut ends = Vec::new();
    let attempts = async {
        for _ in 0..ATTEMPTS {
            let (network, event) = (network.clone(), event.clone());
            // A function continues in its own Tokio task when Twilio has stopped waiting.
            let attempt = tokio::spawn(async move { webhook::send(&network, webhook, &event).await });
            let ended = attempt.await.expect("a panic in a function is an answer");
            // API Gateway answers 5xx for a killed function.
            let is_over = matches!(ended, Ended::Status(..500));
            ends.push(ended);
            if is_over {
                break;
            }
        }
    };
    let _ = tokio::time::timeout(TOTAL_TIME, attempts).await;
    ends
}
