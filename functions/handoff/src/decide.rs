//! Decides the next step of a handoff from the present state. The same state gives the same step in every run.

use std::num::NonZeroU8;

use flex_handoff::attributes::Attributes;
use flex_handoff::attributes::handoff::HandoffAttributes;
use flex_handoff::clients::taskrouter::{Reservation, ReservationStatus, Task, TaskStatus};
use flex_handoff::jobs::action::ActionError;
use flex_handoff::jobs::find_task::HandoffOf;
use flex_handoff::twilio::sid::{ConversationSid, WorkerSid};
use time::OffsetDateTime;
use time::format_description::well_known::Iso8601;
use time::format_description::well_known::iso8601::{Config, EncodedConfig, TimePrecision};

use crate::request::HandoffRequest;

/// RFC 3339 in milliseconds.
const MILLISECONDS: EncodedConfig = Config::DEFAULT
    .set_time_precision(TimePrecision::Second {
        decimal_digits: NonZeroU8::new(3),
    })
    .encode();

/// A task and the AI's reservation on the task, as read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Snapshot {
    pub(crate) task: Task,
    pub(crate) reservation: Reservation,
}

/// The next step.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum NextStep {
    /// Write these task attributes, which contain those of the handoff.
    Write(String),
    /// The handoff attributes are there. Reject the reservation.
    Reject,
    /// The handoff attributes are there. Make the new task and let the AI leave.
    Transfer(HandoffAttributes),
    /// The handoff has happened with these attributes.
    Done(HandoffAttributes),
    /// The task or the reservation has a status that this version doesn't know.
    LookAgain,
}

impl Snapshot {
    /// Combines a task and a reservation that were read at the same time. A missing reservation is `None`.
    pub(crate) fn new(task: Task, reservation: Option<Reservation>) -> Result<Self, ActionError> {
        match reservation {
            Some(reservation) => Ok(Self { task, reservation }),
            None if task.status.is_closed() => Err(ActionError::TaskClosed),
            None => Err(ActionError::ReservationNotFound),
        }
    }

    /// The conversation that the task names.
    pub(crate) fn conversation(&self) -> Option<ConversationSid> {
        ConversationSid::of(&Attributes::parse(self.task.attributes.as_deref()?).ok()?)
    }

    /// Decides the next step. With `transfer`, the handoff makes a new task in the same interaction.
    ///
    /// # Errors
    /// The reason why there can be no handoff.
    pub(crate) fn decide(
        &self,
        request: &HandoffRequest,
        transfer: Option<&HandoffOf>,
        now: OffsetDateTime,
    ) -> Result<NextStep, ActionError> {
        let Self { task, reservation } = self;
        let attributes = Attributes::parse(task.attributes.as_deref().unwrap_or_default());
        let own = attributes.as_ref().ok().and_then(|it| self.own_six(request, it, now));
        let status = reservation.status;
        match own {
            // Even if the task has been closed since.
            Some(six) if transfer.is_some() && status != ReservationStatus::Unknown => Ok(NextStep::Transfer(six)),
            Some(six) if status.is_released() => Ok(NextStep::Done(six)),
            // The task may have ended because of this handoff.
            Some(_) if status == ReservationStatus::Unknown => Ok(NextStep::LookAgain),
            _ if task.status.is_closed() => Err(ActionError::TaskClosed),
            _ if status.is_wrapped_up() => Err(ActionError::ReservationNotRejectable),
            _ if task.status == TaskStatus::Unknown || status == ReservationStatus::Unknown => Ok(NextStep::LookAgain),
            // TaskRouter cancels such a task when the worker rejects it.
            _ if status.is_open() && transfer.is_none() && is_addressed_to_worker(task) => {
                Err(ActionError::ReservationNotRejectable)
            }
            Some(_) => Ok(NextStep::Reject),
            None => {
                let six = HandoffAttributes {
                    details: request.details.clone(),
                    timestamp: request.timestamp.clone().unwrap_or_else(|| timestamp(now)),
                };
                let reserved: Vec<_> = transfer.map(HandoffOf::to_member).into_iter().collect();
                Ok(NextStep::Write(six.merge_into(&attributes?, &reserved)?))
            }
        }
    }

