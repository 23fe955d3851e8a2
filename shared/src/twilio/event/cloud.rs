//! Events of Event Streams: CloudEvents with the same facts as the event callback's form.
//! <https://www.twilio.com/docs/events/webhook-quickstart>

use serde::Deserialize;
use serde_json::value::RawValue;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::{Event, FormFields, MalformedEvent};

/// The first part of the types of TaskRouter's events.
const TASKROUTER: &str = "com.twilio.taskrouter.";

/// The members of a CloudEvent of any type.
#[derive(Deserialize)]
struct CloudEvent<'e> {
    #[serde(rename = "type")]
    event_type: Option<String>,
    #[serde(borrow)]
    data: Option<&'e RawValue>,
}

#[derive(Deserialize)]
struct Data {
    account_sid: Option<String>,
    payload: Option<EventPayload>,
}

#[derive(Deserialize)]
struct EventPayload {
    timestamp: Option<String>,
    account_sid: Option<String>,
    workspace_sid: Option<String>,
    task_sid: Option<String>,
    task_attributes: Option<String>,
    worker_sid: Option<String>,
    reservation_sid: Option<String>,
}

/// Reads the events in a body, which is a CloudEvent or a list of CloudEvents. An event of another product is `None`.
///
/// # Errors
/// [`MalformedEvent::NotCloudEvents`] if the body is something else.
pub fn cloud_events(body: &[u8]) -> Result<Vec<Result<Option<Event>, MalformedEvent>>, MalformedEvent> {
    let malformed = |_| MalformedEvent::NotCloudEvents;
    let body: &RawValue = serde_json::from_slice(body).map_err(malformed)?;
    let events: Vec<&RawValue> = match body.get().as_bytes() {
        [b'[', ..] => serde_json::from_str(body.get()).map_err(malformed)?,
        [b'{', ..] => vec![body],
        _ => return Err(MalformedEvent::NotCloudEvents),
    };
    Ok(events.into_iter().map(|event| read(event.get())).collect())
}

