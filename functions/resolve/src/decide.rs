//! Decides the next step from the task's present state, so that a repeat continues where an earlier run ended.

use flex_handoff::attributes::Attributes;
use flex_handoff::attributes::flag;
use flex_handoff::clients::taskrouter::{Reservation, ReservationStatus, Task, TaskStatus};
use flex_handoff::config::AiWorkers;
use flex_handoff::jobs::action::ActionError;
use flex_handoff::jobs::human_agent::{HumanAgent, human_agent};
use flex_handoff::jobs::reservation_choice::choose;
use flex_handoff::twilio::sid::ReservationSid;

/// The rules for a request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rules<'r> {
    pub(crate) ai_workers: &'r AiWorkers,
    /// The reservation that the request names.
    pub(crate) named: Option<&'r ReservationSid>,
    /// The attribute to set to true.
    pub(crate) attribute: Option<&'r str>,
    /// Whether the release may cancel the task, since `auto-close` ends the task anyway.
    pub(crate) may_cancel: bool,
}

/// The AI's reservation and the next step.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Decision {
    pub(crate) reservation: Reservation,
    pub(crate) next: Next,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// Write these attributes.
    Write(String),
    /// Reject the pending reservation.
    Reject,
    /// Move the accepted reservation to wrapping.
    WrapUp,
    /// The reservation is released.
    Done,
}

/// The reason why there is no next step.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum ResolveObstacle {
    Error(ActionError),
    /// The task, the reservation or a human agent's reservation has a status that this version doesn't know.
    UnknownStatus,
}

impl From<ActionError> for ResolveObstacle {
    fn from(error: ActionError) -> Self {
        Self::Error(error)
    }
}

impl Rules<'_> {
    /// Decides the next step.
    ///
    /// # Errors
    /// The reason why the task can't be resolved.
    pub(crate) fn decide(&self, task: &Task, reservations: &[Reservation]) -> Result<Decision, ResolveObstacle> {
        let text = task.attributes.as_deref().unwrap_or_default();
        let attributes = Attributes::parse(text).map_err(ActionError::from)?;
        if attributes.handed_off() {
            return Err(ActionError::HandedOff.into());
        }
        let human = human_agent(reservations, self.ai_workers);
        if human == HumanAgent::Active {
            return Err(ActionError::HumanActive.into());
        }
        let reservation = self.reservation(reservations)?;
        let statuses_are_known = task.status != TaskStatus::Unknown
            && reservation.status != ReservationStatus::Unknown
            && human != HumanAgent::Unknown;
        if !statuses_are_known {
            return Err(ResolveObstacle::UnknownStatus);
        }
        let release = match reservation.status {
            ReservationStatus::Pending => Next::Reject,
            ReservationStatus::Accepted => Next::WrapUp,
            _ => Next::Done,
        };
        if release == Next::Reject && is_addressed_to_worker(task) && !self.may_cancel {
            return Err(ActionError::ReservationNotRejectable.into());
        }
        let is_ended = matches!(task.status, TaskStatus::Completed | TaskStatus::Canceled);
        let next = match self.attribute.filter(|_| !is_ended) {
            Some(name) => flag::set_true(&attributes, name)
                .map_err(ActionError::from)?
                .map_or(release, Next::Write),
            None => release,
        };
        Ok(Decision { reservation, next })
    }

    /// The named reservation while it is open, or else the best of the AI's reservations.
    fn reservation(&self, reservations: &[Reservation]) -> Result<Reservation, ActionError> {
        let named = reservations.iter().find(|it| Some(&it.sid) == self.named);
        if named.is_some_and(|named| !self.ai_workers.contains(named.worker.as_ref())) {
            return Err(ActionError::ReservationNotAi);
        }
        let counts = |it: &&Reservation| it.status.is_open() || it.status == ReservationStatus::Unknown;
        match named.filter(counts) {
            Some(named) => Ok(named.clone()),
            None => choose(reservations.to_vec(), self.ai_workers).ok_or(ActionError::ReservationNotFound),
        }
    }
}

/// Whether the task was made for a worker. Twilio cancels such a task when that worker rejects it.
fn is_addressed_to_worker(task: &Task) -> bool {
    task.routing_target.as_deref().is_some_and(|sid| sid.starts_with("WK"))
}

#[cfg(test)]
mod tests {
    use flex_handoff::twilio::sid::WorkerSid;

    use super::*;

    const AI: u32 = 1;
    const HUMAN_AGENT: u32 = 2;

    fn worker(number: u32) -> WorkerSid {
        WorkerSid::parse(&format!("WK{number:032}")).unwrap()
    }

    fn sid(number: usize) -> ReservationSid {
        ReservationSid::parse(&format!("WR{number:032}")).unwrap()
    }

    fn task(status: TaskStatus, attributes: &str, routing_target: Option<&str>) -> Task {
        Task {
            status,
            attributes: Some(attributes.to_owned()),
            created: None,
            updated: None,
            workflow_sid: None,
            task_channel: None,
            priority: None,
            routing_target: routing_target.map(str::to_owned),
            etag: None,
        }
    }

    /// Reservations with the numbers 1, 2 and so on.
    fn reservations(of: &[(u32, ReservationStatus)]) -> Vec<Reservation> {
        let reservation = |(place, &(worker_number, status)): (usize, &(u32, ReservationStatus))| Reservation {
            sid: sid(place + 1),
            worker: Some(worker(worker_number)),
            status,
            created: None,
            updated: None,
            etag: None,
        };
        of.iter().enumerate().map(reservation).collect()
    }

