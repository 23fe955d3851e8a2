//! Attributes, then the reservation: written against what was read, and decided anew whenever that has changed.

use std::time::Duration;

use flex_handoff::attributes::handoff::HandoffAttributes;
use flex_handoff::clients::taskrouter::{Reservation, ReservationStatus};
use flex_handoff::invocation::Invocation;
use flex_handoff::twilio::sid::ReservationSid;
use flex_handoff::upstream::CallError;
use flex_handoff::upstream::retry::{Backoff, MAX_WRITES};
use time::OffsetDateTime;

use crate::Handoff;
use crate::decide::{Next, Seen};
use crate::error::HandoffError;
use crate::request::Request;

/// A handoff that has happened, up to its note.
pub(crate) struct Released {
    pub(crate) seen: Seen,
    /// The six on the task.
    pub(crate) six: HandoffAttributes,
    /// Whether this run wrote them, or may have where an answer was lost.
    pub(crate) wrote: bool,
    /// Whether this run rejected the reservation, or may have, where an answer was lost and it reads as rejected.
    pub(crate) rejected: bool,
    /// Whether the note is this run's to post, and surely no other's.
    note_is_ours: bool,
}

/// What this run has done so far, or may have done where an answer was lost.
#[derive(Default)]
struct Tried {
    wrote: bool,
    maybe_wrote: bool,
    rejected: bool,
    maybe_rejected: bool,
    /// TaskRouter's no to a reject.
    refusal: Option<CallError>,
    changes: u32,
    backoff: Backoff,
}

/// What follows a write.
enum Then {
    /// It was made, and what was seen is known to be so.
    Decide,
    /// It was not, or may not have been: what is there must be looked at.
    LookAgain,
}

impl Handoff {
    /// Reads the task and the reservation, side by side.
    pub(crate) async fn look(
        &self,
        invocation: &Invocation,
        request: &Request,
        reservation: Option<&ReservationSid>,
    ) -> Result<Seen, HandoffError> {
        let task = async {
            let task = found(self.taskrouter.task(invocation, &request.task).await)?;
            task.ok_or(HandoffError::TaskNotFound)
        };
        let reservation = async {
            match reservation {
                Some(sid) => found(self.taskrouter.reservation(invocation, &request.task, sid).await),
                None => self.find_reservation(invocation, request).await,
            }
        };
        let (task, reservation) = tokio::try_join!(task, reservation)?;
        Seen::new(task, reservation)
    }

    /// Of the AI worker's reservations on the task a pending one, or else an accepted one, or else the newest.
    async fn find_reservation(
        &self,
        invocation: &Invocation,
        request: &Request,
    ) -> Result<Option<Reservation>, HandoffError> {
        let rank = |status| match status {
            ReservationStatus::Pending => 2,
            ReservationStatus::Accepted => 1,
            _ => 0,
        };
        let listed = self
            .taskrouter
            .reservations(invocation, &request.task, Some(&self.ai_worker))
            .await;
        let reservations = found(listed)?.unwrap_or_default();
        Ok(reservations.into_iter().max_by_key(|it| (rank(it.status), it.created)))
    }

    /// Writes the six and rejects the reservation, as far as that hasn't been done.
    pub(crate) async fn release(
        &self,
        invocation: &Invocation,
        request: &Request,
        mut seen: Seen,
    ) -> Result<Released, HandoffError> {
        let mut tried = Tried::default();
        loop {
            let then = match seen.decide(request, &self.ai_worker, invocation.now())? {
                Next::Done(six) => return Ok(tried.released(seen, six)),
                Next::Write(attributes) => {
                    self.write(invocation, request, &mut seen, attributes, &mut tried)
                        .await?
                }
                Next::Reject => self.reject(invocation, request, &mut seen, &mut tried).await?,
            };
            if let Then::LookAgain = then {
                let reservation = seen.reservation.sid.clone();
                seen = self.look(invocation, request, Some(&reservation)).await?;
            }
        }
    }

