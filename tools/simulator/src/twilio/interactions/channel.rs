//! The channel of an interaction.

use serde::{Deserialize, Serialize};

use super::invite::Invite;
use super::participant::{InteractionParticipant, ParticipantType, RoutingProperties};
use super::routing_status::RoutingStatus;
use crate::twilio::refusal::Refusal;
use crate::twilio::sids;

/// The medium of a channel.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ChannelType {
    Voice,
    Sms,
    Email,
    Web,
    Whatsapp,
    Chat,
    Messenger,
    Gbm,
}

/// The status of a channel. Twilio's other statuses don't occur here.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ChannelStatus {
    Active,
    Inactive,
    Closed,
}

/// A channel with its participants and the invites to agents.
#[derive(Clone, Debug)]
pub struct InteractionChannel {
    /// `UO…`
    pub sid: String,
    pub interaction_sid: String,
    pub channel_type: ChannelType,
    pub status: ChannelStatus,
    pub conversation_sid: String,
    /// The participants that the API lists.
    pub participants: Vec<InteractionParticipant>,
    /// The invites that the API lists. The first invite came with the interaction.
    pub invites: Vec<Invite>,
    /// The SIDs of all tasks of the channel, including tasks whose invites are no longer listed.
    pub(crate) tasks: Vec<String>,
    pub(super) workspace_sid: String,
    pub(super) next_participant: usize,
}

/// The change of a channel.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ChannelUpdate {
    pub(crate) status: ChannelStatus,
    pub(crate) routing: Option<RoutingStatus>,
}

impl ChannelUpdate {
    /// "Routing status is required when the channel status is set to `inactive`."
    pub(super) fn check(self) -> Result<(), Refusal> {
        match (self.status, self.routing) {
            (ChannelStatus::Inactive, None) => Err(Refusal::invalid("Routing is required with Status inactive")),
            (ChannelStatus::Active, _) => Err(Refusal::invalid("Status is neither closed nor inactive")),
            _ => Ok(()),
        }
    }
}

impl InteractionChannel {
    pub(super) fn path(&self) -> String {
        format!("/v1/Interactions/{}/Channels/{}", self.interaction_sid, self.sid)
    }

    pub(super) fn first_invite(&self) -> Option<&Invite> {
        self.invites
            .iter()
            .find(|invite| Some(&invite.task_sid) == self.tasks.first())
    }

    /// Refuses changes of a closed channel.
    pub(super) fn check_open(&self) -> Result<(), Refusal> {
        match self.status {
            ChannelStatus::Closed => Err(Refusal::invalid(format!("Channel {} is closed", self.sid))),
            ChannelStatus::Active | ChannelStatus::Inactive => Ok(()),
        }
    }

    /// Adds a participant. The participant may be in the conversation too.
    pub(super) fn add(
        &mut self,
        participant_type: ParticipantType,
        routing: Option<RoutingProperties>,
        conversation_participant_sid: Option<String>,
    ) -> InteractionParticipant {
        let participant = InteractionParticipant {
            sid: sids::new("UT"),
            participant_type,
            routing,
            conversation_participant_sid,
            closed: false,
            number: self.next_participant,
        };
        self.next_participant += 1;
        self.participants.push(participant.clone());
        participant
    }

    pub(super) fn participant(&self, sid: &str) -> Result<&InteractionParticipant, Refusal> {
        let participant = self.participants.iter().find(|one| one.sid == sid);
        participant.ok_or_else(|| Refusal::not_found(&format!("{}/Participants/{sid}", self.path())))
    }

    pub(super) fn participant_of_reservation(&self, reservation_sid: &str) -> Option<&InteractionParticipant> {
        let is_it = |one: &&InteractionParticipant| {
            let routing = one.routing.as_ref();
            routing.is_some_and(|routing| routing.reservation_sid == reservation_sid)
        };
        self.participants.iter().find(is_it)
    }
}
