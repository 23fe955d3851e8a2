//! A message of a conversation.

use serde::Deserialize;
use serde_json::{Value, json};
use time::OffsetDateTime;

use super::resource::{CONVERSATIONS, check_attributes, path};
use crate::clock::iso_8601;
use crate::twilio::refusal::Refusal;
use crate::twilio::sids::ACCOUNT_SID;

/// The limit in characters for a body that also goes out by SMS or WhatsApp.
const MAX_BODY_OUTSIDE: usize = 1_600;
/// The limit in bytes for a body that stays in chat.
const MAX_BODY_IN_CHAT: usize = 32 * 1_024;

#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    pub sid: String,
    pub index: usize,
    pub author: String,
    pub body: String,
    pub attributes: String,
    pub date_created: OffsetDateTime,
    /// None for a message that was never edited.
    pub date_updated: Option<OffsetDateTime>,
    /// The author's participant, if any.
    pub participant_sid: Option<String>,
    /// Whether the message also went to an outside channel.
    pub sent_outside: bool,
}

/// A message to be posted.
#[derive(Clone, Debug, Default)]
pub struct NewMessage {
    /// The default is `system`.
    pub author: Option<String>,
    pub body: String,
    /// The text of any JSON value. The default is `{}`.
    pub attributes: Option<String>,
}

/// The changed fields of a message.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct MessageChange {
    author: Option<String>,
    body: Option<String>,
    attributes: Option<String>,
}

impl Message {
    /// Changes the given fields. If a field is refused, nothing changes.
    pub(super) fn change(&mut self, change: MessageChange, now: OffsetDateTime) -> Result<(), Refusal> {
        if let Some(body) = &change.body {
            check_body(body, self.sent_outside)?;
        }
        if let Some(attributes) = &change.attributes {
            check_attributes(attributes)?;
        }
        self.author = change.author.unwrap_or_else(|| self.author.clone());
        self.body = change.body.unwrap_or_else(|| self.body.clone());
        self.attributes = change.attributes.unwrap_or_else(|| self.attributes.clone());
        self.date_updated = Some(now);
        Ok(())
    }

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
            "date_updated": self.date_updated.map(iso_8601),
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

pub(super) fn check_body(body: &str, sent_outside: bool) -> Result<(), Refusal> {
    let fits = if sent_outside {
        body.chars().count() <= MAX_BODY_OUTSIDE
    } else {
        body.len() <= MAX_BODY_IN_CHAT
    };
    if fits { Ok(()) } else { Err(Refusal::body_too_long()) }
}
