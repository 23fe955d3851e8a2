//! The parts that all resources of Conversations share.

use serde_json::value::RawValue;

use crate::twilio::refusal::Refusal;

/// The base of the URLs in Conversations' answers.
pub(crate) const CONVERSATIONS: &str = "https://conversations.twilio.com";

/// The limit for a resource's attributes, in bytes.
const MAX_ATTRIBUTES: usize = 4 * 1_024;

/// The path of a conversation.
pub(crate) fn path(sid: &str) -> String {
    format!("/v1/Conversations/{sid}")
}

pub(super) fn check_attributes(attributes: &str) -> Result<(), Refusal> {
    if attributes.len() > MAX_ATTRIBUTES {
        return Err(Refusal::invalid("Attributes is longer than 4 KB"));
    }
    serde_json::from_str::<&RawValue>(attributes)
        .map(drop)
        .map_err(|error| Refusal::invalid(format!("Attributes is not JSON: {error}")))
}
