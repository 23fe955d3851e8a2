//! Decides whether a task is completed, by its present state and reservations.

use crate::attributes::Attributes;
use crate::clients::taskrouter::{Reservation, ReservationStatus, Task, TaskStatus};
use crate::config::{AiWorkers, AutoCloseScope};
use crate::jobs::outcome::{Failure, NothingToDo, Outcome, Refused};
use crate::twilio::sid::ReservationSid;

/// The rules for one task.
#[derive(Clone, Copy)]
pub(super) struct Look<'l> {
    pub(super) scope: AutoCloseScope,
    pub(super) ai_workers: &'l AiWorkers,
    /// The reservation whose wrap-up caused this, if that is a while ago.
    pub(super) wrapped_up: Option<&'l ReservationSid>,
}

impl Look<'_> {
    /// Whether the decision depends on the task's reservations.
    pub(super) fn needs_reservations(&self) -> bool {
        self.scope == AutoCloseScope::Ai || self.wrapped_up.is_some()
    }

    /// Returns `Ok` if the task is to be completed.
    ///
    /// # Errors
    /// The result of leaving it.
    pub(super) fn should_close(
        &self,
        task: &Task,
        reservations: &[Reservation],
    ) -> Result<(), Result<Outcome, Failure>> {
        let leave = |reason| Err(Ok(Outcome::NothingToDo(reason)));
        if task.status != TaskStatus::Wrapping {
            return leave(NothingToDo::NotClosable);
        }
        if self.wrapped_up.is_some_and(|sid| is_overtaken(sid, reservations)) {
            return leave(NothingToDo::NewerReservation);
        }
        if self.scope == AutoCloseScope::All {
            return Ok(());
        }
        let text = task.attributes.as_deref().unwrap_or_default();
        let unreadable = |_| Err(Failure::Refused(Refused::AttributesUnreadable));
        if Attributes::parse(text).map_err(unreadable)?.handed_off() {
            return leave(NothingToDo::HandedOff);
        }
        let is_ais = |reservation: &&Reservation| self.ai_workers.contains(reservation.worker.as_ref());
        let (ais, others): (Vec<_>, Vec<_>) = reservations.iter().partition(is_ais);
        if !ais.iter().any(|it| it.status.is_wrapped_up()) {
            return leave(NothingToDo::NotEndedByAi);
        }
        let is_active =
            |it: &&Reservation| matches!(it.status, ReservationStatus::Accepted | ReservationStatus::Wrapping);
        if others.iter().any(is_active) {
            return leave(NothingToDo::HumanActive);
        }
        Ok(())
    }
}

