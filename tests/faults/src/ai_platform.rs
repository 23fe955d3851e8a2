//! The AI platform, which asks for a handoff until there is an answer or trying again won't help.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use crate::functions::{Ended, hand_over};
use crate::network::Network;

/// Between two tries.
const PAUSE: Duration = Duration::from_secs(1);

/// So many tries are enough, whatever goes wrong with two requests.
const TRIES: usize = 8;

/// Asks; how each try ended.
pub(crate) async fn ask(network: &Arc<Network>, request: &Value) -> Vec<Ended> {
    let mut ends = Vec::new();
    for _ in 0..TRIES {
        let ended = hand_over(network, request).await;
        let is_over = !ended.is_worth_another_try();
        ends.push(ended);
        if is_over {
            break;
        }
        tokio::time::sleep(PAUSE).await;
    }
    ends
}
