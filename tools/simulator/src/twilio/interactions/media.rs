//! The parameter `Channel` of a new interaction: its medium and its customers.

use serde::Deserialize;
use serde_json::json;

use super::channel::ChannelType;
use crate::twilio::conversations::{ConversationChange, Conversations, NewParticipant};
use crate::twilio::refusal::Refusal;

/// The medium of a new interaction. Twilio's `initiated_by` has no effect here.
#[derive(Debug, Deserialize)]
pub(crate) struct Media {
    #[serde(rename = "type")]
    pub(super) channel_type: ChannelType,
    #[serde(default)]
    properties: MediaProperties,
    #[serde(default)]
    participants: Vec<Customer>,
}

#[derive(Debug, Default, Deserialize)]
struct MediaProperties {
    /// An existing conversation.
    media_channel_sid: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Customer {
    identity: Option<String>,
    address: Option<String>,
    proxy_address: Option<String>,
}

impl Media {
    /// Reads a `Channel` parameter.
    pub(crate) fn of(channel: &str) -> Result<Self, Refusal> {
        serde_json::from_str(channel).map_err(|error| Refusal::invalid(format!("Channel: {error}")))
    }

    /// A web chat in an existing or new conversation.
    pub(crate) fn web(conversation_sid: Option<&str>) -> Self {
        Self {
            channel_type: ChannelType::Web,
            properties: MediaProperties {
                media_channel_sid: conversation_sid.map(str::to_owned),
            },
            participants: Vec::new(),
        }
    }

    /// The conversation of the interaction. Created if the parameter names none.
    pub(super) fn conversation(&self, conversations: &mut Conversations) -> Result<String, Refusal> {
        let sid = match &self.properties.media_channel_sid {
            Some(sid) => conversations.get(sid)?.sid.clone(),
            None => conversations.create(ConversationChange::default())?.sid,
        };
        for customer in &self.participants {
            conversations.add_participant(&sid, customer.participant(self.channel_type))?;
        }
        Ok(sid)
    }
}

impl Customer {
    fn participant(&self, channel_type: ChannelType) -> NewParticipant {
        let binding =
            |address: &String| json!({ "type": channel_type, "address": address, "proxy_address": self.proxy_address });
        NewParticipant {
            identity: self.identity.clone(),
            messaging_binding: self.address.as_ref().map(binding),
            ..NewParticipant::default()
        }
    }
}
