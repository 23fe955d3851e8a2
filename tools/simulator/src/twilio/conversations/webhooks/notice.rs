//! An event on its way to a webhook.

use time::OffsetDateTime;

use super::hook::Hook;

/// An event for a webhook.
#[derive(Clone, Debug)]
pub(crate) struct Notice {
    pub(crate) hook: Hook,
    pub(crate) event_type: &'static str,
    /// The conversation, message or participant.
    pub(crate) resource_type: &'static str,
    pub(crate) resource_sid: String,
    pub(crate) date: OffsetDateTime,
    /// The parameters of the request.
    pub(crate) fields: Vec<(String, String)>,
}
