//! Work that is done now if there is time, and otherwise deferred: sent to the queue.

use std::future::Future;
use std::time::Duration;

use tokio::time::timeout;

use crate::aws::job::Message;
use crate::aws::queue::{self, Queue};
use crate::invocation::Invocation;
use crate::jobs::outcome::Outcome;

/// How much of the time that there is to set aside for the queue: a quarter of a short one.
pub fn set_aside(time: Duration) -> Duration {
    queue::LIMIT.min(time / 4)
}

/// Does work while Twilio waits, or sends it to the queue: if it can't be done in time, or not with the credentials as
/// they are. Both pass.
///
/// # Errors
/// The work's own error, also if it cannot be queued.
pub async fn do_or_leave(
    queue: &Queue,
    invocation: &Invocation,
    work: impl Future<Output = Result<Outcome, Outcome>>,
    message: &Message,
) -> Result<Outcome, Outcome> {
    let time = invocation.remaining();
    let worked = timeout(time - set_aside(time), work).await;
    match worked.unwrap_or(Err(Outcome::Unavailable)) {
        Err(passing @ (Outcome::Unavailable | Outcome::UNAUTHORIZED)) => {
            let left = queue.leave(invocation, message, Duration::ZERO).await;
            left.map(|()| Outcome::Deferred).map_err(|_| passing)
        }
        outcome => outcome,
    }
}
