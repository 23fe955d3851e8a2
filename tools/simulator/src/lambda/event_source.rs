//! An event source mapping from a queue to a function, in batches.
//!
//! <https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html>. Faults don't affect Lambda's own pollers: they reach
//! the queue even if the functions can't.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};
use tokio::time::{Instant, timeout};

use super::registry::Registry;
use crate::identity::{self, REGION};
use crate::sqs::{MAX_RECEIVED, Message, Sqs, md5, queue_arn, system_attributes};

/// The settings of an event source mapping.
#[derive(Clone, Debug)]
pub struct EventSource {
    pub queue: String,
    pub function: String,
    /// The maximum number of messages in an invocation.
    pub batch_size: usize,
    /// The time that a batch waits for further messages after its first.
    pub batching_window: Duration,
    /// The maximum number of concurrent invocations.
    pub maximum_concurrency: usize,
    /// Whether the function reports individual failed messages (`ReportBatchItemFailures`). Otherwise all messages fail
    /// or none.
    pub reports_item_failures: bool,
}

/// The wait time of a poll, as on Lambda.
const POLL: Duration = Duration::from_secs(20);

impl EventSource {
    /// Receives batches and invokes the function with each batch in turn.
    pub(super) async fn poll(self, sqs: Sqs, functions: Arc<Registry>) {
        loop {
            let Some(batch) = self.gather(&sqs).await else { return };
            let Some(function) = functions.named(&self.function) else {
                return;
            };
            // Lambda retries a throttled batch while the messages are hidden, then drops the batch.
            let Ok(permit) = timeout(sqs.hidden_for(&batch), function.permit()).await else {
                continue;
            };
            let event = event(&self.queue, &batch).to_string().into_bytes();
            let invocation = function.invoke(permit, identity::request_id(), event).await;
            let failed = match invocation.function_error {
                Some(_) => Failed::All,
                None if self.reports_item_failures => failed(&invocation.payload, &batch),
                None => Failed::Only(BTreeSet::new()),
            };
            // Failed messages stay hidden until their visibility timeout ends, or until the function changes the
            // timeout.
            for message in batch {
                if !failed.has(&message.id) {
                    sqs.delete(&self.queue, message.receipt_handle.as_deref().unwrap_or_default());
                }
            }
        }
    }

    /// The next batch. `None` if the queue no longer exists.
    async fn gather(&self, sqs: &Sqs) -> Option<Vec<Message>> {
        let mut batch = Vec::new();
        while batch.is_empty() {
            batch = self.receive(sqs, self.batch_size, POLL).await?;
        }
        let full = Instant::now() + self.batching_window;
        while batch.len() < self.batch_size && Instant::now() < full {
            let wait = full.saturating_duration_since(Instant::now());
            batch.extend(self.receive(sqs, self.batch_size - batch.len(), wait).await?);
        }
        Some(batch)
    }

    async fn receive(&self, sqs: &Sqs, limit: usize, wait: Duration) -> Option<Vec<Message>> {
        sqs.receive_within(&self.queue, limit.min(MAX_RECEIVED), None, wait)
            .await
    }
}

fn event(queue: &str, batch: &[Message]) -> Value {
    let record = |message: &Message| {
        json!({
            "messageId": message.id,
            "receiptHandle": message.receipt_handle,
            "body": message.body,
            "attributes": system_attributes(message),
            "messageAttributes": {},
            "md5OfBody": md5(&message.body),
            "eventSource": "aws:sqs",
            "eventSourceARN": queue_arn(queue),
            "awsRegion": REGION,
        })
    };
    json!({ "Records": batch.iter().map(record).collect::<Vec<_>>() })
}

/// The failed messages of a batch.
#[derive(Debug, PartialEq)]
enum Failed {
    All,
    Only(BTreeSet<String>),
}

impl Failed {
    fn has(&self, id: &str) -> bool {
        match self {
            Self::All => true,
            Self::Only(ids) => ids.contains(id),
        }
    }
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    batch_item_failures: Option<Vec<ItemFailure>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ItemFailure {
    item_identifier: String,
}

/// Reads a function's answer. An empty report is a success. An unreadable report fails the whole batch.
/// <https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html>
fn failed(answer: &[u8], batch: &[Message]) -> Failed {
    let Ok(report) = serde_json::from_slice::<Option<Report>>(answer) else {
        return Failed::All;
    };
    let failures = report.unwrap_or_default().batch_item_failures.unwrap_or_default();
    let ids: BTreeSet<String> = failures.into_iter().map(|failure| failure.item_identifier).collect();
    match ids.iter().all(|id| batch.iter().any(|message| message.id == *id)) {
        true => Failed::Only(ids),
        false => Failed::All,
    }
}

#[cfg(test)]
mod tests {
    use time::OffsetDateTime;

    use super::*;

    fn message(id: &str) -> Message {
        Message {
            id: id.to_owned(),
            body: String::new(),
            sent: OffsetDateTime::UNIX_EPOCH,
            visible_from: OffsetDateTime::UNIX_EPOCH,
            receive_count: 1,
            first_received: None,
            receipt_handle: None,
        }
    }

    #[test]
    fn answer_names_failed_messages_and_nonsense_fails_all() {
        let batch = [message("a"), message("b")];
        let only = |ids: &[&str]| Failed::Only(ids.iter().map(|id| (*id).to_owned()).collect());
        for (answer, expected) in [
            ("null", only(&[])),
            ("{}", only(&[])),
            (r#"{"batchItemFailures":null}"#, only(&[])),
            (r#"{"batchItemFailures":[]}"#, only(&[])),
            (r#"{"batchItemFailures":[{"itemIdentifier":"b"}]}"#, only(&["b"])),
            (r#"{"batchItemFailures":[{"itemIdentifier":"c"}]}"#, Failed::All),
            (r#"{"batchItemFailures":[{"itemIdentifier":""}]}"#, Failed::All),
            (r#"{"batchItemFailures":[{"itemIdentifier":null}]}"#, Failed::All),
            (r#"{"batchItemFailures":[{"id":"a"}]}"#, Failed::All),
            ("", Failed::All),
            ("[]", Failed::All),
            ("7", Failed::All),
        ] {
            assert_eq!(failed(answer.as_bytes(), &batch), expected, "{answer}");
        }
    }
}
