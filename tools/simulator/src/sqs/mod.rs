//! SQS standard queues, with the JSON protocol of the AWS SDK and polling by Lambda.
//!
//! Crates that imitate all of AWS have clocks of their own. This SQS follows the world's clock, so tests can cover
//! hours of retries. Missing on purpose: FIFO queues, message attributes and the creation of queues over the network.

mod api;
mod batch;
mod queue;
mod refusal;
mod request;
mod service;

use axum::Router;

pub(crate) use api::{md5, system_attributes};
pub use queue::{Message, Redrive, Settings};
pub use service::{MAX_RECEIVED, Sqs, queue_arn, queue_url};

impl Sqs {
    pub(crate) fn router(&self) -> Router {
        api::router(self.clone())
    }
}
