//! What is left on the queue: which work, by SIDs alone. What there is to do is decided when it is done.

use serde::{Deserialize, Serialize};

use crate::twilio::sid::{ReservationSid, TaskSid};

/// One message on the queue.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", rename_all_fields = "camelCase", deny_unknown_fields)]
pub enum Message {
    /// The session of this task is to be as the task is.
    Sync { task_sid: TaskSid },
    /// This task may be one to complete, since this reservation on it was wrapped up.
    Close {
        task_sid: TaskSid,
        reservation_sid: ReservationSid,
    },
}

impl Message {
    /// Reads a message; `None` if it is none of ours.
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
    fn a_message_is_read_as_it_was_written() {
        let task_sid = TaskSid::parse(&format!("WT{DIGITS}")).unwrap();
        let reservation_sid = ReservationSid::parse(&format!("WR{DIGITS}")).unwrap();
        let sync = Message::Sync {
            task_sid: task_sid.clone(),
        };
        let close = Message::Close {
            task_sid,
            reservation_sid,
        };
        for (message, json) in [
            (sync, format!(r#"{{"sync":{{"taskSid":"WT{DIGITS}"}}}}"#)),
            (
                close,
                format!(r#"{{"close":{{"taskSid":"WT{DIGITS}","reservationSid":"WR{DIGITS}"}}}}"#),
            ),
        ] {
            assert_eq!(message.to_json(), json);
            assert_eq!(Message::parse(&json), Some(message));
        }
    }

    #[test]
    fn what_is_not_exactly_a_message_is_none() {
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
            format!(r#"{{"sync":{{{task},"more":1}}}}"#),
            format!(r#"{{"sync":{{{task}}},"close":{{}}}}"#),
            format!(r#"{{"sync":{{{task}}}}} more"#),
            format!(r#"{{"close":{{{task}}}}}"#),
            format!(r#"{{"Sync":{{{task}}}}}"#),
        ] {
            assert_eq!(Message::parse(&body), None, "{body}");
        }
    }
}
