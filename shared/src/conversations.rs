//! The client of Twilio Conversations.
//! <https://www.twilio.com/docs/conversations/api>

use serde::Deserialize;
use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::invocation::Invocation;
use crate::note;
use crate::pages::Pages;
use crate::sid::{ConversationSid, ReservationSid, TaskSid};
use crate::upstream::{CallError, Request, Upstream};

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

#[derive(Deserialize)]
struct Participant {
    #[serde(default)]
    messaging_binding: Option<Value>,
}

#[derive(Deserialize)]
struct Message {
    attributes: Option<String>,
    date_created: Option<String>,
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
        while let Some(page) = pages.next::<Participant>(&self.upstream, invocation).await? {
            if page.iter().any(Participant::is_outside) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether the note of a handoff is among the messages, read from the newest back to those that are older than
    /// the reservation.
    ///
    /// # Errors
    /// As [`Upstream::call`].
    pub async fn has_note(
        &self,
        invocation: &Invocation,
        conversation: &ConversationSid,
        task: &TaskSid,
        reservation: (&ReservationSid, Option<OffsetDateTime>),
    ) -> Result<bool, CallError> {
        let (reservation, created) = reservation;
        let query = [("Order", "desc"), ("PageSize", PAGE_SIZE)];
        let mut pages = Pages::new("read messages", self.url(conversation, "Messages"), "messages", &query);
        while let Some(page) = pages.next::<Message>(&self.upstream, invocation).await? {
            let is_note = |message: &Message| {
                message
                    .attributes
                    .as_deref()
                    .is_some_and(|text| note::is_note_of(text, task, reservation))
            };
            if page.iter().any(is_note) {
                return Ok(true);
            }
            let oldest = page.iter().filter_map(Message::created).min();
            if oldest.zip(created).is_some_and(|(oldest, created)| oldest < created) {
                return Ok(false);
            }
        }
        Ok(false)
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
        body: String,
        attributes: String,
    ) -> Result<(), CallError> {
        let form = vec![
            ("Author", author.to_owned()),
            ("Body", body),
            ("Attributes", attributes),
        ];
        let request = Request::post("post note", self.url(conversation, "Messages"), None, form);
        self.upstream.call_once(invocation, &request).await.map(drop)
    }

    fn url(&self, conversation: &ConversationSid, list: &str) -> String {
        format!("{}/v1/Conversations/{conversation}/{list}", self.base_url)
    }
}

impl Participant {
    /// A chat user has no messaging binding, or one whose type is chat.
    fn is_outside(&self) -> bool {
        self.messaging_binding
            .as_ref()
            .is_some_and(|binding| !binding.is_null() && binding["type"] != "chat")
    }
}

impl Message {
    fn created(&self) -> Option<OffsetDateTime> {
        OffsetDateTime::parse(self.date_created.as_deref()?, &Rfc3339).ok()
    }
}
