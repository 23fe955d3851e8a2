//! A request to a queue.

use serde::Deserialize;

/// A request of the JSON protocol that names its queue.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Request<T> {
    pub(super) queue_url: String,
    /// The parameters of the operation.
    #[serde(flatten)]
    pub(super) parameters: T,
}

impl<T> Request<T> {
    pub(super) fn new(queue_url: &str, parameters: T) -> Self {
        Self {
            queue_url: queue_url.to_owned(),
            parameters,
        }
    }

    /// The queue's name, the last segment of its URL.
    pub(super) fn queue(&self) -> &str {
        self.queue_url.rsplit('/').next().unwrap_or_default()
    }
}
