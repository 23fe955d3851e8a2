//! Marks the session.

use flex_handoff::attributes::Attributes;
use flex_handoff::attributes::json::{Document, Kind, Value, escape, quote};
use flex_handoff::config::BodyKey;
use flex_handoff::invocation::Invocation;
use flex_handoff::jobs::action::ActionError;
use flex_handoff::twilio::sid::TaskSid;
use flex_handoff::upstream::answer::CallError;
use flex_handoff::upstream::retry::MAX_WRITES;
use serde::Serialize;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::Resolve;

/// The result of marking the session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum SessionOutcome {
    Marked,
    /// The task names no session, or the session API doesn't know the session or refuses the mark.
    Unknown,
}

impl Resolve {
    /// Marks the session of a task as resolved.
    ///
    /// # Errors
    /// [`ActionError::Unavailable`] if the session may or may not be marked.
    pub(crate) async fn mark(
        &self,
        invocation: &Invocation,
        task: &TaskSid,
        attributes: &str,
    ) -> Result<SessionOutcome, ActionError> {
        let attributes = Attributes::parse(attributes)?;
        let Some(url) = self.sessions.url_for(task, &attributes) else {
            return Ok(SessionOutcome::Unknown);
        };
        let members = members(task, invocation.now());
        let body = body(&self.sessions.body_key, self.resolved_body.as_deref(), &members);
        for _ in 0..MAX_WRITES {
            let written = self
                .session_api
                .write_body(invocation, &self.sessions, &url, body.clone());
            return match written.await {
                Ok(()) => Ok(SessionOutcome::Marked),
                Err(CallError::PreconditionFailed) => continue,
                Err(CallError::Unavailable(_)) => Err(ActionError::Unavailable),
                Err(CallError::NotFound | CallError::Unauthorized | CallError::Refused { .. }) => {
                    Ok(SessionOutcome::Unknown)
                }
            };
        }
        Err(ActionError::Unavailable)
    }
}

/// The keys of the mark and their JSON.
fn members(task: &TaskSid, now: OffsetDateTime) -> [(&'static str, String); 3] {
    let timestamp = now.truncate_to_millisecond().format(&Rfc3339).unwrap_or_default();
    [
        ("flex_resolved", "true".to_owned()),
        ("flex_resolved_task_sid", quote(task.as_str())),
        ("flex_resolved_timestamp", quote(&timestamp)),
    ]
}

/// The request's body: the operator's object with the mark at the session's body key. Both are merged level by level.
fn body(key: &BodyKey, resolved_body: Option<&str>, members: &[(&str, String)]) -> String {
    let document = Document::parse(resolved_body.unwrap_or("{}")).ok();
    let path: Vec<&str> = key.names().collect();
    merge(document.as_ref().map(Document::root), &path, members)
}

/// Adds members to the object at a path below a value. Replaces members of the same name.
fn merge(value: Option<Value<'_, '_>>, path: &[&str], members: &[(&str, String)]) -> String {
    let object = value.filter(|value| value.kind() == Kind::Object);
    let mut merged = object.map(Value::members).unwrap_or_default();
    let added: Vec<(String, String)> = match path.split_first() {
        None => members
            .iter()
            .map(|(name, json)| ((*name).to_owned(), json.clone()))
            .collect(),
        Some((name, rest)) => {
            let name = escape(name);
            let inner = merge(merged.get(name.as_str()).copied(), rest, members);
            vec![(name, inner)]
        }
    };
    merged.retain(|name, _| !added.iter().any(|(added, _)| added == name));
    let kept = merged
        .into_iter()
        .map(|(name, value)| (name.into_owned(), value.compact()));
    let members: Vec<String> = kept
        .chain(added)
        .map(|(name, json)| format!("\"{name}\":{json}"))
        .collect();
    format!("{{{}}}", members.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TASK: &str = "WT00000000000000000000000000000001";

    #[test]
    fn mark_names_the_task_and_the_time() {
        let now = OffsetDateTime::from_unix_timestamp_nanos(1_795_338_000_123_456_789).unwrap();
        let expected = [
            ("flex_resolved", "true".to_owned()),
            ("flex_resolved_task_sid", format!("\"{TASK}\"")),
            ("flex_resolved_timestamp", "\"2026-11-22T09:00:00.123Z\"".to_owned()),
        ];
        assert_eq!(members(&TaskSid::parse(TASK).unwrap(), now), expected);
    }

    #[test]
    fn mark_and_resolved_body_are_merged_level_by_level() {
        let mark = [("flex_resolved", "true".to_owned())];
        for (key, resolved_body, expected) in [
            ("custom_data", None, r#"{"custom_data":{"flex_resolved":true}}"#),
            ("", None, r#"{"flex_resolved":true}"#),
            (
                "custom_data",
                Some(r#"{ "status" : "closed_resolved", "n":1.10 }"#),
                r#"{"status":"closed_resolved","n":1.10,"custom_data":{"flex_resolved":true}}"#,
            ),
            (
                "a.b\"c",
                Some(r#"{"a":{"x":1,"b\"c":{"y":2,"flex_resolved":"no"}},"z":[3]}"#),
                r#"{"z":[3],"a":{"x":1,"b\"c":{"y":2,"flex_resolved":true}}}"#,
            ),
            ("a", Some(r#"{"a":"no object"}"#), r#"{"a":{"flex_resolved":true}}"#),
            (
                "",
                Some(r#"{"x":{"flex_resolved":0}}"#),
                r#"{"x":{"flex_resolved":0},"flex_resolved":true}"#,
            ),
        ] {
            let key = BodyKey::parse(key).unwrap();
            assert_eq!(body(&key, resolved_body, &mark), expected);
        }
    }
}
