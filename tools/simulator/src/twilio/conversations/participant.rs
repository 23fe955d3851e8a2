//! A participant of a conversation.

use serde::Deserialize;
use serde_json::{Value, json};
use time::OffsetDateTime;

use super::resource::{CONVERSATIONS, check_attributes, path};
use crate::clock::iso_8601;
use crate::twilio::refusal::Refusal;
use crate::twilio::sids::{ACCOUNT_SID, ROLE_SID};

/// A person or program in a conversation.
#[derive(Clone, Debug, PartialEq)]
pub struct Participant {
    pub sid: String,
    /// The chat user's name. None for a participant on an outside channel.
    pub identity: Option<String>,
    /// The outside channel, such as `{"type":"sms",…}`. None for a chat user.
    pub messaging_binding: Option<Value>,
    pub attributes: String,
    pub role_sid: String,
    pub last_read_message_index: Option<i64>,
    pub last_read_timestamp: Option<String>,
    pub date_created: OffsetDateTime,
    pub date_updated: OffsetDateTime,
    /// The number of participants added before.
    pub(crate) number: usize,
}

/// A participant to be added.
#[derive(Debug, Default)]
pub(crate) struct NewParticipant {
    pub(crate) identity: Option<String>,
    pub(crate) messaging_binding: Option<Value>,
    pub(crate) attributes: Option<String>,
    pub(crate) role_sid: Option<String>,
}

/// The changed fields of a participant.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ParticipantChange {
    identity: Option<String>,
    attributes: Option<String>,
    role_sid: Option<String>,
    last_read_message_index: Option<String>,
    last_read_timestamp: Option<String>,
    #[serde(rename = "MessagingBinding.ProxyAddress")]
    proxy_address: Option<String>,
    #[serde(rename = "MessagingBinding.ProjectedAddress")]
    projected_address: Option<String>,
}

impl Participant {
    pub(super) fn new(sid: String, number: usize, new: NewParticipant, now: OffsetDateTime) -> Result<Self, Refusal> {
        let attributes = new.attributes.unwrap_or_else(|| "{}".to_owned());
        check_attributes(&attributes)?;
        Ok(Self {
            sid,
            identity: new.identity,
            messaging_binding: new.messaging_binding,
            attributes,
            role_sid: new.role_sid.unwrap_or_else(|| ROLE_SID.to_owned()),
            last_read_message_index: None,
            last_read_timestamp: None,
            date_created: now,
            date_updated: now,
            number,
        })
    }

    /// Changes the given fields. If a field is refused, nothing changes.
    pub(super) fn change(&mut self, change: ParticipantChange, now: OffsetDateTime) -> Result<(), Refusal> {
        // Only a participant with a projected address can be given an identity. The simulator has no such participants.
        if change
            .identity
            .is_some_and(|identity| self.identity.as_ref() != Some(&identity))
        {
            return Err(Refusal::identity_not_addable());
        }
        if (change.proxy_address.is_some() || change.projected_address.is_some()) && self.identity.is_some() {
            return Err(Refusal::proxy_address_not_addable());
        }
        if let Some(attributes) = &change.attributes {
            check_attributes(attributes)?;
        }
        if let Some(text) = change.last_read_message_index {
            self.last_read_message_index = index(&text)?;
        }
        for (name, address) in [
            ("proxy_address", change.proxy_address),
            ("projected_address", change.projected_address),
        ] {
            if let (Some(binding), Some(address)) = (&mut self.messaging_binding, address) {
                // The documentation: "'null' value will remove it".
                binding[name] = Some(address).filter(|address| address != "null").into();
            }
        }
        self.last_read_timestamp = change.last_read_timestamp.or(self.last_read_timestamp.take());
        self.attributes = change.attributes.unwrap_or_else(|| self.attributes.clone());
        self.role_sid = change.role_sid.unwrap_or_else(|| self.role_sid.clone());
        self.date_updated = now;
        Ok(())
    }

    /// The address and proxy address of an outside channel. None unless both are known.
    pub(super) fn addresses(&self) -> Option<(&str, &str)> {
        let binding = self.messaging_binding.as_ref()?;
        Some((binding["address"].as_str()?, binding["proxy_address"].as_str()?))
    }

    /// Whether a message of this author comes from the participant.
    pub(super) fn writes_as(&self, author: &str) -> bool {
        let address = self
            .messaging_binding
            .as_ref()
            .and_then(|binding| binding["address"].as_str());
        self.identity.as_deref() == Some(author) || address == Some(author)
    }

    /// The resource `conversations.v1.conversation.conversation_participant`.
    pub(crate) fn resource(&self, conversation_sid: &str) -> Value {
        json!({
            "account_sid": ACCOUNT_SID,
            "attributes": self.attributes,
            "conversation_sid": conversation_sid,
            "date_created": iso_8601(self.date_created),
            "date_updated": iso_8601(self.date_updated),
            "identity": self.identity,
            "last_read_message_index": self.last_read_message_index,
            "last_read_timestamp": self.last_read_timestamp,
            "messaging_binding": self.messaging_binding,
            "role_sid": self.role_sid,
            "sid": self.sid,
            "url": format!("{CONVERSATIONS}{}/Participants/{}", path(conversation_sid), self.sid),
        })
    }
}

/// Reads an index. `null` removes the index.
fn index(text: &str) -> Result<Option<i64>, Refusal> {
    match text {
        "null" | "" => Ok(None),
        number => number
            .parse()
            .map(Some)
            .map_err(|_| Refusal::invalid("LastReadMessageIndex is not a number")),
    }
}
