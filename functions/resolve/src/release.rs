//! Marks the session, sets the attribute and releases the reservation. The task's present state decides each step.

use flex_handoff::clients::taskrouter::{Reservation, ReservationStatus, Task};
use flex_handoff::invocation::Invocation;
use flex_handoff::jobs::action::{ActionError, RefusedPart};
use flex_handoff::twilio::sid::{ReservationSid, TaskSid};
use flex_handoff::upstream::answer::{CallError, Unavailable, found};
use flex_handoff::upstream::retry::{Backoff, MAX_WRITES, Retries};
use http::HeaderValue;
use serde::Serialize;

use crate::Resolve;
use crate::decide::{Decision, Next, ResolveObstacle, Rules};
use crate::mark::SessionOutcome;

/// A resolved task's reservation and session.
pub(crate) struct ResolveRelease {
    pub(crate) sid: ReservationSid,
    pub(crate) session: SessionOutcome,
    pub(crate) reservation: ReservationOutcome,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum ReservationOutcome {
    /// This run rejected the reservation.
    Rejected,
    /// This run moved the reservation to wrapping.
    Wrapping,
    AlreadyReleased,
}

/// A task and its reservations, read at the same time.
struct ResolveSnapshot {
    task: Task,
    reservations: Vec<Reservation>,
    /// The reservation whose version was read.
    versioned: Option<ReservationSid>,
}

struct ResolveProgress {
    session: Option<SessionOutcome>,
    /// The reservation that this run released, or may have released if the answer was lost.
    released: Option<ReservationSid>,
    /// The step that was refused, and the reservation's status at that time.
    refused: Option<(Next, ReservationStatus)>,
    /// The version of the last write that got a 412.
    stale: Option<HeaderValue>,
    changes: u32,
    unknown_statuses: u32,
    backoff: Backoff,
}

impl Resolve {
    /// Does everything but the message to `auto-close`.
    pub(crate) async fn mark_and_release(
        &self,
        invocation: &Invocation,
        task: &TaskSid,
        named: Option<&ReservationSid>,
    ) -> Result<ResolveRelease, ActionError> {
        let rules = Rules {
            ai_workers: &self.ai_workers,
            named,
            attribute: self.resolved_attribute.as_deref(),
            may_cancel: self.close_queue.is_some(),
        };
        let mut progress = ResolveProgress::new();
        let mut seen = self.look(invocation, task, named).await?;
        loop {
            let decision = match rules.decide(&seen.task, &seen.reservations) {
                Ok(decision) => decision,
                Err(ResolveObstacle::Error(error)) => return Err(error),
                Err(ResolveObstacle::UnknownStatus) => {
                    progress.note_unknown_status(invocation).await?;
                    seen = self.look(invocation, task, seen.versioned.as_ref()).await?;
                    continue;
                }
            };
            let sid = decision.reservation.sid.clone();
            invocation.set("reservationSid", sid.as_str());
            let Some(session) = progress.session else {
                let attributes = seen.task.attributes.as_deref().unwrap_or_default();
                progress.session = Some(self.mark(invocation, task, attributes).await?);
                // Marking takes a while. A handoff may have begun meanwhile.
                seen = self.look(invocation, task, Some(&sid)).await?;
                continue;
            };
            if decision.next == Next::Done {
                return Ok(progress.into_released(&seen, decision.reservation, session));
            }
            let is_outdated = !matches!(decision.next, Next::Write(_)) && seen.versioned.as_ref() != Some(&sid);
            if is_outdated || !self.take(invocation, task, decision, &mut seen, &mut progress).await? {
                seen = self.look(invocation, task, Some(&sid)).await?;
            }
        }
    }

    /// Reads the task, its reservations and the version of the given reservation.
    async fn look(
        &self,
        invocation: &Invocation,
        sid: &TaskSid,
        reservation: Option<&ReservationSid>,
    ) -> Result<ResolveSnapshot, ActionError> {
        let versioned = async {
            match reservation {
                Some(reservation) => found(self.taskrouter.reservation(invocation, sid, reservation).await),
                None => Ok(None),
            }
        };
        let task = self.taskrouter.task(invocation, sid);
        let reservations = self.taskrouter.reservations(invocation, sid);
        let task = async { found(task.await) };
        let reservations = async { found(reservations.await) };
        // A refusal ends all three reads.
        let (task, reservations, versioned) = tokio::try_join!(task, reservations, versioned)?;
        let task = task.ok_or(ActionError::TaskNotFound)?;
        let mut reservations = reservations.unwrap_or_default();
        let versioned = versioned.map(|read| {
            let sid = read.sid.clone();
            reservations.retain(|listed| listed.sid != sid);
            reservations.push(read);
            sid
        });
        Ok(ResolveSnapshot {
            task,
            reservations,
            versioned,
        })
    }

