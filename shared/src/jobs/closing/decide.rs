//! Decides whether a task is ended, from its present state and reservations.

use time::OffsetDateTime;

use crate::attributes::{Attributes, Unreadable};
use crate::aws::job::CloseCause;
use crate::clients::taskrouter::{Reservation, ReservationStatus, Task, TaskStatus};
use crate::config::{AiWorkers, AutoCloseScope};
use crate::jobs::outcome::NothingToDo;
use crate::twilio::sid::ReservationSid;

/// The rules for a task.
#[derive(Clone, Copy)]
pub(super) struct CloseRules<'r> {
    pub(super) scope: AutoCloseScope,
    pub(super) ai_workers: &'r AiWorkers,
    pub(super) cause: CloseCause,
    /// The reservation that caused the request.
    pub(super) named: Option<&'r ReservationSid>,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum CloseDecision {
    End(Ending),
    Leave(NothingToDo),
}

/// The way in which a task is ended.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Ending {
    /// The new `AssignmentStatus`. TaskRouter completes a wrapping task and cancels a pending or reserved task.
    pub(super) status: &'static str,
    /// The reservation that ended the conversation. `None` if no worker accepted the task.
    pub(super) ended_by: Option<ReservationSid>,
}

impl CloseRules<'_> {
    /// Decides from a task and all of its reservations.
    ///
    /// # Errors
    /// If the decision depends on the task's attributes and they are not a JSON object.
    pub(super) fn decide(&self, task: &Task, reservations: &[Reservation]) -> Result<CloseDecision, Unreadable> {
        let decided = match (self.cause, task.status) {
            (_, TaskStatus::Completed | TaskStatus::Canceled) => Err(NothingToDo::AlreadyClosed),
            (CloseCause::Wrapup, TaskStatus::Wrapping) if self.is_overtaken(reservations) => {
                Err(NothingToDo::NewerReservation)
            }
            (CloseCause::Wrapup | CloseCause::Resolved, TaskStatus::Wrapping) => {
                let is_handed_off = self.scope == AutoCloseScope::Ai && is_handed_off(task)?;
                self.wrapping(is_handed_off, reservations)
            }
            (CloseCause::Rejection | CloseCause::Resolved, TaskStatus::Pending)
            | (CloseCause::Resolved, TaskStatus::Reserved) => match is_handed_off(task)? {
                true => Err(NothingToDo::HandedOff),
                false => self.unaccepted(task.status, reservations),
            },
            _ => Err(NothingToDo::NotClosable),
        };
        Ok(decided.map_or_else(CloseDecision::Leave, CloseDecision::End))
    }

    /// Decides about a wrapping task.
    fn wrapping(&self, is_handed_off: bool, reservations: &[Reservation]) -> Result<Ending, NothingToDo> {
        if is_handed_off {
            return Err(NothingToDo::HandedOff);
        }
        let may_have_ended = |it: &&Reservation| {
            let is_candidate = self.scope == AutoCloseScope::All || self.is_ais(it);
            is_candidate && it.status.is_wrapped_up()
        };
        let ended_by = last_ended(reservations.iter().filter(may_have_ended), self.named);
        if self.scope == AutoCloseScope::Ai {
            if ended_by.is_none() {
                return Err(NothingToDo::NotEndedByAi);
            }
            if reservations.iter().any(|it| !self.is_ais(it) && is_engaged(it)) {
                return Err(NothingToDo::HumanActive);
            }
        }
        Ok(Ending {
            status: "completed",
            ended_by: ended_by.map(|it| it.sid.clone()),
        })
    }

    /// Decides about a task that no worker has accepted.
    fn unaccepted(&self, status: TaskStatus, reservations: &[Reservation]) -> Result<Ending, NothingToDo> {
        let canceled = Ok(Ending {
            status: "canceled",
            ended_by: None,
        });
        if reservations.iter().any(is_engaged) {
            return Err(NothingToDo::ReservationOpen);
        }
        let is_pending = |it: &&Reservation| it.status == ReservationStatus::Pending;
        let pending: Vec<_> = reservations.iter().filter(is_pending).collect();
        if !pending.is_empty() {
            let is_offered_to_ai_only = pending.iter().all(|it| self.is_ais(it));
            return match self.cause == CloseCause::Resolved && is_offered_to_ai_only {
                true => canceled,
                false => Err(NothingToDo::ReservationOpen),
            };
        }
        let is_released = |it: &Reservation| match self.cause {
            CloseCause::Resolved => it.status.is_released(),
            CloseCause::Rejection | CloseCause::Wrapup => it.status == ReservationStatus::Rejected,
        };
        let named = reservations.iter().find(|it| Some(&it.sid) == self.named);
        match status == TaskStatus::Pending && named.is_some_and(|it| self.is_ais(it) && is_released(it)) {
            true => canceled,
            false => Err(NothingToDo::NotReleasedByAi),
        }
    }

    fn is_ais(&self, reservation: &Reservation) -> bool {
        self.ai_workers.contains(reservation.worker.as_ref())
    }

    /// Whether another worker has had the task since the named reservation was wrapped up. A delay then counts from the
    /// later wrap-up.
    fn is_overtaken(&self, reservations: &[Reservation]) -> bool {
        let Some(sid) = self.named else { return false };
        let named = reservations.iter().find(|it| it.sid == *sid);
        let Some(named) = named.filter(|named| named.status.is_wrapped_up()) else {
            return true;
        };
        // A worker who joined later may have wrapped up earlier. A worker who is still wrapping up was the last.
        let was_before = |it: &Reservation| named.status == ReservationStatus::Wrapping && it.updated < named.updated;
        let is_later = |it: &Reservation| it.created > named.created && it.status.is_wrapped_up() && !was_before(it);
        reservations.iter().any(is_later)
    }
}

/// Whether a worker has the task or may have it. An unknown status may mean that.
fn is_engaged(reservation: &Reservation) -> bool {
    use ReservationStatus::{Accepted, Unknown, Wrapping};
    matches!(reservation.status, Accepted | Wrapping | Unknown)
}

/// The named reservation, or else the newest. Wrapping comes before completed.
fn last_ended<'r>(
    ended: impl Iterator<Item = &'r Reservation>,
    named: Option<&ReservationSid>,
) -> Option<&'r Reservation> {
    let order = |it: &&Reservation| -> (bool, bool, Option<OffsetDateTime>) {
        let is_named = Some(&it.sid) == named;
        (is_named, it.status == ReservationStatus::Wrapping, it.created)
    };
    ended.max_by_key(order)
}

fn is_handed_off(task: &Task) -> Result<bool, Unreadable> {
    let text = task.attributes.as_deref().unwrap_or_default();
    Ok(Attributes::parse(text)?.handed_off())
}

#[cfg(test)]
mod tests;