    /// The handoff attributes on the task, if they are this handoff's. If they hold the request's texts, the texts are
    /// returned in full.
    fn own_six(
        &self,
        request: &HandoffRequest,
        attributes: &Attributes<'_>,
        now: OffsetDateTime,
    ) -> Option<HandoffAttributes> {
        let mut six = HandoffAttributes::read(attributes)?;
        if six.say(&request.details, attributes) {
            six.details = request.details.clone();
            return Some(six);
        }
        let given = request.timestamp.as_deref();
        six.written_since(self.reservation.created, given, now).then_some(six)
    }
}

/// Whether the task was created for a worker, whose reject would cancel the task.
pub(crate) fn is_addressed_to_worker(task: &Task) -> bool {
    let target = task.routing_target.as_deref();
    target.is_some_and(|target| WorkerSid::parse(target).is_some())
}

fn timestamp(now: OffsetDateTime) -> String {
    now.format(&Iso8601::<MILLISECONDS>).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use flex_handoff::attributes::handoff::HandoffDetails;
    use flex_handoff::jobs::action_request::TaskReference;
    use flex_handoff::twilio::sid::ReservationSid;
    use time::format_description::well_known::Rfc3339;

    use super::*;

    const AI: &str = "WK00000000000000000000000000000001";
    const QUEUE: &str = "WQ00000000000000000000000000000001";

    fn at(text: &str) -> OffsetDateTime {
        OffsetDateTime::parse(text, &Rfc3339).unwrap()
    }

    fn six(reason: &str, timestamp: &str) -> HandoffAttributes {
        HandoffAttributes {
            details: HandoffDetails {
                reason: reason.to_owned(),
                summary: "s".to_owned(),
                sentiment: "neutral".to_owned(),
                language: "en".to_owned(),
            },
            timestamp: timestamp.to_owned(),
        }
    }

    fn text(six: &HandoffAttributes) -> String {
        six.merge_into(&Attributes::parse("{}").unwrap(), &[]).unwrap()
    }

    /// The attributes that are written.
    fn ours() -> HandoffAttributes {
        six("r", "2026-11-22T10:00:00.090Z")
    }

    /// The step at 10:00 for the reason "r" without a timestamp. The reservation was created at 09:00.
    fn decide_for(
        target: Option<&str>,
        status: ReservationStatus,
        task: TaskStatus,
        attributes: &str,
    ) -> Result<NextStep, ActionError> {
        let request = HandoffRequest {
            task: TaskReference::Session("session".to_owned()),
            reservation: None,
            conversation: None,
            details: six("r", "").details,
            timestamp: None,
            warnings: Vec::new(),
        };
        let snapshot = Snapshot {
            task: Task {
                status: task,
                attributes: Some(attributes.to_owned()),
                created: None,
                updated: None,
                workflow_sid: None,
                task_channel: None,
                priority: None,
                routing_target: target.map(str::to_owned),
                etag: None,
            },
            reservation: Reservation {
                sid: ReservationSid::parse("WR00000000000000000000000000000001").unwrap(),
                worker: WorkerSid::parse(AI),
                status,
                created: Some(at("2026-11-22T09:00:00Z")),
                updated: None,
                etag: None,
            },
        };
        snapshot.decide(&request, None, at("2026-11-22T10:00:00.09Z"))
    }

    fn decide(status: ReservationStatus, task: TaskStatus, attributes: &str) -> Result<NextStep, ActionError> {
        decide_for(None, status, task, attributes)
    }

    #[test]
    fn six_are_written_then_the_reservation_is_rejected() {
        use ReservationStatus::{Accepted, Canceled, Pending, Rejected, Rescinded, Timeout};
        for status in [Pending, Accepted, Rejected, Timeout, Canceled, Rescinded] {
            let expected = Ok(NextStep::Write(text(&ours())));
            assert_eq!(decide(status, TaskStatus::Reserved, "{}"), expected);
        }
        for status in [Pending, Accepted] {
            let decided = decide(status, TaskStatus::Reserved, &text(&ours()));
            assert_eq!(decided, Ok(NextStep::Reject));
        }
        for task in [
            TaskStatus::Pending,
            TaskStatus::Assigned,
            TaskStatus::Completed,
            TaskStatus::Unknown,
        ] {
            assert_eq!(decide(Rejected, task, &text(&ours())), Ok(NextStep::Done(ours())));
        }
    }

    #[test]
    fn first_texts_stay_and_an_earlier_handoffs_are_replaced() {
        let first = six("other", "2026-11-22T09:30:00Z");
        let decided = decide(ReservationStatus::Rejected, TaskStatus::Pending, &text(&first));
        assert_eq!(decided, Ok(NextStep::Done(first)));
        for earlier in ["2026-11-22T08:30:00Z", "2026-11-22T09:00:00.9Z"] {
            let earlier = text(&six("other", earlier));
            let decided = decide(ReservationStatus::Pending, TaskStatus::Reserved, &earlier);
            assert_eq!(decided, Ok(NextStep::Write(text(&ours()))));
        }
    }

    #[test]
    fn impossible_handoffs_have_an_error() {
        use ActionError::{AttributesUnreadable, ReservationNotRejectable, TaskClosed};
        use ReservationStatus::{Completed, Pending, Wrapping};
        let cases = [
            (Pending, TaskStatus::Canceled, "{}", TaskClosed),
            (Wrapping, TaskStatus::Wrapping, "{}", TaskClosed),
            (Wrapping, TaskStatus::Assigned, "{}", ReservationNotRejectable),
            (Completed, TaskStatus::Assigned, "{}", ReservationNotRejectable),
            (Pending, TaskStatus::Reserved, "[]", AttributesUnreadable),
        ];
        for (status, task, attributes, error) in cases {
            assert_eq!(decide(status, task, attributes), Err(error));
        }
    }

    #[test]
    fn task_that_is_addressed_to_a_worker_is_not_rejected() {
        use ReservationStatus::{Accepted, Pending, Timeout};
        let decide = |target, status| decide_for(Some(target), status, TaskStatus::Reserved, "{}");
        for status in [Pending, Accepted] {
            assert_eq!(decide(AI, status), Err(ActionError::ReservationNotRejectable));
        }
        assert_eq!(decide(QUEUE, Pending), Ok(NextStep::Write(text(&ours()))));
        assert_eq!(decide(AI, Timeout), Ok(NextStep::Write(text(&ours()))));
    }

    #[test]
    fn unknown_status_is_neither_open_nor_released() {
        use ReservationStatus::{Pending, Unknown};
        for attributes in ["{}", &text(&ours())] {
            assert_eq!(
                decide(Unknown, TaskStatus::Reserved, attributes),
                Ok(NextStep::LookAgain)
            );
            assert_eq!(
                decide(Pending, TaskStatus::Unknown, attributes),
                Ok(NextStep::LookAgain)
            );
        }
        let ended = |attributes: &str| decide(Unknown, TaskStatus::Completed, attributes);
        assert_eq!(ended(&text(&ours())), Ok(NextStep::LookAgain));
        assert_eq!(ended("{}"), Err(ActionError::TaskClosed));
    }

    #[test]
    fn reservation_that_is_gone_is_an_error() {
        let task = |status| Task {
            status,
            attributes: None,
            created: None,
            updated: None,
            workflow_sid: None,
            task_channel: None,
            priority: None,
            routing_target: None,
            etag: None,
        };
        let of = |status| Snapshot::new(task(status), None).unwrap_err();
        assert_eq!(of(TaskStatus::Reserved), ActionError::ReservationNotFound);
        assert_eq!(of(TaskStatus::Completed), ActionError::TaskClosed);
    }
}
