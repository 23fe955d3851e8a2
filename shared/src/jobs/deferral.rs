//! Work that is done now if there is time, and otherwise deferred: sent to the queue.

use std::future::Future;
use std::time::Duration;

use tokio::time::timeout;

use crate::aws::job::Job;
use crate::aws::queue::{self, Queue};
use crate::invocation::Invocation;
use crate::jobs::outcome::{Failure, Outcome};

/// The part of the time that is reserved for the queue: a quarter of a short time.
pub fn reserved_for_queue(time: Duration) -> Duration {
    queue::TIMEOUT.min(time / 4)
}

/// Does work while Twilio waits, or sends it to the queue if it fails or takes too long.
///
/// # Errors
/// The work's own failure, if it cannot be queued either.
pub async fn do_or_defer(
    queue: &Queue,
    invocation: &Invocation,
    work: impl Future<Output = Result<Outcome, Failure>>,
    job: &Job,
) -> Result<Outcome, Failure> {
    let time = invocation.remaining();
    let worked = timeout(time - reserved_for_queue(time), work).await;
    match worked.unwrap_or(Err(Failure::Unavailable)) {
        Err(failure) => {
            let sent = queue.send(invocation, job, Duration::ZERO).await;
            sent.map(|()| Outcome::Deferred).map_err(|_| failure)
        }
        outcome => outcome,
    }
}
