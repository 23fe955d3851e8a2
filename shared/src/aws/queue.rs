//! The queue of what outlives a webhook.
//!
//! The SDK's client adds a quarter of a megabyte to `task-events`. Making it reads AWS's list of regions, a fifth of all
//! instructions of the start (callgrind: 0.47 of 2.3 million), so the first message does that, and opens the connection.

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

use crate::aws::job::Message;
use crate::invocation::Invocation;

/// How long one request to the queue may take in all. SQS answers within some 20 ms, and after a cold start at the
/// smallest memory a TLS handshake takes most of a second.
pub(crate) const LIMIT: Duration = Duration::from_millis(2_500);

/// One try of it.
const TRY_LIMIT: Duration = Duration::from_millis(1_200);

/// The first pause between two tries is at most this long.
const BACKOFF: Duration = Duration::from_millis(50);

/// The most messages that one request may be about.
const BATCH: usize = 10;

/// The queue.
pub struct Queue {
    config: Config,
    client: OnceLock<Client>,
    url: String,
}

/// The queue didn't take it; the step in the log says why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QueueAway;

impl Queue {
    pub(crate) fn new(config: &SdkConfig, url: String) -> Self {
        let timeouts = TimeoutConfig::builder()
            .operation_timeout(LIMIT)
            .operation_attempt_timeout(TRY_LIMIT)
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

    /// Leaves a message that nobody sees before the delay is over, whole seconds, at most 900.
    ///
    /// # Errors
    /// If it is not, or perhaps not, on the queue.
    pub async fn leave(&self, invocation: &Invocation, message: &Message, delay: Duration) -> Result<(), QueueAway> {
        let request = self
            .client()
            .send_message()
            .queue_url(&self.url)
            .message_body(message.to_json())
            .delay_seconds(seconds(delay));
        let started = Instant::now();
        // In a box of its own, since it is large and seldom sent.
        let sent = Box::pin(request.send()).await;
        record(invocation, "leave message", started, sent.map(drop))
    }

    /// Hides messages that were received, for as long from now on, whole seconds. Gives up when `limit` is over.
    ///
    /// # Errors
    /// If they are not, or perhaps not; then they are seen again when the queue's own time is over.
    pub async fn hide(
        &self,
        invocation: &Invocation,
        receipt_handles: &[&str],
        hidden_for: Duration,
        limit: Duration,
    ) -> Result<(), QueueAway> {
        let end = Instant::now() + limit;
        for receipt_handles in receipt_handles.chunks(BATCH) {
            let entries = receipt_handles.iter().enumerate().filter_map(|(id, receipt_handle)| {
                let entry = ChangeMessageVisibilityBatchRequestEntry::builder()
                    .id(id.to_string())
                    .receipt_handle(*receipt_handle)
                    .visibility_timeout(seconds(hidden_for));
                // It lacks nothing.
                entry.build().ok()
            });
            let request = self
                .client()
                .change_message_visibility_batch()
                .queue_url(&self.url)
                .set_entries(Some(entries.collect()));
            let started = Instant::now();
            let hidden = match timeout_at(end, Box::pin(request.send())).await {
                Ok(hidden) => hidden.map(drop),
                Err(late) => Err(SdkError::timeout_error(late)),
            };
            record(invocation, "hide messages", started, hidden)?;
        }
        Ok(())
    }
}

fn seconds(duration: Duration) -> i32 {
    i32::try_from(duration.as_secs()).unwrap_or(i32::MAX)
}

/// Records a request to the queue as a step of the invocation.
fn record<E>(
    invocation: &Invocation,
    step: &'static str,
    started: Instant,
    outcome: Result<(), SdkError<E, HttpResponse>>,
) -> Result<(), QueueAway> {
    let answer: serde_json::Value = match &outcome {
        Ok(()) => 200.into(),
        Err(SdkError::TimeoutError(_)) => "time-out".into(),
        Err(SdkError::DispatchFailure(failure)) if failure.is_timeout() => "time-out".into(),
        Err(SdkError::DispatchFailure(_)) => "no connection".into(),
        Err(SdkError::ConstructionFailure(_)) => "not a valid request".into(),
        Err(error) => match error.raw_response() {
            Some(answer) => answer.status().as_u16().into(),
            None => "connection lost".into(),
        },
    };
    invocation.step(step, started, answer);
    outcome.map_err(|_| QueueAway)
}
