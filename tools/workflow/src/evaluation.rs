//! The evaluation of an expression for a task or a worker.

use std::cmp::Ordering;
use std::fmt;
use std::mem::discriminant;

use serde_json::{Number, Value};

use crate::expression::{Comparison, Expression, Logic, Node, Operand, Operator, Path};
use crate::scope::Scope;

/// The result of an expression and of each comparison.
#[derive(Debug, Clone, PartialEq)]
pub struct Evaluation {
    pub expression: String,
    pub holds: bool,
    /// The comparisons in the order of the text. All are evaluated, even if some already decide the result.
    pub parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    pub comparison: String,
    pub holds: bool,
    /// The names in the comparison.
    pub references: Vec<Reference>,
    /// A note on the types of the two sides if they decide the result.
    pub remark: Option<&'static str>,
}

/// A name and its value.
#[derive(Debug, Clone, PartialEq)]
pub struct Reference {
    pub path: Path,
    /// The value. None if the name is unknown. An unknown name counts as null.
    pub value: Option<Value>,
    /// A hint at the likely mistake behind an unknown name.
    pub hint: Option<&'static str>,
}

impl Expression {
    /// Evaluates the whole expression. Any expression has a result in any scope.
    pub fn evaluate(&self, scope: &Scope<'_>) -> Evaluation {
        let mut holds: Vec<bool> = Vec::with_capacity(self.nodes.len());
        let mut parts = Vec::new();
        for node in &self.nodes {
            holds.push(match node {
                Node::Comparison(comparison) => {
                    let part = comparison.evaluate(scope);
                    let holds = part.holds;
                    parts.push(part);
                    holds
                }
                Node::Not(negated) => !holds[*negated],
                Node::Logic { operator, left, right } => match operator {
                    Logic::And => holds[*left] && holds[*right],
                    Logic::Or => holds[*left] || holds[*right],
                },
            });
        }
        Evaluation {
            expression: self.to_string(),
            holds: holds.last() == Some(&true),
            parts,
        }
    }
}

impl Comparison {
    pub(super) fn evaluate(&self, scope: &Scope<'_>) -> Part {
        let mut references = Vec::new();
        let mut value = |operand: &Operand| match operand {
            Operand::Constant(constant) => constant.clone(),
            Operand::Path(path) => {
                let reference = Reference::resolve(path, scope);
                let value = reference.value.clone().unwrap_or_default();
                references.push(reference);
                value
            }
        };
        let (left, right) = (value(&self.left), value(&self.right));
        let result = self.operator.compare(&left, &right);
        Part {
            comparison: self.to_string(),
            holds: result == Ok(true),
            references,
            remark: result.err().or_else(|| self.operator.remark(&left, &right)),
        }
    }
}

impl Reference {
    fn resolve(path: &Path, scope: &Scope<'_>) -> Self {
        let value = scope.resolve(path);
        Self {
            path: path.clone(),
            hint: scope.hint(path).filter(|_| value.is_none()),
            value,
        }
    }
}

impl Operator {
    /// The result of the comparison, or else the reason why the two values can't be compared. A comparison with such
    /// values is false.
    fn compare(self, left: &Value, right: &Value) -> Result<bool, &'static str> {
        match self {
            Operator::Equal => equality(left, right),
            Operator::NotEqual => equality(left, right).map(|equal| !equal),
            Operator::Greater => order(left, right).map(|order| order.is_gt()),
            Operator::GreaterOrEqual => order(left, right).map(|order| order.is_ge()),
            Operator::Less => order(left, right).map(|order| order.is_lt()),
            Operator::LessOrEqual => order(left, right).map(|order| order.is_le()),
            Operator::Contains => contains(left, right),
            Operator::Has => is_among(right, left).ok_or("HAS wants an array on its left, and no array on its right"),
            Operator::In => is_among(left, right).ok_or(WANTED_OF_IN),
            Operator::NotIn => is_among(left, right).map(|among| !among).ok_or(WANTED_OF_IN),
        }
    }

    /// Explains the trap of `handedOff == 'true'`.
    fn remark(self, left: &Value, right: &Value) -> Option<&'static str> {
        let mixed = !left.is_null() && !right.is_null() && discriminant(left) != discriminant(right);
        let equality = matches!(self, Operator::Equal | Operator::NotEqual);
        (equality && mixed).then_some("values of different types are never equal")
    }
}

const WANTED_OF_IN: &str = "IN wants an array on its right, and no array on its left";

fn is_scalar(value: &Value) -> bool {
    !value.is_array() && !value.is_object()
}

fn equality(left: &Value, right: &Value) -> Result<bool, &'static str> {
    // `preferred_agents != null` of Twilio's "Workflows and Assignment" asks whether there is an array.
    if is_scalar(left) && is_scalar(right) || left.is_null() || right.is_null() {
        Ok(equal(left, right))
    } else {
        Err("an array or an object is equal to nothing, and different from nothing but null")
    }
}

/// Values of different types are never equal: `handedOff == 'true'` doesn't hold if `handedOff` is the boolean true.
fn equal(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => order_of_numbers(left, right).is_some_and(|order| order.is_eq()),
        _ => left == right,
    }
}

fn order(left: &Value, right: &Value) -> Result<Ordering, &'static str> {
    let order = match (left, right) {
        (Value::Number(left), Value::Number(right)) => order_of_numbers(left, right),
        (Value::String(left), Value::String(right)) => Some(left.cmp(right)),
        _ => None,
    };
    order.ok_or("only two numbers or two strings have an order")
}

fn order_of_numbers(left: &Number, right: &Number) -> Option<Ordering> {
    match (left.as_i128(), right.as_i128()) {
        (Some(left), Some(right)) => Some(left.cmp(&right)),
        _ => left.as_f64()?.partial_cmp(&right.as_f64()?),
    }
}

fn contains(left: &Value, right: &Value) -> Result<bool, &'static str> {
    match (left, right) {
        (Value::String(left), Value::String(right)) => Ok(left.contains(right)),
        _ => Err("CONTAINS wants a string on both sides"),
    }
}

fn is_among(element: &Value, array: &Value) -> Option<bool> {
    let elements = array.as_array().filter(|_| is_scalar(element))?;
    Some(elements.iter().any(|candidate| equal(candidate, element)))
}

/// Several comparisons get a line each.
impl fmt::Display for Evaluation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} is {}", self.expression, self.holds)?;
        match self.parts.as_slice() {
            [part] if part.comparison == self.expression => write!(formatter, "{}", part.remarks()),
            parts => parts.iter().try_for_each(|part| write!(formatter, "\n  {part}")),
        }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mark = if self.holds { '✓' } else { '✗' };
        write!(formatter, "{mark} {}{}", self.comparison, self.remarks())
    }
}

impl Part {
    /// The explanation of the result in parentheses.
    fn remarks(&self) -> String {
        let references = self.references.iter().map(Reference::to_string);
        let remarks: Vec<String> = references.chain(self.remark.map(str::to_owned)).collect();
        match remarks.as_slice() {
            [] => String::new(),
            remarks => format!(" ({})", remarks.join("; ")),
        }
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.value, self.hint) {
            (Some(value), _) => write!(formatter, "{} is {value}", self.path),
            (None, None) => write!(formatter, "{} is missing, so null", self.path),
            (None, Some(hint)) => write!(formatter, "{} is missing, so null: {hint}", self.path),
        }
    }
}
