//! What made something happen.

use std::future::Future;

tokio::task_local! {
    static PRESENT: Cause;
}

/// What made something happen: the change that an event tells of, or an invocation.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Cause {
    /// A request to an upstream, by its number among the exchanges.
    Exchange(usize),
    /// Something that the program around the world did, by a number of its own.
    Own(usize),
}

impl Cause {
    /// Puts down to this whatever happens in the course of `work`, but for what it leaves to other Tokio tasks.
    pub async fn of<T>(self, work: impl Future<Output = T>) -> T {
        PRESENT.scope(self, work).await
    }

    /// What is happening here is put down to this.
    pub(crate) fn present() -> Option<Self> {
        PRESENT.try_with(|cause| *cause).ok()
    }
}
