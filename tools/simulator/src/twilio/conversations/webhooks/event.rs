//! The events of conversations and the parameters of each.

use serde_json::Value;
use time::OffsetDateTime;

use super::hook::Hook;
use super::notice::Notice;
use super::origin::Origin;
use crate::clock::iso_8601_with_milliseconds as iso_8601;
use crate::twilio::conversations::conversation::Conversation;
use crate::twilio::conversations::message::Message;
use crate::twilio::conversations::participant::Participant;
use crate::twilio::conversations::state::ConversationState;
use crate::twilio::sids::{ACCOUNT_SID, CHAT_SERVICE_SID};

/// A change of a conversation.
#[derive(Clone, Copy, Debug)]
pub(in crate::twilio::conversations) enum Happened<'a> {
    ConversationAdded,
    ConversationUpdated,
    ConversationRemoved,
    StateUpdated {
        from: ConversationState,
        /// `API`, `TIMER` or `EVENT`.
        reason: &'static str,
    },
    MessageAdded(&'a Message),
    MessageUpdated(&'a Message),
    MessageRemoved(&'a Message),
    ParticipantAdded(&'a Participant),
    ParticipantUpdated(&'a Participant),
    ParticipantRemoved(&'a Participant),
}

type Field = (&'static str, Option<String>);

impl Happened<'_> {
    pub(super) fn event_type(&self) -> &'static str {
        match self {
            Self::ConversationAdded => "onConversationAdded",
            Self::ConversationUpdated => "onConversationUpdated",
            Self::ConversationRemoved => "onConversationRemoved",
            Self::StateUpdated { .. } => "onConversationStateUpdated",
            Self::MessageAdded(_) => "onMessageAdded",
            Self::MessageUpdated(_) => "onMessageUpdated",
            Self::MessageRemoved(_) => "onMessageRemoved",
            Self::ParticipantAdded(_) => "onParticipantAdded",
            Self::ParticipantUpdated(_) => "onParticipantUpdated",
            Self::ParticipantRemoved(_) => "onParticipantRemoved",
        }
    }

    pub(super) fn notice(
        &self,
        hook: Hook,
        conversation: &Conversation,
        origin: Origin,
        now: OffsetDateTime,
    ) -> Notice {
        let (resource_type, resource_sid) = self.resource(conversation);
        let fields = self.common(conversation, origin).into_iter();
        let fields = fields.chain(self.own(conversation, now));
        Notice {
            hook,
            event_type: self.event_type(),
            resource_type,
            resource_sid: resource_sid.to_owned(),
            date: now,
            fields: fields
                .filter_map(|(name, value)| Some((name.to_owned(), value?)))
                .collect(),
        }
    }

    fn resource<'a>(&'a self, conversation: &'a Conversation) -> (&'static str, &'a str) {
        match self {
            Self::ConversationAdded
            | Self::ConversationUpdated
            | Self::ConversationRemoved
            | Self::StateUpdated { .. } => ("conversation", &conversation.sid),
            Self::MessageAdded(message) | Self::MessageUpdated(message) | Self::MessageRemoved(message) => {
                ("message", &message.sid)
            }
            Self::ParticipantAdded(participant)
            | Self::ParticipantUpdated(participant)
            | Self::ParticipantRemoved(participant) => ("participant", &participant.sid),
        }
    }

    /// The parameters of every request. `RetryCount` is not documented, but real requests have it.
    fn common(&self, conversation: &Conversation, origin: Origin) -> Vec<Field> {
        let (source, identity) = self.source(conversation, origin);
        vec![
            ("AccountSid", Some(ACCOUNT_SID.to_owned())),
            ("EventType", Some(self.event_type().to_owned())),
            ("Source", Some(source)),
            ("ClientIdentity", identity),
            ("RetryCount", Some("0".to_owned())),
            ("ConversationSid", Some(conversation.sid.clone())),
        ]
    }

    /// The source of the change: `API`, `SDK` with the user's identity, or the channel of a person outside chat.
    fn source(&self, conversation: &Conversation, origin: Origin) -> (String, Option<String>) {
        if origin != Origin::Person {
            return ("API".to_owned(), None);
        }
        let Self::MessageAdded(message) = self else {
            return ("SDK".to_owned(), None);
        };
        let author = conversation
            .participants
            .iter()
            .find(|one| one.writes_as(&message.author));
        match author.and_then(channel) {
            Some(channel) => (channel, None),
            None => ("SDK".to_owned(), Some(message.author.clone())),
        }
    }

    /// The parameters of this event.
    fn own(&self, conversation: &Conversation, now: OffsetDateTime) -> Vec<Field> {
        let removed = ("DateRemoved", Some(iso_8601(now)));
        match self {
            Self::ConversationAdded | Self::ConversationUpdated => of_conversation(conversation),
            Self::ConversationRemoved => with(of_conversation(conversation), removed),
            Self::StateUpdated { from, reason } => vec![
                ("ChatServiceSid", Some(CHAT_SERVICE_SID.to_owned())),
                ("MessagingServiceSid", conversation.messaging_service_sid.clone()),
                ("Reason", Some((*reason).to_owned())),
                ("StateFrom", Some(from.name().to_owned())),
                ("StateTo", Some(conversation.state.name().to_owned())),
                ("StateUpdated", Some(iso_8601(conversation.date_updated))),
            ],
            Self::MessageAdded(message) => {
                let service = conversation.messaging_service_sid.clone();
                with(of_message(message), ("MessagingServiceSid", service))
            }
            Self::MessageUpdated(message) => of_message(message),
            Self::MessageRemoved(message) => with(of_message(message), removed),
            Self::ParticipantAdded(participant) => of_participant(participant),
            Self::ParticipantUpdated(participant) => {
                let index = participant.last_read_message_index.map(|index| index.to_string());
                let updated = ("DateUpdated", Some(iso_8601(participant.date_updated)));
                with(
                    with(of_participant(participant), updated),
                    ("LastReadMessageIndex", index),
                )
            }
            Self::ParticipantRemoved(participant) => {
                let updated = ("DateUpdated", Some(iso_8601(participant.date_updated)));
                with(with(of_participant(participant), updated), removed)
            }
        }
    }
}

fn with(mut fields: Vec<Field>, field: Field) -> Vec<Field> {
    fields.push(field);
    fields
}

fn of_conversation(conversation: &Conversation) -> Vec<Field> {
    vec![
        ("Attributes", Some(conversation.attributes.clone())),
        ("ChatServiceSid", Some(CHAT_SERVICE_SID.to_owned())),
        ("DateCreated", Some(iso_8601(conversation.date_created))),
        ("DateUpdated", Some(iso_8601(conversation.date_updated))),
        ("FriendlyName", conversation.friendly_name.clone()),
        ("MessagingServiceSid", conversation.messaging_service_sid.clone()),
        ("State", Some(conversation.state.name().to_owned())),
        ("UniqueName", conversation.unique_name.clone()),
    ]
}

fn of_message(message: &Message) -> Vec<Field> {
    vec![
        ("Attributes", Some(message.attributes.clone())),
        ("Author", Some(message.author.clone())),
        ("Body", Some(message.body.clone())),
        ("DateCreated", Some(iso_8601(message.date_created))),
        ("DateUpdated", message.date_updated.map(iso_8601)),
        ("Index", Some(message.index.to_string())),
        ("MessageSid", Some(message.sid.clone())),
        ("ParticipantSid", message.participant_sid.clone()),
    ]
}

fn of_participant(participant: &Participant) -> Vec<Field> {
    let address = |name: &str| Some(participant.messaging_binding.as_ref()?[name].as_str()?.to_owned());
    vec![
        ("Attributes", Some(participant.attributes.clone())),
        ("DateCreated", Some(iso_8601(participant.date_created))),
        ("Identity", participant.identity.clone()),
        ("MessagingBinding.Address", address("address")),
        ("MessagingBinding.ProjectedAddress", address("projected_address")),
        ("MessagingBinding.ProxyAddress", address("proxy_address")),
        (
            "MessagingBinding.Type",
            channel(participant).or_else(|| Some("CHAT".to_owned())),
        ),
        ("ParticipantSid", Some(participant.sid.clone())),
        ("RoleSid", Some(participant.role_sid.clone())),
    ]
}

/// The outside channel of a participant, such as `SMS`.
fn channel(participant: &Participant) -> Option<String> {
    let binding = participant.messaging_binding.as_ref()?;
    binding.get("type").and_then(Value::as_str).map(str::to_uppercase)
}
