//! Twilio's delivery of an event to a webhook, with the connection overrides that the README asks for.

use std::sync::Arc;
use std::time::Duration;

use simulator::twilio::Event;

use crate::functions::{Ended, Webhook, tell};
use crate::network::Network;

/// `rc=5`
const ATTEMPTS: usize = 6;

/// Retries included; then Twilio forgets the event.
const TOTAL_TIME: Duration = Duration::from_secs(15);

/// Delivers an event; how each attempt ended that did so in time.
pub(crate) async fn deliver(network: Arc<Network>, webhook: Webhook, event: Event) -> Vec<Ended> {
    let mut ends = Vec::new();
    let attempts = async {
        for _ in 0..ATTEMPTS {
            let (network, event) = (network.clone(), event.clone());
            // On a task of its own: a function goes on when Twilio has stopped waiting.
            let attempt = tokio::spawn(async move { tell(&network, webhook, &event).await });
            let ended = attempt.await.expect("a panic in a function is an answer");
            // A function that was killed is a 5xx of API Gateway's.
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
