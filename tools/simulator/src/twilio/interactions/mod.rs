//! Flex's interactions. An interaction is a conversation with a customer plus the tasks through which agents join.

mod channel;
mod effects;
mod flex;
mod invite;
mod late;
mod media;
mod participant;
mod resources;
mod routing;
mod routing_status;

use crate::twilio::refusal::Refusal;

pub use channel::{ChannelStatus, ChannelType, InteractionChannel};
pub use invite::Invite;
pub use participant::{InteractionParticipant, ParticipantType, RoutingProperties};

pub(crate) use channel::ChannelUpdate;
pub(crate) use flex::{Flex, NewInteraction};
pub(crate) use late::Late;
pub(crate) use media::Media;
pub(crate) use participant::{NewInteractionParticipant, ParticipantUpdate};
pub(crate) use resources::FLEX;
pub(crate) use routing::TaskProperties;
pub(crate) use routing_status::RoutingStatus;

/// An interaction with its only channel. The simulated Flex never creates a second channel.
#[derive(Clone, Debug)]
pub struct Interaction {
    /// `KD…`
    pub sid: String,
    pub channel: InteractionChannel,
    pub(crate) context_sid: Option<String>,
    pub(crate) webhook_ttid: Option<String>,
}

impl Interaction {
    /// The task that was created with the interaction. None if the interaction was created without routing.
    pub fn task_sid(&self) -> Option<&str> {
        self.channel.first_invite().map(|invite| invite.task_sid.as_str())
    }
}

/// The account's interactions in the order of their creation.
#[derive(Debug, Default)]
pub(crate) struct Interactions {
    interactions: Vec<Interaction>,
}

impl Interactions {
    pub(crate) fn all(&self) -> &[Interaction] {
        &self.interactions
    }

    pub(crate) fn get(&self, sid: &str) -> Result<&Interaction, Refusal> {
        let interaction = self.interactions.iter().find(|one| one.sid == sid);
        interaction.ok_or_else(|| Refusal::not_found(&format!("/v1/Interactions/{sid}")))
    }

    fn get_mut(&mut self, sid: &str) -> Result<&mut Interaction, Refusal> {
        let interaction = self.interactions.iter_mut().find(|one| one.sid == sid);
        interaction.ok_or_else(|| Refusal::not_found(&format!("/v1/Interactions/{sid}")))
    }

    /// A channel by the SIDs of a path.
    pub(crate) fn channel(&self, interaction_sid: &str, sid: &str) -> Result<&InteractionChannel, Refusal> {
        let channel = &self.get(interaction_sid)?.channel;
        match channel.sid == sid {
            true => Ok(channel),
            false => Err(no_channel(interaction_sid, sid)),
        }
    }

    fn channel_mut(&mut self, interaction_sid: &str, sid: &str) -> Result<&mut InteractionChannel, Refusal> {
        let channel = &mut self.get_mut(interaction_sid)?.channel;
        match channel.sid == sid {
            true => Ok(channel),
            false => Err(no_channel(interaction_sid, sid)),
        }
    }

    /// The channel that created a task.
    fn channel_of_task(&mut self, task_sid: &str) -> Option<&mut InteractionChannel> {
        let mut channels = self.interactions.iter_mut().map(|interaction| &mut interaction.channel);
        channels.find(|channel| channel.tasks.iter().any(|task| task == task_sid))
    }
}

fn no_channel(interaction_sid: &str, sid: &str) -> Refusal {
    Refusal::not_found(&format!("/v1/Interactions/{interaction_sid}/Channels/{sid}"))
}
