//! The changes of interactions. They also change TaskRouter and Conversations.

use super::channel::{ChannelStatus, ChannelUpdate, InteractionChannel};
use super::invite::{Invite, properties};
use super::late::{Change, Late};
use super::media::Media;
use super::participant::{InteractionParticipant, NewInteractionParticipant, ParticipantType, ParticipantUpdate};
use super::routing::TaskProperties;
use super::{Interaction, Interactions};
use crate::twilio::assumptions::Assumptions;
use crate::twilio::conversations::{Conversations, NewParticipant};
use crate::twilio::refusal::Refusal;
use crate::twilio::sids;
use crate::twilio::taskrouter::TaskRouter;
use crate::twilio::taskrouter::model::ReservationStatus;

/// Flex's interactions with access to the products that Flex orchestrates.
pub(crate) struct Flex<'a> {
    pub(crate) taskrouter: &'a mut TaskRouter,
    pub(crate) conversations: &'a mut Conversations,
    pub(crate) interactions: &'a mut Interactions,
    pub(crate) late: &'a mut Late,
    pub(crate) assumptions: Assumptions,
}

/// An interaction to be created.
#[derive(Debug)]
pub(crate) struct NewInteraction {
    pub(crate) media: Media,
    pub(crate) routing: Option<TaskProperties>,
    pub(crate) context_sid: Option<String>,
    pub(crate) webhook_ttid: Option<String>,
}

