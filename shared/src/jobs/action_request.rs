//! The fields that several actions have in their requests, and the collector of their faults.

use std::borrow::Cow;

use crate::attributes::json::{Document, Kind, Value};
use crate::config::faults::Faults;
use crate::jobs::action::ActionError;
use crate::twilio::sid::TaskSid;

/// The task that an action means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TaskReference {
    Task(TaskSid),
    /// The id of the task's AI session.
    Session(String),
}

/// The fields of a request. Unknown fields are ignored.
pub struct Fields<'d, 't> {
    object: Value<'d, 't>,
    faults: Faults,
}

/// Reads a request. `read` takes the known fields.
///
/// # Errors
/// [`ActionError::InvalidRequest`] with every fault.
pub fn read<T>(json: &str, read: impl FnOnce(&mut Fields<'_, '_>) -> Option<T>) -> Result<T, ActionError> {
    let not_an_object = || ActionError::InvalidRequest(vec!["it must be a JSON object".to_owned()]);
    let document = Document::parse(json).map_err(|_| not_an_object())?;
    if document.root().kind() != Kind::Object {
        return Err(not_an_object());
    }
    let mut fields = Fields {
        object: document.root(),
        faults: Faults::default(),
    };
    let request = read(&mut fields);
    fields.faults.finish(request).map_err(ActionError::InvalidRequest)
}

impl Fields<'_, '_> {
    /// The task: `taskSid`, or else `sessionId`, or else the session that a header names.
    pub fn task(&mut self, header: Option<&str>) -> Option<TaskReference> {
        let is_named = self.value("taskSid").is_some() || self.value("sessionId").is_some();
        let expected = "a task's SID (WT and 32 hexadecimal digits)";
        let task = self.optional("taskSid", expected, |text| TaskSid::parse(text.trim()));
        let expected = "1 to 255 letters, digits, '.', '_', ':' and '-'";
        let session = match header.filter(|_| !is_named) {
            Some(header) => self.parse("sessionId", expected, Some(header.to_owned()), session_id),
            None => self.optional("sessionId", expected, session_id),
        };
        if !is_named && header.is_none() {
            self.faults.push("taskSid or sessionId must be given");
        }
        let task = task.map(TaskReference::Task);
        task.or_else(|| session.map(TaskReference::Session))
    }

    /// A required text.
    pub fn required<T>(&mut self, name: &str, expected: &str, parse: impl FnOnce(&str) -> Option<T>) -> Option<T> {
        match self.value(name) {
            Some(_) => self.optional(name, expected, parse),
            None => self.faults.required(name, None, expected, parse),
        }
    }

    /// An optional text, or the digits of a number. Null counts as absent.
    pub fn optional<T>(&mut self, name: &str, expected: &str, parse: impl FnOnce(&str) -> Option<T>) -> Option<T> {
        let value = self.value(name)?;
        let text = match value.kind() {
            Kind::Number => Some(value.raw().to_owned()),
            _ => value.as_string_lossy(),
        };
        self.parse(name, expected, text, parse)
    }

    fn parse<T>(
        &mut self,
        name: &str,
        expected: &str,
        text: Option<String>,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let parsed = text.as_deref().and_then(parse);
        if parsed.is_none() {
            self.faults.push_malformed(name, expected);
        }
        parsed
    }

    /// The names of all fields without repetitions.
    pub fn names(&self) -> Vec<String> {
        self.object.members().into_keys().map(Cow::into_owned).collect()
    }

    /// The field's value. Null counts as absent.
    pub fn value(&self, name: &str) -> Option<Value<'_, '_>> {
        self.object.member(name).filter(|value| value.kind() != Kind::Null)
    }
}

/// A session id that a TaskRouter expression can hold.
fn session_id(text: &str) -> Option<String> {
    let text = text.trim();
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b':' | b'-');
    let is_id = matches!(text.len(), 1..=255) && text.bytes().all(is_allowed) && !matches!(text, "." | "..");
    is_id.then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TASK: &str = "WT00000000000000000000000000000001";

    fn task(json: &str, header: Option<&str>) -> Result<TaskReference, ActionError> {
        read(json, |fields| fields.task(header))
    }

    #[test]
    fn task_is_named_by_its_sid_its_session_or_a_header() {
        let by_sid = TaskReference::Task(TaskSid::parse(TASK).unwrap());
        let by_session = |id: &str| TaskReference::Session(id.to_owned());
        for (json, header, expected) in [
            (
                format!(r#"{{"taskSid":" {TASK} ","more":[]}}"#),
                Some("h"),
                by_sid.clone(),
            ),
            (format!(r#"{{"taskSid":"{TASK}","sessionId":"s"}}"#), None, by_sid),
            (
                r#"{"sessionId":" a.B_1:-\n","taskSid":null}"#.to_owned(),
                Some("h"),
                by_session("a.B_1:-"),
            ),
            (r#"{"sessionId":42}"#.to_owned(), None, by_session("42")),
            ("{}".to_owned(), Some(" h "), by_session("h")),
        ] {
            assert_eq!(task(&json, header), Ok(expected), "{json}");
        }
    }

    #[test]
    fn every_fault_is_named() {
        const OBJECT: &str = "it must be a JSON object";
        const SID: &str = "taskSid is malformed: it must be a task's SID (WT and 32 hexadecimal digits)";
        const SESSION: &str = "sessionId is malformed: it must be 1 to 255 letters, digits, '.', '_', ':' and '-'";
        const NEITHER: &str = "taskSid or sessionId must be given";
        let long = format!(r#"{{"sessionId":"{}"}}"#, "x".repeat(256));
        let cases: [(&str, Option<&str>, &[&str]); 11] = [
            ("", None, &[OBJECT]),
            ("[]", None, &[OBJECT]),
            ("{", None, &[OBJECT]),
            ("{}", None, &[NEITHER]),
            (r#"{"taskSid":"WT1"}"#, Some("h"), &[SID]),
            (r#"{"taskSid":["WT"],"sessionId":"a b"}"#, None, &[SID, SESSION]),
            (r#"{"sessionId":""}"#, Some("h"), &[SESSION]),
            (r#"{"sessionId":true}"#, None, &[SESSION]),
            (r#"{"sessionId":".."}"#, None, &[SESSION]),
            (&long, None, &[SESSION]),
            ("{}", Some("/"), &[SESSION]),
        ];
        for (json, header, expected) in cases {
            let expected = expected.iter().map(|&fault| fault.to_owned()).collect();
            assert_eq!(task(json, header), Err(ActionError::InvalidRequest(expected)), "{json}");
        }
    }
}
