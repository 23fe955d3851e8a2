//! Work that a webhook puts on the queue, and that `deferred` does.

mod batches;
mod busy;
mod closing;
mod gone;
mod left_behind;
mod logs;
mod retries;
mod synchronisation;

use end_to_end::{LIMIT, SESSION_ID, Scene, outcome};
use serde_json::{Value, json};
use simulator::exchange::{Answer, Upstream};
use simulator::fault::{Effect, Fault};
use simulator::options::{DEAD_LETTER_QUEUE, Options, QUEUE};
use simulator::sqs::Message;
use simulator::world::{DEFERRED, TASK_EVENTS};

use crate::webhook::{self, SHORT};

/// A scene with a queue, whose webhooks give up soon.
async fn scene() -> Scene {
    scene_with(|_| ()).await
}

async fn scene_with(change: impl FnOnce(&mut Options)) -> Scene {
    Scene::with(|options| {
        options.queue = true;
        options.task_events.timeout = SHORT;
        change(options);
    })
    .await
}

/// The message to synchronise the scene's task.
fn sync(scene: &Scene) -> String {
    sync_of(&scene.task_sid)
}

pub(crate) fn sync_of(task_sid: &str) -> String {
    json!({ "sync": { "taskSid": task_sid } }).to_string()
}

/// Invokes `deferred` with a batch of these messages, each received so often, and returns the places of those that it
/// wants again.
pub(crate) async fn deliver(scene: &Scene, messages: &[(&str, u32)]) -> Vec<usize> {
    let records = messages.iter().enumerate().map(|(place, (body, receives))| {
        let attributes = json!({ "ApproximateReceiveCount": receives.to_string() });
        record(place, body, attributes)
    });
    deliver_records(scene, records.collect()).await
}

/// A message of a batch.
fn record(place: usize, body: &str, attributes: Value) -> Value {
    json!({
        "messageId": place.to_string(),
        "receiptHandle": format!("receipt-{place}"),
        "body": body,
        "attributes": attributes,
        "eventSource": "aws:sqs",
    })
}

async fn deliver_records(scene: &Scene, records: Vec<Value>) -> Vec<usize> {
    let event = json!({ "Records": records }).to_string();
    let invocation = scene.world.lambda.invoke(DEFERRED, event.into_bytes()).await;
    let report = outcome(&invocation).expect("a report");
    let failures = report["batchItemFailures"].as_array().expect("a list").iter();
    failures
        .map(|failure| failure["itemIdentifier"].as_str().unwrap().parse().unwrap())
        .collect()
}

/// Waits until the queue is empty.
async fn emptied(scene: &Scene) {
    let emptied = scene.world.sqs.wait_for(QUEUE, <[Message]>::is_empty, LIMIT).await;
    assert!(emptied.is_some(), "{:?}", scene.world.sqs.messages(QUEUE));
    assert_eq!(scene.world.sqs.messages(DEAD_LETTER_QUEUE), []);
}

/// The operations requested of the queue, with their parameters.
fn asked(scene: &Scene) -> Vec<(String, Value)> {
    let exchanges = scene.world.exchanges.of(Upstream::Sqs);
    let operations = exchanges.iter().map(|exchange| {
        let operation = exchange.header("x-amz-target").unwrap().strip_prefix("AmazonSQS.");
        let request = serde_json::from_slice(&exchange.body).unwrap();
        (operation.unwrap().to_owned(), request)
    });
    operations.collect()
}

/// The upstreams recover as soon as a message is on the queue.
fn until_a_message_is_left(scene: &Scene) {
    let faults = scene.world.faults.clone();
    let is_left = Fault::at(Upstream::Sqs).before(Effect::run(move || faults.clear()));
    scene.world.faults.add(is_left);
}

/// The bodies of the messages that were sent.
fn left(scene: &Scene) -> Vec<String> {
    let sent = asked(scene)
        .into_iter()
        .filter(|(operation, _)| operation == "SendMessage");
    sent.map(|(_, request)| request["MessageBody"].as_str().unwrap().to_owned())
        .collect()
}

/// Sends `task-events` an event of the scene's task.
async fn tell(scene: &Scene) -> webhook::Answer {
    webhook::tell(scene, TASK_EVENTS, "task.updated").await
}

/// The log of `deferred`, line by line.
fn log(scene: &Scene) -> Vec<Value> {
    webhook::log(scene, DEFERRED)
}

fn at_write() -> Fault {
    Fault::at(Upstream::SessionApi).method(http::Method::PATCH)
}

fn status(status: u16) -> Effect {
    Effect::Answer(Answer::status(status).body("{}"))
}

/// The session, as JSON text.
fn session(scene: &Scene) -> String {
    let data = scene.world.session_api.custom_data(SESSION_ID);
    serde_json::to_string(&data.expect("there is such a session")).unwrap()
}

/// The session's text once it agrees with the scene's task.
fn as_the_task(scene: &Scene, members: &str) -> String {
    format!(
        r#"{{"flex_session_id":"{SESSION_ID}",{members}"flex_task_sid":"{}","flex_reservation_sid":"{}"}}"#,
        scene.task_sid, scene.reservation_sid
    )
}

/// Attributes of the scene's task: the session's id, and these members.
fn attributes(members: &str) -> String {
    format!(r#"{{"session_id":"{SESSION_ID}"{members}}}"#)
}
