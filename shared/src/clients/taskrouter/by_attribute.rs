//! Look-up of tasks by an attribute.

use serde::Deserialize;
use time::OffsetDateTime;

use super::{PAGE_SIZE, TaskRouter, TaskStatus};
use crate::attributes::json::quote;
use crate::clients::pages::Pages;
use crate::invocation::Invocation;
use crate::twilio::sid::TaskSid;
use crate::upstream::answer::{CallError, date};

/// A task in a list. Lists don't show attributes.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ListedTask {
    pub sid: TaskSid,
    #[serde(rename = "assignment_status")]
    pub status: TaskStatus,
    #[serde(rename = "date_created", deserialize_with = "date", default)]
    pub created: Option<OffsetDateTime>,
}

impl TaskRouter {
    /// Lists the tasks whose attribute at a dotted path equals a text. Digits also match the number. Twilio allows
    /// three such requests a second for the whole account.
    ///
    /// # Errors
    /// As [`Upstream::call`](crate::upstream::Upstream::call).
    pub async fn tasks_by_attribute(
        &self,
        invocation: &Invocation,
        dotted_path: &str,
        text: &str,
    ) -> Result<Vec<ListedTask>, CallError> {
        let expression = expression(dotted_path, text);
        let query = [("EvaluateTaskAttributes", expression.as_str()), ("PageSize", PAGE_SIZE)];
        let pages = Pages::new("find task", self.tasks_url.clone(), "tasks", &query);
        pages.rest(&self.upstream, invocation).await
    }
}

/// The condition in TaskRouter's expression language.
fn expression(dotted_path: &str, text: &str) -> String {
    let as_text = format!("{dotted_path} == {}", quote(text));
    // JSON numbers have no leading zeros.
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    match is_number && !text.is_empty() {
        true => format!("{as_text} OR {dotted_path} == {text}"),
        false => as_text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_looked_for_as_text_and_as_number() {
        for (text, expected) in [
            ("session-1", r#"ai.id == "session-1""#),
            ("42", r#"ai.id == "42" OR ai.id == 42"#),
            ("0", r#"ai.id == "0" OR ai.id == 0"#),
            ("007", r#"ai.id == "007""#),
            ("4.2", r#"ai.id == "4.2""#),
        ] {
            assert_eq!(expression("ai.id", text), expected);
        }
    }
}
