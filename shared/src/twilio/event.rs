//! TaskRouter's event callback, parsed once into what the functions need of it.
//! <https://www.twilio.com/docs/taskrouter/api/event/reference>

use crate::attributes::is_object;
use crate::twilio::sid::{ReservationSid, TaskSid, WorkerSid};
use crate::twilio::signature::Form;

/// Twice as long as any that there is.
const LONGEST_TYPE: usize = 80;

/// An event of TaskRouter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// For example `task.updated`.
    pub event_type: String,
    pub account_sid: Option<String>,
    pub workspace_sid: Option<String>,
    /// The task that the event is about; `worker.*`, `activity.*` and others have none.
    pub task_sid: Option<TaskSid>,
    /// The task's attributes as they were when the event arose, a JSON object.
    pub task_attributes: Option<String>,
    /// The worker of a `reservation.*` event.
    pub worker_sid: Option<WorkerSid>,
    /// The reservation of such an event, and sometimes of one of its task.
    pub reservation_sid: Option<ReservationSid>,
}

/// What is wrong with an event that is authentic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Malformed {
    NoEventType,
    TaskSid,
    TaskAttributes,
}

impl Malformed {
    /// In words.
    pub fn cause(self) -> &'static str {
        match self {
            Self::NoEventType => "there is no EventType",
            Self::TaskSid => "TaskSid is no task's SID",
            Self::TaskAttributes => "TaskAttributes is not a JSON object",
        }
    }
}

impl Event {
    /// Reads an event from the form that TaskRouter posted. An empty value counts as a missing one.
    ///
    /// # Errors
    /// Which field can't be read.
    pub fn from_form(form: &Form<'_>) -> Result<Self, Malformed> {
        let field = |name: &str| {
            let (_, value) = form.iter().find(|(field, _)| field == name)?;
            (!value.is_empty()).then_some(&**value)
        };
        let owned = |name: &str| field(name).map(str::to_owned);
        let task_sid = match field("TaskSid") {
            Some(text) => Some(TaskSid::parse(text).ok_or(Malformed::TaskSid)?),
            None => None,
        };
        let task_attributes = field("TaskAttributes");
        if task_attributes.is_some_and(|text| !is_object(text)) {
            return Err(Malformed::TaskAttributes);
        }
        Ok(Self {
            event_type: owned("EventType").ok_or(Malformed::NoEventType)?,
            account_sid: owned("AccountSid"),
            workspace_sid: owned("WorkspaceSid"),
            task_sid,
            task_attributes: task_attributes.map(str::to_owned),
            worker_sid: field("WorkerSid").and_then(WorkerSid::parse),
            reservation_sid: field("ReservationSid").and_then(ReservationSid::parse),
        })
    }

    /// The type as it can be logged. All of TaskRouter's are short names; any other text may be somebody's.
    pub fn type_to_log(&self) -> &str {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
        match self.event_type.len() <= LONGEST_TYPE && self.event_type.bytes().all(is_plain) {
            true => &self.event_type,
            false => "no name",
        }
    }

    /// Whether it is an event of a reservation.
    pub fn is_about_reservation(&self) -> bool {
        self.event_type.starts_with("reservation.")
    }

    /// Whether it ends its task: no later event will tell what the task held.
    pub fn ends_task(&self) -> bool {
        ends_task(&self.event_type)
    }
}

/// Whether events of this type end their task.
pub(crate) fn ends_task(event_type: &str) -> bool {
    matches!(
        event_type,
        "task.completed" | "task.canceled" | "task.deleted" | "task.system-deleted"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(pairs: &[(&str, &str)]) -> Result<Event, Malformed> {
        let form: Vec<_> = pairs
            .iter()
            .map(|(name, value)| ((*name).into(), (*value).into()))
            .collect();
        Event::from_form(&form)
    }

    const TASK: &str = "WT00000000000000000000000000000001";
    const WORKER: &str = "WK00000000000000000000000000000001";
    const RESERVATION: &str = "WR00000000000000000000000000000001";

    #[test]
    fn an_event_is_read_from_its_form() {
        let event = parse(&[
            ("EventType", "reservation.created"),
            ("AccountSid", "AC1"),
            ("WorkspaceSid", "WS1"),
            ("TaskSid", TASK),
            ("TaskAttributes", "{\"a\":1}"),
            ("WorkerSid", WORKER),
            ("ReservationSid", RESERVATION),
            ("ResourceType", "reservation"),
        ]);
        let expected = Event {
            event_type: "reservation.created".to_owned(),
            account_sid: Some("AC1".to_owned()),
            workspace_sid: Some("WS1".to_owned()),
            task_sid: TaskSid::parse(TASK),
            task_attributes: Some("{\"a\":1}".to_owned()),
            worker_sid: WorkerSid::parse(WORKER),
            reservation_sid: ReservationSid::parse(RESERVATION),
        };
        assert_eq!(event, Ok(expected));
    }

    #[test]
    fn a_type_that_is_no_name_is_not_logged() {
        let logged = |event_type: &str| parse(&[("EventType", event_type)]).unwrap().type_to_log().to_owned();
        assert_eq!(logged("task-queue.entered"), "task-queue.entered");
        for text in ["Ana Torres", "a@b.example", &"a".repeat(81)] {
            assert_eq!(logged(text), "no name");
        }
    }

    #[test]
    fn what_is_missing_or_malformed_is_named() {
        let cases: [(&[(&str, &str)], Malformed); 5] = [
            (&[], Malformed::NoEventType),
            (&[("EventType", ""), ("TaskSid", TASK)], Malformed::NoEventType),
            (&[("EventType", "task.created"), ("TaskSid", "WT1")], Malformed::TaskSid),
            (
                &[("EventType", "task.created"), ("TaskAttributes", "{")],
                Malformed::TaskAttributes,
            ),
            (
                &[("EventType", "task.created"), ("TaskAttributes", "[]")],
                Malformed::TaskAttributes,
            ),
        ];
        for (form, malformed) in cases {
            assert_eq!(parse(form), Err(malformed), "{form:?}");
        }
        assert_eq!(
            parse(&[("EventType", "task.created"), ("TaskAttributes", "")])
                .unwrap()
                .task_attributes,
            None
        );
    }
}
