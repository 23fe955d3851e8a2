//! Finds the task that an action means, if the caller knows only the AI session.

use serde::{Deserialize, Serialize};

use crate::attributes::Attributes;
use crate::clients::taskrouter::{ListedTask, TaskRouter, TaskStatus};
use crate::config::AiWorkers;
use crate::invocation::Invocation;
use crate::jobs::action::ActionError;
use crate::jobs::action_request::TaskReference;
use crate::twilio::sid::{ReservationSid, TaskSid};
use crate::upstream::answer::found;

const HANDOFF_OF: &str = "handoffOf";

/// An attribute of the new task of an accepted handoff: the task and the reservation that were handed off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HandoffOf {
    pub task_sid: TaskSid,
    pub reservation_sid: ReservationSid,
}

impl HandoffOf {
    /// The path of the reservation's SID in a task's attributes.
    pub const RESERVATION: &str = "handoffOf.reservationSid";

    /// Reads the attribute from a task.
    pub fn read(attributes: &Attributes<'_>) -> Option<Self> {
        serde_json::from_str(attributes.root().member(HANDOFF_OF)?.raw()).ok()
    }

    /// The attribute's name and JSON text.
    pub fn to_member(&self) -> (&'static str, String) {
        (HANDOFF_OF, serde_json::to_string(self).unwrap_or_default())
    }
}

/// Finds tasks by their SID or their AI session.
#[derive(Clone, Copy)]
pub struct TaskFinder<'f> {
    pub taskrouter: &'f TaskRouter,
    pub ai_workers: &'f AiWorkers,
    /// The dotted path of the attribute that holds the session id.
    pub id_attribute: &'f str,
}

impl TaskFinder<'_> {
    /// Finds the task that a request means.
    ///
    /// # Errors
    /// [`ActionError::TaskNotFound`], or the reason why the search failed.
    pub async fn find(&self, invocation: &Invocation, task: TaskReference) -> Result<TaskSid, ActionError> {
        let task = match task {
            TaskReference::Task(sid) => sid,
            TaskReference::Session(id) => self.find_by_session(invocation, &id).await?,
        };
        invocation.set("taskSid", task.as_str());
        Ok(task)
    }

    /// Finds the newest open task of a session, or the newest task if none is open. The new task of an accepted handoff
    /// leads to the task that was handed off, unless the new task was offered to the AI.
    async fn find_by_session(&self, invocation: &Invocation, session_id: &str) -> Result<TaskSid, ActionError> {
        if !is_searchable(self.id_attribute) {
            let fault = "sessionId can't be looked for, since TaskRouter's expressions can't hold the name in \
                         SESSION_ID_ATTRIBUTE: send taskSid";
            return Err(ActionError::InvalidRequest(vec![fault.to_owned()]));
        }
        let listed = self
            .taskrouter
            .tasks_by_attribute(invocation, self.id_attribute, session_id)
            .await?;
        for task in newest_first(listed) {
            let read = self.taskrouter.task(invocation, &task.sid).await;
            let Some(found) = found(read)? else { continue };
            let text = found.attributes.unwrap_or_default();
            let Ok(attributes) = Attributes::parse(&text) else {
                continue;
            };
            // TaskRouter compares numbers of more than 15 digits inexactly.
            if attributes.identifier(self.id_attribute).as_deref() != Some(session_id) {
                continue;
            }
            return match HandoffOf::read(&attributes) {
                Some(original) if !self.was_offered_to_ai(invocation, &task.sid).await? => Ok(original.task_sid),
                _ => Ok(task.sid),
            };
        }
        Err(ActionError::TaskNotFound)
    }

    async fn was_offered_to_ai(&self, invocation: &Invocation, task: &TaskSid) -> Result<bool, ActionError> {
        let reservations = found(self.taskrouter.reservations(invocation, task).await)?.unwrap_or_default();
        let is_ais = |worker| self.ai_workers.contains(worker);
        Ok(reservations
            .iter()
            .any(|reservation| is_ais(reservation.worker.as_ref())))
    }
}

/// Whether TaskRouter's expressions can name an attribute. There a hyphen is a minus sign.
fn is_searchable(dotted_path: &str) -> bool {
    let is_part = |character: char| character.is_alphanumeric() || matches!(character, '_' | '.');
    dotted_path.chars().all(is_part)
}

/// Open tasks first, and newer tasks before older tasks.
fn newest_first(mut tasks: Vec<ListedTask>) -> Vec<ListedTask> {
    let is_open = |status| {
        matches!(
            status,
            TaskStatus::Pending | TaskStatus::Reserved | TaskStatus::Assigned
        )
    };
    tasks.sort_by_key(|task| std::cmp::Reverse((is_open(task.status), task.created)));
    tasks
}

#[cfg(test)]
mod tests {
    use time::OffsetDateTime;

    use super::*;

    #[test]
    fn open_tasks_come_before_newer_closed_ones() {
        use TaskStatus::{Assigned, Canceled, Completed, Pending, Unknown, Wrapping};
        let task = |number: i64, status| ListedTask {
            sid: TaskSid::parse(&format!("WT{number:032}")).unwrap(),
            status,
            created: OffsetDateTime::from_unix_timestamp(number).ok(),
        };
        let tasks = vec![
            task(1, Pending),
            task(2, Completed),
            task(3, Wrapping),
            task(4, Assigned),
            task(5, Unknown),
            task(6, Canceled),
        ];
        let order: Vec<_> = newest_first(tasks).into_iter().map(|task| task.status).collect();
        assert_eq!(order, [Assigned, Pending, Canceled, Unknown, Wrapping, Completed]);
    }

    #[test]
    fn names_with_a_hyphen_cannot_be_looked_for() {
        let searchable = ["session_id", "ai.session.id", "sitzung_nö", "session-id", "a b", "a\"b"].map(is_searchable);
        assert_eq!(searchable, [true, true, true, false, false, false]);
    }

    #[test]
    fn handoff_of_needs_both_sids() {
        let (task, reservation) = (format!("WT{:032}", 1), format!("WR{:032}", 2));
        let read = |text: &str| HandoffOf::read(&Attributes::parse(text).unwrap());
        let whole = format!(r#"{{"handoffOf":{{"taskSid":"{task}","reservationSid":"{reservation}","more":1}}}}"#);
        let expected = HandoffOf {
            task_sid: TaskSid::parse(&task).unwrap(),
            reservation_sid: ReservationSid::parse(&reservation).unwrap(),
        };
        assert_eq!(read(&whole), Some(expected));
        for text in ["{}", r#"{"handoffOf":null}"#, r#"{"handoffOf":{"taskSid":"WT1"}}"#] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
