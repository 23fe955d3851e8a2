//! The client of Twilio Conversations.
//! <https://www.twilio.com/docs/conversations/api>

use time::OffsetDateTime;

use crate::invocation::Invocation;
use crate::json::{Kind, Value};
use crate::note;
use crate::pages::Pages;
use crate::sid::{ConversationSid, MessageSid, TaskSid};
use crate::taskrouter::Reservation;
use crate::upstream::{CallError, Request, Upstream, date};

/// Conversations' largest page.
const PAGE_SIZE: &str = "100";

/// Twilio's code for a message to a conversation that is closed.
/// <https://www.twilio.com/docs/api/errors/50377>
pub const CONVERSATION_CLOSED: u32 = 50377;

/// The client.
pub struct Conversations {
    upstream: Upstream,
    base_url: String,
}

/// What matters of a message.
struct Message {
    sid: Option<MessageSid>,
    is_note: bool,
    created: Option<OffsetDateTime>,
}

impl Conversations {
    /// The client.
    pub fn new(upstream: Upstream, base_url: &str) -> Self {
        Self {
            upstream,
            base_url: base_url.to_owned(),
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

    /// The notes of a handoff among the messages, the latest first: there should be one at most. Messages are read
    /// from the newest back to the first page with a note, or to those that are older than the reservation.
    ///
    /// # Errors
    /// As [`Upstream::call`].
    pub async fn notes(
        &self,
        invocation: &Invocation,
        conversation: &ConversationSid,
        task: &TaskSid,
        reservation: &Reservation,
    ) -> Result<Vec<Option<MessageSid>>, CallError> {
        let query = [("Order", "desc"), ("PageSize", PAGE_SIZE)];
        let mut pages = Pages::new("read messages", self.url(conversation, "Messages"), "messages", &query);
        let read = |message: Value<'_, '_>| {
            let attributes = message.member("attributes").and_then(Value::as_json_text);
            Some(Message {
                sid: message_sid(message),
                is_note: attributes.is_some_and(|text| note::is_note_of(&text, task, &reservation.sid)),
                created: date(message, "date_created"),
            })
        };
        while let Some(page) = pages.next(&self.upstream, invocation, read).await? {
            // A message may have been given an older date, but a whole page of them hardly.
            let newest = page.iter().filter_map(|message| message.created).max();
            let notes = page.into_iter().filter(|message| message.is_note).map(|note| note.sid);
            let notes: Vec<_> = notes.collect();
            let is_far_back = newest
                .zip(reservation.created)
                .is_some_and(|(newest, created)| newest < created);
            if !notes.is_empty() || is_far_back {
                return Ok(notes);
            }
        }
        Ok(Vec::new())
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
    ) -> Result<Option<MessageSid>, CallError> {
        let form = vec![
            ("Author", author.to_owned()),
            ("Body", body.to_owned()),
            ("Attributes", attributes.to_owned()),
        ];
        let request = Request::post("post note", self.url(conversation, "Messages"), None, form);
        let answer = self.upstream.call_once(invocation, &request).await?;
        Ok(answer.json(message_sid))
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
        let url = format!("{}/{message}", self.url(conversation, "Messages"));
        let request = Request::delete("take note back", url);
        self.upstream.call(invocation, &request, |_| Some(())).await
    }

    fn url(&self, conversation: &ConversationSid, list: &str) -> String {
        format!("{}/v1/Conversations/{conversation}/{list}", self.base_url)
    }
}

fn message_sid(message: Value<'_, '_>) -> Option<MessageSid> {
    MessageSid::parse(&message.string("sid")?)
}

/// A chat user has no messaging binding, or one whose type is chat.
fn is_outside(participant: Value<'_, '_>) -> bool {
    let binding = participant
        .member("messaging_binding")
        .filter(|binding| binding.kind() != Kind::Null);
    binding.is_some_and(|binding| binding.string("type").as_deref() != Some("chat"))
}
