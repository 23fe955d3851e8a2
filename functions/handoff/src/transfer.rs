//! The handoff of an accepted reservation: a new task in the same interaction, and then the AI leaves the conversation.
//!
//! Invites have no idempotency key, so the write of the six is the lock: only the run that wrote them makes the invite.

use flex_handoff::attributes::Attributes;
use flex_handoff::attributes::handoff::HandoffAttributes;
use flex_handoff::clients::interactions::{Channel, InviteRouting};
use flex_handoff::clients::taskrouter::{ReservationStatus, Task};
use flex_handoff::invocation::Invocation;
use flex_handoff::jobs::action::{ActionError, RefusedPart};
use flex_handoff::jobs::find_task::HandoffOf;
use flex_handoff::twilio::sid::{ParticipantSid, TaskSid};
use flex_handoff::upstream::answer::{CallError, found};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::Handoff;
use crate::decide::{Snapshot, is_addressed_to_worker};
use crate::progress::{Progress, Stale};
use crate::request::HandoffRequest;

/// A handoff that makes a new task.
pub(crate) struct Transfer {
    pub(crate) handoff_of: HandoffOf,
    channel: Channel,
    /// The AI's participant. A pending reservation has none, and an ended one may have none any more.
    participant: Option<ParticipantSid>,
}

/// The result of one round.
pub(crate) enum Transferred {
    /// The AI has left the conversation or the task to the new task, if there is one.
    Done(Option<TaskSid>),
    Not(Stale),
}

impl Handoff {
    /// Decides whether a handoff makes a new task: for an accepted reservation with a participant in the task's
    /// interaction, for a task that is addressed to the AI, and for a repeat of such a handoff. Nothing is written.
    pub(crate) async fn find_transfer(
        &self,
        invocation: &Invocation,
        task: &TaskSid,
        snapshot: &Snapshot,
    ) -> Result<Option<Transfer>, ActionError> {
        let text = snapshot.task.attributes.as_deref().unwrap_or_default();
        let channel = Attributes::parse(text).ok().as_ref().and_then(Channel::of);
        let Some(channel) = channel else { return Ok(None) };
        let handoff_of = HandoffOf {
            task_sid: task.clone(),
            reservation_sid: snapshot.reservation.sid.clone(),
        };
        let mut transfer = Transfer {
            handoff_of,
            channel,
            participant: None,
        };
        let is_transfer = match snapshot.reservation.status {
            ReservationStatus::Accepted => {
                transfer.participant = self.find_participant(invocation, &transfer).await?;
                // A participant that is gone may have been closed by an earlier run.
                transfer.participant.is_some() || self.find_invite(invocation, &transfer).await?.is_some()
            }
            ReservationStatus::Wrapping | ReservationStatus::Completed => true,
            ReservationStatus::Unknown => false,
            _ => is_addressed_to_worker(&snapshot.task),
        };
        Ok(is_transfer.then_some(transfer))
    }

    async fn find_participant(
        &self,
        invocation: &Invocation,
        transfer: &Transfer,
    ) -> Result<Option<ParticipantSid>, ActionError> {
        let Transfer {
            channel, handoff_of, ..
        } = transfer;
        let read = self
            .interactions
            .participant_of(invocation, channel, &handoff_of.reservation_sid)
            .await;
        Ok(found(read)?.flatten())
    }

    /// Makes the invite unless it exists, and then lets the AI leave. The six are on the task.
    pub(crate) async fn transfer(
        &self,
        progress: &mut Progress,
        invocation: &Invocation,
        request: &HandoffRequest,
        transfer: &Transfer,
        snapshot: &mut Snapshot,
    ) -> Result<Transferred, ActionError> {
        let status = snapshot.reservation.status;
        let new_task = match self.find_invite(invocation, transfer).await? {
            Some(new_task) => new_task,
            None if status.is_released() => return Ok(Transferred::Done(None)),
            None if snapshot.task.status.is_closed() => return Err(ActionError::TaskClosed),
            None if !status.is_open() => return Err(ActionError::ReservationNotRejectable),
            None if !progress.wrote(&snapshot.task) && !is_abandoned(&snapshot.task, request, invocation) => {
                return Err(ActionError::Unavailable);
            }
            None => match self.invite(invocation, transfer, &snapshot.task).await {
                Ok(new_task) => new_task,
                Err(CallError::Unavailable(reason)) => {
                    let pause = progress.backoff.pause(invocation, &reason).await;
                    pause.map_err(|_| ActionError::Unavailable)?;
                    return Ok(Transferred::Not(Stale::Both));
                }
                Err(refused) => {
                    progress.is_invite_refused = true;
                    return Err(refused.into());
                }
            },
        };
        match status {
            ReservationStatus::Pending => {
                let stale = self
                    .reject(progress, invocation, &transfer.handoff_of.task_sid, snapshot)
                    .await?;
                Ok(match stale {
                    Stale::Nothing => Transferred::Done(Some(new_task)),
                    stale => Transferred::Not(stale),
                })
            }
            ReservationStatus::Accepted => self.leave(progress, invocation, transfer, new_task).await,
            _ => Ok(Transferred::Done(Some(new_task))),
        }
    }

