//! An event, as TaskRouter sends it.

use std::time::Instant;

use time::OffsetDateTime;

use crate::cause::Cause;

/// One event, as it is sent to each callback URL.
#[derive(Clone, Debug)]
pub struct Event {
    /// The same for each delivery of the event, as is the token.
    pub sid: String,
    /// The value of `I-Twilio-Idempotency-Token`.
    pub idempotency_token: String,
    pub event_type: String,
    /// What made the change that it tells of, as far as that is known.
    pub cause: Option<Cause>,
    /// When that was, by a clock that nobody moves.
    pub moment: Instant,
    pub workspace_sid: String,
    /// As on the wire: `task`, `reservation`, …
    pub resource_type: String,
    pub resource_sid: String,
    pub date: OffsetDateTime,
    /// The form's fields.
    pub fields: Vec<(String, String)>,
}

impl Event {
    /// The value of one of the form's fields.
    pub fn field(&self, name: &str) -> Option<&str> {
        let field = self.fields.iter().find(|(own, _)| own == name);
        field.map(|(_, value)| value.as_str())
    }
}
