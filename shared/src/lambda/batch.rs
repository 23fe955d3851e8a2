//! Batches of messages from a queue.
//!
//! Messages with the same text are a single piece of work. Failed messages are reported to Lambda and stay on the
//! queue. Their visibility timeout grows with each failure. After hours the queue moves them to its dead-letter queue.

use std::time::Duration;

use aws_lambda_events::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent, SqsMessage};
use lambda_runtime::Context;
use time::OffsetDateTime;

use crate::aws::job::Job;
use crate::aws::queue::{self, Queue, QueueUnavailable};
use crate::invocation::log::Level;
use crate::invocation::system::System;
use crate::invocation::{Interrupted, Invocation, Limits};
use crate::jobs::outcome::{self, Failure, Outcome};
use crate::upstream::retry::{Bounds, jitter};

/// The function's timeout, for a deadline that can't be believed.
const FALLBACK: Duration = Duration::from_secs(30);

/// The time before the deadline that is left for the queue and the answer.
pub(super) const MARGIN: Duration = Duration::from_secs(1).saturating_add(queue::TIMEOUT);

/// The visibility timeouts of a failed message. With the 100 receives of `template.yaml`, the tries last for hours on
/// average. The timeouts depend on the number of receives. They don't grow much, since a message without a turn is
/// received more often than it fails.
const FAILURES: Bounds = Bounds {
    first: Duration::from_secs(30),
    longest: Duration::from_secs(5 * 60),
};

/// A piece of work: the messages that ask for the same work.
#[derive(Debug)]
pub struct Piece {
    /// The work. `None` if the messages are not a job.
    pub job: Option<Job>,
    messages: Vec<SqsMessage>,
}

/// The reason why messages stay on the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Undone {
    /// The messages are not a job of this function. A later version may have sent them.
    Unreadable,
    Failed(Failure),
}

impl From<Failure> for Undone {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

/// The pieces of work in a batch, in the order of their first messages.
pub fn pieces(batch: SqsEvent) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    for message in batch.records {
        let job = message.body.as_deref().and_then(Job::parse);
        let same = pieces.iter_mut().find(|piece| job.is_some() && piece.job == job);
        match same {
            Some(piece) => piece.messages.push(message),
            None => pieces.push(Piece {
                job,
                messages: vec![message],
            }),
        }
    }
    pieces
}

impl Piece {
    /// The highest receive count among the messages.
    pub fn receives(&self) -> u32 {
        let counts = self
            .messages
            .iter()
            .filter_map(|message| message.attributes.get("ApproximateReceiveCount")?.parse().ok());
        counts.max().unwrap_or(1)
    }

    /// When the last of the messages was sent. `None` if that time is unknown for any message.
    pub fn sent(&self) -> Option<OffsetDateTime> {
        let times = self.messages.iter().map(sent);
        times.collect::<Option<Vec<_>>>()?.into_iter().max()
    }

    /// How long failed messages stay on the queue. The pause is between half of its bound and the whole bound, so that
    /// messages that failed together are not tried again at once.
    pub fn failure_pause(&self) -> Duration {
        let half = FAILURES.bound(self.receives().saturating_sub(1)) / 2;
        half + jitter(half)
    }

    /// Only the message that was sent last. The other messages ask for nothing else, and none asks for work at a later
    /// time.
    fn into_last_sent(self) -> Self {
        if self.sent().is_none() {
            return self;
        }
        let last = self.messages.into_iter().max_by_key(sent);
        Self {
            job: self.job,
            messages: last.into_iter().collect(),
        }
    }

    /// The report that these messages stay on the queue. A message without an id makes Lambda keep the whole batch.
    fn failures(&self) -> Vec<BatchItemFailure> {
        let failure = |message: &SqsMessage| {
            let mut failure = BatchItemFailure::default();
            failure.item_identifier = message.message_id.clone().unwrap_or_default();
            failure
        };
        self.messages.iter().map(failure).collect()
    }
}

/// When a message was sent. `None` if that time is unknown.
fn sent(message: &SqsMessage) -> Option<OffsetDateTime> {
    let milliseconds: i128 = message.attributes.get("SentTimestamp")?.parse().ok()?;
    OffsetDateTime::from_unix_timestamp_nanos(milliseconds.checked_mul(1_000_000)?).ok()
}

