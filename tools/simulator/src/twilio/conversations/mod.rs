//! The account's conversations and their changes.

mod conversation;
mod message;
mod participant;
mod resource;
mod state;
mod timers;

use super::refusal::Refusal;
use super::sids;
use crate::clock::Clock;
use message::check_body;
use resource::{check_attributes, path};

pub use conversation::Conversation;
pub use message::{Message, NewMessage};
pub use participant::Participant;
pub use state::ConversationState;

pub(crate) use conversation::ConversationChange;
pub(crate) use message::MessageChange;
pub(crate) use participant::{NewParticipant, ParticipantChange};
pub(crate) use resource::CONVERSATIONS;

pub(crate) struct Conversations {
    clock: Clock,
    /// All conversations in the order of their creation.
    conversations: Vec<Conversation>,
    next_number: usize,
}

impl Conversations {
    pub(crate) fn new(clock: Clock) -> Self {
        Self {
            clock,
            conversations: Vec::new(),
            next_number: 0,
        }
    }

    /// Applies all timers that are due.
    pub(crate) fn elapse(&mut self) {
        let now = self.clock.now();
        for conversation in &mut self.conversations {
            conversation.elapse(now);
        }
    }

    pub(crate) fn create(&mut self, change: ConversationChange) -> Result<Conversation, Refusal> {
        let now = self.clock.now();
        if change.sets_timers() && change.state.is_none() {
            return Err(Refusal::timer(50382, "Timer can't be set without state"));
        }
        self.check_unique_name(change.unique_name.as_deref(), None)?;
        let mut conversation = Conversation::new(sids::new("CH"), self.next_number, now);
        conversation.change(change, now)?;
        self.next_number += 1;
        self.conversations.push(conversation.clone());
        Ok(conversation)
    }

    /// All conversations in the order of their creation.
    pub(crate) fn all(&self) -> &[Conversation] {
        &self.conversations
    }

    pub(crate) fn get(&self, name: &str) -> Result<&Conversation, Refusal> {
        let place = self.place(name)?;
        Ok(&self.conversations[place])
    }

    /// Changes the given fields.
    pub(crate) fn update(&mut self, name: &str, change: ConversationChange) -> Result<Conversation, Refusal> {
        let now = self.clock.now();
        let sid = self.open(name)?.sid.clone();
        self.check_unique_name(change.unique_name.as_deref(), Some(&sid))?;
        let conversation = self.open(&sid)?;
        conversation.change(change, now)?;
        Ok(conversation.clone())
    }

    pub(crate) fn delete(&mut self, name: &str) -> Result<(), Refusal> {
        let place = self.place(name)?;
        self.conversations.remove(place);
        Ok(())
    }

    /// Adds a chat user by identity or a participant on an outside channel by binding.
    pub(crate) fn add_participant(&mut self, name: &str, new: NewParticipant) -> Result<Participant, Refusal> {
        let now = self.clock.now();
        let conversation = self.open(name)?;
        let participant = Participant::new(sids::new("MB"), conversation.next_participant, new, now)?;
        let identity = participant.identity.as_ref();
        if identity.is_some()
            && conversation
                .participants
                .iter()
                .any(|one| one.identity.as_ref() == identity)
        {
            return Err(Refusal::participant_exists());
        }
        let sid = conversation.sid.clone();
        self.check_addresses(&participant)?;
        let conversation = self.open(&sid)?;
        conversation.participants.push(participant.clone());
        conversation.next_participant += 1;
        Ok(participant)
    }

    pub(crate) fn participant(&self, name: &str, sid: &str) -> Result<&Participant, Refusal> {
        let participant = self.get(name)?.participants.iter().find(|one| one.sid == sid);
        participant.ok_or_else(|| no_participant(name, sid))
    }

    pub(crate) fn update_participant(
        &mut self,
        name: &str,
        sid: &str,
        change: ParticipantChange,
    ) -> Result<Participant, Refusal> {
        let now = self.clock.now();
        let participant = self.open(name)?.participants.iter_mut().find(|one| one.sid == sid);
        let participant = participant.ok_or_else(|| no_participant(name, sid))?;
        participant.change(change, now)?;
        Ok(participant.clone())
    }

