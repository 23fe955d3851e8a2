//! Takes over a handoff whose run was interrupted between the handoff attributes and the new task.
//!
//! The write of the attributes is the lock for the new task. A run that finds the attributes of an interrupted run
//! writes the task again against the version that was read. So only one of several such runs continues. The run marks
//! its write with a space before the closing brace, and removes the space once the new task is there. Every attribute
//! keeps its bytes.

use flex_handoff::attributes::Attributes;
use flex_handoff::attributes::handoff::HandoffAttributes;
use flex_handoff::clients::taskrouter::Task;
use flex_handoff::invocation::Invocation;
use flex_handoff::jobs::action::ActionError;
use flex_handoff::twilio::sid::TaskSid;
use flex_handoff::upstream::answer::CallError;
use flex_handoff::upstream::retry::MAX_WRITES;
use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime};

use crate::Handoff;
use crate::decide::Snapshot;
use crate::progress::{Progress, Stale};
use crate::request::HandoffRequest;

/// The end of attributes that a run has taken over.
const MARK: &str = " }";

/// TaskRouter gives whole seconds, so a task may have been updated this much later than shown.
const PRECISION: Duration = Duration::SECOND;

impl Handoff {
    /// Makes the handoff attributes this run's own.
    pub(crate) async fn take_over(
        &self,
        progress: &mut Progress,
        invocation: &Invocation,
        task: &TaskSid,
        snapshot: &mut Snapshot,
    ) -> Result<Stale, ActionError> {
        let text = snapshot.task.attributes.clone().unwrap_or_default();
        let stale = self.write(progress, invocation, task, snapshot, marked(&text)).await?;
        Ok(match stale {
            // The mark is removed against the version after the write.
            Stale::Nothing => Stale::Task,
            stale => stale,
        })
    }

    /// Removes the mark. If the task has changed since, the mark is removed from the changed task. Otherwise not retried,
    /// since a failure leaves only a space.
    pub(crate) async fn remove_mark(&self, invocation: &Invocation, sid: &TaskSid, task: &mut Task) {
        let mut marked = task.attributes.as_deref().and_then(unmarked).zip(task.etag.take());
        for _ in 0..MAX_WRITES {
            let Some((unmarked_text, etag)) = marked else { return };
            let written = self.taskrouter.write_attributes(invocation, sid, &etag, unmarked_text);
            let Err(CallError::PreconditionFailed) = written.await else {
                return;
            };
            // For example, another run has found the new task and let the AI leave.
            let Ok(changed) = self.outcome.task(invocation, sid).await else {
                return;
            };
            let text = changed.attributes.as_deref().and_then(unmarked);
            marked = text.zip(changed.etag.filter(|version| *version != etag));
        }
    }
}

/// Whether the run that wrote the attributes or took them over has ended, since the attributes are older than the
/// function's timeout.
pub(crate) fn is_abandoned(task: &Task, request: &HandoffRequest, invocation: &Invocation) -> bool {
    let text = task.attributes.as_deref().unwrap_or_default();
    let by_update = task.updated.map(|updated| updated.saturating_add(PRECISION));
    let written = match request.timestamp {
        _ if unmarked(text).is_some() => by_update,
        Some(_) => by_update,
        None => {
            let attributes = Attributes::parse(text).ok();
            let six = attributes.as_ref().and_then(HandoffAttributes::read);
            six.and_then(|six| OffsetDateTime::parse(&six.timestamp, &Rfc3339).ok())
        }
    };
    written.is_some_and(|written| invocation.now() - written > invocation.timeout())
}

fn marked(text: &str) -> String {
    match text.strip_suffix('}') {
        Some(open) => format!("{open}{MARK}"),
        None => text.to_owned(),
    }
}

fn unmarked(text: &str) -> Option<String> {
    Some(format!("{}}}", text.strip_suffix(MARK)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mark_is_one_space_before_the_closing_brace() {
        for (text, with_mark) in [("{}", "{ }"), (r#"{"a":1.10}"#, r#"{"a":1.10 }"#), ("{ }", "{  }")] {
            assert_eq!(marked(text), with_mark);
            assert_eq!(unmarked(with_mark).as_deref(), Some(text));
        }
        assert_eq!(unmarked(r#"{"a":1.10}"#), None);
    }
}
