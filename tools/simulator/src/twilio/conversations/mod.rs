//! The account's conversations and their changes.

mod conversation;
mod message;
mod participant;
mod resource;
mod state;
mod timers;
mod webhook_requests;
mod webhooks;

use time::OffsetDateTime;

use super::refusal::Refusal;
use super::sids;
use crate::clock::Clock;
use message::check_body;
use resource::{check_attributes, path};
use webhooks::{Happened, Notices};

pub use conversation::Conversation;
pub use message::{Message, NewMessage};
pub use participant::Participant;
pub use state::ConversationState;

pub(crate) use conversation::ConversationChange;
pub(crate) use message::MessageChange;
pub(crate) use participant::{NewParticipant, ParticipantChange};
pub(crate) use resource::CONVERSATIONS;
pub(crate) use webhooks::{HookChange, Notice, Origin, WebhookScope};

pub(crate) struct Conversations {
    clock: Clock,
    /// All conversations in the order of their creation.
    conversations: Vec<Conversation>,
    next_number: usize,
    notices: Notices,
}

impl Conversations {
    pub(crate) fn new(clock: Clock) -> Self {
        Self {
            clock,
            conversations: Vec::new(),
            next_number: 0,
            notices: Notices::default(),
        }
    }

    /// Applies all timers that are due.
    pub(crate) fn elapse(&mut self) {
        let now = self.clock.now();
        self.act_as(Origin::Twilio);
        for conversation in &mut self.conversations {
            while let Some(from) = conversation.elapse(now) {
                let reason = "TIMER";
                self.notices
                    .add(conversation, &Happened::StateUpdated { from, reason }, now);
            }
        }
    }

    /// The time of the next timer.
    pub(crate) fn next_due(&self) -> Option<OffsetDateTime> {
        self.conversations.iter().filter_map(Conversation::next_due).min()
    }

    pub(crate) fn create(&mut self, change: ConversationChange) -> Result<Conversation, Refusal> {
        let now = self.clock.now();
        if change.sets_timers() && change.state.is_none() {
            return Err(Refusal::timer(50382, "Timer can't be set without state"));
        }
        self.check_unique_name(change.unique_name.as_deref(), None)?;
        let mut conversation = Conversation::new(sids::new("CH"), self.next_number, now);
        conversation.change(change, now)?;
        self.notices.add(&conversation, &Happened::ConversationAdded, now);
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
        let (place, now) = (self.open(name)?, self.clock.now());
        let sid = self.conversations[place].sid.clone();
        self.check_unique_name(change.unique_name.as_deref(), Some(&sid))?;
        let conversation = &mut self.conversations[place];
        let from = conversation.state;
        conversation.change(change, now)?;
        self.notices.add(conversation, &Happened::ConversationUpdated, now);
        if conversation.state != from {
            let reason = "API";
            self.notices
                .add(conversation, &Happened::StateUpdated { from, reason }, now);
        }
        Ok(conversation.clone())
    }

    pub(crate) fn delete(&mut self, name: &str) -> Result<(), Refusal> {
        let place = self.place(name)?;
        let conversation = self.conversations.remove(place);
        self.notices
            .add(&conversation, &Happened::ConversationRemoved, self.clock.now());
        Ok(())
    }

    /// Adds a chat user by identity or a participant on an outside channel by binding.
    pub(crate) fn add_participant(&mut self, name: &str, new: NewParticipant) -> Result<Participant, Refusal> {
        let (place, now) = (self.open(name)?, self.clock.now());
        let conversation = &self.conversations[place];
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
        self.check_addresses(&participant)?;
        let conversation = &mut self.conversations[place];
        conversation.participants.push(participant.clone());
        conversation.next_participant += 1;
        self.notices
            .add(conversation, &Happened::ParticipantAdded(&participant), now);
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
        let (place, now) = (self.open(name)?, self.clock.now());
        let conversation = &mut self.conversations[place];
        let participant = conversation.participants.iter_mut().find(|one| one.sid == sid);
        let participant = participant.ok_or_else(|| no_participant(name, sid))?;
        participant.change(change, now)?;
        let participant = participant.clone();
        self.notices
            .add(conversation, &Happened::ParticipantUpdated(&participant), now);
        Ok(participant)
    }

    pub(crate) fn remove_participant(&mut self, name: &str, sid: &str) -> Result<(), Refusal> {
        let (place, now) = (self.open(name)?, self.clock.now());
        let conversation = &mut self.conversations[place];
        let position = conversation.participants.iter().position(|one| one.sid == sid);
        let position = position.ok_or_else(|| no_participant(name, sid))?;
        let participant = conversation.participants.remove(position);
        self.notices
            .add(conversation, &Happened::ParticipantRemoved(&participant), now);
        Ok(())
    }

    /// Posts a message to every participant. An inactive conversation becomes active.
    pub(crate) fn post(&mut self, name: &str, new: NewMessage) -> Result<Message, Refusal> {
        let (place, now) = (self.open(name)?, self.clock.now());
        let conversation = &mut self.conversations[place];
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
        let from = std::mem::replace(&mut conversation.state, ConversationState::Active);
        conversation.date_updated = now;
        self.notices.add(conversation, &Happened::MessageAdded(&message), now);
        if from != ConversationState::Active {
            let reason = "EVENT";
            self.notices
                .add(conversation, &Happened::StateUpdated { from, reason }, now);
        }
        Ok(message)
    }

    pub(crate) fn message(&self, name: &str, sid: &str) -> Result<&Message, Refusal> {
        let message = self.get(name)?.messages.iter().find(|one| one.sid == sid);
        message.ok_or_else(|| no_message(name, sid))
    }

    pub(crate) fn update_message(&mut self, name: &str, sid: &str, change: MessageChange) -> Result<Message, Refusal> {
        let (place, now) = (self.open(name)?, self.clock.now());
        let conversation = &mut self.conversations[place];
        let message = conversation.messages.iter_mut().find(|one| one.sid == sid);
        let message = message.ok_or_else(|| no_message(name, sid))?;
        message.change(change, now)?;
        let message = message.clone();
        self.notices.add(conversation, &Happened::MessageUpdated(&message), now);
        Ok(message)
    }

    pub(crate) fn delete_message(&mut self, name: &str, sid: &str) -> Result<(), Refusal> {
        let (place, now) = (self.open(name)?, self.clock.now());
        let conversation = &mut self.conversations[place];
        let position = conversation.messages.iter().position(|one| one.sid == sid);
        let message = conversation
            .messages
            .remove(position.ok_or_else(|| no_message(name, sid))?);
        self.notices.add(conversation, &Happened::MessageRemoved(&message), now);
        Ok(())
    }

    fn place(&self, name: &str) -> Result<usize, Refusal> {
        let is_it = |one: &Conversation| one.sid == name || one.unique_name.as_deref() == Some(name);
        let place = self.conversations.iter().position(is_it);
        place.ok_or_else(|| Refusal::not_found(&path(name)))
    }

    /// The place of a conversation that isn't closed.
    fn open(&self, name: &str) -> Result<usize, Refusal> {
        let place = self.place(name)?;
        match self.conversations[place].state {
            ConversationState::Closed => Err(Refusal::conversation_closed()),
            _ => Ok(place),
        }
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
