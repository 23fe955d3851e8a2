//! Interactions as JSON of the Flex API.

use serde_json::{Value, json};

use super::Interaction;
use super::channel::InteractionChannel;
use super::invite::Invite;
use super::participant::InteractionParticipant;

/// The base of the URLs in the answers. Twilio's own base is used here, since callers must use their own base URL.
pub(crate) const FLEX: &str = "https://flex-api.twilio.com";

impl Interaction {
    /// The resource `flex.v1.interaction`.
    pub(crate) fn resource(&self) -> Value {
        let url = format!("{FLEX}/v1/Interactions/{}", self.sid);
        json!({
            "channel": { "type": self.channel.channel_type, "sid": self.channel.sid },
            "interaction_context_sid": self.context_sid,
            "links": { "channels": format!("{url}/Channels") },
            "routing": self.channel.first_invite().map(Invite::routing),
            "sid": self.sid,
            "url": url,
            "webhook_ttid": self.webhook_ttid,
        })
    }
}

impl InteractionChannel {
    /// The resource `flex.v1.interaction.interaction_channel`.
    pub(crate) fn resource(&self) -> Value {
        let url = format!("{FLEX}{}", self.path());
        json!({
            "error_code": null,
            "error_message": null,
            "interaction_sid": self.interaction_sid,
            "links": {
                "invites": format!("{url}/Invites"),
                "participants": format!("{url}/Participants"),
                "transfers": format!("{url}/Transfers"),
            },
            "sid": self.sid,
            "status": self.status,
            "type": self.channel_type,
            "url": url,
        })
    }
}

impl Invite {
    fn routing(&self) -> Value {
        json!({ "properties": self.properties, "reservation": null })
    }

    /// The resource `flex.v1.interaction.interaction_channel.interaction_channel_invite`.
    pub(crate) fn resource(&self, channel: &InteractionChannel) -> Value {
        json!({
            "channel_sid": channel.sid,
            "interaction_sid": channel.interaction_sid,
            "routing": self.routing(),
            "sid": self.sid,
            "url": format!("{FLEX}{}/Invites/{}", channel.path(), self.sid),
        })
    }
}

impl InteractionParticipant {
    /// The resource `flex.v1.interaction.interaction_channel.interaction_channel_participant`.
    pub(crate) fn resource(&self, channel: &InteractionChannel) -> Value {
        json!({
            "channel_sid": channel.sid,
            "interaction_sid": channel.interaction_sid,
            "routing_properties": self.routing,
            "sid": self.sid,
            "type": self.participant_type,
            "url": format!("{FLEX}{}/Participants/{}", channel.path(), self.sid),
        })
    }
}
