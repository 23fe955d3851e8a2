//! Tests whether a worker is in a queue or matches an expression.

use serde_json::Value;
use workflow::{Expression, Scope};

use crate::twilio::account::Twilio;
use crate::twilio::refusal::Refusal;
use crate::twilio::taskrouter::model::{TaskQueue, Worker};
use crate::twilio::taskrouter::workspace::Workspace;

/// Reads an expression from a query. Counts towards the limit on lists with expressions.
pub(super) fn expression(twilio: &Twilio, name: &str, text: &str) -> Result<Expression, Refusal> {
    twilio.admit_evaluation()?;
    text.parse()
        .map_err(|error| Refusal::invalid(format!("{name}: {error}")))
}

/// Whether an expression holds for a worker.
pub(super) fn holds_for(expression: &Expression, workspace: &Workspace, worker: &Worker) -> bool {
    expression
        .evaluate(&Scope::Worker(&workspace.in_expressions(worker)))
        .holds
}

/// Whether a worker is in a queue.
pub(super) fn is_in(queue: &TaskQueue, workspace: &Workspace, worker: &Worker) -> bool {
    let targets = queue.expression.as_ref();
    targets.is_some_and(|targets| holds_for(targets, workspace, worker))
}

/// Whether a worker with these attributes would be in a queue.
pub(super) fn would_be_in(queue: &TaskQueue, attributes: &Value) -> bool {
    let worker = workflow::Worker {
        sid: String::new(),
        friendly_name: String::new(),
        attributes: attributes.clone(),
        activity: workflow::Activity {
            sid: String::new(),
            name: String::new(),
            available: true,
        },
        channels: [].into(),
        idle: std::time::Duration::ZERO,
    };
    let targets = queue.expression.as_ref();
    targets.is_some_and(|targets| targets.evaluate(&Scope::Worker(&worker)).holds)
}
