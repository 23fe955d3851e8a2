//! The participants of an interaction channel.

use serde::{Deserialize, Serialize};

/// A participant's role in the conversation.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ParticipantType {
    Supervisor,
    Customer,
    External,
    Agent,
    Unknown,
}

/// The task through which an agent joined.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct RoutingProperties {
    pub task_sid: String,
    pub worker_sid: String,
    pub reservation_sid: String,
}

/// A participant of an interaction channel.
#[derive(Clone, Debug)]
pub struct InteractionParticipant {
    /// `UT…`
    pub sid: String,
    pub participant_type: ParticipantType,
    /// None for customers.
    pub routing: Option<RoutingProperties>,
    /// The participant of the conversation. None after leaving the conversation.
    pub conversation_participant_sid: Option<String>,
    /// Whether the participant was closed. A closed participant can't be closed again, even if still listed.
    pub closed: bool,
    /// The number of earlier participants of the channel.
    pub(crate) number: usize,
}

/// A status that a request can give to a participant.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ParticipantUpdate {
    /// The participant leaves and the reservation is completed.
    Closed,
    /// The participant leaves the conversation and the reservation goes to wrap-up.
    Wrapup,
}

/// A participant to be added.
#[derive(Clone, Debug)]
pub(crate) struct NewInteractionParticipant {
    pub(crate) participant_type: ParticipantType,
    /// The identity in the conversation. None for a participant outside the conversation.
    pub(crate) identity: Option<String>,
    pub(crate) routing: Option<RoutingProperties>,
}
