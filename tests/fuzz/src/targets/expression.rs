//! An expression of a workflow.

use serde_json::json;
use workflow::{Expression, OrderBy, Scope};

/// The input is tried as an expression, as a queue's target workers and as an order.
pub(super) fn run(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    match text.parse::<Expression>() {
        Ok(expression) => check(&expression),
        Err(error) => {
            let line = text.split('\n').nth(error.position.line - 1);
            let longest = line.map_or(0, |line| line.chars().count()) + 1;
            assert!((1..=longest).contains(&error.position.column), "{error:?}");
            assert!(error.to_string().ends_with('^'));
        }
    }
    let _ = workflow::TaskQueue::read_target_workers(text);
    if let Ok(order) = text.parse::<OrderBy>() {
        assert!(order.to_string().parse() == Ok(order));
    }
}

/// Checks that the printed expression parses to the same expression and can be evaluated against anything.
fn check(expression: &Expression) {
    let printed = expression.to_string();
    assert!(printed.parse::<Expression>().as_ref() == Ok(expression), "{printed}");
    let task = json!({
        "tier": "gold", "age": 7, "share": 0.5, "handedOff": true, "none": null,
        "tags": ["a", "b", 1, true], "deep": {"er": {"in": [[1], {"x": "y"}]}},
    });
    for scope in [&task, &json!(null), &json!([])] {
        let evaluation = expression.evaluate(&Scope::Task(scope));
        assert!(!evaluation.to_string().is_empty());
    }
}