    /// The task that an earlier run of this handoff made.
    async fn find_invite(&self, invocation: &Invocation, transfer: &Transfer) -> Result<Option<TaskSid>, ActionError> {
        let invites = found(self.interactions.invites(invocation, &transfer.channel).await)?;
        let is_own = |attributes: &Option<String>| {
            let attributes = attributes.as_deref().and_then(|text| Attributes::parse(text).ok());
            attributes.as_ref().and_then(HandoffOf::read).as_ref() == Some(&transfer.handoff_of)
        };
        let own = invites
            .unwrap_or_default()
            .into_iter()
            .find(|invite| is_own(&invite.attributes));
        Ok(own.map(|invite| invite.task))
    }

    /// Makes an invite with all of the task's attributes.
    async fn invite(&self, invocation: &Invocation, transfer: &Transfer, task: &Task) -> Result<TaskSid, CallError> {
        let text = task.attributes.as_deref().unwrap_or_default();
        let attributes = Attributes::parse(text).map(|attributes| attributes.with(transfer.handoff_of.to_member()));
        let workflow = self.workflow.as_ref().map(|workflow| workflow.as_str());
        let routing = InviteRouting {
            workflow_sid: workflow.or(task.workflow_sid.as_deref()).unwrap_or_default(),
            task_channel: task.task_channel.as_deref().unwrap_or_default(),
            priority: task.priority.unwrap_or_default(),
            attributes: attributes.as_deref().unwrap_or_default(),
        };
        let invite = self
            .interactions
            .create_invite(invocation, &transfer.channel, routing)
            .await?;
        Ok(invite.task)
    }

    /// Closes the AI's participant. If Flex refuses that, the participant is closed already if the reservation has ended.
    async fn leave(
        &self,
        progress: &mut Progress,
        invocation: &Invocation,
        transfer: &Transfer,
        new_task: TaskSid,
    ) -> Result<Transferred, ActionError> {
        let closed = match &transfer.participant {
            Some(participant) => {
                let close = self
                    .interactions
                    .close_participant(invocation, &transfer.channel, participant);
                close.await
            }
            None => Err(CallError::NotFound),
        };
        progress.claim_release(&closed);
        let error = match closed {
            Ok(()) => return Ok(Transferred::Done(Some(new_task))),
            Err(CallError::Unavailable(reason)) => {
                let pause = progress.backoff.pause(invocation, &reason).await;
                pause.map_err(|_| ActionError::Unavailable)?;
                return Ok(Transferred::Not(Stale::Reservation));
            }
            Err(CallError::Unauthorized) => ActionError::Refused(RefusedPart::Credentials),
            Err(_) => ActionError::Refused(RefusedPart::Request),
        };
        let HandoffOf {
            task_sid,
            reservation_sid,
        } = &transfer.handoff_of;
        let read = found(self.taskrouter.reservation(invocation, task_sid, reservation_sid).await)?;
        match read.is_none_or(|read| read.status.is_wrapped_up()) {
            true => Ok(Transferred::Done(Some(new_task))),
            false => Err(error),
        }
    }
}

/// Whether the six are older than the function's timeout, so that the run that wrote them has ended.
fn is_abandoned(task: &Task, request: &HandoffRequest, invocation: &Invocation) -> bool {
    let written = match request.timestamp {
        Some(_) => task.updated,
        None => {
            let attributes = task.attributes.as_deref().and_then(|text| Attributes::parse(text).ok());
            let six = attributes.as_ref().and_then(HandoffAttributes::read);
            six.and_then(|six| OffsetDateTime::parse(&six.timestamp, &Rfc3339).ok())
        }
    };
    written.is_some_and(|written| invocation.now() - written > invocation.timeout())
}