/// The answer to Lambda: the failures of all pieces.
pub fn response(failures: Vec<Vec<BatchItemFailure>>) -> SqsBatchResponse {
    let mut response = SqsBatchResponse::default();
    response.batch_item_failures = failures.into_iter().flatten().collect();
    response
}

pub struct Consumer {
    pub system: System,
    /// The queue of the messages. Without a queue, a failed message returns after the queue's own visibility timeout.
    pub queue: Option<Queue>,
}

impl Consumer {
    /// The time that an invocation has for its batch.
    pub fn remaining(&self, context: &Context) -> Duration {
        let limits = limits(Duration::MAX);
        Invocation::start(self.system, &context.request_id, context.deadline, limits).remaining()
    }

    /// Does a piece of work within a time limit. Hides the messages for a pause if the work fails, and writes the log
    /// line.
    pub async fn attend(
        &self,
        context: &Context,
        piece: &Piece,
        longest: Duration,
        work: impl AsyncFnOnce(&Invocation) -> Result<Outcome, Undone>,
        pause: impl FnOnce(Undone) -> Duration,
    ) -> Vec<BatchItemFailure> {
        // After an upstream took all the time, the work may still send a message to a queue.
        let invocation = self.start(context, piece, longest).reserving(queue::TIMEOUT);
        let worked = invocation.run(Box::pin(work(&invocation))).await;
        let undone = match worked {
            Ok(Ok(outcome)) => {
                outcome::log(invocation, outcome.to_log());
                return Vec::new();
            }
            Ok(Err(undone)) => undone,
            Err(Interrupted::OutOfTime) => Undone::Failed(Failure::Unavailable),
            Err(Interrupted::Panicked) => Undone::Failed(Failure::Panicked),
        };
        // If the queue is unavailable, the messages return after the queue's own visibility timeout.
        let _ = self.hide(&invocation, piece, pause(undone)).await;
        let logged = match undone {
            Undone::Unreadable => (Level::Warn, "unreadable", Some("the message is not a job".to_owned())),
            Undone::Failed(failure) => failure.to_log(),
        };
        outcome::log(invocation, logged);
        piece.failures()
    }

    /// Returns an untried piece of work to the queue for a time. A single message is enough for that. If the queue
    /// fails, it is asked once more, since the message would otherwise return much later.
    pub async fn postpone(
        &self,
        context: &Context,
        piece: Piece,
        visibility_timeout: Duration,
    ) -> Vec<BatchItemFailure> {
        let invocation = self.start(context, &piece, Duration::MAX);
        let piece = piece.into_last_sent();
        for _ in 0..2 {
            if invocation.remaining().is_zero() || self.hide(&invocation, &piece, visibility_timeout).await.is_ok() {
                break;
            }
        }
        outcome::log(invocation, Outcome::Queued.to_log());
        piece.failures()
    }

    fn start(&self, context: &Context, piece: &Piece, longest: Duration) -> Invocation {
        let invocation = Invocation::start(self.system, &context.request_id, context.deadline, limits(longest));
        invocation.set("messages", piece.messages.len());
        invocation.set("receives", piece.receives());
        invocation
    }

    async fn hide(
        &self,
        invocation: &Invocation,
        piece: &Piece,
        visibility_timeout: Duration,
    ) -> Result<(), QueueUnavailable> {
        let Some(queue) = &self.queue else { return Ok(()) };
        invocation.set("hiddenForSeconds", visibility_timeout.as_secs());
        let receipts = piece.messages.iter().filter_map(|it| it.receipt_handle.as_deref());
        let receipts: Vec<&str> = receipts.collect();
        // The margin is at most a quarter of the time, and the answer needs some of the margin.
        let limit = queue::TIMEOUT.min(invocation.timeout() / 8);
        queue
            .change_visibility(invocation, &receipts, visibility_timeout, limit)
            .await
    }
}

