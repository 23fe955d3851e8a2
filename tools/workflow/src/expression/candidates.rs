//! Values with which a comparison holds or fails. The search for an example tries them.

use serde_json::{Number, Value, json};

use super::{Comparison, Expression, Logic, Node, Operand, Operator, Path};
use crate::scope::Scope;

/// A value for a name. None stands for a missing name.
pub(crate) type Candidate = (Path, Option<Value>);

impl Expression {
    /// The number of comparisons.
    pub fn comparisons(&self) -> usize {
        let comparisons = self.nodes.iter().filter(|node| matches!(node, Node::Comparison(_)));
        comparisons.count()
    }

    /// A value that matches and a value that doesn't, for each comparison with a name.
    pub(crate) fn candidates(&self) -> Vec<Candidate> {
        let mut candidates: Vec<Candidate> = Vec::new();
        for node in &self.nodes {
            let Node::Comparison(comparison) = node else {
                continue;
            };
            for candidate in comparison.candidates() {
                if !candidates.contains(&candidate) {
                    candidates.push(candidate);
                }
            }
        }
        candidates
    }

    /// The number of comparisons whose result has to change until the expression holds or fails.
    pub(crate) fn distance(&self, scope: &Scope<'_>, holds: bool) -> usize {
        // The distances to true and to false for each node.
        let mut distances: Vec<(usize, usize)> = Vec::with_capacity(self.nodes.len());
        for node in &self.nodes {
            distances.push(match node {
                Node::Comparison(comparison) => match comparison.evaluate(scope).holds {
                    true => (0, 1),
                    false => (1, 0),
                },
                Node::Not(negated) => {
                    let (to_true, to_false) = distances[*negated];
                    (to_false, to_true)
                }
                Node::Logic { operator, left, right } => {
                    let (left, right) = (distances[*left], distances[*right]);
                    match operator {
                        Logic::And => (left.0 + right.0, left.1.min(right.1)),
                        Logic::Or => (left.0.min(right.0), left.1 + right.1),
                    }
                }
            });
        }
        let (to_true, to_false) = distances.last().copied().unwrap_or_default();
        if holds { to_true } else { to_false }
    }
}

impl Comparison {
    fn candidates(&self) -> Vec<Candidate> {
        let values = |path: &Path, values: Vec<Value>| {
            let given = values.into_iter().map(|value| (path.clone(), Some(value)));
            given.chain([(path.clone(), None)]).collect()
        };
        match (&self.left, &self.right) {
            (Operand::Path(path), Operand::Constant(constant)) => values(path, self.operator.left_of(constant)),
            (Operand::Constant(constant), Operand::Path(path)) => values(path, self.operator.right_of(constant)),
            (Operand::Path(left), Operand::Path(right)) => {
                let mut both: Vec<Candidate> = values(left, vec![json!("a"), json!(1), json!(["a"])]);
                both.extend::<Vec<Candidate>>(values(right, vec![json!("a"), json!(1), json!(["a"])]));
                both
            }
            (Operand::Constant(_), Operand::Constant(_)) => Vec::new(),
        }
    }
}

impl Operator {
    /// Values for the left side if the right side is this constant.
    fn left_of(self, constant: &Value) -> Vec<Value> {
        match (self, constant) {
            (Self::In | Self::NotIn, Value::Array(elements)) => {
                elements.iter().cloned().chain([json!("another")]).collect()
            }
            (Self::Has, constant) => vec![json!([constant]), json!([])],
            (_, Value::Bool(flag)) => vec![json!(flag), json!(!flag)],
            (_, Value::Number(number)) => around(number),
            (_, Value::String(text)) => vec![json!(text), json!(format!("{text}~")), json!("")],
            (_, constant) => vec![constant.clone(), json!("a")],
        }
    }

    /// Values for the right side if the left side is this constant.
    fn right_of(self, constant: &Value) -> Vec<Value> {
        match self {
            Self::In | Self::NotIn => vec![json!([constant]), json!([])],
            Self::Has if constant.is_array() => Self::In.left_of(constant),
            Self::Contains | Self::Has => vec![constant.clone(), json!("another")],
            _ => Self::Equal.left_of(constant),
        }
    }
}

/// The number and its neighbours.
fn around(number: &Number) -> Vec<Value> {
    let others = match (number.as_i64(), number.as_f64()) {
        (Some(integer), _) => vec![json!(integer.saturating_add(1)), json!(integer.saturating_sub(1))],
        (None, Some(double)) => vec![json!(double + 1.0), json!(double - 1.0)],
        (None, None) => Vec::new(),
    };
    [Value::from(number.clone())].into_iter().chain(others).collect()
}
