//! The input of routing: a task and the queues and workers of its workspace.

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
    /// The present priority: the task's own until a target sets another ([`Place::priority`](crate::Place::priority)).
    pub priority: i64,
    /// The time since the task's creation.
    pub age: Duration,
}

/// The queues and workers that a task can be routed to.
#[derive(Debug, Clone, Copy)]
pub struct Workspace<'a> {
    pub queues: &'a [TaskQueue],
    pub workers: &'a [Worker],
}