    /// The number of the chosen reservation and the next step, for a request that may name a reservation.
    fn decide(
        task: &Task,
        of: &[(u32, ReservationStatus)],
        named: Option<usize>,
        attribute: Option<&str>,
        may_cancel: bool,
    ) -> Result<(ReservationSid, Next), ResolveObstacle> {
        let named = named.map(sid);
        let rules = Rules {
            ai_workers: &AiWorkers(vec![worker(AI)]),
            named: named.as_ref(),
            attribute,
            may_cancel,
        };
        let decision = rules.decide(task, &reservations(of))?;
        Ok((decision.reservation.sid, decision.next))
    }

    #[test]
    fn open_reservation_is_released_by_its_status() {
        use ReservationStatus::{Accepted, Canceled, Completed, Pending, Rejected, Rescinded, Timeout, Wrapping};
        let open = task(TaskStatus::Reserved, "{}", None);
        for (status, next) in [
            (Pending, Next::Reject),
            (Accepted, Next::WrapUp),
            (Rejected, Next::Done),
            (Timeout, Next::Done),
            (Canceled, Next::Done),
            (Rescinded, Next::Done),
            (Wrapping, Next::Done),
            (Completed, Next::Done),
        ] {
            assert_eq!(
                decide(&open, &[(AI, status)], Some(1), None, false),
                Ok((sid(1), next)),
                "{status:?}"
            );
        }
    }

    #[test]
    fn named_reservation_counts_while_it_is_open() {
        use ReservationStatus::{Pending, Rejected, Wrapping};
        let open = task(TaskStatus::Reserved, "{}", None);
        for (of, named, expected) in [
            (&[(AI, Pending), (AI, Pending)][..], Some(2), 2),
            (&[(AI, Rejected), (AI, Pending)], Some(1), 2),
            (&[(AI, Wrapping), (AI, Pending)], Some(1), 2),
            (&[(AI, Pending)], Some(7), 1),
            (&[(HUMAN_AGENT, Pending), (AI, Pending)], None, 2),
        ] {
            let decided = decide(&open, of, named, None, false);
            assert_eq!(decided.map(|(sid, _)| sid), Ok(sid(expected)), "{of:?}");
        }
    }

    #[test]
    fn attribute_is_written_before_the_release_unless_the_task_has_ended() {
        use TaskStatus::{Assigned, Canceled, Completed, Pending, Reserved, Wrapping};
        let ai = [(AI, ReservationStatus::Pending)];
        let written = Next::Write(r#"{"a":1.10,"resolved":true}"#.to_owned());
        for status in [Pending, Reserved, Assigned, Wrapping] {
            let open = task(status, r#"{"a":1.10}"#, None);
            let Ok((_, next)) = decide(&open, &ai, None, Some("resolved"), false) else {
                panic!("{status:?}")
            };
            assert_eq!(next, written, "{status:?}");
        }
        for ended in [
            task(Completed, "{}", None),
            task(Canceled, "{}", None),
            task(Reserved, r#"{"resolved":true}"#, None),
        ] {
            let decided = decide(&ended, &ai, None, Some("resolved"), false);
            assert_eq!(decided, Ok((sid(1), Next::Reject)), "{ended:?}");
        }
    }

    #[test]
    fn task_that_cannot_be_resolved_is_an_error() {
        use ReservationStatus::{Accepted, Pending, Unknown, Wrapping};
        let ai = (AI, Pending);
        let open = |attributes| task(TaskStatus::Reserved, attributes, None);
        let too_long = format!(r#"{{"a":"{}"}}"#, "x".repeat(4085));
        let target = Some("WK00000000000000000000000000000001");
        let error = |error| Err(ResolveObstacle::Error(error));
        for (task, of, named, expected) in [
            (open("[]"), &[ai][..], None, error(ActionError::AttributesUnreadable)),
            (open(r#"{"handedOff":true}"#), &[], None, error(ActionError::HandedOff)),
            (
                open("{}"),
                &[ai, (HUMAN_AGENT, Accepted)],
                None,
                error(ActionError::HumanActive),
            ),
            (
                open("{}"),
                &[(HUMAN_AGENT, Pending)],
                Some(1),
                error(ActionError::ReservationNotAi),
            ),
            (
                open("{}"),
                &[(HUMAN_AGENT, Pending)],
                None,
                error(ActionError::ReservationNotFound),
            ),
            (open(&too_long), &[ai], None, error(ActionError::AttributesTooLarge)),
            (
                task(TaskStatus::Reserved, "{}", target),
                &[ai],
                None,
                error(ActionError::ReservationNotRejectable),
            ),
            (
                task(TaskStatus::Unknown, "{}", None),
                &[ai],
                None,
                Err(ResolveObstacle::UnknownStatus),
            ),
            (
                open("{}"),
                &[(AI, Unknown), ai],
                Some(1),
                Err(ResolveObstacle::UnknownStatus),
            ),
            (
                open("{}"),
                &[ai, (HUMAN_AGENT, Unknown)],
                None,
                Err(ResolveObstacle::UnknownStatus),
            ),
        ] {
            assert_eq!(decide(&task, of, named, Some("resolved"), false), expected, "{of:?}");
        }
        let addressed = task(TaskStatus::Reserved, "{}", target);
        assert_eq!(decide(&addressed, &[ai], None, None, true), Ok((sid(1), Next::Reject)));
        let human_wrapping = [ai, (HUMAN_AGENT, Wrapping)];
        assert_eq!(
            decide(&open("{}"), &human_wrapping, None, None, false),
            Ok((sid(1), Next::Reject))
        );
    }
}
