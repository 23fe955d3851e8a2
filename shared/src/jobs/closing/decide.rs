//! Whether a task is one to complete, by what it and its reservations are now.

use crate::attributes::Attributes;
use crate::clients::taskrouter::{Reservation, ReservationStatus, Task, TaskStatus};
use crate::config::AutoCloseScope;
use crate::jobs::outcome::Outcome;
use crate::twilio::sid::{ReservationSid, WorkerSid};

/// How a task is looked at.
#[derive(Clone, Copy)]
pub(super) struct Look<'l> {
    pub(super) scope: AutoCloseScope,
    pub(super) ai_worker: &'l WorkerSid,
    /// The reservation whose wrap-up it was that asked to look, where that is a while ago.
    pub(super) wrapped_up: Option<&'l ReservationSid>,
}

impl Look<'_> {
    /// Whether there is no telling without the task's reservations.
    pub(super) fn needs_reservations(&self) -> bool {
        self.scope == AutoCloseScope::Ai || self.wrapped_up.is_some()
    }

    /// Says nothing if the task is to be completed.
    ///
    /// # Errors
    /// Why it is not.
    pub(super) fn should_close(&self, task: &Task, reservations: &[Reservation]) -> Result<(), Outcome> {
        if task.status != TaskStatus::Wrapping {
            return Err(Outcome::NotForUs("the task is not wrapping"));
        }
        if self.wrapped_up.is_some_and(|sid| is_overtaken(sid, reservations)) {
            return Err(Outcome::NotForUs("that was not the last wrap-up"));
        }
        if self.scope == AutoCloseScope::All {
            return Ok(());
        }
        let text = task.attributes.as_deref().unwrap_or_default();
        let attributes =
            Attributes::parse(text).map_err(|_| Outcome::Refused("the task's attributes are not a JSON object"))?;
        if attributes.handed_off() {
            return Err(Outcome::NotForUs("the task was handed off"));
        }
        let is_ais = |reservation: &&Reservation| reservation.worker.as_ref() == Some(self.ai_worker);
        let (ais, others): (Vec<_>, Vec<_>) = reservations.iter().partition(is_ais);
        if !ais.into_iter().any(is_wrapped_up) {
            return Err(Outcome::NotForUs("the AI did not end the task"));
        }
        if others
            .iter()
            .any(|it| matches!(it.status, ReservationStatus::Accepted | ReservationStatus::Wrapping))
        {
            return Err(Outcome::NotForUs("another worker is at the task"));
        }
        Ok(())
    }
}

/// Whether the worker of a reservation is done with the conversation.
pub(super) fn is_wrapped_up(reservation: &Reservation) -> bool {
    matches!(
        reservation.status,
        ReservationStatus::Wrapping | ReservationStatus::Completed
    )
}

/// Whether a wrap-up is no longer the task's last one: the task has been with somebody since, and the time that it was
/// to have starts with that one's wrap-up.
fn is_overtaken(wrapped_up: &ReservationSid, reservations: &[Reservation]) -> bool {
    let named = reservations.iter().find(|it| it.sid == *wrapped_up);
    let Some(named) = named.filter(|named| is_wrapped_up(named)) else {
        return true;
    };
    // A worker who joined later may have been done before: one who is wrapping up since then was the last.
    let was_before = |it: &Reservation| named.status == ReservationStatus::Wrapping && it.updated < named.updated;
    let is_later = |it: &Reservation| it.created > named.created && is_wrapped_up(it) && !was_before(it);
    reservations.iter().any(is_later)
}

#[cfg(test)]
mod tests {
    use super::*;

    const AI: &str = "WK00000000000000000000000000000001";
    const REP: &str = "WK00000000000000000000000000000002";

    fn task(status: TaskStatus, attributes: &str) -> Task {
        Task {
            status,
            attributes: Some(attributes.to_owned()),
            updated: None,
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

    fn close(scope: AutoCloseScope, task: &Task, reservations: &[Reservation]) -> Result<(), Outcome> {
        let look = Look {
            scope,
            ai_worker: &WorkerSid::parse(AI).unwrap(),
            wrapped_up: None,
        };
        look.should_close(task, reservations)
    }

    /// What is decided with scope `ai`; `None` is to close.
    fn why_not(task: &Task, reservations: &[(&str, ReservationStatus)]) -> Option<Outcome> {
        let reservations: Vec<_> = reservations
            .iter()
            .map(|(worker, status)| reservation(worker, *status))
            .collect();
        close(AutoCloseScope::Ai, task, &reservations).err()
    }

    #[test]
    fn a_task_that_the_ai_ended_is_closed_and_no_other() {
        use ReservationStatus::{Accepted, Completed, Rejected, Wrapping};
        let ended = task(TaskStatus::Wrapping, "{}");
        assert_eq!(why_not(&ended, &[(AI, Wrapping)]), None);
        assert_eq!(
            why_not(&ended, &[(AI, Completed), (REP, Completed), (REP, Rejected)]),
            None
        );

        let not_the_ai = Some(Outcome::NotForUs("the AI did not end the task"));
        assert_eq!(why_not(&ended, &[]), not_the_ai);
        assert_eq!(why_not(&ended, &[(AI, Rejected), (REP, Wrapping)]), not_the_ai);

        let another = Some(Outcome::NotForUs("another worker is at the task"));
        assert_eq!(why_not(&ended, &[(AI, Wrapping), (REP, Wrapping)]), another);
        assert_eq!(why_not(&ended, &[(AI, Completed), (REP, Accepted)]), another);

        let handed_off = task(TaskStatus::Wrapping, r#"{"handedOff":true}"#);
        assert_eq!(
            why_not(&handed_off, &[(AI, Wrapping)]),
            Some(Outcome::NotForUs("the task was handed off"))
        );
        let assigned = task(TaskStatus::Assigned, "{}");
        assert_eq!(
            why_not(&assigned, &[(AI, Wrapping)]),
            Some(Outcome::NotForUs("the task is not wrapping"))
        );
        let unreadable = Some(Outcome::Refused("the task's attributes are not a JSON object"));
        assert_eq!(
            why_not(&task(TaskStatus::Wrapping, "[]"), &[(AI, Wrapping)]),
            unreadable
        );
    }

    #[test]
    fn with_scope_all_every_wrapping_task_is_closed() {
        assert_eq!(
            close(
                AutoCloseScope::All,
                &task(TaskStatus::Wrapping, r#"{"handedOff":true}"#),
                &[]
            ),
            Ok(())
        );
        let assigned = task(TaskStatus::Assigned, "{}");
        let expected = Err(Outcome::NotForUs("the task is not wrapping"));
        assert_eq!(close(AutoCloseScope::All, &assigned, &[]), expected);
    }

    #[test]
    fn only_the_last_wrap_up_closes_where_it_waited() {
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
        // Whose worker wraps up, or is done with that, at the twentieth second.
        let long = |sid, seconds, status| Reservation {
            updated: date(20),
            ..at(sid, seconds, status)
        };
        let named = ReservationSid::parse(NAMED).unwrap();
        for scope in [AutoCloseScope::Ai, AutoCloseScope::All] {
            let look = Look {
                scope,
                ai_worker: &WorkerSid::parse(AI).unwrap(),
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
                    false => Err(Outcome::NotForUs("that was not the last wrap-up")),
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
