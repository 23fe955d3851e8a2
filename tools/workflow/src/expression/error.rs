//! Where a text stops being an expression.

use std::fmt;

use crate::position::Position;

/// The text is not an expression: where, what was expected there, and what stands there instead.
///
/// Its text shows the line with a caret under the place:
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
    /// Where it stands.
    pub position: Position,
    /// What could have stood there.
    pub expected: String,
    /// What stands there.
    pub found: String,
    /// The place in bytes.
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
