//! TaskRouter's events.
//! <https://www.twilio.com/docs/taskrouter/api/event/reference>

mod cloud;

use std::borrow::Cow;

use time::OffsetDateTime;

use crate::attributes::is_object;
use crate::twilio::sid::{ReservationSid, TaskSid, WorkerSid};
use crate::twilio::signature::Form;

pub use cloud::cloud_events;

/// The longest event type that is logged. Twice as long as any type of TaskRouter.
const MAX_TYPE_LENGTH: usize = 80;

/// The type of an event. Only types that change a function's work have a variant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EventType {
    TaskWrapup,
    TaskCompleted,
    TaskCanceled,
    TaskDeleted,
    TaskSystemDeleted,
    ReservationCreated,
    ReservationRejected,
    ReservationWrapup,
    /// Another event of a reservation.
    OtherReservation(String),
    Other(String),
}

impl EventType {
    const NAMED: [(&str, Self); 8] = [
        ("task.wrapup", Self::TaskWrapup),
        ("task.completed", Self::TaskCompleted),
        ("task.canceled", Self::TaskCanceled),
        ("task.deleted", Self::TaskDeleted),
        ("task.system-deleted", Self::TaskSystemDeleted),
        ("reservation.created", Self::ReservationCreated),
        ("reservation.rejected", Self::ReservationRejected),
        ("reservation.wrapup", Self::ReservationWrapup),
    ];

    pub fn parse(text: &str) -> Self {
        match Self::NAMED.into_iter().find(|(name, _)| *name == text) {
            Some((_, event_type)) => event_type,
            None if text.starts_with("reservation.") => Self::OtherReservation(text.to_owned()),
            None => Self::Other(text.to_owned()),
        }
    }

    fn as_str(&self) -> &str {
        match self {
            Self::OtherReservation(text) | Self::Other(text) => text,
            named => Self::NAMED
                .iter()
                .find(|(_, event_type)| event_type == named)
                .map_or("", |(name, _)| name),
        }
    }

    /// The type in a form that can be logged. TaskRouter's types are short names. Any other text may be private.
    pub fn to_log(&self) -> Cow<'static, str> {
        let text = self.as_str();
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
        match text.len() <= MAX_TYPE_LENGTH && text.bytes().all(is_plain) {
            true => text.to_owned().into(),
            false => "unnamed".into(),
        }
    }

    /// Whether the event is about a reservation.
    pub fn is_reservation(&self) -> bool {
        matches!(
            self,
            Self::ReservationCreated | Self::ReservationRejected | Self::ReservationWrapup | Self::OtherReservation(_)
        )
    }

    /// Whether the event ends its task. No later event carries the task's attributes.
    pub fn ends_task(&self) -> bool {
        matches!(
            self,
            Self::TaskCompleted | Self::TaskCanceled | Self::TaskDeleted | Self::TaskSystemDeleted
        )
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    pub event_type: EventType,
    pub account_sid: Option<String>,
    pub workspace_sid: Option<String>,
    /// The task that the event is about. `worker.*`, `activity.*` and other events have no task.
    pub task_sid: Option<TaskSid>,
    /// The task's attributes at the time of the event: a JSON object.
    pub task_attributes: Option<String>,
    /// The worker of a `reservation.*` event.
    pub worker_sid: Option<WorkerSid>,
    /// The reservation of a `reservation.*` event. Some `task.*` events have a reservation too.
    pub reservation_sid: Option<ReservationSid>,
    /// The time of the event.
    pub time: Option<OffsetDateTime>,
}

/// An authentic event that can't be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MalformedEvent {
    #[error("there is no event type")]
    NoEventType,
    #[error("the task's SID is not the SID of a task")]
    TaskSid,
    #[error("the task's attributes are not a JSON object")]
    TaskAttributes,
    #[error("the body is not a CloudEvent or a list of them")]
    NotCloudEvents,
    #[error("the event has no payload of TaskRouter's")]
    NoPayload,
}

/// The fields of an event as sent.
#[derive(Default)]
struct FormFields<'f> {
    event_type: Option<&'f str>,
    account_sid: Option<&'f str>,
    workspace_sid: Option<&'f str>,
    task_sid: Option<&'f str>,
    task_attributes: Option<&'f str>,
    worker_sid: Option<&'f str>,
    reservation_sid: Option<&'f str>,
    time: Option<OffsetDateTime>,
}

