//! The messages on the queues. They hold SIDs and never attributes. The work is decided when it is done.

use serde::{Deserialize, Serialize};

use crate::twilio::sid::{ConversationSid, ReservationSid, TaskSid};

/// A message on a queue. Unknown members are ignored, since a later version may have sent the message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Job {
    /// Copy a task's attributes to its session.
    Sync(SyncJob),
    /// Post the note of a handoff unless the note is there.
    Note(NoteJob),
    /// End a task if its state allows that.
    Close(CloseJob),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SyncJob {
    pub task_sid: TaskSid,
    /// Whether the task was gone a minute ago, or its session unknown.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_second_look: bool,
    /// Whether an abandoned write may have been carried out after a later write, in the minute before this message is
    /// delivered. A copy in that minute doesn't count.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_after_write: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NoteJob {
    pub task_sid: TaskSid,
    pub reservation_sid: ReservationSid,
    pub conversation_sid: ConversationSid,
    /// The task that an accepted handoff made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub new_task_sid: Option<TaskSid>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CloseJob {
    pub task_sid: TaskSid,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reservation_sid: Option<ReservationSid>,
    #[serde(default)]
    pub cause: CloseCause,
}

/// The reason why a task may have to be closed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CloseCause {
    /// The task or a reservation on it reached wrap-up.
    #[default]
    Wrapup,
    /// An AI worker's reservation was rejected.
    Rejection,
    /// The AI resolved the matter.
    Resolved,
}

impl Job {
    /// Reads a message. `None` if the message isn't a job.
    pub fn parse(body: &str) -> Option<Self> {
        serde_json::from_str(body).ok()
    }

    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TASK: &str = "WT00000000000000000000000000000001";
    const NEW_TASK: &str = "WT00000000000000000000000000000002";
    const RESERVATION: &str = "WR00000000000000000000000000000001";
    const CONVERSATION: &str = "CH00000000000000000000000000000001";

    fn close(reservation_sid: Option<ReservationSid>, cause: CloseCause) -> Job {
        Job::Close(CloseJob {
            task_sid: TaskSid::parse(TASK).unwrap(),
            reservation_sid,
            cause,
        })
    }

    #[test]
    fn job_is_read_as_it_was_written() {
        let task_sid = TaskSid::parse(TASK).unwrap();
        let reservation_sid = ReservationSid::parse(RESERVATION).unwrap();
        let conversation_sid = ConversationSid::parse(CONVERSATION).unwrap();
        let note = |new_task_sid| {
            Job::Note(NoteJob {
                task_sid: task_sid.clone(),
                reservation_sid: reservation_sid.clone(),
                conversation_sid: conversation_sid.clone(),
                new_task_sid,
            })
        };
        let sids = format!(r#""taskSid":"{TASK}","reservationSid":"{RESERVATION}","conversationSid":"{CONVERSATION}""#);
        let sync = |is_second_look, is_after_write| {
            Job::Sync(SyncJob {
                task_sid: task_sid.clone(),
                is_second_look,
                is_after_write,
            })
        };
        for (job, json) in [
            (sync(false, false), format!(r#"{{"sync":{{"taskSid":"{TASK}"}}}}"#)),
            (
                sync(true, false),
                format!(r#"{{"sync":{{"taskSid":"{TASK}","isSecondLook":true}}}}"#),
            ),
            (
                sync(false, true),
                format!(r#"{{"sync":{{"taskSid":"{TASK}","isAfterWrite":true}}}}"#),
            ),
            (note(None), format!(r#"{{"note":{{{sids}}}}}"#)),
            (
                note(TaskSid::parse(NEW_TASK)),
                format!(r#"{{"note":{{{sids},"newTaskSid":"{NEW_TASK}"}}}}"#),
            ),
            (
                close(None, CloseCause::Wrapup),
                format!(r#"{{"close":{{"taskSid":"{TASK}","cause":"wrapup"}}}}"#),
            ),
            (
                close(Some(reservation_sid.clone()), CloseCause::Resolved),
                format!(r#"{{"close":{{"taskSid":"{TASK}","reservationSid":"{RESERVATION}","cause":"resolved"}}}}"#),
            ),
        ] {
            assert_eq!(job.to_json(), json);
            assert_eq!(Job::parse(&json), Some(job));
        }
    }

    #[test]
    fn missing_cause_means_wrap_up_and_unknown_members_are_ignored() {
        let later = format!(r#"{{"close":{{"taskSid":"{TASK}","more":[1]}}}}"#);
        assert_eq!(Job::parse(&later), Some(close(None, CloseCause::Wrapup)));
    }

    #[test]
    fn text_that_is_no_job_is_none() {
        let task = format!(r#""taskSid":"{TASK}""#);
        for body in [
            String::new(),
            "null".to_owned(),
            "[]".to_owned(),
            "{}".to_owned(),
            format!("{{{task}}}"),
            r#"{"sync":{}}"#.to_owned(),
            r#"{"sync":null}"#.to_owned(),
            r#"{"sync":{"taskSid":"WT1"}}"#.to_owned(),
            format!(r#"{{"sync":{{"taskSid":"{RESERVATION}"}}}}"#),
            format!(r#"{{"sync":{{"taskSid":["{TASK}"]}}}}"#),
            format!(r#"{{"sync":{{{task}}},"close":{{}}}}"#),
            format!(r#"{{"sync":{{{task}}}}} more"#),
            format!(r#"{{"note":{{{task}}}}}"#),
            format!(r#"{{"close":{{{task},"cause":"other"}}}}"#),
            format!(r#"{{"Sync":{{{task}}}}}"#),
        ] {
            assert_eq!(Job::parse(&body), None, "{body}");
        }
    }
}
