//! TaskRouter's expressions: parser, tree and printer.
//!
//! <https://www.twilio.com/docs/taskrouter/expression-syntax>

mod candidates;
mod error;
mod lexer;
mod parser;
mod path;
mod print;
mod tree;

pub(crate) use candidates::Candidate;
pub use error::ParseError;
pub(crate) use lexer::{Kind, Lexer, Token};
pub use path::Path;
pub(crate) use path::{Segment, find};
pub use tree::Expression;
pub(crate) use tree::{Comparison, Logic, Node, Operand, Operator};
