//! What a handoff does next, by what is there now: the same answer however often and from wherever it is asked.

use flex_handoff::attributes::Attributes;
use flex_handoff::handoff::HandoffAttributes;
use flex_handoff::sid::{ConversationSid, WorkerSid};
use flex_handoff::taskrouter::{Reservation, ReservationStatus, Task};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::error::HandoffError;
use crate::request::Request;

/// A task and its reservation, as they were read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) task: Task,
    pub(crate) reservation: Reservation,
}

/// What is to be done next.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// Write these attributes, in which the six are.
    Write(String),
    /// The six are there: reject the reservation.
    Reject,
    /// The handoff has happened, with these six.
    Done(HandoffAttributes),
}

impl Seen {
    /// Puts what was read side by side together; 404 is `None`.
    pub(crate) fn new(task: Option<Task>, reservation: Option<Reservation>) -> Result<Self, HandoffError> {
        let task = task.ok_or(HandoffError::TaskNotFound)?;
        match reservation {
            Some(reservation) => Ok(Self { task, reservation }),
            None if task.status.is_closed() => Err(HandoffError::TaskClosed),
            None => Err(HandoffError::ReservationNotFound),
        }
    }

    /// The conversation that the task names.
    pub(crate) fn conversation(&self) -> Option<ConversationSid> {
        let attributes = Attributes::parse(self.task.attributes.as_deref()?).ok()?;
        ConversationSid::parse(&attributes.string("conversationSid")?)
    }

    /// Decides.
    ///
    /// # Errors
    /// Why there can be no handoff.
    pub(crate) fn decide(
        &self,
        request: &Request,
        ai_worker: &WorkerSid,
        now: OffsetDateTime,
    ) -> Result<Next, HandoffError> {
        let Self { task, reservation } = self;
        if reservation.worker.as_ref() != Some(ai_worker) {
            return Err(HandoffError::ReservationNotAi);
        }
        let attributes = Attributes::parse(task.attributes.as_deref().unwrap_or_default());
        let own = attributes
            .as_ref()
            .ok()
            .and_then(HandoffAttributes::read)
            .filter(|six| six.belong(&request.words, request.timestamp.as_deref(), reservation.created, now));
        let is_released = reservation.status.is_released();
        match own {
            // Also when the task has been closed since.
            Some(six) if is_released => Ok(Next::Done(six)),
            _ if task.status.is_closed() => Err(HandoffError::TaskClosed),
            _ if matches!(
                reservation.status,
                ReservationStatus::Wrapping | ReservationStatus::Completed
            ) =>
            {
                Err(HandoffError::ReservationNotRejectable)
            }
            Some(_) => Ok(Next::Reject),
            None => self.merge(request, &attributes?, now).map(Next::Write),
        }
    }

    fn merge(
        &self,
        request: &Request,
        attributes: &Attributes<'_>,
        now: OffsetDateTime,
    ) -> Result<String, HandoffError> {
        // Never before the reservation, so that a repeat knows the six for its own by their time.
        let now = || {
            now.max(self.reservation.created.unwrap_or(now))
                .replace_nanosecond(0)
                .ok()?
                .format(&Rfc3339)
                .ok()
        };
        let timestamp = request.timestamp.clone().or_else(now).unwrap_or_default();
        let six = HandoffAttributes {
            words: request.words.clone(),
            timestamp,
        };
        Ok(six.merge_into(attributes)?)
    }
}
