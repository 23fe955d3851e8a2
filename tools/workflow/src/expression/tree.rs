//! The tree of an expression.

use serde_json::Value;

use super::path::Path;

/// An expression, such as `(skills HAS 'support') AND languages HAS 'english'`.
///
/// Parse an expression from text with [`str::parse`]. `Display` prints text that parses to the same expression, without
/// needless parentheses.
#[derive(Debug, Clone, PartialEq)]
pub struct Expression {
    /// The nodes in post-order. The root is last. Nothing nests, so no input can exhaust the stack.
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
    /// A scalar or an array of scalars.
    Constant(Value),
    Path(Path),
}
