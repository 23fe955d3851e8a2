//! Invocations of the actions by the AI platform.

use serde_json::Value;

use super::Play;
use super::stopped::{Stopped, broken};
use crate::members::Members;

/// The error of an action.
pub(super) struct ActionError {
    pub(super) kind: String,
    pub(super) message: String,
}

impl ActionError {
    pub(super) fn unexpected(&self, action: &str) -> Stopped {
        let step = format!("{action} answers");
        broken(&step, "no error", format!("{}: {}", self.kind, self.message))
    }
}

impl Play {
    /// Invokes an action and waits until its effects are over.
    pub(super) async fn invoke(
        &mut self,
        action: &str,
        request: &Members,
    ) -> Result<Result<Members, ActionError>, Stopped> {
        let payload = request.text().into_bytes();
        let invocation = self.world.lambda.invoke(action, payload).await;
        self.settle().await?;
        let text = String::from_utf8_lossy(&invocation.payload);
        if invocation.function_error.is_some() {
            let error: Value = serde_json::from_str(&text).unwrap_or_default();
            let field = |name: &str| error[name].as_str().unwrap_or_default().to_owned();
            return Ok(Err(ActionError {
                kind: field("errorType"),
                message: field("errorMessage"),
            }));
        }
        let answer = Members::parse(&text);
        let answer = answer.map_err(|_| broken(&format!("{action} answers"), "a JSON object", &text))?;
        Ok(Ok(answer))
    }

    /// Invokes an action that has to succeed.
    pub(super) async fn succeed(&mut self, action: &str, request: &Members) -> Result<Members, Stopped> {
        let outcome = self.invoke(action, request).await?;
        outcome.map_err(|error| error.unexpected(action))
    }
}

/// The values of some members as one text.
pub(super) fn values<const N: usize>(answer: &Members, names: [&str; N]) -> String {
    let value = |name: &&str| answer.get(name).unwrap_or("nothing").trim_matches('"').to_owned();
    names.iter().map(value).collect::<Vec<_>>().join(", ")
}
