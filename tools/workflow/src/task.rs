//! The input of routing: a task, and the queues and workers of its workspace.

use std::time::Duration;

use serde_json::Value;

use crate::queue::TaskQueue;
use crate::worker::Worker;

/// A task that waits for a worker.
#[derive(Debug, Clone, PartialEq)]
pub struct Task {
    /// A JSON object.
    pub attributes: Value,
    /// The unique name of its task channel.
    pub channel: String,
    /// Its priority now: what it was made with, until a target sets another ([`Place::priority`](crate::Place::priority)).
    pub priority: i64,
    /// The time since it was made.
    pub age: Duration,
}

/// Whom a task can be routed to.
#[derive(Debug, Clone, Copy)]
pub struct Workspace<'a> {
    /// Its task queues.
    pub queues: &'a [TaskQueue],
    /// Its workers.
    pub workers: &'a [Worker],
}
