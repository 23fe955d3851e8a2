//! The error of parsing a workflow's configuration.

use std::fmt;

use crate::position::Position;

/// The error of a text that is not a workflow's configuration.
///
/// ```
/// let json = r#"{"task_routing": {"filters": [{"expression": "name = \"Ana\" AND"}]}}"#;
/// let error = json.parse::<workflow::Workflow>().unwrap_err();
/// assert_eq!(error.pointer.as_deref(), Some("/task_routing/filters/0/expression"));
/// assert_eq!((error.position.line, error.position.column), (1, 65));
/// assert_eq!(
///     error.to_string(),
///     r#"line 1, column 65, in /task_routing/filters/0/expression: expected a name, a string, a number, true, false, null, an array or `(`, found the end
///   {"task_routing": {"filters": [{"expression": "name = \"Ana\" AND"}]}}
///                                                                   ^"#
/// );
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigurationError {
    /// The faulty part of the document as a JSON pointer (RFC 6901). None if the text is not JSON.
    pub pointer: Option<String>,
    /// The position in the JSON text. A fault within an expression has its own position even if the JSON string has
    /// escapes.
    pub position: Position,
    pub message: String,
}

impl fmt::Display for ConfigurationError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Position { line, column, .. } = self.position;
        write!(formatter, "line {line}, column {column}")?;
        match self.pointer.as_deref() {
            None | Some("") => {}
            Some(pointer) => write!(formatter, ", in {pointer}")?,
        }
        write!(formatter, ": {}\n{}", self.message, self.position)
    }
}

impl std::error::Error for ConfigurationError {}