impl Event {
    /// Reads an event from the form that TaskRouter posted.
    ///
    /// # Errors
    /// The first field that can't be read.
    pub fn from_form(form: &Form<'_>) -> Result<Self, MalformedEvent> {
        let field = |name: &str| form.iter().find(|(field, _)| field == name).map(|(_, value)| &**value);
        let time = field("TimestampMs").and_then(|milliseconds| {
            let milliseconds: i64 = milliseconds.parse().ok()?;
            OffsetDateTime::from_unix_timestamp_nanos(i128::from(milliseconds) * 1_000_000).ok()
        });
        let seconds = || OffsetDateTime::from_unix_timestamp(field("Timestamp")?.parse().ok()?).ok();
        Self::read(FormFields {
            event_type: field("EventType"),
            account_sid: field("AccountSid"),
            workspace_sid: field("WorkspaceSid"),
            task_sid: field("TaskSid"),
            task_attributes: field("TaskAttributes"),
            worker_sid: field("WorkerSid"),
            reservation_sid: field("ReservationSid"),
            time: time.or_else(seconds),
        })
    }

    /// Reads an event. An empty field counts as missing.
    fn read(fields: FormFields<'_>) -> Result<Self, MalformedEvent> {
        let given = |field: Option<&str>| field.filter(|text| !text.is_empty()).map(str::to_owned);
        let task_sid = match given(fields.task_sid) {
            Some(text) => Some(TaskSid::parse(&text).ok_or(MalformedEvent::TaskSid)?),
            None => None,
        };
        let task_attributes = given(fields.task_attributes);
        if task_attributes.as_deref().is_some_and(|text| !is_object(text)) {
            return Err(MalformedEvent::TaskAttributes);
        }
        Ok(Self {
            event_type: EventType::parse(&given(fields.event_type).ok_or(MalformedEvent::NoEventType)?),
            account_sid: given(fields.account_sid),
            workspace_sid: given(fields.workspace_sid),
            task_sid,
            task_attributes,
            worker_sid: fields.worker_sid.and_then(WorkerSid::parse),
            reservation_sid: fields.reservation_sid.and_then(ReservationSid::parse),
            time: fields.time,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(pairs: &[(&str, &str)]) -> Result<Event, MalformedEvent> {
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
    fn event_is_read_from_its_form() {
        let event = parse(&[
            ("EventType", "reservation.created"),
            ("AccountSid", "AC1"),
            ("WorkspaceSid", "WS1"),
            ("TaskSid", TASK),
            ("TaskAttributes", "{\"a\":1}"),
            ("WorkerSid", WORKER),
            ("ReservationSid", RESERVATION),
            ("ResourceType", "reservation"),
            ("Timestamp", "1795338000"),
        ]);
        let expected = Event {
            event_type: EventType::ReservationCreated,
            account_sid: Some("AC1".to_owned()),
            workspace_sid: Some("WS1".to_owned()),
            task_sid: TaskSid::parse(TASK),
            task_attributes: Some("{\"a\":1}".to_owned()),
            worker_sid: WorkerSid::parse(WORKER),
            reservation_sid: ReservationSid::parse(RESERVATION),
            time: OffsetDateTime::from_unix_timestamp(1_795_338_000).ok(),
        };
        assert_eq!(event, Ok(expected));
    }

    #[test]
    fn time_is_in_milliseconds_or_seconds() {
        let time = |pairs: &[(&str, &str)]| {
            let event = parse(&[&[("EventType", "task.created")], pairs].concat());
            event.unwrap().time.map(OffsetDateTime::unix_timestamp_nanos)
        };
        let both = [("Timestamp", "1795338000"), ("TimestampMs", "1795338000123")];
        assert_eq!(time(&both), Some(1_795_338_000_123_000_000));
        assert_eq!(time(&both[..1]), Some(1_795_338_000_000_000_000));
        for malformed in ["", "soon", "1.5", "99999999999999999999"] {
            assert_eq!(time(&[("Timestamp", malformed), ("TimestampMs", malformed)]), None);
        }
    }

    #[test]
    fn private_text_in_a_type_is_not_logged() {
        let logged = |event_type: &str| parse(&[("EventType", event_type)]).unwrap().event_type.to_log();
        assert_eq!(logged("task-queue.entered"), "task-queue.entered");
        for text in ["Ana Torres", "a@b.example", &"a".repeat(81)] {
            assert_eq!(logged(text), "unnamed");
        }
    }

    #[test]
    fn malformed_field_is_named() {
        let cases: [(&[(&str, &str)], MalformedEvent); 5] = [
            (&[], MalformedEvent::NoEventType),
            (&[("EventType", ""), ("TaskSid", TASK)], MalformedEvent::NoEventType),
            (
                &[("EventType", "task.created"), ("TaskSid", "WT1")],
                MalformedEvent::TaskSid,
            ),
            (
                &[("EventType", "task.created"), ("TaskAttributes", "{")],
                MalformedEvent::TaskAttributes,
            ),
            (
                &[("EventType", "task.created"), ("TaskAttributes", "[]")],
                MalformedEvent::TaskAttributes,
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
