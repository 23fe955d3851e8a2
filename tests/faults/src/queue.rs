//! The queues, and the deliveries of their messages to `deferred` and `auto-close` by Lambda.

use std::sync::Arc;
use std::time::Duration;

use http::{Method, Request};
use hyper::body::Bytes;
use serde_json::{Value, json};
use simulator::exchange::Upstream;
use simulator::options::{CLOSE_QUEUE, QUEUE};
use simulator::sqs::queue_url;

use crate::functions::{Ended, auto_close, deferred};
use crate::network::Network;

/// Failed messages return within a quarter of an hour. Messages of a killed function return within 18 minutes.
const LONGEST: Duration = Duration::from_secs(3_600);

/// Pause between two receives.
const BETWEEN_LOOKS: Duration = Duration::from_secs(5);

/// Delivers messages until both queues are empty. Returns the end of each invocation.
pub(crate) async fn drain(network: &Arc<Network>) -> Vec<Ended> {
    let mut ends = Vec::new();
    let is_empty = |queue| network.upstreams.sqs.messages(queue).is_empty();
    let drained = async {
        while !(is_empty(QUEUE) && is_empty(CLOSE_QUEUE)) {
            let before = ends.len();
            for queue in [QUEUE, CLOSE_QUEUE] {
                ends.extend(attend(network, queue).await);
            }
            if ends.len() == before {
                tokio::time::sleep(BETWEEN_LOOKS).await;
            }
        }
    };
    let _ = tokio::time::timeout(LONGEST, drained).await;
    ends
}

/// Delivers the visible messages of a queue. Returns `None` if there are none.
async fn attend(network: &Arc<Network>, queue: &str) -> Option<Ended> {
    let received = sqs(network, "ReceiveMessage", receive(queue)).await;
    let messages = received["Messages"]
        .as_array()
        .filter(|messages| !messages.is_empty())?;
    let ended = match queue {
        CLOSE_QUEUE => auto_close::attend(network, batch(messages)).await,
        _ => deferred::attend(network, batch(messages)).await,
    };
    for message in messages.iter().filter(|message| !is_failed(&ended, message)) {
        let gone = json!({ "QueueUrl": queue_url(queue), "ReceiptHandle": message["ReceiptHandle"] });
        sqs(network, "DeleteMessage", gone).await;
    }
    Some(ended)
}

fn receive(queue: &str) -> Value {
    json!({
        "QueueUrl": queue_url(queue),
        "MaxNumberOfMessages": 10,
        "MessageSystemAttributeNames": ["All"],
    })
}

/// Calls SQS directly to avoid the network's faults.
async fn sqs(network: &Network, operation: &str, body: Value) -> Value {
    let request = Request::builder()
        .method(Method::POST)
        .uri("/")
        .header(
            "authorization",
            "AWS4-HMAC-SHA256 Credential=k/20261122/us-east-1/sqs/aws4_request",
        )
        .header("content-type", "application/x-amz-json-1.0")
        .header("x-amz-target", format!("AmazonSQS.{operation}"))
        .body(Bytes::from(body.to_string()))
        .expect("a request");
    let answer = network.upstreams.answer(Upstream::Sqs, request).await;
    assert!(answer.status.is_success(), "{}", answer.text());
    serde_json::from_slice(&answer.body).unwrap_or_default()
}

/// Lambda's event for received messages.
fn batch(messages: &[Value]) -> Value {
    let record = |message: &Value| {
        json!({
            "messageId": message["MessageId"],
            "receiptHandle": message["ReceiptHandle"],
            "body": message["Body"],
            "attributes": message["Attributes"],
        })
    };
    json!({ "Records": messages.iter().map(record).collect::<Vec<_>>() })
}

fn is_failed(ended: &Ended, message: &Value) -> bool {
    match ended {
        Ended::Answered(report) => {
            let failures = report["batchItemFailures"].as_array().cloned().unwrap_or_default();
            failures
                .iter()
                .any(|failure| failure["itemIdentifier"] == message["MessageId"])
        }
        _ => true,
    }
}
