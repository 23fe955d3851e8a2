//! The AI platform, which retries an action until the action succeeds or a retry cannot help.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use crate::functions::Ended;
use crate::functions::handoff::{Deferral, hand_over};
use crate::network::Network;

/// Pause between two tries.
pub(crate) const PAUSE: Duration = Duration::from_secs(1);

/// The longer pause of a platform that waits for the end of interrupted runs. All tries together take longer than three
/// runs may.
pub(crate) const LONG_PAUSE: Duration = Duration::from_secs(10);

/// Enough tries for any two faults.
const TRIES: usize = 8;

/// Requests the handoff. Returns the end of each try.
pub(crate) async fn ask(network: &Arc<Network>, deferral: Deferral, pause: Duration, request: &Value) -> Vec<Ended> {
    let hand_over = || {
        let (network, request) = (network.clone(), request.clone());
        async move { hand_over(&network, deferral, &request).await }
    };
    until_done(pause, hand_over).await
}

/// Requests an action. Returns the end of each try.
pub(crate) async fn until_done<F: Future<Output = Ended>>(pause: Duration, action: impl Fn() -> F) -> Vec<Ended> {
    let mut ends = Vec::new();
    for _ in 0..TRIES {
        let ended = action().await;
        let is_over = !ended.is_worth_another_try();
        ends.push(ended);
        if is_over {
            break;
        }
        tokio::time::sleep(pause).await;
    }
    ends
}