fn read(event: &str) -> Result<Option<Event>, MalformedEvent> {
    let event: CloudEvent<'_> = serde_json::from_str(event).map_err(|_| MalformedEvent::NotCloudEvents)?;
    let cloud_type = event.event_type.ok_or(MalformedEvent::NoEventType)?;
    let Some(event_type) = cloud_type.strip_prefix(TASKROUTER) else {
        return Ok(None);
    };
    let data = event
        .data
        .and_then(|data| serde_json::from_str::<Data>(data.get()).ok());
    let data = data.ok_or(MalformedEvent::NoPayload)?;
    let payload = data.payload.ok_or(MalformedEvent::NoPayload)?;
    let time = payload.timestamp.as_deref();
    let fields = FormFields {
        event_type: Some(event_type),
        account_sid: payload.account_sid.as_deref().or(data.account_sid.as_deref()),
        workspace_sid: payload.workspace_sid.as_deref(),
        task_sid: payload.task_sid.as_deref(),
        task_attributes: payload.task_attributes.as_deref(),
        worker_sid: payload.worker_sid.as_deref(),
        reservation_sid: payload.reservation_sid.as_deref(),
        time: time.and_then(|time| OffsetDateTime::parse(time, &Rfc3339).ok()),
    };
    Event::read(fields).map(Some)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::twilio::event::EventType;
    use crate::twilio::sid::{ReservationSid, TaskSid, WorkerSid};

    const TASK: &str = "WT00000000000000000000000000000001";
    const WORKER: &str = "WK00000000000000000000000000000001";
    const RESERVATION: &str = "WR00000000000000000000000000000001";

    /// An event with the members that matter, and with further members.
    fn reservation_created() -> Value {
        json!({
            "specversion": "1.0",
            "type": "com.twilio.taskrouter.reservation.created",
            "source": "/v1/Workspaces/WS1",
            "id": "EZ00000000000000000000000000000001",
            "dataschema": "https://events-schemas.twilio.com/TaskRouter.WDSEvent/4",
            "datacontenttype": "application/json",
            "time": "2026-11-22T09:00:01.250Z",
            "data": {
                "sid": "EV00000000000000000000000000000001",
                "account_sid": "AC2",
                "payload": {
                    "eventtype": "reservation.created",
                    "timestamp": "2026-11-22T09:00:00.000Z",
                    "account_sid": "AC1",
                    "workspace_sid": "WS1",
                    "task_sid": TASK,
                    "task_attributes": "{\"a\":1}",
                    "task_version": 2,
                    "reservation_sid": RESERVATION,
                    "worker_sid": WORKER,
                    "worker_available": true,
                },
            },
        })
    }

    fn expected() -> Event {
        Event {
            event_type: EventType::ReservationCreated,
            account_sid: Some("AC1".to_owned()),
            workspace_sid: Some("WS1".to_owned()),
            task_sid: TaskSid::parse(TASK),
            task_attributes: Some("{\"a\":1}".to_owned()),
            worker_sid: WorkerSid::parse(WORKER),
            reservation_sid: ReservationSid::parse(RESERVATION),
            time: OffsetDateTime::from_unix_timestamp(1_795_338_000).ok(),
        }
    }

    fn parse(body: &Value) -> Result<Vec<Result<Option<Event>, MalformedEvent>>, MalformedEvent> {
        cloud_events(body.to_string().as_bytes())
    }

    #[test]
    fn body_is_one_event_or_a_list() {
        let event = reservation_created();
        assert_eq!(parse(&event), Ok(vec![Ok(Some(expected()))]));
        assert_eq!(parse(&json!([event, event])), Ok(vec![Ok(Some(expected())); 2]));
        assert_eq!(parse(&json!([])), Ok(vec![]));
        for body in ["", "7", "null", "\"{}\"", "[", "[{}", "{}{}"] {
            assert_eq!(
                cloud_events(body.as_bytes()),
                Err(MalformedEvent::NotCloudEvents),
                "{body}"
            );
        }
    }

    #[test]
    fn event_of_another_product_is_none_whatever_its_data() {
        let test_event = json!({ "type": "com.twilio.eventstreams.test-event", "data": "text" });
        assert_eq!(parse(&test_event), Ok(vec![Ok(None)]));
    }

    #[test]
    fn unreadable_event_leaves_the_others() {
        use MalformedEvent::{NoEventType, NoPayload, NotCloudEvents, TaskAttributes, TaskSid};
        let with = |path: &str, value: Value| {
            let mut event = reservation_created();
            *event.pointer_mut(path).unwrap() = value;
            event
        };
        for (event, malformed) in [
            (json!(7), NotCloudEvents),
            (with("/type", json!(7)), NotCloudEvents),
            (with("/type", Value::Null), NoEventType),
            (with("/type", json!("com.twilio.taskrouter.")), NoEventType),
            (with("/data", Value::Null), NoPayload),
            (with("/data", json!("{}")), NoPayload),
            (with("/data/payload", Value::Null), NoPayload),
            (with("/data/payload/task_sid", json!(7)), NoPayload),
            (with("/data/payload/task_sid", json!("WT1")), TaskSid),
            (with("/data/payload/task_attributes", json!("[]")), TaskAttributes),
        ] {
            let body = json!([event, reservation_created()]);
            assert_eq!(parse(&body), Ok(vec![Err(malformed), Ok(Some(expected()))]), "{event}");
        }
    }

    #[test]
    fn missing_members_are_no_fault() {
        let event =
            json!({ "type": "com.twilio.taskrouter.task.created", "data": { "account_sid": "AC2", "payload": {} } });
        let bare = Event {
            event_type: EventType::Other("task.created".to_owned()),
            account_sid: Some("AC2".to_owned()),
            workspace_sid: None,
            task_sid: None,
            task_attributes: None,
            worker_sid: None,
            reservation_sid: None,
            time: None,
        };
        assert_eq!(parse(&event), Ok(vec![Ok(Some(bare))]));
    }
}
