//! The causes of changes and invocations.

use std::future::Future;

tokio::task_local! {
    static PRESENT: Cause;
}

/// The cause of an event's change, or of an invocation.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Cause {
    /// A request to an upstream, by the exchange's number.
    Exchange(usize),
    /// An action of the program that runs the world, by the program's own number.
    Own(usize),
}

impl Cause {
    /// Runs `work` and records this cause for everything in `work`, except for Tokio tasks that it spawns.
    pub async fn of<T>(self, work: impl Future<Output = T>) -> T {
        PRESENT.scope(self, work).await
    }

    /// Runs code that doesn't wait and records this cause for everything in the code.
    pub fn during<T>(self, work: impl FnOnce() -> T) -> T {
        PRESENT.sync_scope(self, work)
    }

    /// The cause of the code that is running.
    pub(crate) fn present() -> Option<Self> {
        PRESENT.try_with(|cause| *cause).ok()
    }
}
