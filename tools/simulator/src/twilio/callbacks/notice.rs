//! The events of Conversations in the form of TaskRouter's.

use std::time::Instant;

use crate::cause::Cause;
use crate::twilio::conversations::Notice;
use crate::twilio::sids;
use crate::twilio::taskrouter::model::Event;

/// An event of Conversations has no SID of its own. The SID of the conversation, message or participant takes its
/// place.
pub(super) fn event(notice: Notice) -> Event {
    Event {
        sid: notice.resource_sid.clone(),
        idempotency_token: sids::new(""),
        cloud_event_id: String::new(),
        event_type: notice.event_type.to_owned(),
        cause: Cause::present(),
        moment: Instant::now(),
        workspace_sid: String::new(),
        resource_type: notice.resource_type.to_owned(),
        resource_sid: notice.resource_sid,
        date: notice.date,
        fields: notice.fields,
        stream_fields: Vec::new(),
    }
}
