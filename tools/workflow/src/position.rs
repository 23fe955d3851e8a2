//! Positions in a text for error messages.

use std::fmt;

/// A position in a text. `Display` prints the line with a caret under the position.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Position {
    /// The line number. The first line is 1.
    pub line: usize,
    /// The column in characters. The first column is 1.
    pub column: usize,
    /// An excerpt of the line around the position, since a workflow's JSON may be one line of many thousand characters.
    before: String,
    after: String,
}

const SHOWN_BEFORE: usize = 72;
const SHOWN_AFTER: usize = 40;

impl Position {
    /// The position of an error of `serde_json` in the parsed text. JSON of the wrong kind, such as a list for an
    /// object, is at fault from its start.
    ///
    /// ```
    /// let json = "{\n  \"a\": 1,\n}";
    /// let error = serde_json::from_str::<serde_json::Value>(json).unwrap_err();
    /// let position = workflow::Position::of_json_error(json, &error);
    /// assert_eq!((position.line, position.column), (3, 1));
    /// assert_eq!(position.to_string(), "  }\n  ^");
    /// ```
    pub fn of_json_error(json: &str, error: &serde_json::Error) -> Self {
        let offset = match error.is_data() {
            true => json.len() - json.trim_start().len(),
            false => offset_of_error(json, error),
        };
        Self::new(json, offset)
    }

    /// The position of the byte at `offset`. May be the end of the text.
    pub(crate) fn new(text: &str, offset: usize) -> Self {
        let (before, after) = text.split_at(offset);
        let line = before.matches('\n').count() + 1;
        let before = before.rsplit('\n').next().unwrap_or_default();
        let after = after.lines().next().unwrap_or_default();
        Self {
            line,
            column: before.chars().count() + 1,
            before: end(before),
            after: beginning(after),
        }
    }
}

/// The offset of a serde_json error. Such an error has a line and a 1-based count of bytes.
pub(crate) fn offset_of_error(json: &str, error: &serde_json::Error) -> usize {
    if error.is_eof() {
        return json.trim_end().len();
    }
    let lines_before = json.split_inclusive('\n').take(error.line().saturating_sub(1));
    let line = lines_before.map(str::len).sum::<usize>();
    json.floor_char_boundary(line + error.column().saturating_sub(1))
}

/// The text cut to the length that an error shows.
pub(crate) fn beginning(text: &str) -> String {
    match text.char_indices().nth(SHOWN_AFTER) {
        Some((cut, _)) => format!("{}…", &text[..cut]),
        None => text.to_owned(),
    }
}

/// A piece of an expression in backticks.
pub(crate) fn quoted(text: &str) -> String {
    format!("`{}`", beginning(text))
}

fn end(text: &str) -> String {
    match text.char_indices().rev().nth(SHOWN_BEFORE) {
        Some((cut, character)) => format!("…{}", &text[cut + character.len_utf8()..]),
        None => text.to_owned(),
    }
}

impl fmt::Display for Position {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A tab stays a tab, so the caret stands under its character at any tab width.
        let blank = |character| if character == '\t' { '\t' } else { ' ' };
        let indent: String = self.before.chars().map(blank).collect();
        write!(formatter, "  {}{}\n  {indent}^", self.before, self.after)
    }
}
