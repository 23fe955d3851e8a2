//! A function exits at the start if anything is invalid. The message names every fault.

mod configuration;
mod connections;
mod secret;

use std::path::PathBuf;

use end_to_end::{LIMIT, Scene, binaries};
use serde_json::{Value, json};
use simulator::world::{AUTO_CLOSE, DEFERRED, HANDOFF, TASK_EVENTS};
use tokio::process::Command;

const FUNCTIONS: [&str; 4] = [TASK_EVENTS, HANDOFF, AUTO_CLOSE, DEFERRED];

/// A part of every value that no message may repeat.
const PRIVATE: &str = "hunter2";

/// The message of a function that is run outside Lambda with exactly these variables.
///
/// # Panics
/// If the function does not exit with code 1 or writes more than one log line.
async fn stopped(function: &str, variables: &[(&str, &str)]) -> String {
    let mut command = Command::new(binary(function));
    command.env_clear().envs(variables.iter().copied()).kill_on_drop(true);
    let output = tokio::time::timeout(LIMIT, command.output()).await;
    let output = output.expect("it ends by itself").expect("it can be run");
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    let line = String::from_utf8(output.stdout).expect("text");
    message(serde_json::from_str(&line).expect("one line of JSON"))
}

/// The message of a function that Lambda starts. The log and the error both contain the message.
async fn stopped_in_lambda(scene: &Scene, function: &str) -> String {
    let invocation = scene.world.lambda.invoke(function, b"{}".to_vec()).await;
    assert_eq!(invocation.function_error.as_deref(), Some("Unhandled"));
    let mut error: Value = serde_json::from_slice(&invocation.payload).expect("an error is JSON");
    let reported = error["errorMessage"].take();
    assert_eq!(
        error,
        json!({ "errorType": "Runtime.NotStarted", "errorMessage": null, "stackTrace": [] })
    );
    // Lambda tries twice.
    let [first, second] = <[Value; 2]>::try_from(scene.log(function))
        .expect("a line for each start")
        .map(message);
    assert_eq!([&first, &second], [reported.as_str().expect("a text"); 2]);
    first
}

/// The message of a log line that contains nothing else.
fn message(mut line: Value) -> String {
    let message = line["message"].take();
    for varies in ["timestamp", "function", "version"] {
        assert!(line[varies].take().is_string(), "no {varies} in {line}");
    }
    assert_eq!(
        line,
        json!({ "timestamp": null, "function": null, "version": null, "level": "ERROR", "outcome": "not-started", "message": null })
    );
    let message = message.as_str().expect("a text").to_owned();
    assert!(!message.contains(PRIVATE), "{message}");
    message
}

fn binary(function: &str) -> PathBuf {
    let binaries = binaries();
    match function {
        TASK_EVENTS => binaries.task_events,
        HANDOFF => binaries.handoff,
        AUTO_CLOSE => binaries.auto_close,
        _ => binaries.deferred,
    }
}

/// The names that occur in a message.
fn named<'n>(message: &str, names: &[&'n str]) -> Vec<&'n str> {
    names.iter().copied().filter(|name| message.contains(name)).collect()
}