    /// Takes a step. Returns whether the result is known, so that the next step needs no new look.
    async fn take(
        &self,
        invocation: &Invocation,
        task: &TaskSid,
        decision: Decision,
        seen: &mut ResolveSnapshot,
        progress: &mut ResolveProgress,
    ) -> Result<bool, ActionError> {
        let Decision { reservation, next } = decision;
        let version = match &next {
            Next::Write(_) => seen.task.etag.clone(),
            _ => reservation.etag.clone(),
        };
        let written = match &next {
            Next::Write(attributes) => {
                let etag = version.as_ref().ok_or(ActionError::Refused(RefusedPart::Request))?;
                let write = self
                    .taskrouter
                    .write_attributes(invocation, task, etag, attributes.clone());
                write.await
            }
            Next::Reject => self.taskrouter.reject(invocation, task, &reservation).await,
            Next::WrapUp => {
                let form = vec![("ReservationStatus", "wrapping".to_owned())];
                let step = "wrap up reservation";
                let write = self
                    .taskrouter
                    .write_reservation(invocation, step, task, &reservation, form);
                write.await
            }
            Next::Done => return Ok(true),
        };
        let is_release = !matches!(next, Next::Write(_));
        if is_release && written.as_ref().map_or_else(CallError::maybe_done, |()| true) {
            progress.released = Some(reservation.sid.clone());
        }
        match (written, next) {
            (Ok(()), Next::Write(attributes)) => {
                seen.task.attributes = Some(attributes);
                Ok(true)
            }
            (Ok(()), next) => {
                let status = match next {
                    Next::Reject => ReservationStatus::Rejected,
                    _ => ReservationStatus::Wrapping,
                };
                seen.set_status(&reservation.sid, status);
                Ok(true)
            }
            (Err(error), next) => {
                let before = (next, reservation.status);
                progress.prepare_again(invocation, error, before, version).await?;
                Ok(false)
            }
        }
    }
}

impl ResolveSnapshot {
    fn set_status(&mut self, sid: &ReservationSid, status: ReservationStatus) {
        for reservation in self.reservations.iter_mut().filter(|it| it.sid == *sid) {
            reservation.status = status;
        }
    }
}

impl ResolveProgress {
    fn new() -> Self {
        Self {
            session: None,
            released: None,
            refused: None,
            stale: None,
            changes: 0,
            unknown_statuses: 0,
            backoff: Backoff::new(Retries::UntilDeadline),
        }
    }

    /// Waits before another look at a status that this version doesn't know. There is only one such look.
    async fn note_unknown_status(&mut self, invocation: &Invocation) -> Result<(), ActionError> {
        self.unknown_statuses += 1;
        if self.unknown_statuses > 1 {
            return Err(ActionError::Unavailable);
        }
        let reason = Unavailable::default();
        let pause = self.backoff.pause(invocation, &reason);
        pause.await.map_err(|_| ActionError::Unavailable)
    }

    /// Prepares a new look after a failed step.
    ///
    /// # Errors
    /// The reason why no further try is made.
    async fn prepare_again(
        &mut self,
        invocation: &Invocation,
        error: CallError,
        (next, status): (Next, ReservationStatus),
        version: Option<HeaderValue>,
    ) -> Result<(), ActionError> {
        match error {
            CallError::Unavailable(unavailable) => {
                let pause = self.backoff.pause(invocation, &unavailable);
                pause.await.map_err(|_| ActionError::Unavailable)
            }
            CallError::PreconditionFailed | CallError::NotFound => {
                let is_unchanged = version.is_some() && self.stale == version;
                self.stale = version;
                self.changes += 1;
                match is_unchanged || self.changes == MAX_WRITES {
                    true => Err(ActionError::Unavailable),
                    false => Ok(()),
                }
            }
            CallError::Refused { status: code, .. } if code != 403 => {
                let refused = Some((next, status));
                if self.refused != refused {
                    // The reservation or the task may have changed after the read.
                    self.refused = refused;
                    return Ok(());
                }
                Err(match refused {
                    Some((Next::WrapUp, _)) => ActionError::ReservationNotRejectable,
                    _ => error.into(),
                })
            }
            error => Err(error.into()),
        }
    }

    /// The reservation that this run released, or else the reservation that was released before.
    fn into_released(self, seen: &ResolveSnapshot, released: Reservation, session: SessionOutcome) -> ResolveRelease {
        let is_ours = |it: &&Reservation| Some(&it.sid) == self.released.as_ref();
        let ours = seen.reservations.iter().find(is_ours);
        let outcome = match ours.map(|ours| ours.status) {
            Some(ReservationStatus::Rejected) => ReservationOutcome::Rejected,
            Some(ReservationStatus::Wrapping | ReservationStatus::Completed) => ReservationOutcome::Wrapping,
            _ => ReservationOutcome::AlreadyReleased,
        };
        ResolveRelease {
            sid: ours.map_or(released.sid, |ours| ours.sid.clone()),
            session,
            reservation: outcome,
        }
    }
}
