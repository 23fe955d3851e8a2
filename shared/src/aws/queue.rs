//! An SQS queue.
//!
//! The first message makes the SDK's client. Making the client reads AWS's list of regions, which takes a fifth of all
//! instructions of a start.

use std::sync::OnceLock;
use std::time::Duration;

use aws_config::SdkConfig;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_sdk_sqs::Client;
use aws_sdk_sqs::config::http::HttpResponse;
use aws_sdk_sqs::config::{Builder, Config};
use aws_sdk_sqs::error::SdkError;
use aws_sdk_sqs::types::ChangeMessageVisibilityBatchRequestEntry;
use tokio::time::{Instant, timeout_at};

use crate::aws::job::Job;
use crate::invocation::{Invocation, Step};

/// The longest time for a request to the queue, with all retries. SQS answers within about 20 ms. At the smallest
/// memory, a TLS handshake after a cold start takes most of a second.
pub(crate) const TIMEOUT: Duration = Duration::from_millis(1_500);

/// The longest time for a single try.
pub(crate) const TRY_TIMEOUT: Duration = Duration::from_millis(900);

/// The longest first pause between two tries.
const BACKOFF: Duration = Duration::from_millis(50);

/// SQS's limit on the messages in a request.
const MAX_BATCH: usize = 10;

pub struct Queue {
    config: Config,
    client: OnceLock<Client>,
    url: String,
}

/// The queue did not confirm the request. The step in the log says why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QueueUnavailable;

impl Queue {
    pub(crate) fn new(config: &SdkConfig, url: String) -> Self {
        let timeouts = TimeoutConfig::builder()
            .operation_timeout(TIMEOUT)
            .operation_attempt_timeout(TRY_TIMEOUT)
            .build();
        let config = Builder::from(config)
            .timeout_config(timeouts)
            .retry_config(RetryConfig::standard().with_initial_backoff(BACKOFF))
            .build();
        Self {
            config,
            client: OnceLock::new(),
            url,
        }
    }

    fn client(&self) -> &Client {
        self.client.get_or_init(|| Client::from_conf(self.config.clone()))
    }

    /// Sends a message for delivery after a delay of whole seconds, at most 900.
    ///
    /// # Errors
    /// If the message may not be on the queue.
    pub async fn send(&self, invocation: &Invocation, job: &Job, delay: Duration) -> Result<(), QueueUnavailable> {
        let request = self
            .client()
            .send_message()
            .queue_url(&self.url)
            .message_body(job.to_json())
            .delay_seconds(seconds(delay));
        let started = Instant::now();
        // Boxed, since the SDK's future is large and seldom used.
        let sent = Box::pin(request.send()).await;
        record(invocation, "send message", started, sent.map(drop))
    }

    /// Changes the visibility timeout of received messages to whole seconds from now. Gives up after `limit`.
    ///
    /// # Errors
    /// If the timeout may not have changed. The messages then return after the queue's own visibility timeout.
    pub async fn change_visibility(
        &self,
        invocation: &Invocation,
        receipt_handles: &[&str],
        visibility_timeout: Duration,
        limit: Duration,
    ) -> Result<(), QueueUnavailable> {
        let end = Instant::now() + limit;
        for receipt_handles in receipt_handles.chunks(MAX_BATCH) {
            let entries = receipt_handles.iter().enumerate().filter_map(|(id, receipt_handle)| {
                let entry = ChangeMessageVisibilityBatchRequestEntry::builder()
                    .id(id.to_string())
                    .receipt_handle(*receipt_handle)
                    .visibility_timeout(seconds(visibility_timeout));
                // All required fields are set.
                entry.build().ok()
            });
            let request = self
                .client()
                .change_message_visibility_batch()
                .queue_url(&self.url)
                .set_entries(Some(entries.collect()));
            let started = Instant::now();
            let changed = match timeout_at(end, Box::pin(request.send())).await {
                Ok(changed) => changed.map(drop),
                Err(late) => Err(SdkError::timeout_error(late)),
            };
            record(invocation, "change visibility", started, changed)?;
        }
        Ok(())
    }
}

fn seconds(duration: Duration) -> i32 {
    i32::try_from(duration.as_secs()).unwrap_or(i32::MAX)
}

/// Logs a request to the queue as a step of the invocation.
fn record<E>(
    invocation: &Invocation,
    step: &'static str,
    started: Instant,
    result: Result<(), SdkError<E, HttpResponse>>,
) -> Result<(), QueueUnavailable> {
    let status: serde_json::Value = match &result {
        Ok(()) => 200.into(),
        Err(SdkError::TimeoutError(_)) => "timeout".into(),
        Err(SdkError::DispatchFailure(failure)) if failure.is_timeout() => "timeout".into(),
        Err(SdkError::DispatchFailure(_)) => "no connection".into(),
        Err(SdkError::ConstructionFailure(_)) => "invalid request".into(),
        Err(error) => match error.raw_response() {
            Some(answer) => answer.status().as_u16().into(),
            None => "connection lost".into(),
        },
    };
    invocation.step(Step::new(step, started).with_status(status));
    result.map_err(|_| QueueUnavailable)
}
