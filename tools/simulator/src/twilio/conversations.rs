//! The conversations of the account, and what can be done to them.

use serde_json::Value;
use serde_json::value::RawValue;

use super::conversation::{Conversation, ConversationState, Message, Participant, path};
use super::refusal::Refusal;
use super::sids;
use crate::clock::Clock;

/// The length of a body that goes out by SMS or WhatsApp too, in characters.
const MAX_BODY_OUTSIDE: usize = 1_600;
/// The length of a body that stays in chat, in bytes.
const MAX_BODY_IN_CHAT: usize = 32 * 1_024;
/// The length of a message's attributes, in bytes.
const MAX_ATTRIBUTES: usize = 4 * 1_024;

/// A message to be posted.
#[derive(Clone, Debug, Default)]
pub struct NewMessage {
    /// `system` if there is none.
    pub author: Option<String>,
    pub body: String,
    /// The text of any JSON value; `{}` if there is none.
    pub attributes: Option<String>,
}

/// The conversations of the account.
pub(crate) struct Conversations {
    clock: Clock,
    /// In the order of their creation.
    conversations: Vec<Conversation>,
}

impl Conversations {
    pub(crate) fn new(clock: Clock) -> Self {
        Self {
            clock,
            conversations: Vec::new(),
        }
    }

    pub(crate) fn create(&mut self) -> Conversation {
        let now = self.clock.now();
        let conversation = Conversation {
            sid: sids::new("CH"),
            state: ConversationState::Active,
            attributes: "{}".to_owned(),
            date_created: now,
            date_updated: now,
            participants: Vec::new(),
            messages: Vec::new(),
            next_index: 0,
        };
        self.conversations.push(conversation.clone());
        conversation
    }

    pub(crate) fn get(&self, sid: &str) -> Result<&Conversation, Refusal> {
        let conversation = self.conversations.iter().find(|conversation| conversation.sid == sid);
        conversation.ok_or_else(|| Refusal::not_found(&path(sid)))
    }

    /// Changes what is given.
    pub(crate) fn update(
        &mut self,
        sid: &str,
        state: Option<ConversationState>,
        attributes: Option<String>,
    ) -> Result<Conversation, Refusal> {
        let now = self.clock.now();
        let conversation = self.open(sid)?;
        if let Some(attributes) = attributes {
            check_attributes(&attributes)?;
            conversation.attributes = attributes;
        }
        conversation.state = state.unwrap_or(conversation.state);
        conversation.date_updated = now;
        Ok(conversation.clone())
    }

    pub(crate) fn delete(&mut self, sid: &str) -> Result<(), Refusal> {
        self.get(sid)?;
        self.conversations.retain(|conversation| conversation.sid != sid);
        Ok(())
    }

    /// Adds a chat user by its identity, or somebody on an outside channel by its binding.
    pub(crate) fn add_participant(
        &mut self,
        sid: &str,
        identity: Option<String>,
        messaging_binding: Option<Value>,
    ) -> Result<Participant, Refusal> {
        let date_created = self.clock.now();
        let conversation = self.open(sid)?;
        let participant = Participant {
            sid: sids::new("MB"),
            identity,
            messaging_binding,
            date_created,
        };
        conversation.participants.push(participant.clone());
        Ok(participant)
    }

    /// Posts a message to every participant; an inactive conversation becomes active by it.
    pub(crate) fn post(&mut self, sid: &str, new: NewMessage) -> Result<Message, Refusal> {
        let now = self.clock.now();
        let conversation = self.open(sid)?;
        let sent_outside = conversation.reaches_outside();
        let attributes = new.attributes.unwrap_or_else(|| "{}".to_owned());
        check_body(&new.body, sent_outside)?;
        check_attributes(&attributes)?;
        let author = new.author.unwrap_or_else(|| "system".to_owned());
        let participant = conversation
            .participants
            .iter()
            .find(|one| one.identity.as_ref() == Some(&author));
        let message = Message {
            sid: sids::new("IM"),
            index: conversation.next_index,
            body: new.body,
            attributes,
            date_created: now,
            participant_sid: participant.map(|participant| participant.sid.clone()),
            sent_outside,
            author,
        };
        conversation.messages.push(message.clone());
        conversation.next_index += 1;
        conversation.state = ConversationState::Active;
        conversation.date_updated = now;
        Ok(message)
    }

    pub(crate) fn delete_message(&mut self, sid: &str, message: &str) -> Result<(), Refusal> {
        let conversation = self.open(sid)?;
        let count = conversation.messages.len();
        conversation.messages.retain(|one| one.sid != message);
        match conversation.messages.len() < count {
            true => Ok(()),
            false => Err(Refusal::not_found(&format!("{}/Messages/{message}", path(sid)))),
        }
    }

    /// A conversation that can be written to.
    fn open(&mut self, sid: &str) -> Result<&mut Conversation, Refusal> {
        let conversation = self
            .conversations
            .iter_mut()
            .find(|conversation| conversation.sid == sid);
        let conversation = conversation.ok_or_else(|| Refusal::not_found(&path(sid)))?;
        if conversation.state == ConversationState::Closed {
            return Err(Refusal::conversation_closed());
        }
        Ok(conversation)
    }
}

fn check_body(body: &str, sent_outside: bool) -> Result<(), Refusal> {
    let fits = if sent_outside {
        body.chars().count() <= MAX_BODY_OUTSIDE
    } else {
        body.len() <= MAX_BODY_IN_CHAT
    };
    if fits { Ok(()) } else { Err(Refusal::body_too_long()) }
}

fn check_attributes(attributes: &str) -> Result<(), Refusal> {
    if attributes.len() > MAX_ATTRIBUTES {
        return Err(Refusal::invalid("Attributes is longer than 4 KB"));
    }
    serde_json::from_str::<&RawValue>(attributes)
        .map(drop)
        .map_err(|error| Refusal::invalid(format!("Attributes is not JSON: {error}")))
}
