//! Events as CloudEvents. Twilio publishes no whole event. The names and JSON types of TaskRouter's fields come from
//! consumers of real events.

use serde_json::{Map, Value, json};
use time::OffsetDateTime;

use crate::clock::iso_8601_with_milliseconds;
use crate::twilio::callbacks::EventsFilter;
use crate::twilio::sids::{self, ACCOUNT_SID};
use crate::twilio::taskrouter::model::Event;

/// The prefix of the types of TaskRouter's events.
const TASKROUTER: &str = "com.twilio.taskrouter.";

const ACCOUNT_NAME: &str = "Simulator";

/// The types of TaskRouter's events in Event Streams, without their prefix. Types that the simulator never sends are
/// left out.
const TYPES: [&str; 31] = [
    "task.created",
    "task.updated",
    "task.canceled",
    "task.wrapup",
    "task.completed",
    "task.deleted",
    "task.system-deleted",
    "reservation.created",
    "reservation.accepted",
    "reservation.rejected",
    "reservation.timeout",
    "reservation.canceled",
    "reservation.rescinded",
    "reservation.wrapup",
    "reservation.completed",
    "worker.created",
    "worker.deleted",
    "worker.activity.update",
    "worker.attributes.update",
    "worker.capacity.update",
    "worker.channel.availability.update",
    "task-queue.created",
    "task-queue.deleted",
    "task-queue.entered",
    "task-queue.moved",
    "task-queue.timeout",
    "task-queue.expression.updated",
    "workflow.entered",
    "workflow.target-matched",
    "workflow.timeout",
    "workflow.skipped",
];

/// The types of CloudEvents that a filter admits. The filter has the form of a workspace's `EventsFilter`.
pub(super) fn types(filter: &EventsFilter) -> impl Iterator<Item = String> {
    let admitted = TYPES.into_iter().filter(|name| filter.admits(name));
    admitted.map(|name| format!("{TASKROUTER}{name}"))
}

/// The type of a CloudEvent, such as `com.twilio.taskrouter.task.created`.
pub(super) fn event_type(event: &Event) -> String {
    format!("{TASKROUTER}{}", event.event_type)
}

/// An event of TaskRouter in a schema version. The versions differ only in `dataschema`.
pub(super) fn of(event: &Event, schema_version: u32) -> Value {
    let time = iso_8601_with_milliseconds(event.date);
    let publisher = event.field("WorkspaceName");
    json!({
        "specversion": "1.0",
        "type": event_type(event),
        "source": format!("/v1/Workspaces/{}", event.workspace_sid),
        "id": event.cloud_event_id,
        "dataschema": format!("https://events-schemas.twilio.com/TaskRouter.WDSEvent/{schema_version}"),
        "datacontenttype": "application/json",
        "time": time,
        "data": {
            "sid": event.sid,
            "name": title(&event.event_type),
            "account_sid": ACCOUNT_SID,
            "account_friendly_name": ACCOUNT_NAME,
            "parent_account_sid": ACCOUNT_SID,
            "parent_friendly_name": ACCOUNT_NAME,
            "timestamp": time,
            "level": "INFO",
            "group": event.resource_type,
            "product_name": "TaskRouter",
            "publisher": publisher,
            "publisher_metadata": "{}",
            "payload_type": "application/json",
            "payload": payload(event),
        },
    })
}

/// The event with which a sink is tested.
pub(super) fn test(test_id: &str, now: OffsetDateTime) -> Value {
    json!({
        "specversion": "1.0",
        "type": "com.twilio.eventstreams.test-event",
        "source": "Sink",
        "id": ACCOUNT_SID,
        "dataschema": "https://events-schemas.twilio.com/EventStreams.TestSink/1.json",
        "datacontenttype": "application/json",
        "time": iso_8601_with_milliseconds(now),
        "data": { "test_id": test_id },
    })
}

/// A UUID, the form of test ids.
pub(super) fn test_id() -> String {
    let digits = sids::new("");
    let parts = [
        &digits[..8],
        &digits[8..12],
        &digits[12..16],
        &digits[16..20],
        &digits[20..],
    ];
    parts.join("-")
}

/// The form's fields in snake case and with JSON types, plus the fields that only Event Streams has.
fn payload(event: &Event) -> Value {
    let fields = event.fields.iter();
    let fields = fields.filter(|(name, _)| name != "TimestampMs");
    let fields = fields.map(|(name, value)| (key(name), typed(name, value, event.date)));
    let own = event.stream_fields.iter();
    let own = own.map(|(name, value)| ((*name).to_owned(), value.clone()));
    fields.chain(own).collect::<Map<_, _>>().into()
}

fn key(name: &str) -> String {
    if name == "EventType" {
        return "eventtype".to_owned();
    }
    let mut key = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && !key.is_empty() {
            key.push('_');
        }
        key.push(letter.to_ascii_lowercase());
    }
    key
}

/// Numbers, booleans and times are texts in the form. Times there have whole seconds, counted since 1970 or in ISO
/// 8601.
fn typed(name: &str, value: &str, date: OffsetDateTime) -> Value {
    match name {
        "Timestamp" => iso_8601_with_milliseconds(date).into(),
        "TaskDateCreated" | "TaskQueueEnteredDate" => {
            let time = value.parse().ok().map(OffsetDateTime::from_unix_timestamp);
            time.and_then(Result::ok).map(iso_8601_with_milliseconds).into()
        }
        "TaskVirtualStartTime" => value.replace('Z', ".000Z").into(),
        "TaskAge"
        | "TaskPriority"
        | "TaskVersion"
        | "ReservationVersion"
        | "WorkerVersion"
        | "WorkerTimeInPreviousActivity"
        | "WorkerTimeInPreviousActivityMs"
        | "WorkerChannelAvailableCapacity"
        | "WorkerChannelPreviousCapacity"
        | "WorkerChannelTaskCount" => value.parse::<i64>().ok().into(),
        "TaskIgnoreCapacity" | "WorkerChannelAvailable" | "ActivityAvailable" | "TaskChannelOptimizedRouting" => {
            (value == "true").into()
        }
        _ => value.into(),
    }
}

/// `ReservationCreated` for `reservation.created`.
fn title(event_type: &str) -> String {
    let words = event_type.split(['.', '-']).map(|word| {
        let (first, rest) = word.split_at(word.len().min(1));
        first.to_ascii_uppercase() + rest
    });
    words.collect()
}
