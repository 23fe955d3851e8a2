//! A target's expression with the values of one worker.

use serde_json::Value;

use crate::expression::{Comparison, Expression, Node, Operand, Path, Segment, find};
use crate::worker::Worker;

/// Fields of a worker that change while the worker works.
const CHANGING: [&str; 3] = ["activity_sid", "activity_name", "channel"];

impl Expression {
    /// Turns a target's expression into a filter's. The worker's values replace the worker's names. The task's names
    /// lose their prefix. The [`example`](crate::example()) of the result is a task that may go to the worker. Names of
    /// the worker's activity and channels stay because their values change.
    ///
    /// ```
    /// # use workflow::{Activity, Worker};
    /// # let attributes = serde_json::json!({"skills": ["billing", "cards"]});
    /// # let activity = Activity { sid: "WA1".into(), name: "Available".into(), available: true };
    /// # let (sid, friendly_name, channels, idle) = ("WK1".into(), "Ana".into(), [].into(), std::time::Duration::ZERO);
    /// # let ana = Worker { sid, friendly_name, attributes, activity, channels, idle };
    /// let expression: workflow::Expression = "worker.skills HAS task.skill".parse()?;
    /// assert_eq!(expression.for_worker(&ana).to_string(), "['billing', 'cards'] HAS skill");
    /// # Ok::<(), workflow::ParseError>(())
    /// ```
    #[must_use]
    pub fn for_worker(&self, worker: &Worker) -> Self {
        let bind = |operand: &Operand| match operand {
            Operand::Path(path) => bound(path, worker),
            Operand::Constant(_) => operand.clone(),
        };
        let nodes = self.nodes.iter().map(|node| match node {
            Node::Comparison(comparison) => Node::Comparison(Comparison {
                left: bind(&comparison.left),
                operator: comparison.operator,
                right: bind(&comparison.right),
            }),
            other => other.clone(),
        });
        Self { nodes: nodes.collect() }
    }
}

fn bound(path: &Path, worker: &Worker) -> Operand {
    if let Some(of_task) = path.behind("task") {
        return Operand::Path(Path::new(of_task.to_vec()));
    }
    let segments = path.behind("worker").unwrap_or_default();
    let changes = |name: &str| CHANGING.contains(&name) && find(&worker.attributes, segments).is_none();
    match segments.first().and_then(Segment::name) {
        Some(name) if changes(name) => Operand::Path(path.clone()),
        Some(_) => Operand::Constant(worker.value(segments).unwrap_or_default()),
        None => Operand::Constant(Value::Null),
    }
}
