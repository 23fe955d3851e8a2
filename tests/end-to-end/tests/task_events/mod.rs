//! `task-events` keeps a session's custom data in step with its task.

mod close_queue;
mod convergence;
mod faults;
mod filter;
mod flattening;
mod platforms;
mod queue;
mod redelivery;
mod reservation;
mod session;
mod two_tasks;

use end_to_end::{SESSION_ID, Scene, binaries};
use http::Method;
use serde_json::Value;
use simulator::exchange::Upstream;
use simulator::fault::Fault;
use simulator::options::{FunctionOptions, Options};
use simulator::world::TASK_EVENTS;

use crate::webhook::{self, Answer};

/// Sends an event about the scene's task or the AI's reservation.
async fn tell(scene: &Scene, event_type: &str) -> Answer {
    webhook::tell(scene, TASK_EVENTS, event_type).await
}

/// Sends an event about the scene's task and asserts that it was handled.
async fn synchronise(scene: &Scene) {
    assert_eq!(tell(scene, "task.updated").await, webhook::no_content());
    assert_eq!(log(scene)["outcome"], "done");
}

/// A scene with changed variables for `task-events`.
async fn scene_with(change: impl FnOnce(&mut FunctionOptions)) -> Scene {
    Scene::with(|options| change(&mut options.task_events)).await
}

/// A scene whose `SESSION_URL` has this path and query.
async fn scene_with_session_url(path: &str) -> Scene {
    let scene = Scene::start().await;
    let mut options = Options {
        callbacks: false,
        ..Options::default()
    };
    let base = scene.world.server(Upstream::SessionApi).url();
    options.task_events.set("SESSION_URL", &format!("{base}{path}"));
    scene.world.deploy(&binaries(), &options);
    scene
}

/// The last line of the log.
fn log(scene: &Scene) -> Value {
    webhook::log(scene, TASK_EVENTS).pop().expect("there was an invocation")
}

/// The session's custom data, as JSON text.
fn session(scene: &Scene) -> String {
    let data = scene
        .world
        .session_api
        .custom_data(SESSION_ID)
        .expect("there is such a session");
    serde_json::to_string(&data).expect("custom data can be written")
}

/// The bodies of all writes to the session API.
fn written(scene: &Scene) -> Vec<String> {
    let exchanges = scene.world.exchanges.of(Upstream::SessionApi);
    let patches = exchanges.iter().filter(|exchange| exchange.method == Method::PATCH);
    patches.map(|patch| patch.text()).collect()
}

/// A fault at reads of the task itself.
fn at_read(scene: &Scene) -> Fault {
    Fault::at(Upstream::TaskRouter)
        .method(Method::GET)
        .path_ends_with(scene.task_sid.clone())
}

/// A fault at writes of the session.
fn at_write() -> Fault {
    Fault::at(Upstream::SessionApi).method(Method::PATCH)
}

/// Custom data as written, with these members between the session's id and the task's SID.
fn custom_data(scene: &Scene, members: &str) -> String {
    let comma = if members.is_empty() { "" } else { "," };
    format!(
        r#"{{"flex_session_id":"{SESSION_ID}"{comma}{members},"flex_task_sid":"{}"}}"#,
        scene.task_sid
    )
}

/// Gives the scene's task these attributes beside the session's id.
fn set(scene: &Scene, members: &str) {
    scene.set_attributes(&attributes(members));
}

fn attributes(members: &str) -> String {
    let comma = if members.is_empty() { "" } else { "," };
    format!(r#"{{"session_id":"{SESSION_ID}"{comma}{members}}}"#)
}
