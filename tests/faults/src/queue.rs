//! The queue, and Lambda, which delivers its messages to `deferred`.

use std::sync::Arc;
use std::time::Duration;

use http::{Method, Request};
use hyper::body::Bytes;
use serde_json::{Value, json};
use simulator::exchange::Upstream;
use simulator::options::QUEUE;
use simulator::sqs::queue_url;

use crate::functions::Ended;
use crate::functions::deferred::attend;
use crate::network::Network;

/// Failed messages return within a quarter of an hour, and messages of a killed function within 6 minutes.
const LONGEST: Duration = Duration::from_secs(3_600);

/// Pause between two receives.
const BETWEEN_LOOKS: Duration = Duration::from_secs(5);

/// Delivers messages until the queue is empty. Returns the end of each invocation.
pub(crate) async fn drain(network: &Arc<Network>) -> Vec<Ended> {
    let mut ends = Vec::new();
    let drained = async {
        while !network.upstreams.sqs.messages(QUEUE).is_empty() {
            let received = sqs(network, "ReceiveMessage", receive()).await;
            let messages = received["Messages"].as_array().cloned().unwrap_or_default();
            if messages.is_empty() {
                tokio::time::sleep(BETWEEN_LOOKS).await;
                continue;
            }
            let ended = attend(network, batch(&messages)).await;
            for message in messages.iter().filter(|message| !is_failed(&ended, message)) {
                let gone = json!({ "QueueUrl": queue_url(QUEUE), "ReceiptHandle": message["ReceiptHandle"] });
                sqs(network, "DeleteMessage", gone).await;
            }
            ends.push(ended);
        }
    };
    let _ = tokio::time::timeout(LONGEST, drained).await;
    ends
}

fn receive() -> Value {
    json!({
        "QueueUrl": queue_url(QUEUE),
        "MaxNumberOfMessages": 10,
        "MessageSystemAttributeNames": ["All"],
    })
}

/// Calls SQS directly, not through the network with its faults.
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
