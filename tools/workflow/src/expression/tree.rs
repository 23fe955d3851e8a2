//! The tree of an expression.

use serde_json::Value;

use super::path::Path;

/// An expression, such as `(skills HAS 'support') AND languages HAS 'english'`.
///
/// Parse one from text with [`str::parse`]. Its `Display` is text that parses to the same expression, with no more
/// parentheses than needed.
#[derive(Debug, Clone, PartialEq)]
pub struct Expression {
    /// The nodes in post-order, with the root last. Nothing nests, so no input can exhaust the stack by parsing,
    /// evaluating, printing, comparing or dropping.
    pub(crate) nodes: Vec<Node>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Node {
    Comparison(Comparison),
    Logic { operator: Logic, left: usize, right: usize },
    Not(usize),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Logic {
    And,
    Or,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Comparison {
    pub(crate) left: Operand,
    pub(crate) operator: Operator,
    pub(crate) right: Operand,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operator {
    Equal,
    NotEqual,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
    Contains,
    Has,
    In,
    NotIn,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Operand {
    /// A string, a number, a boolean, null, or an array of these.
    Constant(Value),
    Path(Path),
}
