//! The messages on the queues. They hold SIDs and never attributes; the work is decided when it is done.

use serde::{Deserialize, Serialize};

use crate::twilio::sid::{ReservationSid, TaskSid};

/// One message on a queue. Unknown members are ignored: a later version may have sent it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", rename_all_fields = "camelCase")]
pub enum Job {
    /// Copy this task's attributes to its session.
    Sync { task_sid: TaskSid },
    /// End this task, if its state allows it: this reservation on it was wrapped up.
    Close {
        task_sid: TaskSid,
        reservation_sid: ReservationSid,
    },
}

impl Job {
    /// Reads a message; `None` if it isn't a job.
    pub fn parse(body: &str) -> Option<Self> {
        serde_json::from_str(body).ok()
    }

    /// The message's text.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIGITS: &str = "00000000000000000000000000000001";

    #[test]
    fn job_is_read_as_it_was_written() {
        let task_sid = TaskSid::parse(&format!("WT{DIGITS}")).unwrap();
        let reservation_sid = ReservationSid::parse(&format!("WR{DIGITS}")).unwrap();
        let sync = Job::Sync {
            task_sid: task_sid.clone(),
        };
        let close = Job::Close {
            task_sid,
            reservation_sid,
        };
        for (job, json) in [
            (sync, format!(r#"{{"sync":{{"taskSid":"WT{DIGITS}"}}}}"#)),
            (
                close,
                format!(r#"{{"close":{{"taskSid":"WT{DIGITS}","reservationSid":"WR{DIGITS}"}}}}"#),
            ),
        ] {
            assert_eq!(job.to_json(), json);
            assert_eq!(Job::parse(&json), Some(job));
        }
        let later = format!(r#"{{"sync":{{"taskSid":"WT{DIGITS}","more":[1]}}}}"#);
        assert!(matches!(Job::parse(&later), Some(Job::Sync { .. })));
    }

    #[test]
    fn text_that_is_no_job_is_none() {
        let task = format!(r#""taskSid":"WT{DIGITS}""#);
        for body in [
            String::new(),
            "null".to_owned(),
            "[]".to_owned(),
            "{}".to_owned(),
            format!("{{{task}}}"),
            r#"{"sync":{}}"#.to_owned(),
            r#"{"sync":null}"#.to_owned(),
            r#"{"sync":{"taskSid":"WT1"}}"#.to_owned(),
            format!(r#"{{"sync":{{"taskSid":"WR{DIGITS}"}}}}"#),
            format!(r#"{{"sync":{{"taskSid":["WT{DIGITS}"]}}}}"#),
            format!(r#"{{"sync":{{{task}}},"close":{{}}}}"#),
            format!(r#"{{"sync":{{{task}}}}} more"#),
            format!(r#"{{"close":{{{task}}}}}"#),
            format!(r#"{{"Sync":{{{task}}}}}"#),
        ] {
            assert_eq!(Job::parse(&body), None, "{body}");
        }
    }
}