/// Whether another worker has had the task since that wrap-up. The delay then counts from the later wrap-up.
fn is_overtaken(wrapped_up: &ReservationSid, reservations: &[Reservation]) -> bool {
    let named = reservations.iter().find(|it| it.sid == *wrapped_up);
    let Some(named) = named.filter(|named| named.status.is_wrapped_up()) else {
        return true;
    };
    // A worker who joined later may have wrapped up earlier. The worker who is wrapping up since then was the last one.
    let was_before = |it: &Reservation| named.status == ReservationStatus::Wrapping && it.updated < named.updated;
    let is_later = |it: &Reservation| it.created > named.created && it.status.is_wrapped_up() && !was_before(it);
    reservations.iter().any(is_later)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::twilio::sid::WorkerSid;

    const AI: &str = "WK00000000000000000000000000000001";
    const HUMAN: &str = "WK00000000000000000000000000000002";

    fn task(status: TaskStatus, attributes: &str) -> Task {
        Task {
            status,
            attributes: Some(attributes.to_owned()),
            created: None,
            updated: None,
            workflow_sid: None,
            task_channel: None,
            priority: None,
            routing_target: None,
            etag: None,
        }
    }

    fn reservation(worker: &str, status: ReservationStatus) -> Reservation {
        let sid = ReservationSid::parse("WR00000000000000000000000000000001").unwrap();
        Reservation {
            sid,
            worker: WorkerSid::parse(worker),
            status,
            created: None,
            updated: None,
            etag: None,
        }
    }

    fn close(scope: AutoCloseScope, task: &Task, reservations: &[Reservation]) -> Result<(), Result<Outcome, Failure>> {
        let look = Look {
            scope,
            ai_workers: &AiWorkers(vec![WorkerSid::parse(AI).unwrap()]),
            wrapped_up: None,
        };
        look.should_close(task, reservations)
    }

    /// The decision with scope `ai`; `None` means that the task is closed.
    fn why_not(task: &Task, reservations: &[(&str, ReservationStatus)]) -> Option<Result<Outcome, Failure>> {
        let reservations: Vec<_> = reservations
            .iter()
            .map(|(worker, status)| reservation(worker, *status))
            .collect();
        close(AutoCloseScope::Ai, task, &reservations).err()
    }

    #[test]
    fn task_that_the_ai_ended_is_closed() {
        use ReservationStatus::{Accepted, Completed, Rejected, Wrapping};
        let ended = task(TaskStatus::Wrapping, "{}");
        assert_eq!(why_not(&ended, &[(AI, Wrapping)]), None);
        assert_eq!(
            why_not(&ended, &[(AI, Completed), (HUMAN, Completed), (HUMAN, Rejected)]),
            None
        );

        let not_the_ai = Some(Ok(Outcome::NothingToDo(NothingToDo::NotEndedByAi)));
        assert_eq!(why_not(&ended, &[]), not_the_ai);
        assert_eq!(why_not(&ended, &[(AI, Rejected), (HUMAN, Wrapping)]), not_the_ai);

        let another = Some(Ok(Outcome::NothingToDo(NothingToDo::HumanActive)));
        assert_eq!(why_not(&ended, &[(AI, Wrapping), (HUMAN, Wrapping)]), another);
        assert_eq!(why_not(&ended, &[(AI, Completed), (HUMAN, Accepted)]), another);

        let handed_off = task(TaskStatus::Wrapping, r#"{"handedOff":true}"#);
        assert_eq!(
            why_not(&handed_off, &[(AI, Wrapping)]),
            Some(Ok(Outcome::NothingToDo(NothingToDo::HandedOff)))
        );
        let assigned = task(TaskStatus::Assigned, "{}");
        assert_eq!(
            why_not(&assigned, &[(AI, Wrapping)]),
            Some(Ok(Outcome::NothingToDo(NothingToDo::NotClosable)))
        );
        let unreadable = Some(Err(Failure::Refused(Refused::AttributesUnreadable)));
        assert_eq!(
            why_not(&task(TaskStatus::Wrapping, "[]"), &[(AI, Wrapping)]),
            unreadable
        );
    }

    #[test]
    fn scope_all_closes_every_wrapping_task() {
        assert_eq!(
            close(
                AutoCloseScope::All,
                &task(TaskStatus::Wrapping, r#"{"handedOff":true}"#),
                &[]
            ),
            Ok(())
        );
        let assigned = task(TaskStatus::Assigned, "{}");
        let expected = Err(Ok(Outcome::NothingToDo(NothingToDo::NotClosable)));
        assert_eq!(close(AutoCloseScope::All, &assigned, &[]), expected);
    }

    #[test]
    fn only_the_last_wrap_up_closes_after_a_delay() {
        use ReservationStatus::{Completed, Rejected, Wrapping};
        const NAMED: &str = "WR0000000000000000000000000000000a";
        const OTHER: &str = "WR0000000000000000000000000000000b";
        let date = |seconds| time::OffsetDateTime::from_unix_timestamp(seconds).ok();
        let at = |sid: &str, seconds: i64, status| Reservation {
            sid: ReservationSid::parse(sid).unwrap(),
            created: date(seconds),
            updated: date(seconds + 10),
            ..reservation(AI, status)
        };
        // The worker wraps up, or is done with it, at the twentieth second.
        let long = |sid, seconds, status| Reservation {
            updated: date(20),
            ..at(sid, seconds, status)
        };
        let named = ReservationSid::parse(NAMED).unwrap();
        for scope in [AutoCloseScope::Ai, AutoCloseScope::All] {
            let look = Look {
                scope,
                ai_workers: &AiWorkers(vec![WorkerSid::parse(AI).unwrap()]),
                wrapped_up: Some(&named),
            };
            for (reservations, closes) in [
                (vec![at(NAMED, 1, Wrapping)], true),
                (vec![at(NAMED, 1, Completed)], true),
                (vec![at(OTHER, 1, Completed), at(NAMED, 2, Wrapping)], true),
                (vec![at(NAMED, 1, Wrapping), at(OTHER, 2, Rejected)], true),
                (vec![at(NAMED, 1, Completed), at(OTHER, 2, Wrapping)], false),
                (vec![at(NAMED, 1, Rejected), at(OTHER, 1, Wrapping)], false),
                (vec![long(NAMED, 1, Wrapping), at(OTHER, 2, Completed)], true),
                (vec![long(NAMED, 1, Wrapping), long(OTHER, 2, Wrapping)], false),
                (vec![long(NAMED, 1, Completed), at(OTHER, 2, Wrapping)], false),
                (vec![at(OTHER, 1, Wrapping)], false),
                (vec![], false),
            ] {
                let expected = match closes {
                    true => Ok(()),
                    false => Err(Ok(Outcome::NothingToDo(NothingToDo::NewerReservation))),
                };
                let wrapping = task(TaskStatus::Wrapping, "{}");
                assert_eq!(
                    look.should_close(&wrapping, &reservations),
                    expected,
                    "{reservations:?}"
                );
            }
        }
    }
}
