//! Invocations that can do no harm: missing tasks and batches without messages.

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::{Trial, functions};
use crate::aws::{Aws, Stack};

/// The SID of a task that no account has.
const NO_TASK: &str = "WT00000000000000000000000000000000";

/// The answer that a function must give.
enum Expected {
    /// The function has reached Twilio with the credentials of its secret.
    TaskNotFound,
    NothingFailed,
}

pub(super) async fn trials(aws: &Aws, stack: &Stack) -> Vec<Trial> {
    let invoked = functions(stack).filter_map(|(function, name)| {
        let (event, expected) = invocation(function)?;
        Some(async move {
            let failure = match aws.invoke(name, &event).await {
                Ok(answer) => fault(&answer.payload, answer.failed, &expected)
                    .or_else(|| other_version(answer.version.as_deref(), stack)),
                Err(error) => Some(error.to_string()),
            };
            let what = match expected {
                Expected::TaskNotFound => format!("{name} starts, reads its secret and asks Twilio for a task"),
                Expected::NothingFailed => format!("{name} starts, and takes an empty batch"),
            };
            Trial::new(what, failure)
        })
    });
    join_all(invoked).await
}

/// The event for a function, or `None` if HTTP requests reach the function.
fn invocation(function: &str) -> Option<(Value, Expected)> {
    match function {
        "Handoff" => {
            let event = json!({
                "taskSid": NO_TASK,
                "reason": "connect smoke",
                "summary": "connect smoke",
                "sentiment": "neutral",
                "language": "en",
            });
            Some((event, Expected::TaskNotFound))
        }
        "Resolve" => Some((json!({"taskSid": NO_TASK}), Expected::TaskNotFound)),
        "Reply" => {
            let event = json!({"taskSid": NO_TASK, "messageId": "connect-smoke", "text": "smoke"});
            Some((event, Expected::TaskNotFound))
        }
        "Deferred" | "AutoClose" => Some((json!({"Records": []}), Expected::NothingFailed)),
        _ => None,
    }
}

/// Reports that the code's version differs from the stack's.
fn other_version(version: Option<&str>, stack: &Stack) -> Option<String> {
    let deployed = stack.outputs.get("Version");
    let deployed = deployed.map_or(env!("CARGO_PKG_VERSION"), String::as_str);
    let version = version.filter(|version| *version != deployed)?;
    Some(format!(
        "Its code is of version {version}, and the stack of version {deployed}: run sam build and deploy again."
    ))
}

/// The difference between the answer and the expected answer.
fn fault(payload: &Value, failed: bool, expected: &Expected) -> Option<String> {
    let error = payload["errorType"].as_str();
    let is_good = match expected {
        Expected::TaskNotFound => error == Some("TaskNotFound"),
        Expected::NothingFailed => !failed && payload["batchItemFailures"] == json!([]),
    };
    let said = payload["errorMessage"].as_str().unwrap_or_default();
    let advice = match error {
        _ if is_good => return None,
        Some("Refused") => {
            "Twilio refused its credentials. Compare account_sid, auth_token and the API key in the secret with the Console."
        }
        Some("Unavailable") => "An upstream can't be reached, or the secret can't be read: its log says which.",
        Some(error) if error.starts_with("Runtime.") => {
            "It doesn't start. Its log names the variable or the field of the secret that is wrong."
        }
        _ => "It answered something else than it must. Look at its log.",
    };
    Some(format!("{} {said} {advice}", error.unwrap_or("No error.")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_good_or_comes_with_advice() {
        let not_found = json!({"errorType": "TaskNotFound", "errorMessage": "no such task"});
        assert_eq!(fault(&not_found, true, &Expected::TaskNotFound), None);
        assert_eq!(
            fault(&json!({"batchItemFailures": []}), false, &Expected::NothingFailed),
            None
        );
        for (payload, failed, expected, advice) in [
            (
                json!({"errorType": "Refused"}),
                true,
                Expected::TaskNotFound,
                "credentials",
            ),
            (
                json!({"errorType": "Unavailable"}),
                true,
                Expected::TaskNotFound,
                "can't be reached",
            ),
            (
                json!({"errorType": "Runtime.ExitError"}),
                true,
                Expected::NothingFailed,
                "doesn't start",
            ),
            (json!({}), false, Expected::NothingFailed, "something else"),
            (json!(null), false, Expected::TaskNotFound, "something else"),
        ] {
            let fault = fault(&payload, failed, &expected).unwrap();
            assert!(fault.contains(advice), "{fault}");
        }
    }
}
