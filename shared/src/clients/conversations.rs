//! The client of Twilio Conversations.
//! <https://www.twilio.com/docs/conversations/api>

use time::OffsetDateTime;
use url::Url;

use crate::attributes::json::{Kind, Value};
use crate::clients::note;
use crate::clients::pages::Pages;
use crate::clients::taskrouter::Reservation;
use crate::invocation::Invocation;
use crate::twilio::sid::{ConversationSid, MessageSid, TaskSid};
use crate::upstream::{CallError, Request, Upstream, below, date};

/// Conversations' largest page.
const PAGE_SIZE: &str = "100";

/// Twilio's code for a message to a conversation that is closed.
/// <https://www.twilio.com/docs/api/errors/50377>
pub const CONVERSATION_CLOSED: u32 = 50377;

/// The client.
pub struct Conversations {
    upstream: Upstream,
    conversations_url: Url,
}

/// What matters of a message.
struct Message {
    sid: Option<MessageSid>,
    index: Option<u64>,
    is_note: bool,
    created: Option<OffsetDateTime>,
}

/// The notes of a handoff among the messages of a conversation.
#[derive(Debug, Default)]
pub struct Notes {
    /// The latest first: there should be one at most.
    pub sids: Vec<Option<MessageSid>>,
    /// The index that a message gets if it is the very next one.
    pub next_index: Option<u64>,
}

/// A message that has been posted.
#[derive(Debug)]
pub struct Posted {
    pub sid: Option<MessageSid>,
    /// Its place among the conversation's messages.
    pub index: Option<u64>,
}

impl Conversations {
    /// The client.
    pub fn new(upstream: Upstream, base_url: &Url) -> Self {
        Self {
            upstream,
            conversations_url: below(base_url, ["v1", "Conversations"]),
        }
    }

    /// Whether a participant is on SMS, WhatsApp or another outside channel, so that a message would be sent there.
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
        while let Some(page) = pages
            .next(&self.upstream, invocation, |it| Some(is_outside(it)))
            .await?
        {
            if page.contains(&true) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Reads the messages from the newest back to the first page with a note, or to those that are older than the
    /// reservation.
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
        let read = |message: Value<'_, '_>| {
            let attributes = message.member("attributes").and_then(Value::as_json_text);
            Some(Message {
                sid: message_sid(message),
                index: index(message),
                is_note: attributes.is_some_and(|text| note::is_note_of(&text, task, &reservation.sid)),
                created: date(message, "date_created"),
            })
        };
        let mut notes = Notes {
            sids: Vec::new(),
            next_index: Some(0),
        };
        let mut is_newest = true;
        while let Some(page) = pages.next(&self.upstream, invocation, read).await? {
            if let Some(message) = page.first().filter(|_| std::mem::take(&mut is_newest)) {
                notes.next_index = message.index.map(|index| index + 1);
            }
            // A message may have been given an older date, but a whole page of them hardly.
            let newest = page.iter().filter_map(|message| message.created).max();
            let sids = page.into_iter().filter(|message| message.is_note).map(|note| note.sid);
            notes.sids.extend(sids);
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
    ) -> Result<Posted, CallError> {
        let form = vec![
            ("Author", author.to_owned()),
            ("Body", body.to_owned()),
            ("Attributes", attributes.to_owned()),
        ];
        let request = Request::post("post note", self.url(conversation, "Messages"), None, form);
        let answer = self.upstream.call_once(invocation, &request).await?;
        Ok(Posted {
            sid: answer.json(message_sid),
            index: answer.json(index),
        })
    }

    /// Deletes a message. Doing it twice is doing it once.
    ///
    /// # Errors
    /// As [`Upstream::call`].
    pub async fn delete_message(
        &self,
        invocation: &Invocation,
        conversation: &ConversationSid,
        message: &MessageSid,
    ) -> Result<(), CallError> {
        let url = below(
            &self.conversations_url,
            [conversation.as_str(), "Messages", message.as_str()],
        );
        let request = Request::delete("take note back", url);
        self.upstream.call(invocation, &request, |_| Some(())).await
    }

    fn url(&self, conversation: &ConversationSid, list: &str) -> Url {
        below(&self.conversations_url, [conversation.as_str(), list])
    }
}

fn message_sid(message: Value<'_, '_>) -> Option<MessageSid> {
    MessageSid::parse(&message.string("sid")?)
}

fn index(message: Value<'_, '_>) -> Option<u64> {
    message.member("index")?.raw().parse().ok()
}

/// A chat user has no messaging binding, or one whose type is chat.
fn is_outside(participant: Value<'_, '_>) -> bool {
    let binding = participant
        .member("messaging_binding")
        .filter(|binding| binding.kind() != Kind::Null);
    binding.is_some_and(|binding| binding.string("type").as_deref() != Some("chat"))
}
