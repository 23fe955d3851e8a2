//! The handoff of an accepted reservation: a new task in the same interaction, and then the AI leaves the conversation.
//!
//! Invites have no idempotency key, so the write of the handoff attributes is the lock. Only the run that wrote them or
//! took them over makes the invite.

use flex_handoff::attributes::Attributes;
use flex_handoff::clients::interactions::{Channel, InviteRouting};
use flex_handoff::clients::taskrouter::{ReservationStatus, Task};
use flex_handoff::invocation::Invocation;
use flex_handoff::jobs::action::{ActionError, RefusedPart};
use flex_handoff::jobs::find_task::HandoffOf;
use flex_handoff::twilio::sid::{ParticipantSid, TaskSid};
use flex_handoff::upstream::answer::{CallError, found};

use crate::Handoff;
use crate::decide::{Snapshot, is_addressed_to_worker};
use crate::progress::{Progress, Stale};
use crate::request::HandoffRequest;
use crate::takeover::is_abandoned;

/// A handoff that makes a new task.
pub(crate) struct Transfer {
    pub(crate) handoff_of: HandoffOf,
    channel: Channel,
    /// The AI's participant. A pending reservation has none. An ended reservation may have lost its participant.
    participant: Option<ParticipantSid>,
    /// The task that an earlier run of this handoff made, if Flex lists that task.
    new_task: Option<TaskSid>,
}

/// The result of a round.
pub(crate) enum Transferred {
    /// The AI has left the conversation or released the task. The new task takes over, if there is one.
    Done,
    Not(Stale),
}

impl Handoff {
    /// Decides whether a handoff makes a new task. Nothing is written. A new task is made in these cases:
    ///
    /// - an accepted reservation with a participant in the task's interaction
    /// - a task that is addressed to the AI
    /// - a repeat of such a handoff
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
            new_task: None,
        };
        let is_transfer = match snapshot.reservation.status {
            ReservationStatus::Accepted => {
                let participant = self.find_participant(invocation, &transfer);
                let invite = self.find_invite(invocation, &transfer);
                (transfer.participant, transfer.new_task) = tokio::try_join!(participant, invite)?;
                if transfer.participant.is_none() && transfer.new_task.is_none() {
                    // Another run may have made the invite after the first read, and closed the participant before the
                    // second.
                    transfer.new_task = self.find_invite(invocation, &transfer).await?;
                }
                // An earlier run may have closed a participant that is gone.
                transfer.participant.is_some() || transfer.new_task.is_some()
            }
            ReservationStatus::Wrapping => {
                // Someone else has wrapped up the reservation. The AI may still be in the conversation.
                transfer.participant = self.find_participant(invocation, &transfer).await?;
                true
            }
            ReservationStatus::Completed => true,
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

    /// Makes the invite unless it exists, and then lets the AI leave. The handoff attributes are on the task.
    pub(crate) async fn transfer(
        &self,
        progress: &mut Progress,
        invocation: &Invocation,
        request: &HandoffRequest,
        transfer: &Transfer,
        snapshot: &mut Snapshot,
    ) -> Result<Transferred, ActionError> {
        let status = snapshot.reservation.status;
        progress.new_task = match progress.new_task.take().or_else(|| transfer.new_task.clone()) {
            Some(new_task) => Some(new_task),
            None if progress.must_look_for_new_task() => self.find_new_task(invocation, transfer).await?,
            None => None,
        };
        if progress.new_task.is_none()
            && let Some(ended) = self
                .make_new_task(progress, invocation, request, transfer, snapshot)
                .await?
        {
            return Ok(ended);
        }
        match status {
            ReservationStatus::Pending => {
                let stale = self
                    .reject(progress, invocation, &transfer.handoff_of.task_sid, snapshot)
                    .await?;
                Ok(match stale {
                    Stale::Nothing => Transferred::Done,
                    stale => Transferred::Not(stale),
                })
            }
            ReservationStatus::Accepted | ReservationStatus::Wrapping => {
                self.leave(progress, invocation, transfer).await
            }
            _ => Ok(Transferred::Done),
        }
    }

    /// Makes the new task, or first takes over the handoff of an interrupted run. `Some` if this round ends without a
    /// new task.
    async fn make_new_task(
        &self,
        progress: &mut Progress,
        invocation: &Invocation,
        request: &HandoffRequest,
        transfer: &Transfer,
        snapshot: &mut Snapshot,
    ) -> Result<Option<Transferred>, ActionError> {
        let (status, task) = (snapshot.reservation.status, &transfer.handoff_of.task_sid);
        if status.is_released() {
            return Ok(Some(Transferred::Done));
        }
        if snapshot.task.status.is_closed() {
            return Err(ActionError::TaskClosed);
        }
        if !status.is_open() {
            return Err(ActionError::ReservationNotRejectable);
        }
        if !progress.wrote(&snapshot.task) {
            if !is_abandoned(&snapshot.task, request, invocation) {
                return Err(ActionError::Unavailable);
            }
            let stale = self.take_over(progress, invocation, task, snapshot).await?;
            return Ok(Some(Transferred::Not(stale)));
        }
        match self.invite(invocation, transfer, &snapshot.task).await {
            Ok(new_task) => {
                progress.new_task = Some(new_task);
                if progress.has_taken_over() {
                    self.remove_mark(invocation, task, &mut snapshot.task).await;
                }
                Ok(None)
            }
            Err(CallError::Unavailable(reason)) => {
                progress.may_have_invited |= reason.maybe_done;
                let pause = progress.backoff.pause(invocation, &reason).await;
                pause.map_err(|_| ActionError::Unavailable)?;
                Ok(Some(Transferred::Not(Stale::Both)))
            }
            Err(refused) => {
                progress.is_invite_refused = true;
                Err(refused.into())
            }
        }
    }

    /// The task that an earlier run or a lost request of this handoff made. Flex may not list the invites of tasks that
    /// were accepted or have ended. TaskRouter still has such a task.
    async fn find_new_task(
        &self,
        invocation: &Invocation,
        transfer: &Transfer,
    ) -> Result<Option<TaskSid>, ActionError> {
        if let Some(listed) = self.find_invite(invocation, transfer).await? {
            return Ok(Some(listed));
        }
        let (name, reservation) = (HandoffOf::RESERVATION, &transfer.handoff_of.reservation_sid);
        let tasks = self
            .taskrouter
            .tasks_by_attribute(invocation, name, reservation.as_str())
            .await?;
        Ok(tasks.into_iter().next().map(|task| task.sid))
    }

    /// The task that an earlier run of this handoff made, if Flex lists the task's invite.
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

    /// Closes the AI's participant. If Flex refuses and the reservation has ended, the participant is closed already.
    async fn leave(
        &self,
        progress: &mut Progress,
        invocation: &Invocation,
        transfer: &Transfer,
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
            Ok(()) => return Ok(Transferred::Done),
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
            true => Ok(Transferred::Done),
            false => Err(error),
        }
    }
}
