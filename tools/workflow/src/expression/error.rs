//! Where a text stops being an expression.

use std::fmt;

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
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// What could have stood there.
    pub expected: String,
    /// What stands there.
    pub found: String,
    excerpt: String,
}

impl ParseError {
    pub(crate) fn new(text: &str, offset: usize, expected: impl Into<String>, found: impl Into<String>) -> Self {
        let before = &text[..offset];
        let start = before.rfind('\n').map_or(0, |newline| newline + 1);
        Self {
            line: before.matches('\n').count() + 1,
            column: text[start..offset].chars().count() + 1,
            expected: expected.into(),
            found: found.into(),
            excerpt: text[start..].lines().next().unwrap_or_default().to_owned(),
        }
    }
}

impl fmt::Display for ParseError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (line, column, expected, found) = (self.line, self.column, &self.expected, &self.found);
        writeln!(
            formatter,
            "line {line}, column {column}: expected {expected}, found {found}"
        )?;
        writeln!(formatter, "  {}", self.excerpt)?;
        // A tab stays one, so that the caret stands under its character however wide tabs are shown.
        let before = self.excerpt.chars().take(column - 1);
        let indent: String = before
            .map(|character| if character == '\t' { '\t' } else { ' ' })
            .collect();
        write!(formatter, "  {indent}^")
    }
}

impl std::error::Error for ParseError {}
