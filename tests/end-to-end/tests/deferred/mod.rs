//! Session copies and notes on the queue, which `deferred` works on.

mod batches;
mod busy;
mod gone;
mod left_behind;
mod logs;
mod retries;
mod synchronisation;
mod turns;

use std::time::Duration;

use end_to_end::{SESSION_ID, Scene};
use serde_json::{Value, json};
use simulator::exchange::{Answer, Upstream};
use simulator::fault::{Effect, Fault};
use simulator::options::{DEAD_LETTER_QUEUE, Options, QUEUE};
use simulator::world::{DEFERRED, TASK_EVENTS};

use crate::messages::{self, asked};
use crate::webhook::{self, SHORT};

/// A scene with a queue, where webhooks soon give up.
async fn scene() -> Scene {
    scene_with(|_| ()).await
}

async fn scene_with(change: impl FnOnce(&mut Options)) -> Scene {
    Scene::with(|options| {
        options.queue = true;
        options.batching_window = Duration::ZERO;
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

/// Invokes `deferred` with a batch of these messages and their receive counts. Returns the places of the messages that
/// stay on the queue.
pub(crate) async fn deliver(scene: &Scene, messages: &[(&str, u32)]) -> Vec<usize> {
    messages::deliver(scene, DEFERRED, messages).await
}

/// Waits until the queue is empty.
async fn emptied(scene: &Scene) {
    messages::emptied(scene, QUEUE, DEAD_LETTER_QUEUE).await;
}

/// Lets the upstreams recover as soon as a message is on the queue.
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

/// The log lines of `deferred`.
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

/// The text of a session that agrees with the scene's task.
fn as_the_task(scene: &Scene, members: &str) -> String {
    format!(
        r#"{{"flex_session_id":"{SESSION_ID}",{members}"flex_task_sid":"{}","flex_reservation_sid":"{}"}}"#,
        scene.task_sid, scene.reservation_sid
    )
}

/// Attributes with the session's id and these members.
fn attributes(members: &str) -> String {
    format!(r#"{{"session_id":"{SESSION_ID}"{members}}}"#)
}
