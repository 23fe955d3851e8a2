//! The lifecycles of tasks and reservations.
//!
//! A task's status depends on its reservations. The task is reserved, assigned or wrapping if a reservation is pending,
//! accepted or wrapping.

use crate::twilio::refusal::Refusal;
use crate::twilio::taskrouter::model::{Reservation, ReservationStatus, TaskStatus};

/// Refuses a status that can't follow a reservation's present status.
pub(super) fn check_move(
    reservation: &Reservation,
    to: ReservationStatus,
    accepted_can_be_rejected: bool,
) -> Result<(), Refusal> {
    use ReservationStatus::{Accepted, Canceled, Completed, Pending, Rejected, Rescinded, Timeout, Wrapping};
    let expected: &[ReservationStatus] = match to {
        Rejected if accepted_can_be_rejected => &[Pending, Accepted],
        Accepted | Rejected | Timeout | Canceled | Rescinded => &[Pending],
        Wrapping => &[Accepted],
        Completed => &[Accepted, Wrapping],
        Pending => &[],
    };
    if expected.contains(&reservation.status) {
        return Ok(());
    }
    let expected: Vec<String> = expected.iter().map(ToString::to_string).collect();
    let (sid, expected) = (&reservation.sid, expected.join(", "));
    Err(Refusal::invalid(format!(
        "Reservation {sid} not in expected state [{expected}] and cannot be updated to [{to}]"
    )))
}

/// The status that a task's reservations imply.
pub(super) fn implied_status(reservations: &[Reservation]) -> TaskStatus {
    let any = |status| reservations.iter().any(|reservation| reservation.status == status);
    if any(ReservationStatus::Accepted) {
        TaskStatus::Assigned
    } else if any(ReservationStatus::Wrapping) {
        TaskStatus::Wrapping
    } else if any(ReservationStatus::Pending) {
        TaskStatus::Reserved
    } else if any(ReservationStatus::Completed) {
        TaskStatus::Completed
    } else {
        TaskStatus::Pending
    }
}

/// The rule for a status that a request can set on a task.
pub(super) struct Ending {
    pub(super) verb: &'static str,
    /// The statuses that allow this status next.
    pub(super) expected: &'static [TaskStatus],
    pub(super) event: &'static str,
}

/// The rule for wrapping up, completing or canceling a task. None for other statuses.
pub(super) fn ending(status: TaskStatus) -> Option<Ending> {
    use TaskStatus::{Assigned, Canceled, Completed, Pending, Reserved, Wrapping};
    let (verb, expected, event): (_, &[TaskStatus], _) = match status {
        Wrapping => ("wrap up", &[Assigned], "task.wrapup"),
        Completed => ("complete", &[Assigned, Wrapping], "task.completed"),
        Canceled => ("cancel", &[Pending, Reserved], "task.canceled"),
        Pending | Reserved | Assigned => return None,
    };
    Some(Ending { verb, expected, event })
}

/// The new status of an open reservation when its task changes. None if the status stays.
pub(super) fn closed(reservation: ReservationStatus, task: TaskStatus) -> Option<ReservationStatus> {
    match (reservation, task) {
        (ReservationStatus::Accepted, TaskStatus::Wrapping) => Some(ReservationStatus::Wrapping),
        (ReservationStatus::Accepted | ReservationStatus::Wrapping, TaskStatus::Completed) => {
            Some(ReservationStatus::Completed)
        }
        (ReservationStatus::Pending, TaskStatus::Completed | TaskStatus::Canceled) => Some(ReservationStatus::Canceled),
        _ => None,
    }
}

/// The event type for a reservation's new status.
pub(super) fn event_type(status: ReservationStatus) -> &'static str {
    match status {
        ReservationStatus::Pending => "reservation.created",
        ReservationStatus::Accepted => "reservation.accepted",
        ReservationStatus::Rejected => "reservation.rejected",
        ReservationStatus::Timeout => "reservation.timeout",
        ReservationStatus::Canceled => "reservation.canceled",
        ReservationStatus::Rescinded => "reservation.rescinded",
        ReservationStatus::Wrapping => "reservation.wrapup",
        ReservationStatus::Completed => "reservation.completed",
    }
}