impl Flex<'_> {
    /// Creates an interaction with a channel, and also the first task if there is routing.
    pub(crate) fn create(&mut self, new: NewInteraction) -> Result<Interaction, Refusal> {
        let conversation_sid = new.media.conversation(self.conversations)?;
        let workspace_sid = match &new.routing {
            Some(routing) => routing.workspace_sid(self.taskrouter),
            None => self.taskrouter.own_sid().to_owned(),
        };
        let mut channel = InteractionChannel {
            sid: sids::new("UO"),
            interaction_sid: sids::new("KD"),
            channel_type: new.media.channel_type,
            status: ChannelStatus::Active,
            participants: Vec::new(),
            invites: Vec::new(),
            tasks: Vec::new(),
            workspace_sid,
            next_participant: 0,
            conversation_sid,
        };
        if let Some(properties) = new.routing {
            invite(self.taskrouter, &mut channel, properties)?;
        }
        for customer in &self.conversations.get(&channel.conversation_sid)?.participants {
            channel.add(ParticipantType::Customer, None, Some(customer.sid.clone()));
        }
        let interaction = Interaction {
            sid: channel.interaction_sid.clone(),
            channel,
            context_sid: new.context_sid,
            webhook_ttid: new.webhook_ttid,
        };
        self.interactions.interactions.push(interaction.clone());
        Ok(interaction)
    }

    pub(crate) fn set_webhook(&mut self, sid: &str, webhook_ttid: Option<String>) -> Result<Interaction, Refusal> {
        let interaction = self.interactions.get_mut(sid)?;
        interaction.webhook_ttid = webhook_ttid.or(interaction.webhook_ttid.take());
        Ok(interaction.clone())
    }

    /// Invites an agent to a channel. The invite creates a task.
    pub(crate) fn invite(
        &mut self,
        interaction_sid: &str,
        channel_sid: &str,
        properties: TaskProperties,
    ) -> Result<(InteractionChannel, Invite), Refusal> {
        let channel = self.interactions.channel_mut(interaction_sid, channel_sid)?;
        channel.check_open()?;
        let invite = invite(self.taskrouter, channel, properties)?;
        Ok((channel.clone(), invite))
    }

    pub(crate) fn add_participant(
        &mut self,
        interaction_sid: &str,
        channel_sid: &str,
        new: NewInteractionParticipant,
    ) -> Result<(InteractionChannel, InteractionParticipant), Refusal> {
        let channel = self.interactions.channel_mut(interaction_sid, channel_sid)?;
        channel.check_open()?;
        let participant = join(self.conversations, channel, new);
        Ok((channel.clone(), participant))
    }

    /// Lets a participant leave, at once or after some more requests. Returns the participant before the change.
    pub(crate) fn update_participant(
        &mut self,
        interaction_sid: &str,
        channel_sid: &str,
        sid: &str,
        update: ParticipantUpdate,
    ) -> Result<(InteractionChannel, InteractionParticipant), Refusal> {
        let channel = self.interactions.channel(interaction_sid, channel_sid)?.clone();
        let participant = channel.participant(sid)?.clone();
        if participant.closed {
            return Err(Refusal::invalid(format!("Participant {sid} is closed")));
        }
        if update == ParticipantUpdate::Wrapup
            && self.reservation_status(&participant) != Some(ReservationStatus::Accepted)
        {
            return Err(Refusal::invalid(format!(
                "Participant {sid} has no accepted reservation"
            )));
        }
        self.sooner_or_later(Change::Participant {
            interaction_sid: interaction_sid.to_owned(),
            channel_sid: channel_sid.to_owned(),
            sid: sid.to_owned(),
            update,
        });
        Ok((channel, participant))
    }

    /// Closes a channel or makes it inactive, at once or after some more requests.
    pub(crate) fn update_channel(
        &mut self,
        interaction_sid: &str,
        sid: &str,
        update: ChannelUpdate,
    ) -> Result<InteractionChannel, Refusal> {
        update.check()?;
        let channel = self.interactions.channel(interaction_sid, sid)?;
        if channel.status == ChannelStatus::Closed && !self.assumptions.closed_channel_refuses_closing {
            return Ok(channel.clone());
        }
        channel.check_open()?;
        self.sooner_or_later(Change::Channel {
            interaction_sid: interaction_sid.to_owned(),
            sid: sid.to_owned(),
            update,
        });
        self.interactions.channel(interaction_sid, sid).cloned()
    }

    /// Adds the worker of a reservation to the conversation, as Flex's own interface does on acceptance.
    pub(crate) fn bring_in(&mut self, task_sid: &str, reservation_sid: &str) {
        self.apply(Change::Join {
            task_sid: task_sid.to_owned(),
            reservation_sid: reservation_sid.to_owned(),
        });
    }

    pub(super) fn reservation_status(&mut self, participant: &InteractionParticipant) -> Option<ReservationStatus> {
        let routing = participant.routing.as_ref()?;
        let workspace_sid = self
            .interactions
            .channel_of_task(&routing.task_sid)?
            .workspace_sid
            .clone();
        let workspace = self.taskrouter.workspace(&workspace_sid).ok()?;
        let reservation = workspace
            .reservation(&routing.task_sid, &routing.reservation_sid)
            .ok()?;
        Some(reservation.status)
    }
}

fn invite(
    taskrouter: &mut TaskRouter,
    channel: &mut InteractionChannel,
    new: TaskProperties,
) -> Result<Invite, Refusal> {
    let sid = sids::new("KG");
    let workspace = taskrouter.workspace(&new.workspace_sid(taskrouter))?;
    let task = workspace.create_task(new.task(channel, &sid)?)?;
    let invite = Invite {
        sid,
        properties: properties(workspace, &task),
        number: channel.tasks.len(),
        task_sid: task.sid,
    };
    channel.tasks.push(invite.task_sid.clone());
    channel.invites.push(invite.clone());
    Ok(invite)
}

/// Adds a participant to a channel and, by identity, to its conversation.
pub(super) fn join(
    conversations: &mut Conversations,
    channel: &mut InteractionChannel,
    new: NewInteractionParticipant,
) -> InteractionParticipant {
    let participant = NewParticipant {
        identity: new.identity,
        ..NewParticipant::default()
    };
    // Nobody is added without an identity, or if the identity is already in the conversation.
    let added = conversations.add_participant(&channel.conversation_sid, participant);
    channel.add(
        new.participant_type,
        new.routing,
        added.ok().map(|participant| participant.sid),
    )
}