    /// Writes the attributes.
    async fn write(
        &self,
        invocation: &Invocation,
        request: &Request,
        seen: &mut Seen,
        attributes: String,
        tried: &mut Tried,
    ) -> Result<Then, HandoffError> {
        let etag = seen.task.etag.take();
        let etag = etag.ok_or(HandoffError::Refused("it gave the task no ETag"))?;
        let write = self
            .taskrouter
            .write_attributes(invocation, &request.task, &etag, attributes.clone());
        match write.await {
            Ok(()) => {
                seen.task.attributes = Some(attributes);
                tried.wrote = true;
                Ok(Then::Decide)
            }
            Err(error) => {
                tried.maybe_wrote |= maybe_done(&error);
                tried.prepare_again(invocation, error).await?;
                Ok(Then::LookAgain)
            }
        }
    }

    /// Rejects the reservation.
    async fn reject(
        &self,
        invocation: &Invocation,
        request: &Request,
        seen: &mut Seen,
        tried: &mut Tried,
    ) -> Result<Then, HandoffError> {
        if let Some(refusal) = tried.refusal.take() {
            // Nobody else has rejected it since, so the refusal meant what it said.
            return Err(match seen.reservation.status {
                ReservationStatus::Accepted => HandoffError::ReservationNotRejectable,
                _ => refusal.into(),
            });
        }
        match self
            .taskrouter
            .reject(invocation, &request.task, &seen.reservation)
            .await
        {
            Ok(()) => {
                seen.reservation.status = ReservationStatus::Rejected;
                tried.rejected = true;
                Ok(Then::Decide)
            }
            Err(error @ CallError::Refused { .. }) => {
                tried.refusal = Some(error);
                Ok(Then::LookAgain)
            }
            Err(error) => {
                tried.maybe_rejected |= maybe_done(&error);
                tried.prepare_again(invocation, error).await?;
                Ok(Then::LookAgain)
            }
        }
    }
}

impl Tried {
    /// Waits, if need be, before another try.
    async fn prepare_again(&mut self, invocation: &Invocation, error: CallError) -> Result<(), HandoffError> {
        match error {
            CallError::Refused { .. } => Err(error.into()),
            CallError::Away { retry_after, .. } => {
                let pause = self.backoff.pause(invocation, retry_after);
                pause.await.map_err(|_| HandoffError::Unavailable)
            }
            CallError::Changed | CallError::NotFound if self.changes + 1 == MAX_WRITES => {
                Err(HandoffError::Unavailable)
            }
            CallError::Changed | CallError::NotFound => {
                self.changes += 1;
                Ok(())
            }
        }
    }

    fn released(self, seen: Seen, six: HandoffAttributes) -> Released {
        let is_rejected = seen.reservation.status == ReservationStatus::Rejected;
        Released {
            wrote: self.wrote || self.maybe_wrote,
            rejected: self.rejected || (self.maybe_rejected && is_rejected),
            // Of a reservation that ended without a reject, the note is that run's which wrote the six.
            note_is_ours: self.rejected || (self.wrote && !is_rejected),
            seen,
            six,
        }
    }
}

impl Released {
    /// Until when another run may be about to post the note, if this run lives for `timeout`; `None` if the note is
    /// this run's own.
    pub(crate) fn others_end(&self, timeout: Duration, now: OffsetDateTime) -> Option<OffsetDateTime> {
        let Seen { task, reservation } = &self.seen;
        let last_write = match reservation.status {
            _ if self.note_is_ours => return None,
            // The answer to the reject was lost: this counts as our own, but another run may have been the one.
            _ if self.rejected => return Some(now),
            ReservationStatus::Rejected => reservation.updated,
            // The six were written last.
            _ => reservation.updated.max(task.updated),
        };
        let timeout = time::Duration::try_from(timeout).unwrap_or(time::Duration::MAX);
        // Twilio gives whole seconds: the write may have been almost one later.
        let end = |write: OffsetDateTime| write.saturating_add(timeout).saturating_add(time::Duration::SECOND);
        last_write.map(|write| end(write).max(now)).or(Some(now))
    }
}

/// What was found; 404 is `None`.
fn found<T>(read: Result<T, CallError>) -> Result<Option<T>, HandoffError> {
    match read {
        Ok(value) => Ok(Some(value)),
        Err(CallError::NotFound) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn maybe_done(error: &CallError) -> bool {
    matches!(error, CallError::Away { maybe_done: true, .. })
}
