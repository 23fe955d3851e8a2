//! A batch of messages as Lambda gives it, and which of them belong together.

use flex_handoff::aws::job::Job;
use lambda_runtime::Diagnostic;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

/// What Lambda invokes a function with that listens to a queue: what is used of it.
/// <https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html>
#[derive(Debug, Deserialize)]
pub struct Batch {
    #[serde(rename = "Records")]
    records: Vec<Record>,
}

/// A message on its way.
#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Record {
    pub(crate) message_id: String,
    pub(crate) receipt_handle: String,
    body: String,
    attributes: Attributes,
}

#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Attributes {
    approximate_receive_count: String,
    /// In milliseconds of Unix time.
    sent_timestamp: Option<String>,
}

/// Messages that say the same.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Work {
    /// What they say; `None` where one can't be read.
    pub(crate) message: Option<Job>,
    pub(crate) records: Vec<Record>,
}

/// What the function answers: which messages are to come again.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    batch_item_failures: Vec<Failure>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Failure {
    item_identifier: String,
}

/// The function was invoked with something else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotABatch;

impl From<NotABatch> for Diagnostic {
    fn from(_: NotABatch) -> Self {
        Self {
            error_type: "NotABatch".to_owned(),
            error_message: "this is no batch of messages".to_owned(),
        }
    }
}

impl Batch {
    /// The pieces of work in it, in the order of their first messages.
    pub(crate) fn works(self) -> Vec<Work> {
        let mut works: Vec<Work> = Vec::new();
        for record in self.records {
            let message = Job::parse(&record.body);
            let same = works
                .iter_mut()
                .find(|work| message.is_some() && work.message == message);
            match same {
                Some(work) => work.records.push(record),
                None => works.push(Work {
                    message,
                    records: vec![record],
                }),
            }
        }
        works
    }
}

impl Work {
    /// How often the message that has been received most was received.
    pub(crate) fn receives(&self) -> u32 {
        let counts = self
            .records
            .iter()
            .map(|record| &record.attributes.approximate_receive_count);
        counts.filter_map(|count| count.parse().ok()).max().unwrap_or(1)
    }

    /// When the last of its messages was left, if that is known of all.
    pub(crate) fn left(&self) -> Option<OffsetDateTime> {
        let times = self.records.iter().map(|record| {
            let milliseconds: i128 = record.attributes.sent_timestamp.as_ref()?.parse().ok()?;
            OffsetDateTime::from_unix_timestamp_nanos(milliseconds.checked_mul(1_000_000)?).ok()
        });
        times.collect::<Option<Vec<_>>>()?.into_iter().max()
    }
}

impl Report {
    /// Names all messages of a piece of work that has to be tried again.
    pub(crate) fn add(&mut self, work: Work) {
        let ids = work.records.into_iter().map(|record| Failure {
            item_identifier: record.message_id,
        });
        self.batch_item_failures.extend(ids);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const TASKS: [&str; 2] = [
        "WT00000000000000000000000000000001",
        "WT00000000000000000000000000000002",
    ];
    const RESERVATION: &str = "WR00000000000000000000000000000001";

    fn batch(messages: &[(&str, String, u32)]) -> Batch {
        let records = messages.iter().map(|(id, body, receives)| {
            json!({
                "messageId": id,
                "receiptHandle": format!("receipt of {id}"),
                "body": body,
                "attributes": { "ApproximateReceiveCount": receives.to_string(), "SentTimestamp": "1" },
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

    fn sync(task: usize) -> String {
        json!({ "sync": { "taskSid": TASKS[task] } }).to_string()
    }

    fn close(task: usize) -> String {
        format!(
            r#"{{"close":{{"taskSid":"{}","reservationSid":"{RESERVATION}"}}}}"#,
            TASKS[task]
        )
    }

    #[test]
    fn messages_that_say_the_same_are_one_piece_of_work() {
        let unreadable = || "{}".to_owned();
        let works = batch(&[
            ("a", sync(0), 1),
            ("b", close(0), 1),
            ("c", unreadable(), 2),
            ("d", sync(1), 1),
            ("e", sync(0), 7),
            ("f", unreadable(), 1),
            ("g", sync(0), 3),
        ])
        .works();
        let summary: Vec<_> = works
            .iter()
            .map(|work| {
                let ids: String = work.records.iter().map(|record| record.message_id.as_str()).collect();
                (ids, work.message.as_ref().map(Job::to_json), work.receives())
            })
            .collect();
        let expected = [
            ("aeg", Some(sync(0)), 7),
            ("b", Some(close(0)), 1),
            ("c", None, 2),
            ("d", Some(sync(1)), 1),
            ("f", None, 1),
        ];
        assert_eq!(
            summary,
            expected.map(|(ids, body, receives)| (ids.to_owned(), body, receives))
        );
    }

    #[test]
    fn the_report_names_every_message_of_what_failed() {
        let mut report = Report::default();
        assert_eq!(
            serde_json::to_value(&report).unwrap(),
            json!({ "batchItemFailures": [] })
        );
        for work in batch(&[("a", sync(0), 1), ("b", sync(0), 1)]).works() {
            report.add(work);
        }
        let expected = json!({ "batchItemFailures": [{ "itemIdentifier": "a" }, { "itemIdentifier": "b" }] });
        assert_eq!(serde_json::to_value(&report).unwrap(), expected);
    }
}
