//! Twilio Conversations.
//! <https://www.twilio.com/docs/conversations/api>

pub mod ai_message;

use serde::Deserialize;
use time::OffsetDateTime;
use url::Url;

use crate::attributes::json::JsonText;
use crate::clients::pages::{Item, Pages};
use crate::invocation::Invocation;
use crate::twilio::sid::{ConversationSid, MessageSid};
use crate::upstream::Upstream;
use crate::upstream::answer::{Answer, CallError, date};
use crate::upstream::request::{Request, below};

/// Conversations' largest page.
const PAGE_SIZE: &str = "100";

/// Twilio's code for a message to a closed conversation.
/// <https://www.twilio.com/docs/api/errors/50377>
pub const CONVERSATION_CLOSED: u32 = 50377;

pub struct Conversations {
    upstream: Upstream,
    conversations_url: Url,
}

#[derive(Deserialize)]
struct Message {
    sid: Option<MessageSid>,
    index: Option<u64>,
    attributes: Option<JsonText>,
    #[serde(deserialize_with = "date", default)]
    date_created: Option<OffsetDateTime>,
}

#[derive(Deserialize)]
struct Participant {
    messaging_binding: Option<Item<MessagingBinding>>,
}

#[derive(Deserialize)]
struct MessagingBinding {
    #[serde(rename = "type")]
    channel_type: Option<String>,
}

/// A chat user has no messaging binding, or a binding of type chat. Any other participant counts as an outside channel.
/// So does an unreadable participant.
fn is_outside(participant: &Item<Participant>) -> bool {
    let Some(participant) = &participant.0 else { return true };
    let binding = participant.messaging_binding.as_ref().map(|binding| binding.0.as_ref());
    binding.is_some_and(|binding| binding.and_then(|it| it.channel_type.as_deref()) != Some("chat"))
}

/// The result of a search for messages.
#[derive(Debug)]
pub struct FoundMessages {
    /// Newest first.
    pub sids: Vec<Option<MessageSid>>,
    /// The index of the next message, if none is posted in between.
    pub next_index: Option<u64>,
}

#[derive(Debug, Default, Deserialize)]
pub struct PostedMessage {
    pub sid: Option<MessageSid>,
    /// The message's place in the conversation.
    pub index: Option<u64>,
}

impl Conversations {
    pub fn new(upstream: Upstream, base_url: &Url) -> Self {
        Self {
            upstream,
            conversations_url: below(base_url, ["v1", "Conversations"]),
        }
    }

    /// Whether a participant is on SMS, WhatsApp or another outside channel. A message would be sent there.
    ///
    /// # Errors
    /// As [`Upstream::call`].
    pub async fn reaches_outside(
        &self,
        invocation: &Invocation,
        conversation: &ConversationSid,
    ) -> Result<bool, CallError> {
        let url = self.url(conversation, "Participants");
        let mut pages = Pages::new("read participants", url, "participants", &[("PageSize", PAGE_SIZE)]);
        while let Some(page) = pages.next(&self.upstream, invocation).await? {
            if page.iter().any(is_outside) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Finds messages by their attributes. Reads from the newest message back to the first page that is older than
    /// `since`.
    ///
    /// # Errors
    /// As [`Upstream::call`].
    pub async fn find_messages(
        &self,
        invocation: &Invocation,
        conversation: &ConversationSid,
        since: Option<OffsetDateTime>,
        is_wanted: impl Fn(&str) -> bool,
    ) -> Result<FoundMessages, CallError> {
        let query = [("Order", "desc"), ("PageSize", PAGE_SIZE)];
        let mut pages = Pages::new("read messages", self.url(conversation, "Messages"), "messages", &query);
        let mut found = FoundMessages {
            sids: Vec::new(),
            next_index: Some(0),
        };
        let mut is_newest = true;
        while let Some(page) = pages.next::<Item<Message>>(&self.upstream, invocation).await? {
            if let Some(newest) = page.first().filter(|_| std::mem::take(&mut is_newest)) {
                let index = newest.0.as_ref().and_then(|message| message.index);
                found.next_index = index.map(|index| index + 1);
            }
            let messages: Vec<Message> = page.into_iter().filter_map(|message| message.0).collect();
            // A message may have been created with an older date, but hardly a whole page of messages.
            let newest = messages.iter().filter_map(|message| message.date_created).max();
            let attributes = |message: &Message| message.attributes.as_ref().is_some_and(|text| is_wanted(&text.0));
            let wanted = messages.into_iter().filter(attributes);
            found.sids.extend(wanted.map(|message| message.sid));
            if newest.zip(since).is_some_and(|(newest, since)| newest < since) {
                break;
            }
        }
        Ok(found)
    }

    /// Posts a message. Not retried, since Conversations has no idempotency key.
    ///
    /// # Errors
    /// As [`Upstream::call_once`].
    pub async fn post_message(
        &self,
        invocation: &Invocation,
        conversation: &ConversationSid,
        author: &str,
        body: &str,
        attributes: &str,
    ) -> Result<PostedMessage, CallError> {
        let form = vec![
            ("Author", author.to_owned()),
            ("Body", body.to_owned()),
            ("Attributes", attributes.to_owned()),
        ];
        let request = Request::post("post message", self.url(conversation, "Messages"), None, form);
        let answer = self.upstream.call_once(invocation, &request).await?;
        Ok(answer.json().unwrap_or_default())
    }

    /// Deletes a message. Deleting a message twice does no harm.
    ///
    /// # Errors
    /// As [`Upstream::call`].
    pub async fn delete_message(
        &self,
        invocation: &Invocation,
        conversation: &ConversationSid,
        message: &MessageSid,
    ) -> Result<(), CallError> {
        let segments = [conversation.as_str(), "Messages", message.as_str()];
        let request = Request::delete("delete message", below(&self.conversations_url, segments));
        self.upstream.call(invocation, &request, |_: &Answer| Some(())).await
    }

    fn url(&self, conversation: &ConversationSid, list: &str) -> Url {
        below(&self.conversations_url, [conversation.as_str(), list])
    }
}
