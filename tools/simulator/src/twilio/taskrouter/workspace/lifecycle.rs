//! How tasks and reservations move from one status to the next.
//!
//! A task follows its reservations: it is reserved, assigned or wrapping because one of them is pending, accepted or
//! wrapping.

use crate::twilio::refusal::Refusal;
use crate::twilio::taskrouter::model::{Reservation, ReservationStatus, TaskStatus};

/// Whether a reservation can take this status from its present one.
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

/// A status that a task can be given, and how.
pub(super) struct Ending {
    pub(super) verb: &'static str,
    /// The statuses from which it can be given.
    pub(super) expected: &'static [TaskStatus],
    pub(super) event: &'static str,
}

/// How a task is wrapped up, completed or canceled; none for any other status.
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

/// Where an open reservation is left by the new status of its task; none if that doesn't move it.
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

/// The type of the event that tells of a reservation's new status.
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
