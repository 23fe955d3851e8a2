//! Events.

use std::time::Instant;

use serde_json::Value;
use time::OffsetDateTime;

use crate::cause::Cause;

/// An event. Callback URLs and sinks get events.
#[derive(Clone, Debug)]
pub struct Event {
    /// Each delivery of the event has the same SID and token.
    pub sid: String,
    /// The value of `I-Twilio-Idempotency-Token`.
    pub idempotency_token: String,
    /// The `id` of the event's CloudEvent (`EZ…`).
    pub cloud_event_id: String,
    pub event_type: String,
    /// The cause of the change, if known.
    pub cause: Option<Cause>,
    /// The time of the change by the system's monotonic clock.
    pub moment: Instant,
    pub workspace_sid: String,
    /// `task`, `reservation`, …
    pub resource_type: String,
    pub resource_sid: String,
    pub date: OffsetDateTime,
    /// The form's fields.
    pub fields: Vec<(String, String)>,
    /// The members that only the CloudEvent has, in addition to the form's fields.
    pub stream_fields: Vec<(&'static str, Value)>,
}

impl Event {
    /// The value of a field of the form.
    pub fn field(&self, name: &str) -> Option<&str> {
        let field = self.fields.iter().find(|(own, _)| own == name);
        field.map(|(_, value)| value.as_str())
    }
}
