//! The reason why a workspace's file can't be used, with its position.

use std::fmt;

use crate::twilio::refusal::Refusal;

#[derive(Clone, Debug, Eq, PartialEq)]
pub struct WorkspaceFileError {
    /// Line and column. None if the file has the right format but TaskRouter would refuse the part.
    pub position: Option<(usize, usize)>,
    /// The part, such as `workers[0].channels[1]`. None for the whole file.
    pub path: Option<String>,
    pub message: String,
}

impl WorkspaceFileError {
    /// The file is not JSON or has the wrong format.
    pub(super) fn of_json(path: Option<String>, error: &serde_json::Error) -> Self {
        let text = error.to_string();
        let place = format!(" at line {} column {}", error.line(), error.column());
        Self {
            position: Some((error.line(), error.column())),
            path: path.filter(|path| path != "." && !error.is_syntax() && !error.is_eof()),
            message: text.strip_suffix(&place).unwrap_or(&text).to_owned(),
        }
    }

    /// TaskRouter would refuse the part.
    pub(super) fn at(path: impl Into<String>) -> impl FnOnce(Refusal) -> Self {
        let path = path.into();
        move |refusal| Self {
            position: None,
            path: Some(path),
            message: refusal.message,
        }
    }
}

impl fmt::Display for WorkspaceFileError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let position = self
            .position
            .map(|(line, column)| format!("line {line}, column {column}"));
        let path = self.path.as_ref().map(|path| format!("in {path}"));
        let place: Vec<String> = position.into_iter().chain(path).collect();
        write!(formatter, "{}: {}", place.join(", "), self.message)
    }
}

impl std::error::Error for WorkspaceFileError {}