fn limits(longest: Duration) -> Limits {
    Limits {
        fallback: FALLBACK,
        longest,
        margin: MARGIN,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const TASKS: [&str; 2] = [
        "WT00000000000000000000000000000001",
        "WT00000000000000000000000000000002",
    ];

    fn batch(messages: &[(&str, String, Value)]) -> SqsEvent {
        let records = messages.iter().map(|(id, body, attributes)| {
            json!({
                "messageId": id,
                "receiptHandle": format!("receipt of {id}"),
                "body": body,
                "attributes": attributes,
                "messageAttributes": {},
                "md5OfBody": "",
                "eventSource": "aws:sqs",
                "eventSourceARN": "arn:aws:sqs:eu-west-1:123456789012:q",
                "awsRegion": "eu-west-1",
            })
        });
        let event = json!({ "Records": records.collect::<Vec<_>>() });
        serde_json::from_value(event).unwrap()
    }

    fn received(times: u32, sent_ms: u64) -> Value {
        json!({ "ApproximateReceiveCount": times.to_string(), "SentTimestamp": sent_ms.to_string() })
    }

    fn sync(task: usize) -> String {
        json!({ "sync": { "taskSid": TASKS[task] } }).to_string()
    }

    fn close(task: usize) -> String {
        format!(r#"{{"close":{{"taskSid":"{}","cause":"wrapup"}}}}"#, TASKS[task])
    }

    fn ids(piece: &Piece) -> String {
        piece.failures().into_iter().map(|it| it.item_identifier).collect()
    }

    #[test]
    fn messages_of_one_job_are_one_piece_of_work() {
        let batch = batch(&[
            ("a", sync(0), received(1, 1_000)),
            ("b", close(0), received(1, 2_000)),
            ("c", "{}".to_owned(), received(2, 3_000)),
            ("d", sync(1), json!({})),
            ("e", format!(" {} ", sync(0)), received(7, 5_000)),
            ("f", "{}".to_owned(), received(1, 6_000)),
            ("g", sync(0), received(3, 4_000)),
        ]);
        let second = |seconds| OffsetDateTime::from_unix_timestamp(seconds).ok();
        let summary: Vec<_> = pieces(batch)
            .iter()
            .map(|piece| {
                (
                    ids(piece),
                    piece.job.as_ref().map(Job::to_json),
                    piece.receives(),
                    piece.sent(),
                )
            })
            .collect();
        let expected = [
            ("aeg", Some(sync(0)), 7, second(5)),
            ("b", Some(close(0)), 1, second(2)),
            ("c", None, 2, second(3)),
            ("d", Some(sync(1)), 1, None),
            ("f", None, 1, second(6)),
        ];
        assert_eq!(
            summary,
            expected.map(|(ids, body, receives, sent)| (ids.to_owned(), body, receives, sent))
        );
    }

    #[test]
    fn failure_pause_grows_with_the_receives() {
        for (receives, longest) in [(1, 30), (2, 60), (3, 120), (4, 240), (5, 300), (100, 300)] {
            let [piece] = pieces(batch(&[("a", sync(0), received(receives, 0))]))
                .try_into()
                .unwrap();
            let pause = piece.failure_pause().as_secs_f64();
            let longest = f64::from(longest);
            assert!((longest / 2.0..=longest).contains(&pause), "{receives}: {pause}");
        }
    }

    #[test]
    fn last_sent_message_stands_for_the_others() {
        for (messages, left) in [
            ([("a", 1_000), ("b", 3_000), ("c", 2_000)], "b"),
            ([("a", 1_000), ("b", 1_000), ("c", 1_000)], "c"),
        ] {
            let messages = messages.map(|(id, sent_ms)| (id, sync(0), received(1, sent_ms)));
            let [piece] = pieces(batch(&messages)).try_into().unwrap();
            assert_eq!(ids(&piece.into_last_sent()), left);
        }
        let unknown = [("a", sync(0), received(1, 1_000)), ("b", sync(0), json!({}))];
        let [piece] = pieces(batch(&unknown)).try_into().unwrap();
        assert_eq!(ids(&piece.into_last_sent()), "ab");
    }

    #[test]
    fn response_names_every_message_that_failed() {
        let answer = |failures| serde_json::to_value(response(failures)).unwrap();
        assert_eq!(answer(vec![]), json!({ "batchItemFailures": [] }));
        let [first, second] = pieces(batch(&[
            ("a", sync(0), json!({})),
            ("b", sync(1), json!({})),
            ("c", sync(0), json!({})),
        ]))
        .try_into()
        .unwrap();
        let failures = ["a", "c", "b"].map(|id| json!({ "itemIdentifier": id }));
        assert_eq!(
            answer(vec![first.failures(), vec![], second.failures()]),
            json!({ "batchItemFailures": failures })
        );
    }

    #[test]
    fn hundred_receives_last_for_hours() {
        let longest: Duration = (0..99).map(|earlier| FAILURES.bound(earlier)).sum();
        // On average, a pause is three quarters of its bound.
        assert_eq!(longest.as_secs() * 3 / 4 / 60, 361);
    }
}
