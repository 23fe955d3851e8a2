//! Whether a task is one to complete, by what it and its reservations are now.

use flex_handoff::attributes::Attributes;
use flex_handoff::config::AutoCloseScope;
use flex_handoff::sid::WorkerSid;
use flex_handoff::taskrouter::{Reservation, ReservationStatus, Task, TaskStatus};
use flex_handoff::webhook::Outcome;

/// Says nothing if the task is to be completed.
///
/// # Errors
/// Why it is not.
pub(crate) fn should_close(
    scope: AutoCloseScope,
    ai_worker: &WorkerSid,
    task: &Task,
    reservations: &[Reservation],
) -> Result<(), Outcome> {
    if task.status != TaskStatus::Wrapping {
        return Err(Outcome::NotForUs("the task is not wrapping"));
    }
    if scope == AutoCloseScope::All {
        return Ok(());
    }
    let text = task.attributes.as_deref().unwrap_or_default();
    let attributes =
        Attributes::parse(text).map_err(|_| Outcome::Refused("the task's attributes are not a JSON object"))?;
    if attributes.handed_off() {
        return Err(Outcome::NotForUs("the task was handed off"));
    }
    let is_ais = |reservation: &&Reservation| reservation.worker.as_ref() == Some(ai_worker);
    let (ais, others): (Vec<_>, Vec<_>) = reservations.iter().partition(is_ais);
    if !ais
        .iter()
        .any(|it| matches!(it.status, ReservationStatus::Wrapping | ReservationStatus::Completed))
    {
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

#[cfg(test)]
mod tests {
    use flex_handoff::sid::ReservationSid;

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
        should_close(scope, &WorkerSid::parse(AI).unwrap(), task, reservations)
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
}
