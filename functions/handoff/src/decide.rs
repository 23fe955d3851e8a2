//! What a handoff does next, by what is there now: the same answer however often and from wherever it is asked.

use flex_handoff::attributes::Attributes;
use flex_handoff::attributes::handoff::HandoffAttributes;
use flex_handoff::clients::taskrouter::{Reservation, ReservationStatus, Task};
use flex_handoff::twilio::sid::{ConversationSid, WorkerSid};
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
    /// Puts what was read side by side together; a reservation that is not there is `None`.
    pub(crate) fn new(task: Task, reservation: Option<Reservation>) -> Result<Self, HandoffError> {
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
        let own = attributes.as_ref().ok().and_then(|it| self.own_six(request, it, now));
        match own {
            // Also when the task has been closed since.
            Some(six) if reservation.status.is_released() => Ok(Next::Done(six)),
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

    /// The six that are on the task, if they are this reservation's; in the request's own words, uncut, where they say
    /// the same.
    fn own_six(
        &self,
        request: &Request,
        attributes: &Attributes<'_>,
        now: OffsetDateTime,
    ) -> Option<HandoffAttributes> {
        let mut six = HandoffAttributes::read(attributes)?;
        let given = request.timestamp.as_deref();
        if six.say(&request.words, attributes) {
            six.words = request.words.clone();
            return Some(six);
        }
        six.written_since(self.reservation.created, given, now).then_some(six)
    }

    fn merge(
        &self,
        request: &Request,
        attributes: &Attributes<'_>,
        now: OffsetDateTime,
    ) -> Result<String, HandoffError> {
        let six = HandoffAttributes {
            words: request.words.clone(),
            timestamp: request.timestamp.clone().unwrap_or_else(|| self.timestamp(now)),
        };
        Ok(six.merge_into(attributes)?)
    }

    /// Now in whole seconds, but never before the reservation, so that a repeat knows the six for its own by their time.
    fn timestamp(&self, now: OffsetDateTime) -> String {
        let timestamp = self.reservation.created.map_or(now, |created| now.max(created));
        timestamp.truncate_to_second().format(&Rfc3339).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use flex_handoff::attributes::handoff::Words;
    use flex_handoff::clients::taskrouter::TaskStatus;
    use flex_handoff::twilio::sid::{ReservationSid, TaskSid};

    use super::*;

    const AI: &str = "WK00000000000000000000000000000001";
    const REP: &str = "WK00000000000000000000000000000002";

    fn at(text: &str) -> OffsetDateTime {
        OffsetDateTime::parse(text, &Rfc3339).unwrap()
    }

    fn six(reason: &str, timestamp: &str) -> HandoffAttributes {
        HandoffAttributes {
            words: Words {
                reason: reason.to_owned(),
                summary: "s".to_owned(),
                sentiment: "neutral".to_owned(),
                language: "en".to_owned(),
            },
            timestamp: timestamp.to_owned(),
        }
    }

    fn text(six: &HandoffAttributes) -> String {
        six.merge_into(&Attributes::parse("{}").unwrap()).unwrap()
    }

    /// What is decided for the reason "r" without a timestamp, of a reservation that was created at 09:00, at 10:00.
    fn decide(
        worker: &str,
        status: ReservationStatus,
        task: TaskStatus,
        attributes: &str,
    ) -> Result<Next, HandoffError> {
        let request = Request {
            task: TaskSid::parse("WT00000000000000000000000000000001").unwrap(),
            reservation: None,
            conversation: None,
            words: six("r", "").words,
            timestamp: None,
        };
        let seen = Seen {
            task: Task {
                status: task,
                attributes: Some(attributes.to_owned()),
                updated: None,
                etag: None,
            },
            reservation: Reservation {
                sid: ReservationSid::parse("WR00000000000000000000000000000001").unwrap(),
                worker: WorkerSid::parse(worker),
                status,
                created: Some(at("2026-11-22T09:00:00Z")),
                updated: None,
                etag: None,
            },
        };
        seen.decide(&request, &WorkerSid::parse(AI).unwrap(), at("2026-11-22T10:00:00.9Z"))
    }

    #[test]
    fn the_six_are_written_first_then_the_reservation_is_rejected_and_then_it_has_happened() {
        use ReservationStatus::{Accepted, Pending, Rejected, Timeout};
        let ours = six("r", "2026-11-22T10:00:00Z");
        for status in [Pending, Accepted, Rejected, Timeout] {
            assert_eq!(
                decide(AI, status, TaskStatus::Reserved, "{}"),
                Ok(Next::Write(text(&ours)))
            );
        }
        for status in [Pending, Accepted] {
            assert_eq!(decide(AI, status, TaskStatus::Reserved, &text(&ours)), Ok(Next::Reject));
        }
        for task in [TaskStatus::Pending, TaskStatus::Assigned, TaskStatus::Completed] {
            assert_eq!(decide(AI, Rejected, task, &text(&ours)), Ok(Next::Done(ours.clone())));
        }
    }

    #[test]
    fn the_first_words_stay_and_an_earlier_handoffs_are_replaced() {
        let first = six("other", "2026-11-22T09:30:00Z");
        let decided = decide(AI, ReservationStatus::Rejected, TaskStatus::Pending, &text(&first));
        assert_eq!(decided, Ok(Next::Done(first)));

        let earlier = text(&six("other", "2026-11-22T08:30:00Z"));
        let decided = decide(AI, ReservationStatus::Pending, TaskStatus::Reserved, &earlier);
        assert_eq!(decided, Ok(Next::Write(text(&six("r", "2026-11-22T10:00:00Z")))));
    }

    #[test]
    fn what_cannot_be_handed_over_is_told() {
        use HandoffError::{AttributesUnreadable, ReservationNotAi, ReservationNotRejectable, TaskClosed};
        use ReservationStatus::{Completed, Pending, Wrapping};
        let cases = [
            (REP, Pending, TaskStatus::Reserved, "{}", ReservationNotAi),
            (AI, Pending, TaskStatus::Canceled, "{}", TaskClosed),
            (AI, Wrapping, TaskStatus::Wrapping, "{}", TaskClosed),
            (AI, Wrapping, TaskStatus::Assigned, "{}", ReservationNotRejectable),
            (AI, Completed, TaskStatus::Assigned, "{}", ReservationNotRejectable),
            (AI, Pending, TaskStatus::Reserved, "[]", AttributesUnreadable),
        ];
        for (worker, status, task, attributes, error) in cases {
            assert_eq!(decide(worker, status, task, attributes), Err(error));
        }
    }
}
