//! The end of a host while invocations are still to come.

use std::time::Duration;

use reqwest::StatusCode;
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::concurrency::{call, occupy};
use crate::failures::{failure, runtime_exit};
use crate::{function, host, invoke, json_of};

/// Longer than a host takes to stop, and shorter than the function's timeout.
const LIMIT: Duration = Duration::from_secs(10);

#[tokio::test]
async fn invocation_that_begins_during_the_stop_fails() {
    let host = host(function()).await;
    host.limit_concurrency(1);
    occupy(&host).await;
    let stopped = async {
        tokio::join!(
            biased;
            // Has found its function, and waits for the other invocation.
            invoke(&host, json!({"do": "echo"})),
            // Kills the other invocation, and waits for its process.
            host.stop(),
            async { host.limit_concurrency(2) },
        )
    };
    let (late, ..) = timeout(LIMIT, stopped).await.expect("the host stops");
    let (error, id) = failure(late);
    assert_eq!(error, killed(&id));
}

#[tokio::test]
async fn retry_after_the_stop_starts_no_process() {
    let host = host(function()).await;
    let mut changed = host.changed();
    let (status, ..) = call(&host, "misbehaving", "Event", json!({"do": "hang"})).await;
    assert_eq!(status, StatusCode::ACCEPTED);
    changed.changed().await.unwrap();
    host.stop().await;
    timeout(LIMIT, host.events_settled()).await.expect("no retry hangs");
    let failed = host.failed_events();
    let errors: Vec<Value> = failed.iter().map(|event| json_of(&event.response_payload)).collect();
    assert_eq!(errors, [killed(&failed[0].request_id)]);
}

fn killed(request_id: &str) -> Value {
    runtime_exit(request_id, "Runtime exited with error: signal: killed")
}
