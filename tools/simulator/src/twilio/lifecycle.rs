//! How tasks and reservations move from one status to the next.
//!
//! A task follows its reservations: it is reserved, assigned or wrapping because one of them is pending, accepted or
//! wrapping. Routing is not in here: who is offered a task is said from outside.

use time::OffsetDateTime;

use super::event::Event;
use super::refusal::Refusal;
use super::sids::{ACCOUNT_SID, WORKSPACE_SID};
use super::task::{Reservation, ReservationStatus, Task, TaskStatus};

/// Whether a reservation can take this status from its present one.
pub(crate) fn check_move(
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

/// Gives the task the status that its reservations imply, and returns the task's event where there is one for that.
pub(crate) fn follow_reservations(task: &mut Task, now: OffsetDateTime) -> Option<Event> {
    let status = implied_status(&task.reservations);
    if status == task.status {
        return None;
    }
    set_status(task, status, now);
    match status {
        TaskStatus::Wrapping => Some(Event::of_task("task.wrapup", task, now)),
        TaskStatus::Completed => Some(Event::of_task("task.completed", task, now)),
        _ => None,
    }
}

fn implied_status(reservations: &[Reservation]) -> TaskStatus {
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

/// Wraps up, completes or cancels a task, and its open reservations along with it.
pub(crate) fn end(
    task: &mut Task,
    status: TaskStatus,
    reason: Option<String>,
    now: OffsetDateTime,
) -> Result<Vec<Event>, Refusal> {
    use TaskStatus::{Assigned, Canceled, Completed, Pending, Reserved, Wrapping};
    let (verb, expected, event): (_, &[TaskStatus], _) = match status {
        Wrapping => ("wrap up", &[Assigned], "task.wrapup"),
        Completed => ("complete", &[Assigned, Wrapping], "task.completed"),
        Canceled => ("cancel", &[Pending, Reserved], "task.canceled"),
        Pending | Reserved | Assigned => {
            return Err(Refusal::invalid(format!("AssignmentStatus cannot be set to {status}")));
        }
    };
    if !expected.contains(&task.status) {
        let expected: Vec<String> = expected.iter().map(ToString::to_string).collect();
        return Err(Refusal::invalid(format!(
            "Cannot {verb} task {} in workspace {WORKSPACE_SID} for account {ACCOUNT_SID} because it is not {}.",
            task.sid,
            expected.join(" or "),
        )));
    }
    if status.is_terminal() {
        // "This parameter is required only if the Task is canceled or completed."
        task.reason = Some(reason.ok_or_else(|| Refusal::invalid("Reason is required"))?);
    }
    set_status(task, status, now);
    let mut events = vec![Event::of_task(event, task, now)];
    events.extend(close_reservations(task, now));
    Ok(events)
}

/// Moves each open reservation to where its task's new status leaves it.
fn close_reservations(task: &mut Task, now: OffsetDateTime) -> Vec<Event> {
    let closed = |open| match (open, task.status) {
        (ReservationStatus::Accepted, TaskStatus::Wrapping) => Some(ReservationStatus::Wrapping),
        (ReservationStatus::Accepted | ReservationStatus::Wrapping, TaskStatus::Completed) => {
            Some(ReservationStatus::Completed)
        }
        (ReservationStatus::Pending, TaskStatus::Completed | TaskStatus::Canceled) => Some(ReservationStatus::Canceled),
        _ => None,
    };
    let mut moved = Vec::new();
    for reservation in &mut task.reservations {
        if let Some(status) = closed(reservation.status) {
            reservation.set_status(status, now);
            moved.push(reservation.clone());
        }
    }
    moved
        .iter()
        .map(|reservation| Event::of_reservation(event_type(reservation.status), task, reservation, now))
        .collect()
}

fn set_status(task: &mut Task, status: TaskStatus, now: OffsetDateTime) {
    task.status = status;
    task.ended = status.is_terminal().then_some(now);
    task.touch(now);
}

/// The type of the event that tells of a reservation's new status.
pub(crate) fn event_type(status: ReservationStatus) -> &'static str {
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
