use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Value, json};
use simulator::lambda::{Function, Invocation};

use crate::{context, function, host, host_with_init, invoke, json_of};

#[tokio::test]
async fn a_function_s_error_is_passed_on_as_it_was_reported() {
    let host = host(function()).await;
    let (error, _) = failure(invoke(&host, json!({"do": "fail"})).await);
    assert_eq!(error["errorType"], "Refused");
    assert_eq!(error["errorMessage"], "I was told to fail");
}

#[tokio::test]
async fn a_function_that_exits_fails_with_its_exit_status() {
    let host = host(function()).await;
    let (error, id) = failure(invoke(&host, json!({"do": "exit"})).await);
    assert_eq!(error, runtime_exit(&id, "Runtime exited with error: exit status 7"));
}

#[tokio::test]
async fn a_function_that_aborts_fails_with_the_signal() {
    let host = host(function()).await;
    let (error, id) = failure(invoke(&host, json!({"do": "abort"})).await);
    assert_eq!(error, runtime_exit(&id, "Runtime exited with error: signal: aborted"));
}

#[tokio::test]
async fn the_invocation_after_a_crash_starts_a_new_environment() {
    let host = host(function()).await;
    invoke(&host, json!({"do": "exit"})).await;
    assert!(context(&host).await["process"].is_u64());
    assert_eq!(host.logs("misbehaving"), ["started", "started"]);
}

#[tokio::test]
async fn a_function_past_its_time_out_is_killed() {
    let host = host(Function {
        timeout: Duration::from_millis(50),
        ..function()
    })
    .await;
    let (error, id) = failure(invoke(&host, json!({"do": "hang"})).await);
    let message = format!("RequestId: {id} Error: Task timed out after 0.05 seconds");
    assert_eq!(error, json!({"errorType": "Sandbox.Timedout", "errorMessage": message}));
    host.deploy(function());
    assert_eq!(invoke(&host, json!({"do": "echo"})).await.function_error, None);
}

#[tokio::test]
async fn environments_can_be_killed_in_the_middle_of_an_invocation() {
    let host = host(function()).await;
    context(&host).await;
    let (invocation, ()) = tokio::join!(invoke(&host, json!({"do": "hang"})), async {
        // The invocation was polled first, so it already has its environment.
        tokio::task::yield_now().await;
        host.kill_environments("misbehaving");
    });
    let (error, id) = failure(invocation);
    assert_eq!(error, runtime_exit(&id, "Runtime exited with error: signal: killed"));
    assert_eq!(invoke(&host, json!({"do": "echo"})).await.function_error, None);
}

#[tokio::test]
async fn an_init_error_is_the_answer_of_the_invocation() {
    let host = host_with_init("error").await;
    let (error, _) = failure(invoke(&host, json!({})).await);
    assert_eq!(
        error,
        json!({"errorType": "Config", "errorMessage": "COLOUR is missing"})
    );
}

#[tokio::test]
async fn a_function_that_exits_while_it_starts_fails_with_its_exit_status() {
    let host = host_with_init("exit").await;
    let (error, id) = failure(invoke(&host, json!({})).await);
    assert_eq!(error, runtime_exit(&id, "Runtime exited with error: exit status 3"));
}

#[tokio::test(start_paused = true)]
async fn a_function_that_hangs_while_it_starts_is_started_again_within_its_own_time_out() {
    let host = host_with_init("hang").await;
    let begun = tokio::time::Instant::now();
    let (error, id) = failure(invoke(&host, json!({})).await);
    let message = format!("RequestId: {id} Error: Task timed out after 3.00 seconds");
    assert_eq!(error, json!({"errorType": "Sandbox.Timedout", "errorMessage": message}));
    assert_eq!(begun.elapsed().as_secs(), 10 + 3);
}

#[tokio::test]
async fn a_binary_that_is_not_there_fails_with_its_path() {
    let host = host(Function {
        binary: PathBuf::from("/nowhere/bootstrap"),
        ..function()
    })
    .await;
    let (error, id) = failure(invoke(&host, json!({})).await);
    assert_eq!(error["errorType"], "Runtime.InvalidEntrypoint");
    let message = error["errorMessage"].as_str().unwrap();
    assert!(
        message.starts_with(&format!("RequestId: {id} Error: /nowhere/bootstrap: ")),
        "{message}"
    );
}

#[tokio::test]
async fn an_answer_over_six_mebibytes_is_an_error() {
    let host = host(function()).await;
    let answer = "x".repeat(6 * 1024 * 1024 + 99);
    let (error, _) = failure(invoke(&host, json!({"do": "answer", "answer": answer})).await);
    assert_eq!(error["errorType"], "Function.ResponseSizeTooLarge");
}

/// The error and the request's id.
pub(crate) fn failure(invocation: Invocation) -> (Value, String) {
    assert_eq!(invocation.function_error.as_deref(), Some("Unhandled"));
    (json_of(&invocation.payload), invocation.request_id)
}

pub(crate) fn runtime_exit(request_id: &str, reason: &str) -> Value {
    json!({"errorType": "Runtime.ExitError", "errorMessage": format!("RequestId: {request_id} Error: {reason}")})
}
