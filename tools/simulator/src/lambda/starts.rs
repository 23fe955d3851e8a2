//! Processes start by turns: a start is work for a core, and a hundred at once would all take longer than they may.
//! On Lambda each has a machine of its own.

use std::future::Future;
use std::pin::pin;
use std::thread::available_parallelism;
use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::timeout;

/// A start that takes longer than this waits for something, and lets the next one have its turn.
const TURN: Duration = Duration::from_secs(2);

/// The turns.
pub(super) struct Starts(Semaphore);

/// Leave to start.
pub(super) struct Turn<'s>(SemaphorePermit<'s>);

impl Default for Starts {
    fn default() -> Self {
        // Two at least, so that one that hangs holds up nobody.
        Self(Semaphore::new(available_parallelism().map_or(2, usize::from).max(2)))
    }
}

impl Starts {
    pub(super) async fn turn(&self) -> Turn<'_> {
        Turn(self.0.acquire().await.expect("it is never closed"))
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
