//! A conversation, its participants and its messages, as Conversations shows them.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use time::OffsetDateTime;

use super::sids::{ACCOUNT_SID, CHAT_SERVICE_SID, ROLE_SID};
use crate::clock::iso_8601;

/// The host in the URLs of Conversations' answers.
pub(crate) const CONVERSATIONS: &str = "https://conversations.twilio.com";

/// A conversation's `state`.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ConversationState {
    Active,
    Inactive,
    /// Final: nothing can be written any more.
    Closed,
}

/// A conversation.
#[derive(Clone, Debug)]
pub struct Conversation {
    pub sid: String,
    pub state: ConversationState,
    pub attributes: String,
    pub date_created: OffsetDateTime,
    pub date_updated: OffsetDateTime,
    pub participants: Vec<Participant>,
    pub messages: Vec<Message>,
    /// The index of the next message: none is used again.
    pub(crate) next_index: usize,
}

/// Somebody in a conversation.
#[derive(Clone, Debug, PartialEq)]
pub struct Participant {
    pub sid: String,
    /// The chat user's name; none for somebody on an outside channel.
    pub identity: Option<String>,
    /// The outside channel, such as `{"type":"sms",…}`; none for a chat user.
    pub messaging_binding: Option<Value>,
    pub date_created: OffsetDateTime,
}

/// A message.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    pub sid: String,
    pub index: usize,
    pub author: String,
    pub body: String,
    pub attributes: String,
    pub date_created: OffsetDateTime,
    /// The author, where it is a participant.
    pub participant_sid: Option<String>,
    /// Whether somebody on an outside channel was sent it.
    pub sent_outside: bool,
}

/// The path of a conversation.
pub(crate) fn path(sid: &str) -> String {
    format!("/v1/Conversations/{sid}")
}

impl Conversation {
    /// Whether a participant is on SMS, WhatsApp or another outside channel.
    pub(crate) fn reaches_outside(&self) -> bool {
        self.participants
            .iter()
            .any(|participant| participant.messaging_binding.is_some())
    }

    /// The resource `conversations.v1.conversation`.
    pub(crate) fn resource(&self) -> Value {
        let url = format!("{CONVERSATIONS}{}", path(&self.sid));
        json!({
            "account_sid": ACCOUNT_SID,
            "attributes": self.attributes,
            "bindings": {},
            "chat_service_sid": CHAT_SERVICE_SID,
            "date_created": iso_8601(self.date_created),
            "date_updated": iso_8601(self.date_updated),
            "friendly_name": null,
            "links": {
                "export": format!("{url}/Export"),
                "messages": format!("{url}/Messages"),
                "participants": format!("{url}/Participants"),
                "webhooks": format!("{url}/Webhooks"),
            },
            "messaging_service_sid": null,
            "sid": self.sid,
            "state": self.state,
            "timers": {},
            "unique_name": null,
            "url": url,
        })
    }
}

impl Participant {
    /// The resource `conversations.v1.conversation.conversation_participant`.
    pub(crate) fn resource(&self, conversation_sid: &str) -> Value {
        json!({
            "account_sid": ACCOUNT_SID,
            "attributes": "{}",
            "conversation_sid": conversation_sid,
            "date_created": iso_8601(self.date_created),
            "date_updated": iso_8601(self.date_created),
            "identity": self.identity,
            "last_read_message_index": null,
            "last_read_timestamp": null,
            "messaging_binding": self.messaging_binding,
            "role_sid": ROLE_SID,
            "sid": self.sid,
            "url": format!("{CONVERSATIONS}{}/Participants/{}", path(conversation_sid), self.sid),
        })
    }
}

impl Message {
    /// The resource `conversations.v1.conversation.conversation_message`.
    pub(crate) fn resource(&self, conversation_sid: &str) -> Value {
        let url = format!("{CONVERSATIONS}{}/Messages/{}", path(conversation_sid), self.sid);
        let delivery = self.sent_outside.then(|| {
            json!({
                "delivered": "none", "failed": "none", "read": "none", "sent": "all", "total": 1, "undelivered": "none",
            })
        });
        json!({
            "account_sid": ACCOUNT_SID,
            "attributes": self.attributes,
            "author": self.author,
            "body": self.body,
            "content_sid": null,
            "conversation_sid": conversation_sid,
            "date_created": iso_8601(self.date_created),
            "date_updated": iso_8601(self.date_created),
            "delivery": delivery,
            "index": self.index,
            "links": {
                "channel_metadata": format!("{url}/ChannelMetadata"),
                "delivery_receipts": format!("{url}/Receipts"),
            },
            "media": null,
            "participant_sid": self.participant_sid,
            "sid": self.sid,
            "url": url,
        })
    }
}
