//! Interactions and the work of agents in Flex.

use super::account::Twilio;
use super::interactions::{Interaction, Invite, Media, NewInteraction, ParticipantUpdate, TaskProperties};
use super::refusal::Refusal;
use super::sids::WORKFLOW_SID;
use super::taskrouter::model::{Reservation, ReservationStatus};

impl Twilio {
    /// Creates an interaction for a web chat, with a task in the world's own workflow. `attributes` is the text of a
    /// JSON object. Flex adds its SIDs. Without a conversation's SID, a conversation is created.
    ///
    /// # Errors
    /// If the attributes are too long or not a JSON object, or if the conversation is unknown.
    pub fn create_interaction(&self, attributes: &str, conversation_sid: Option<&str>) -> Result<Interaction, Refusal> {
        let new = NewInteraction {
            media: Media::web(conversation_sid),
            routing: Some(TaskProperties::chat(WORKFLOW_SID, attributes)?),
            context_sid: None,
            webhook_ttid: None,
        };
        self.in_flex(|flex| flex.create(new))
    }

    /// All interactions in the order of their creation.
    pub fn interactions(&self) -> Vec<Interaction> {
        self.in_flex(|flex| flex.interactions.all().to_vec())
    }

    /// The present state of an interaction.
    pub fn interaction(&self, sid: &str) -> Option<Interaction> {
        self.in_flex(|flex| flex.interactions.get(sid).cloned().ok())
    }

    /// Invites another agent to an interaction. Creates a task in the world's own workflow.
    ///
    /// # Errors
    /// If the attributes are too long or not a JSON object, the channel is closed, or the interaction is unknown.
    pub fn invite(&self, interaction_sid: &str, attributes: &str) -> Result<Invite, Refusal> {
        let properties = TaskProperties::chat(WORKFLOW_SID, attributes)?;
        self.in_flex(|flex| {
            let channel_sid = flex.interactions.get(interaction_sid)?.channel.sid.clone();
            let (_, invite) = flex.invite(interaction_sid, &channel_sid, properties)?;
            Ok(invite)
        })
    }

    /// Accepts a reservation as Flex's own interface does: the worker becomes a participant of the task's interaction.
    /// The assumption about plain acceptance by the REST API has no effect here.
    ///
    /// # Errors
    /// If the reservation is unknown or not pending.
    pub fn accept_in_flex(&self, reservation_sid: &str) -> Result<Reservation, Refusal> {
        self.in_flex(|flex| {
            let workspace = flex.taskrouter.own_workspace()?;
            let task_sid = workspace.task_of(reservation_sid)?.sid.clone();
            let accepted = ReservationStatus::Accepted.into();
            let reservation = workspace.move_reservation(&task_sid, reservation_sid, None, accepted)?;
            flex.bring_in(&task_sid, reservation_sid);
            Ok(reservation)
        })
    }

    /// Lets an agent leave an interaction. The reservation is completed.
    ///
    /// # Errors
    /// If the reservation has no participant.
    pub fn leave_interaction(&self, reservation_sid: &str) -> Result<(), Refusal> {
        self.in_flex(|flex| {
            let of_reservation = |interaction: &Interaction| {
                let mut participants = interaction.channel.participants.iter();
                let participant = participants.find(|participant| {
                    let routing = participant.routing.as_ref();
                    routing.is_some_and(|routing| routing.reservation_sid == reservation_sid)
                })?;
                Some([
                    interaction.sid.clone(),
                    interaction.channel.sid.clone(),
                    participant.sid.clone(),
                ])
            };
            let found = flex.interactions.all().iter().find_map(of_reservation);
            let [interaction, channel, participant] = found.ok_or_else(|| Refusal::not_found(reservation_sid))?;
            flex.update_participant(&interaction, &channel, &participant, ParticipantUpdate::Closed)
                .map(drop)
        })
    }
}
