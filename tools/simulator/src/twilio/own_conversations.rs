//! Conversations, for tests and the command line.

use serde_json::Value;

use super::account::Twilio;
use super::conversations::{
    Conversation, ConversationChange, ConversationState, Message, NewMessage, NewParticipant, Origin, Participant,
};
use super::refusal::Refusal;

/// The changes stand for those of a person in web chat or on an outside channel, and cause webhooks.
impl Twilio {
    /// Creates an active conversation without participants.
    pub fn create_conversation(&self) -> Conversation {
        self.change_conversations(Origin::Person, |conversations| {
            conversations.create(ConversationChange::default())
        })
        .expect("a conversation without any field is valid")
    }

    /// The present state of a conversation, including participants and messages.
    pub fn conversation(&self, sid: &str) -> Option<Conversation> {
        self.look_into_conversations(|conversations| conversations.get(sid).cloned().ok())
    }

    /// Adds a web chat user.
    ///
    /// # Errors
    /// If the user is already in the conversation, or the conversation is closed or gone.
    pub fn add_chat_participant(&self, conversation_sid: &str, identity: &str) -> Result<Participant, Refusal> {
        let new = NewParticipant {
            identity: Some(identity.to_owned()),
            ..NewParticipant::default()
        };
        self.change_conversations(Origin::Person, |conversations| {
            conversations.add_participant(conversation_sid, new)
        })
    }

    /// Adds a participant on an outside channel. The binding is as in the API, for example
    /// `{"type":"sms","address":"+4712345678","proxy_address":"+4787654321"}`.
    ///
    /// # Errors
    /// If the addresses already lead to an open conversation, or the conversation is closed or gone.
    pub fn add_outside_participant(&self, conversation_sid: &str, binding: Value) -> Result<Participant, Refusal> {
        let new = NewParticipant {
            messaging_binding: Some(binding),
            ..NewParticipant::default()
        };
        self.change_conversations(Origin::Person, |conversations| {
            conversations.add_participant(conversation_sid, new)
        })
    }

    /// Posts a message.
    ///
    /// # Errors
    /// If the message is too long or the conversation is closed or gone.
    pub fn post_message(&self, conversation_sid: &str, message: NewMessage) -> Result<Message, Refusal> {
        self.change_conversations(Origin::Person, |conversations| {
            conversations.post(conversation_sid, message)
        })
    }

    /// Closes a conversation for good.
    ///
    /// # Errors
    /// If the conversation is already closed or gone.
    pub fn close_conversation(&self, sid: &str) -> Result<Conversation, Refusal> {
        let change = ConversationChange::state(ConversationState::Closed);
        self.change_conversations(Origin::Person, |conversations| conversations.update(sid, change))
    }

    /// Deletes a conversation.
    ///
    /// # Errors
    /// If the conversation is already gone.
    pub fn delete_conversation(&self, sid: &str) -> Result<(), Refusal> {
        self.change_conversations(Origin::Person, |conversations| conversations.delete(sid))
    }
}
