//! Limits the number of processes that start at once. A start needs a core, so a hundred at once would exceed their
//! time limits. On Lambda each start has a machine of its own.

use std::future::Future;
use std::pin::pin;
use std::thread::available_parallelism;
use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::timeout;

/// A start that takes longer is waiting for something and no longer counts.
const TURN: Duration = Duration::from_secs(2);

pub(super) struct Starts(Semaphore);

/// A permit for a start.
pub(super) struct Turn<'s>(SemaphorePermit<'s>);

impl Default for Starts {
    fn default() -> Self {
        // At least two, so a start that hangs doesn't hold up the others.
        Self(Semaphore::new(available_parallelism().map_or(2, usize::from).max(2)))
    }
}

impl Starts {
    pub(super) async fn turn(&self) -> Turn<'_> {
        Turn(self.0.acquire().await.expect("the semaphore is never closed"))
    }
}

impl Turn<'_> {
    pub(super) async fn take<T>(self, start: impl Future<Output = T>) -> T {
        let mut start = pin!(start);
        match timeout(TURN, &mut start).await {
            Ok(started) => started,
            Err(_) => {
                drop(self.0);
                start.await
            }
        }
    }
}
