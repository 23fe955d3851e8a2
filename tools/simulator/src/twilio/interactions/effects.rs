//! The effects of requests and TaskRouter's events on interactions, conversations and tasks.

use super::channel::{ChannelStatus, ChannelUpdate, InteractionChannel};
use super::flex::{Flex, join};
use super::late::Change;
use super::participant::{
    InteractionParticipant, NewInteractionParticipant, ParticipantType, ParticipantUpdate, RoutingProperties,
};
use super::routing_status::RoutingStatus;
use crate::twilio::assumptions::Assumptions;
use crate::twilio::conversations::{ConversationChange, ConversationState, Conversations};
use crate::twilio::taskrouter::model::{Event, ReservationStatus, TaskChange, TaskStatus};

/// The reason on tasks that end with their channel. Twilio documents no reason.
const CHANNEL_CLOSED: &str = "Interaction channel closed";

impl Flex<'_> {
    /// Updates the interactions after an event of TaskRouter.
    pub(crate) fn follow(&mut self, event: &Event) {
        let Some(task_sid) = event.field("TaskSid") else {
            return;
        };
        let reservation_sid = event.field("ReservationSid").unwrap_or_default();
        let kind = event.event_type.as_str();
        if kind == "reservation.accepted" && self.assumptions.rest_acceptance_brings_participant {
            self.sooner_or_later(Change::Join {
                task_sid: task_sid.to_owned(),
                reservation_sid: reservation_sid.to_owned(),
            });
        }
        let Some(channel) = self.interactions.channel_of_task(task_sid) else {
            return;
        };
        let answers_invite = matches!(
            kind,
            "reservation.accepted" | "task.canceled" | "task.completed" | "task.deleted"
        );
        if answers_invite && !self.assumptions.answered_invites_are_listed {
            channel.invites.retain(|invite| invite.task_sid != task_sid);
        }
        let update = match kind {
            "reservation.wrapup" => ParticipantUpdate::Wrapup,
            "reservation.completed" => ParticipantUpdate::Closed,
            _ => return,
        };
        let participant = channel.participant_of_reservation(reservation_sid);
        let sid = participant.map(|participant| participant.sid.clone());
        if let Some(sid) = sid.filter(|_| self.assumptions.participant_leaves_with_task) {
            leave(self.conversations, channel, &sid, update, self.assumptions);
        }
    }

    /// Applies a change at once, or after the assumed number of requests.
    pub(super) fn sooner_or_later(&mut self, change: Change) {
        match self.assumptions.flex_delay {
            0 => self.apply(change),
            requests => self.late.push(requests, change),
        }
    }

    /// Applies a change. An impossible change is dropped silently.
    pub(crate) fn apply(&mut self, change: Change) {
        match change {
            Change::Channel {
                interaction_sid,
                sid,
                update,
            } => self.end_channel(&interaction_sid, &sid, update),
            Change::Participant {
                interaction_sid,
                channel_sid,
                sid,
                update,
            } => {
                if let Ok(channel) = self.interactions.channel_mut(&interaction_sid, &channel_sid) {
                    let routing = leave(self.conversations, channel, &sid, update, self.assumptions);
                    self.end_reservation(routing, update);
                }
            }
            Change::Join {
                task_sid,
                reservation_sid,
            } => self.join_by_reservation(&task_sid, &reservation_sid),
        }
    }

    fn join_by_reservation(&mut self, task_sid: &str, reservation_sid: &str) {
        let Some(channel) = self.interactions.channel_of_task(task_sid) else {
            return;
        };
        let workspace = self.taskrouter.workspace(&channel.workspace_sid);
        let reservation = workspace.and_then(|workspace| workspace.reservation(task_sid, reservation_sid).cloned());
        let Ok(reservation) = reservation else {
            return;
        };
        let is_in = channel.participant_of_reservation(reservation_sid).is_some();
        if reservation.status == ReservationStatus::Accepted && channel.check_open().is_ok() && !is_in {
            let agent = NewInteractionParticipant {
                participant_type: ParticipantType::Agent,
                identity: Some(reservation.worker_name),
                routing: Some(RoutingProperties {
                    task_sid: task_sid.to_owned(),
                    worker_sid: reservation.worker_sid,
                    reservation_sid: reservation.sid,
                }),
            };
            join(self.conversations, channel, agent);
        }
    }

    /// Ends a channel with its conversation and its tasks.
    fn end_channel(&mut self, interaction_sid: &str, sid: &str, update: ChannelUpdate) {
        let Ok(channel) = self.interactions.channel_mut(interaction_sid, sid) else {
            return;
        };
        channel.status = update.status;
        let state = match update.status {
            ChannelStatus::Closed => ConversationState::Closed,
            ChannelStatus::Active | ChannelStatus::Inactive => ConversationState::Inactive,
        };
        let change = ConversationChange::state(state);
        // A conversation that was already closed stays closed.
        let _ = self.conversations.update(&channel.conversation_sid, change);
        let (workspace_sid, tasks) = (channel.workspace_sid.clone(), channel.tasks.clone());
        for task in tasks {
            self.end_task(&workspace_sid, &task, update.routing);
        }
        let ended = |flex: &mut Self, participant: &InteractionParticipant| {
            let routing = participant.routing.is_some();
            routing && flex.reservation_status(participant) != Some(ReservationStatus::Wrapping)
        };
        let Ok(channel) = self.interactions.channel(interaction_sid, sid).cloned() else {
            return;
        };
        for participant in &channel.participants {
            if ended(self, participant)
                && let Ok(channel) = self.interactions.channel_mut(interaction_sid, sid)
            {
                leave(
                    self.conversations,
                    channel,
                    &participant.sid,
                    ParticipantUpdate::Closed,
                    self.assumptions,
                );
            }
        }
    }

    fn end_task(&mut self, workspace_sid: &str, sid: &str, routing: Option<RoutingStatus>) {
        let Ok(workspace) = self.taskrouter.workspace(workspace_sid) else {
            return;
        };
        let status = match (workspace.tasks.find(sid).map(|task| task.status), routing) {
            (Some(TaskStatus::Pending | TaskStatus::Reserved), _) if self.assumptions.closing_cancels_waiting_tasks => {
                TaskStatus::Canceled
            }
            (Some(TaskStatus::Assigned), None) => TaskStatus::Wrapping,
            (Some(TaskStatus::Assigned | TaskStatus::Wrapping), Some(RoutingStatus::Closed)) => TaskStatus::Completed,
            _ => return,
        };
        let change = TaskChange {
            status: Some(status),
            reason: Some(CHANNEL_CLOSED.to_owned()),
            ..TaskChange::default()
        };
        // The status allows the change.
        let _ = workspace.update_task(sid, None, change);
    }

    fn end_reservation(&mut self, routing: Option<(String, RoutingProperties)>, update: ParticipantUpdate) {
        let Some((workspace_sid, routing)) = routing else {
            return;
        };
        let status = match update {
            ParticipantUpdate::Closed => ReservationStatus::Completed,
            ParticipantUpdate::Wrapup => ReservationStatus::Wrapping,
        };
        if let Ok(workspace) = self.taskrouter.workspace(&workspace_sid) {
            // A reservation that has already ended stays unchanged.
            let _ = workspace.move_reservation(&routing.task_sid, &routing.reservation_sid, None, status.into());
        }
    }
}

/// Removes a participant from the conversation, and from the list unless the world assumes otherwise. Returns the
/// workspace and the routing of an agent.
fn leave(
    conversations: &mut Conversations,
    channel: &mut InteractionChannel,
    sid: &str,
    update: ParticipantUpdate,
    assumptions: Assumptions,
) -> Option<(String, RoutingProperties)> {
    let participant = channel
        .participants
        .iter_mut()
        .find(|one| one.sid == sid && !one.closed)?;
    participant.closed = update == ParticipantUpdate::Closed;
    let routing = participant.routing.clone();
    if let Some(member) = participant.conversation_participant_sid.take() {
        // The conversation may be closed, or the member may have been removed.
        let _ = conversations.remove_participant(&channel.conversation_sid, &member);
    }
    let is_listed = match update {
        ParticipantUpdate::Closed => assumptions.closed_participants_are_listed,
        ParticipantUpdate::Wrapup => assumptions.wrapped_up_participants_are_listed,
    };
    if !is_listed {
        channel.participants.retain(|one| one.sid != sid);
    }
    routing.map(|routing| (channel.workspace_sid.clone(), routing))
}
