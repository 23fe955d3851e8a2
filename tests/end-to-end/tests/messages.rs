//! Messages on the queues, and batches of them.

use end_to_end::{LIMIT, Scene, outcome};
use serde_json::{Value, json};
use simulator::exchange::Upstream;
use simulator::sqs::Message;

/// Invokes a function with a batch of these messages and their receive counts. Returns the places of the messages that
/// stay on the queue.
pub(crate) async fn deliver(scene: &Scene, function: &str, messages: &[(&str, u32)]) -> Vec<usize> {
    let records = messages.iter().enumerate().map(|(place, (body, receives))| {
        let attributes = json!({ "ApproximateReceiveCount": receives.to_string() });
        record(place, body, attributes)
    });
    deliver_records(scene, function, records.collect()).await
}

/// A message of a batch.
pub(crate) fn record(place: usize, body: &str, attributes: Value) -> Value {
    json!({
        "messageId": place.to_string(),
        "receiptHandle": format!("receipt-{place}"),
        "body": body,
        "attributes": attributes,
        "eventSource": "aws:sqs",
    })
}

pub(crate) async fn deliver_records(scene: &Scene, function: &str, records: Vec<Value>) -> Vec<usize> {
    let event = json!({ "Records": records }).to_string();
    let invocation = scene.world.lambda.invoke(function, event.into_bytes()).await;
    let response = outcome(&invocation).expect("a response");
    let failures = response["batchItemFailures"].as_array().expect("a list").iter();
    failures
        .map(|failure| failure["itemIdentifier"].as_str().unwrap().parse().unwrap())
        .collect()
}

/// Waits until a queue is empty. Asserts that its dead-letter queue is empty too.
pub(crate) async fn emptied(scene: &Scene, queue: &str, dead_letter_queue: &str) {
    let emptied = scene.world.sqs.wait_for(queue, <[Message]>::is_empty, LIMIT).await;
    assert!(emptied.is_some(), "{:?}", scene.world.sqs.messages(queue));
    assert_eq!(scene.world.sqs.messages(dead_letter_queue), []);
}

/// The queue operations that were requested, with their parameters.
pub(crate) fn asked(scene: &Scene) -> Vec<(String, Value)> {
    let exchanges = scene.world.exchanges.of(Upstream::Sqs);
    let operations = exchanges.iter().map(|exchange| {
        let operation = exchange.header("x-amz-target").unwrap().strip_prefix("AmazonSQS.");
        let request = serde_json::from_slice(&exchange.body).unwrap();
        (operation.unwrap().to_owned(), request)
    });
    operations.collect()
}
