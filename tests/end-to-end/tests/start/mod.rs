//! A function's start: it stops at once if anything is at fault, and says all of it in one message.

mod configuration;
mod connections;
mod secret;

use std::path::PathBuf;

use end_to_end::{LIMIT, Scene, binaries};
use serde_json::{Value, json};
use simulator::world::{AUTO_CLOSE, DEFERRED, HANDOFF, TASK_EVENTS};
use tokio::process::Command;

const FUNCTIONS: [&str; 4] = [TASK_EVENTS, HANDOFF, AUTO_CLOSE, DEFERRED];

/// In every value that no message may repeat.
const PRIVATE: &str = "hunter2";

/// The function's message when it is run with these variables and no others, outside Lambda.
///
/// # Panics
/// If it doesn't end by itself with an exit code of 1, or says anything beside one line of log.
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

/// The function's message when Lambda starts it: the same in the log and in the error.
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

/// The message of a log line which has nothing else in it.
fn message(mut line: Value) -> String {
    let message = line["message"].take();
    assert!(line["timestamp"].take().is_string());
    assert_eq!(
        line,
        json!({ "timestamp": null, "level": "ERROR", "outcome": "not started", "message": null })
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

/// Those of the names that a message has in it.
fn named<'n>(message: &str, names: &[&'n str]) -> Vec<&'n str> {
    names.iter().copied().filter(|name| message.contains(name)).collect()
}
