//! Failed invocations, and Lambda's answers for them.

use std::io;
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;
use std::time::Duration;

use serde_json::json;

/// The reason why an invocation failed.
#[derive(Debug)]
pub(super) enum Failure {
    /// The function's own error, as posted to the Runtime API.
    Reported(Vec<u8>),
    /// The function's answer exceeds Lambda's limit.
    ResponseTooLarge { limit: usize },
    /// The process ended.
    Exited(ExitStatus),
    /// The process exceeded its timeout and was killed.
    TimedOut(Duration),
    /// The process could not be started or watched.
    NotStarted(io::Error),
}

impl Failure {
    /// Lambda's payload for the failure: `errorType`, and an `errorMessage` that begins with the request id.
    pub(super) fn into_payload(self, request_id: &str) -> Vec<u8> {
        let (error_type, reason) = match self {
            Self::Reported(payload) => return payload,
            Self::ResponseTooLarge { limit } => (
                "Function.ResponseSizeTooLarge",
                format!("Response payload size exceeded maximum allowed payload size ({limit} bytes)."),
            ),
            Self::Exited(status) => ("Runtime.ExitError", exit_reason(status)),
            Self::TimedOut(timeout) => (
                "Sandbox.Timedout",
                format!("Task timed out after {:.2} seconds", timeout.as_secs_f64()),
            ),
            Self::NotStarted(error) => ("Runtime.InvalidEntrypoint", error.to_string()),
        };
        let message = format!("RequestId: {request_id} Error: {reason}");
        json!({"errorType": error_type, "errorMessage": message})
            .to_string()
            .into_bytes()
    }
}

/// Lambda's wording, which is Go's wording for process exits.
fn exit_reason(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(0), _) => "Runtime exited without providing a reason".to_owned(),
        (Some(code), _) => format!("Runtime exited with error: exit status {code}"),
        (None, Some(6)) => "Runtime exited with error: signal: aborted".to_owned(),
        (None, Some(9)) => "Runtime exited with error: signal: killed".to_owned(),
        (None, Some(11)) => "Runtime exited with error: signal: segmentation fault".to_owned(),
        (None, signal) => format!("Runtime exited with error: signal {}", signal.unwrap_or_default()),
    }
}