    pub(crate) fn remove_participant(&mut self, name: &str, sid: &str) -> Result<(), Refusal> {
        let participants = &mut self.open(name)?.participants;
        let place = participants.iter().position(|one| one.sid == sid);
        participants.remove(place.ok_or_else(|| no_participant(name, sid))?);
        Ok(())
    }

    /// Posts a message to every participant. An inactive conversation becomes active.
    pub(crate) fn post(&mut self, name: &str, new: NewMessage) -> Result<Message, Refusal> {
        let now = self.clock.now();
        let conversation = self.open(name)?;
        let sent_outside = conversation.reaches_outside();
        let attributes = new.attributes.unwrap_or_else(|| "{}".to_owned());
        check_body(&new.body, sent_outside)?;
        check_attributes(&attributes)?;
        let author = new.author.unwrap_or_else(|| "system".to_owned());
        let participant = conversation.participants.iter().find(|one| one.writes_as(&author));
        let message = Message {
            sid: sids::new("IM"),
            index: conversation.next_index,
            body: new.body,
            attributes,
            date_created: now,
            date_updated: None,
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

    pub(crate) fn message(&self, name: &str, sid: &str) -> Result<&Message, Refusal> {
        let message = self.get(name)?.messages.iter().find(|one| one.sid == sid);
        message.ok_or_else(|| no_message(name, sid))
    }

    pub(crate) fn update_message(&mut self, name: &str, sid: &str, change: MessageChange) -> Result<Message, Refusal> {
        let now = self.clock.now();
        let message = self.open(name)?.messages.iter_mut().find(|one| one.sid == sid);
        let message = message.ok_or_else(|| no_message(name, sid))?;
        message.change(change, now)?;
        Ok(message.clone())
    }

    pub(crate) fn delete_message(&mut self, name: &str, sid: &str) -> Result<(), Refusal> {
        let messages = &mut self.open(name)?.messages;
        let place = messages.iter().position(|one| one.sid == sid);
        messages.remove(place.ok_or_else(|| no_message(name, sid))?);
        Ok(())
    }

    fn place(&self, name: &str) -> Result<usize, Refusal> {
        let is_it = |one: &Conversation| one.sid == name || one.unique_name.as_deref() == Some(name);
        let place = self.conversations.iter().position(is_it);
        place.ok_or_else(|| Refusal::not_found(&path(name)))
    }

    /// A conversation that isn't closed.
    fn open(&mut self, name: &str) -> Result<&mut Conversation, Refusal> {
        let place = self.place(name)?;
        let conversation = &mut self.conversations[place];
        if conversation.state == ConversationState::Closed {
            return Err(Refusal::conversation_closed());
        }
        Ok(conversation)
    }

    /// Refuses a unique name that belongs to another conversation or looks like a SID.
    fn check_unique_name(&self, unique_name: Option<&str>, own_sid: Option<&str>) -> Result<(), Refusal> {
        let Some(name) = unique_name else {
            return Ok(());
        };
        let digits = name.strip_prefix("CH").filter(|digits| digits.len() == 32);
        if digits.is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit())) {
            return Err(Refusal::unique_name_like_a_sid());
        }
        let mut others = self
            .conversations
            .iter()
            .filter(|one| Some(one.sid.as_str()) != own_sid);
        match others.any(|one| one.unique_name.as_deref() == Some(name)) {
            true => Err(Refusal::unique_name_exists()),
            false => Ok(()),
        }
    }

    /// Refuses a pair of addresses that leads to another open conversation.
    fn check_addresses(&self, participant: &Participant) -> Result<(), Refusal> {
        let Some(addresses) = participant.addresses() else {
            return Ok(());
        };
        let has_them = |one: &&Conversation| {
            one.state != ConversationState::Closed
                && one.participants.iter().any(|one| one.addresses() == Some(addresses))
        };
        match self.conversations.iter().find(has_them) {
            Some(other) => Err(Refusal::binding_exists(&other.sid)),
            None => Ok(()),
        }
    }
}

fn no_participant(conversation: &str, sid: &str) -> Refusal {
    Refusal::not_found(&format!("{}/Participants/{sid}", path(conversation)))
}

fn no_message(conversation: &str, sid: &str) -> Refusal {
    Refusal::not_found(&format!("{}/Messages/{sid}", path(conversation)))
}
