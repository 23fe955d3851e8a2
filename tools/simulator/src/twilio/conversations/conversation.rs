//! A conversation and its changes.

use serde::Deserialize;
use serde_json::{Value, json};
use time::OffsetDateTime;

use super::message::Message;
use super::participant::Participant;
use super::resource::{CONVERSATIONS, check_attributes, path};
use super::state::ConversationState;
use super::timers::Timers;
use super::webhooks::ScopedWebhook;
use crate::clock::iso_8601;
use crate::twilio::refusal::Refusal;
use crate::twilio::sids::{ACCOUNT_SID, CHAT_SERVICE_SID};

/// The limit for a friendly name in characters.
const MAX_FRIENDLY_NAME: usize = 256;

#[derive(Clone, Debug)]
pub struct Conversation {
    pub sid: String,
    pub friendly_name: Option<String>,
    /// A name that can replace the SID.
    pub unique_name: Option<String>,
    pub messaging_service_sid: Option<String>,
    pub state: ConversationState,
    pub attributes: String,
    pub date_created: OffsetDateTime,
    pub date_updated: OffsetDateTime,
    pub participants: Vec<Participant>,
    pub messages: Vec<Message>,
    pub(super) email: Email,
    pub(super) timers: Timers,
    /// The number of earlier conversations.
    pub(crate) number: usize,
    /// The index of the next message. No index is reused.
    pub(super) next_index: usize,
    pub(super) next_participant: usize,
    /// The conversation's own webhooks.
    pub(crate) webhooks: Vec<ScopedWebhook>,
    pub(super) next_webhook: usize,
}

/// The sender of outgoing e-mails.
#[derive(Clone, Debug, Default)]
pub(super) struct Email {
    address: Option<String>,
    name: Option<String>,
}

/// The fields of a new or changed conversation. Twilio's `DateCreated` and `DateUpdated` have no effect here, since
/// dates come from the clock.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ConversationChange {
    friendly_name: Option<String>,
    pub(super) unique_name: Option<String>,
    messaging_service_sid: Option<String>,
    pub(super) state: Option<ConversationState>,
    attributes: Option<String>,
    #[serde(rename = "Timers.Inactive")]
    inactive: Option<String>,
    #[serde(rename = "Timers.Closed")]
    closed: Option<String>,
    #[serde(rename = "Bindings.Email.Address")]
    email_address: Option<String>,
    #[serde(rename = "Bindings.Email.Name")]
    email_name: Option<String>,
}

impl ConversationChange {
    pub(crate) fn state(state: ConversationState) -> Self {
        Self {
            state: Some(state),
            ..Self::default()
        }
    }

    pub(super) fn sets_timers(&self) -> bool {
        self.inactive.is_some() || self.closed.is_some()
    }
}

impl Conversation {
    pub(super) fn new(sid: String, number: usize, now: OffsetDateTime) -> Self {
        Self {
            sid,
            friendly_name: None,
            unique_name: None,
            messaging_service_sid: None,
            state: ConversationState::Active,
            attributes: "{}".to_owned(),
            date_created: now,
            date_updated: now,
            participants: Vec::new(),
            messages: Vec::new(),
            email: Email::default(),
            timers: Timers::default(),
            number,
            next_index: 0,
            next_participant: 0,
            webhooks: Vec::new(),
            next_webhook: 0,
        }
    }

    /// Changes the given fields. If a field is refused, nothing changes.
    pub(super) fn change(&mut self, change: ConversationChange, now: OffsetDateTime) -> Result<(), Refusal> {
        if let Some(name) = &change.friendly_name
            && name.chars().count() > MAX_FRIENDLY_NAME
        {
            return Err(Refusal::invalid("FriendlyName is longer than 256 characters"));
        }
        if let Some(attributes) = &change.attributes {
            check_attributes(attributes)?;
        }
        let mut timers = self.timers;
        timers.set(change.inactive.as_deref(), change.closed.as_deref())?;
        self.timers = timers;
        replace(&mut self.friendly_name, change.friendly_name);
        replace(&mut self.unique_name, change.unique_name);
        replace(&mut self.messaging_service_sid, change.messaging_service_sid);
        replace(&mut self.email.address, change.email_address);
        replace(&mut self.email.name, change.email_name);
        self.attributes = change.attributes.unwrap_or_else(|| self.attributes.clone());
        self.state = change.state.unwrap_or(self.state);
        self.date_updated = now;
        Ok(())
    }

    /// The time at which a timer changes the state.
    pub(super) fn next_due(&self) -> Option<OffsetDateTime> {
        self.timers.next(self.state, self.date_updated).map(|(_, end)| end)
    }

    /// Applies the next timer if the timer is due by `now`. Returns the previous state.
    pub(super) fn elapse(&mut self, now: OffsetDateTime) -> Option<ConversationState> {
        let next = self.timers.next(self.state, self.date_updated);
        let (state, since) = next.filter(|(_, end)| *end <= now)?;
        self.date_updated = since;
        Some(std::mem::replace(&mut self.state, state))
    }

    /// Whether a participant uses SMS, WhatsApp or another outside channel.
    pub(super) fn reaches_outside(&self) -> bool {
        self.participants
            .iter()
            .any(|participant| participant.messaging_binding.is_some())
    }

    /// The resource `conversations.v1.conversation`.
    pub(crate) fn resource(&self) -> Value {
        let url = format!("{CONVERSATIONS}{}", path(&self.sid));
        let mut bindings = json!({});
        if self.email.address.is_some() || self.email.name.is_some() {
            bindings["email"] = json!({ "address": self.email.address, "name": self.email.name });
        }
        json!({
            "account_sid": ACCOUNT_SID,
            "attributes": self.attributes,
            "bindings": bindings,
            "chat_service_sid": CHAT_SERVICE_SID,
            "date_created": iso_8601(self.date_created),
            "date_updated": iso_8601(self.date_updated),
            "friendly_name": self.friendly_name,
            "links": {
                "export": format!("{url}/Export"),
                "messages": format!("{url}/Messages"),
                "participants": format!("{url}/Participants"),
                "webhooks": format!("{url}/Webhooks"),
            },
            "messaging_service_sid": self.messaging_service_sid,
            "sid": self.sid,
            "state": self.state,
            "timers": self.timers.resource(self.state, self.date_updated),
            "unique_name": self.unique_name,
            "url": url,
        })
    }
}

/// Replaces a text if there is a new text. An empty text removes the old text.
fn replace(text: &mut Option<String>, new: Option<String>) {
    if let Some(new) = new {
        *text = Some(new).filter(|new| !new.is_empty());
    }
}
