//! TaskRouter's expressions: their tree, read from text and printed back to it.
//!
//! <https://www.twilio.com/docs/taskrouter/expression-syntax>

mod candidates;
mod error;
mod evaluate;
mod lexer;
mod parser;
mod path;
mod print;

pub(crate) use candidates::Candidate;
pub use error::ParseError;
pub use evaluate::{Evaluation, Part, Reference};
pub(crate) use lexer::{Kind, Lexer, Token};
pub use path::Path;
pub(crate) use path::{Segment, find};

use serde_json::Value;

/// An expression, such as `(skills HAS 'support') AND languages HAS 'english'`.
///
/// Made by parsing ([`str::parse`]); its `Display` is text that parses to the same expression again, with the
/// parentheses that it needs and no others.
#[derive(Debug, Clone, PartialEq)]
pub struct Expression {
    /// Each node after its children, the root last: nothing here nests, so no input can exhaust the stack, be it by
    /// parsing, evaluating, printing, comparing or dropping.
    nodes: Vec<Node>,
}

#[derive(Debug, Clone, PartialEq)]
enum Node {
    Comparison(Comparison),
    Logic { operator: Logic, left: usize, right: usize },
    Not(usize),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Logic {
    And,
    Or,
}

#[derive(Debug, Clone, PartialEq)]
struct Comparison {
    left: Operand,
    operator: Operator,
    right: Operand,
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
enum Operand {
    /// A string, a number, a boolean, null, or an array of such.
    Constant(Value),
    Path(Path),
}
