//! The error of parsing an expression.

use std::fmt;

use crate::position::Position;

/// The error of a text that is not an expression: the position, the expected token and the token found there.
///
/// The message shows the line with a caret under the position:
///
/// ```
/// let error = "type = 'ticket' AND".parse::<workflow::Expression>().unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "line 1, column 20: expected a name, a string, a number, true, false, null, an array or `(`, found the end\n  \
///        type = 'ticket' AND\n                     ^"
/// );
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParseError {
    pub position: Position,
    /// The tokens that may stand at the position.
    pub expected: String,
    /// The token at the position.
    pub found: String,
    /// The position in bytes.
    pub(crate) offset: usize,
}

impl ParseError {
    pub(crate) fn new(text: &str, offset: usize, expected: impl Into<String>, found: impl Into<String>) -> Self {
        Self {
            position: Position::new(text, offset),
            expected: expected.into(),
            found: found.into(),
            offset,
        }
    }
}

impl fmt::Display for ParseError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (position, expected, found) = (&self.position, &self.expected, &self.found);
        let Position { line, column, .. } = position;
        writeln!(
            formatter,
            "line {line}, column {column}: expected {expected}, found {found}"
        )?;
        position.fmt(formatter)
    }
}

impl std::error::Error for ParseError {}
