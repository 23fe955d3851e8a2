//! Chooses the AI's reservation that an action releases.

use std::cmp::Reverse;

use crate::clients::taskrouter::{Reservation, ReservationStatus, TaskRouter};
use crate::config::AiWorkers;
use crate::invocation::Invocation;
use crate::jobs::action::ActionError;
use crate::twilio::sid::{ReservationSid, TaskSid};
use crate::upstream::answer::found;

/// Reads the reservation that an action means: the named reservation if it is open. Otherwise an AI worker's
/// reservation is chosen from the task's list, so that an open reservation is never missed.
///
/// `None` if the task is gone or no AI worker has a reservation on the task.
///
/// # Errors
/// [`ActionError::ReservationNotAi`] if another worker has the named reservation. Otherwise the reason for a failed
/// read.
pub async fn find_reservation(
    taskrouter: &TaskRouter,
    invocation: &Invocation,
    task: &TaskSid,
    named: Option<&ReservationSid>,
    ai_workers: &AiWorkers,
) -> Result<Option<Reservation>, ActionError> {
    let named = match named {
        Some(sid) => found(taskrouter.reservation(invocation, task, sid).await)?,
        None => None,
    };
    or_open_one(taskrouter, invocation, task, named, ai_workers).await
}

/// The reservation that was read, if it is open or has an unknown status. Otherwise a reservation is chosen from the
/// task's list. Only an open reservation replaces a wrapping or completed reservation.
///
/// # Errors
/// As [`find_reservation`].
pub async fn or_open_one(
    taskrouter: &TaskRouter,
    invocation: &Invocation,
    task: &TaskSid,
    read: Option<Reservation>,
    ai_workers: &AiWorkers,
) -> Result<Option<Reservation>, ActionError> {
    match &read {
        Some(read) if !ai_workers.contains(read.worker.as_ref()) => Err(ActionError::ReservationNotAi),
        Some(it) if it.status.is_open() || it.status == ReservationStatus::Unknown => Ok(read),
        _ => {
            let listed = found(taskrouter.reservations(invocation, task).await)?;
            let chosen = choose(listed.unwrap_or_default(), ai_workers);
            let is_wrapped_up = read.as_ref().is_some_and(|read| read.status.is_wrapped_up());
            Ok(chosen
                .filter(|chosen| chosen.status.is_open() || !is_wrapped_up)
                .or(read))
        }
    }
}

/// Chooses an AI worker's reservation from a task's list. Prefers pending, then accepted, then the newest that is
/// rejected, wrapping or completed, then the newest of all.
pub fn choose(reservations: Vec<Reservation>, ai_workers: &AiWorkers) -> Option<Reservation> {
    let rank = |status| match status {
        ReservationStatus::Pending => 0,
        ReservationStatus::Accepted => 1,
        ReservationStatus::Rejected | ReservationStatus::Wrapping | ReservationStatus::Completed => 2,
        ReservationStatus::Timeout
        | ReservationStatus::Canceled
        | ReservationStatus::Rescinded
        | ReservationStatus::Unknown => 3,
    };
    reservations
        .into_iter()
        .filter(|reservation| ai_workers.contains(reservation.worker.as_ref()))
        .min_by_key(|reservation| (rank(reservation.status), Reverse(reservation.created)))
}

#[cfg(test)]
mod tests {
    use time::OffsetDateTime;

    use super::*;
    use crate::twilio::sid::WorkerSid;

    const AI: u32 = 1;
    const OTHER_AI: u32 = 2;
    const HUMAN_AGENT: u32 = 3;

    fn worker(number: u32) -> WorkerSid {
        WorkerSid::parse(&format!("WK{number:032}")).unwrap()
    }

    /// The creation second of the chosen reservation. Reservations are given by worker, status and creation second.
    fn chosen(reservations: &[(u32, ReservationStatus, i64)]) -> Option<i64> {
        let reservations = reservations.iter().map(|&(of, status, second)| Reservation {
            sid: ReservationSid::parse(&format!("WR{second:032}")).unwrap(),
            worker: Some(worker(of)),
            status,
            created: OffsetDateTime::from_unix_timestamp(second).ok(),
            updated: None,
            etag: None,
        });
        let ai_workers = AiWorkers(vec![worker(AI), worker(OTHER_AI)]);
        let chosen = choose(reservations.collect(), &ai_workers)?;
        chosen.created.map(OffsetDateTime::unix_timestamp)
    }

    #[test]
    fn open_reservation_comes_before_newer_released_ones() {
        use ReservationStatus::{
            Accepted, Canceled, Completed, Pending, Rejected, Rescinded, Timeout, Unknown, Wrapping,
        };
        type Case<'c> = (&'c [(u32, ReservationStatus, i64)], Option<i64>);
        let cases: [Case<'_>; 9] = [
            (&[(AI, Pending, 1), (AI, Accepted, 2), (AI, Rejected, 3)], Some(1)),
            (&[(AI, Accepted, 1), (AI, Rejected, 2), (AI, Timeout, 3)], Some(1)),
            (&[(AI, Pending, 1), (OTHER_AI, Pending, 2), (AI, Unknown, 3)], Some(2)),
            (&[(AI, Rejected, 1), (AI, Wrapping, 2), (AI, Timeout, 3)], Some(2)),
            (&[(AI, Completed, 1), (AI, Rejected, 2), (AI, Canceled, 3)], Some(2)),
            (&[(AI, Timeout, 1), (AI, Canceled, 2), (AI, Rescinded, 3)], Some(3)),
            (&[(AI, Timeout, 1), (AI, Unknown, 2)], Some(2)),
            (&[(HUMAN_AGENT, Pending, 2), (AI, Timeout, 1)], Some(1)),
            (&[(HUMAN_AGENT, Pending, 1)], None),
        ];
        for (reservations, expected) in cases {
            assert_eq!(chosen(reservations), expected, "{reservations:?}");
        }
    }
}
