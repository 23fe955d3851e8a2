//! The client of Twilio Conversations.
//! <https://www.twilio.com/docs/conversations/api>

pub mod ai_message;

use serde::Deserialize;
use time::OffsetDateTime;
use url::Url;

use crate::attributes::json::JsonText;
use crate::clients::note;
use crate::clients::pages::Pages;
use crate::clients::taskrouter::Reservation;
use crate::invocation::Invocation;
use crate::twilio::sid::{ConversationSid, MessageSid, TaskSid};
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

impl Message {
    fn is_note_of(&self, task: &TaskSid, reservation: &Reservation) -> bool {
        let attributes = self.attributes.as_ref();
        attributes.is_some_and(|attributes| note::is_note_of(&attributes.0, task, &reservation.sid))
    }
}

#[derive(Deserialize)]
struct Participant {
    messaging_binding: Option<MessagingBinding>,
}

#[derive(Deserialize)]
struct MessagingBinding {
    #[serde(rename = "type")]
    channel_type: Option<String>,
}

impl Participant {
    /// A chat user has no messaging binding, or one of type chat.
    fn is_outside(&self) -> bool {
        let binding = self.messaging_binding.as_ref();
        binding.is_some_and(|binding| binding.channel_type.as_deref() != Some("chat"))
    }
}

/// The notes of a handoff among the messages of a conversation.
#[derive(Debug, Default)]
pub struct Notes {
    /// The newest first. There should be one at most.
    pub sids: Vec<Option<MessageSid>>,
    /// The index of the next message, if nobody else posts one.
    pub next_index: Option<u64>,
}

/// A message that was posted.
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

    /// Whether a participant is on SMS, WhatsApp or another outside channel, to which a message would be sent.
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
            if page.iter().any(Participant::is_outside) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Reads the messages from the newest back to the first page that has a note, or that is older than the reservation.
    ///
    /// # Errors
    /// As [`Upstream::call`].
    pub async fn notes(
        &self,
        invocation: &Invocation,
        conversation: &ConversationSid,
        task: &TaskSid,
        reservation: &Reservation,
    ) -> Result<Notes, CallError> {
        let query = [("Order", "desc"), ("PageSize", PAGE_SIZE)];
        let mut pages = Pages::new("read messages", self.url(conversation, "Messages"), "messages", &query);
        let mut notes = Notes {
            sids: Vec::new(),
            next_index: Some(0),
        };
        let mut is_newest = true;
        while let Some(page) = pages.next::<Message>(&self.upstream, invocation).await? {
            if let Some(message) = page.first().filter(|_| std::mem::take(&mut is_newest)) {
                notes.next_index = message.index.map(|index| index + 1);
            }
            // A single message may have been created with an older date, but hardly a whole page of them.
            let newest = page.iter().filter_map(|message| message.date_created).max();
            let found = page.into_iter().filter(|message| message.is_note_of(task, reservation));
            notes.sids.extend(found.map(|note| note.sid));
            let is_far_back = newest
                .zip(reservation.created)
                .is_some_and(|(newest, created)| newest < created);
            if !notes.sids.is_empty() || is_far_back {
                break;
            }
        }
        Ok(notes)
    }

    /// Posts a message. One try: Conversations has no idempotency key.
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

    /// Deletes a message. Deleting it twice is the same as deleting it once.
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
