//! Attributes, then the reservation: written against what was read, and decided anew whenever that has changed.

use flex_handoff::handoff::HandoffAttributes;
use flex_handoff::invocation::{Invocation, now};
use flex_handoff::retry::{Backoff, MAX_WRITES};
use flex_handoff::sid::ReservationSid;
use flex_handoff::taskrouter::{Reservation, ReservationStatus};
use flex_handoff::upstream::CallError;
use time::OffsetDateTime;

use crate::Handoff;
use crate::decide::{Next, Seen};
use crate::error::HandoffError;
use crate::request::Request;

/// A handoff that has happened, up to its note.
pub(crate) struct Released {
    /// The task and the reservation as they are now.
    pub(crate) seen: Seen,
    /// The six on the task.
    pub(crate) six: HandoffAttributes,
    /// Whether this run wrote them.
    pub(crate) wrote: bool,
    /// Whether this run rejected the reservation.
    pub(crate) rejected: bool,
}

/// What this run has done so far, or may have done where an answer was lost.
#[derive(Default)]
struct Tried {
    writes: u32,
    wrote: bool,
    rejected: bool,
    maybe_rejected: bool,
    /// TaskRouter's no to a reject.
    refusal: Option<CallError>,
    backoff: Backoff,
}

impl Handoff {
    /// Reads the task and the reservation, side by side.
    pub(crate) async fn look(
        &self,
        invocation: &Invocation,
        request: &Request,
        reservation: Option<&ReservationSid>,
    ) -> Result<Seen, HandoffError> {
        let (task, reservation) = tokio::join!(self.taskrouter.task(invocation, &request.task), async {
            match reservation {
                Some(sid) => found(self.taskrouter.reservation(invocation, &request.task, sid).await),
                None => self.find_reservation(invocation, request).await,
            }
        });
        Seen::new(found(task)?, reservation?)
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
            let is_done = match seen.decide(request, &self.ai_worker, now())? {
                Next::Done(six) => return Ok(tried.released(seen, six)),
                Next::Write(attributes) => {
                    self.write(invocation, request, &mut seen, attributes, &mut tried)
                        .await?
                }
                Next::Reject => self.reject(invocation, request, &mut seen, &mut tried).await?,
            };
            if !is_done {
                let reservation = seen.reservation.sid.clone();
                seen = self.look(invocation, request, Some(&reservation)).await?;
            }
        }
    }

    /// Writes the attributes; `false` if it must be looked at again what is there.
    async fn write(
        &self,
        invocation: &Invocation,
        request: &Request,
        seen: &mut Seen,
        attributes: String,
        tried: &mut Tried,
    ) -> Result<bool, HandoffError> {
        let etag = seen
            .task
            .etag
            .take()
            .ok_or(HandoffError::Refused("it gave the task no ETag"))?;
        match self
            .taskrouter
            .write_attributes(invocation, &request.task, &etag, attributes.clone())
            .await
        {
            Ok(()) => {
                seen.task.attributes = Some(attributes);
                tried.wrote = true;
                Ok(true)
            }
            Err(error) => {
                tried.wrote |= maybe_done(&error);
                tried.again(invocation, error).await
            }
        }
    }

    /// Rejects the reservation; `false` if it must be looked at again what is there.
    async fn reject(
        &self,
        invocation: &Invocation,
        request: &Request,
        seen: &mut Seen,
        tried: &mut Tried,
    ) -> Result<bool, HandoffError> {
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
                Ok(true)
            }
            Err(error @ CallError::Refused { .. }) => {
                tried.refusal = Some(error);
                Ok(false)
            }
            Err(error) => {
                tried.maybe_rejected |= maybe_done(&error);
                tried.again(invocation, error).await
            }
        }
    }
}

impl Tried {
    /// Whether, and when, to try again after an error; `false`, for what is there must be looked at first.
    async fn again(&mut self, invocation: &Invocation, error: CallError) -> Result<bool, HandoffError> {
        match error {
            CallError::Refused { .. } => return Err(error.into()),
            CallError::Away { retry_after, .. } => {
                self.backoff
                    .pause(invocation, retry_after)
                    .await
                    .map_err(|_| HandoffError::Unavailable)?;
            }
            CallError::Changed | CallError::NotFound => {
                self.writes += 1;
                if self.writes >= MAX_WRITES {
                    return Err(HandoffError::Unavailable);
                }
            }
        }
        Ok(false)
    }

    fn released(self, seen: Seen, six: HandoffAttributes) -> Released {
        let is_rejected = seen.reservation.status == ReservationStatus::Rejected;
        let rejected = self.rejected || (self.maybe_rejected && is_rejected);
        Released {
            wrote: self.wrote,
            rejected,
            seen,
            six,
        }
    }
}

impl Released {
    /// Whether the note is this run's to post: it rejected the reservation; or, of one that ended without a reject,
    /// it wrote the six.
    pub(crate) fn note_is_ours(&self) -> bool {
        self.rejected || (self.wrote && self.seen.reservation.status != ReservationStatus::Rejected)
    }

    /// When the run whose the note is did its last write, at the latest.
    pub(crate) fn last_write(&self) -> Option<OffsetDateTime> {
        let Seen { task, reservation } = &self.seen;
        match reservation.status {
            ReservationStatus::Rejected => reservation.updated,
            _ => reservation.updated.max(task.updated),
        }
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
