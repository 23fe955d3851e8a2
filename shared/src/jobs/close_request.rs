//! The requests to `auto-close` that follow from events.

use std::time::Duration;

use crate::aws::job::{CloseCause, CloseJob, Job};
use crate::aws::queue::{Queue, QueueUnavailable};
use crate::config::AiWorkers;
use crate::invocation::Invocation;
use crate::twilio::event::{Event, EventType};
use crate::twilio::sid::TaskSid;

/// The shortest delay after a rejection, since the workflow may just be between two targets.
const MIN_REJECTION_DELAY: Duration = Duration::from_secs(30);

/// The requests to close a task because of these events, without repetitions.
pub fn close_requests(
    events: &[Event],
    task: &TaskSid,
    ai_workers: &AiWorkers,
    close_on_rejection: bool,
) -> Vec<CloseJob> {
    let mut requests = Vec::new();
    for event in events {
        let request = close_request(event, task, ai_workers, close_on_rejection);
        requests.extend(request.filter(|request| !requests.contains(request)));
    }
    requests
}

/// The request to close a task because of an event. `None` if the event is no reason to close.
fn close_request(event: &Event, task: &TaskSid, ai_workers: &AiWorkers, close_on_rejection: bool) -> Option<CloseJob> {
    let cause = match event.event_type {
        EventType::TaskWrapup | EventType::ReservationWrapup => CloseCause::Wrapup,
        EventType::ReservationRejected if close_on_rejection && ai_workers.contains(event.worker_sid.as_ref()) => {
            CloseCause::Rejection
        }
        _ => return None,
    };
    let reservation_sid = event
        .reservation_sid
        .clone()
        .filter(|_| event.event_type.is_reservation());
    Some(CloseJob {
        task_sid: task.clone(),
        reservation_sid,
        cause,
    })
}

/// Sends the request to the queue of `auto-close`, with a delay of `AUTO_CLOSE_DELAY` or more.
///
/// # Errors
/// If the message may not be on the queue.
pub async fn send_close_request(
    queue: &Queue,
    invocation: &Invocation,
    job: CloseJob,
    delay: Duration,
) -> Result<(), QueueUnavailable> {
    let delay = delay_of(job.cause, delay);
    queue.send(invocation, &Job::Close(job), delay).await
}

fn delay_of(cause: CloseCause, delay: Duration) -> Duration {
    match cause {
        CloseCause::Rejection => delay.max(MIN_REJECTION_DELAY),
        CloseCause::Wrapup | CloseCause::Resolved => delay,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::twilio::sid::{ReservationSid, WorkerSid};

    const TASK: &str = "WT00000000000000000000000000000001";
    const RESERVATION: &str = "WR00000000000000000000000000000001";
    const AI: &str = "WK00000000000000000000000000000001";
    const HUMAN: &str = "WK00000000000000000000000000000002";

    #[test]
    fn wrap_ups_and_the_ais_rejections_are_requests() {
        let wrapup = (CloseCause::Wrapup, Some(RESERVATION));
        for (event_type, worker, close_on_rejection, expected) in [
            ("task.wrapup", None, true, Some((CloseCause::Wrapup, None))),
            ("reservation.wrapup", Some(AI), false, Some(wrapup)),
            ("reservation.wrapup", Some(HUMAN), true, Some(wrapup)),
            (
                "reservation.rejected",
                Some(AI),
                true,
                Some((CloseCause::Rejection, Some(RESERVATION))),
            ),
            ("reservation.rejected", Some(AI), false, None),
            ("reservation.rejected", Some(HUMAN), true, None),
            ("reservation.rejected", None, true, None),
            ("reservation.completed", Some(AI), true, None),
            ("task.completed", None, true, None),
        ] {
            let event = Event {
                event_type: EventType::parse(event_type),
                account_sid: None,
                workspace_sid: None,
                task_sid: TaskSid::parse(TASK),
                task_attributes: None,
                worker_sid: worker.and_then(WorkerSid::parse),
                reservation_sid: ReservationSid::parse(RESERVATION),
                time: None,
            };
            let ai_workers = AiWorkers(vec![WorkerSid::parse(AI).unwrap()]);
            let task = TaskSid::parse(TASK).unwrap();
            let expected = expected.map(|(cause, reservation)| CloseJob {
                task_sid: task.clone(),
                reservation_sid: reservation.and_then(ReservationSid::parse),
                cause,
            });
            let requests = close_requests(&[event.clone(), event], &task, &ai_workers, close_on_rejection);
            assert_eq!(requests, Vec::from_iter(expected), "{event_type} {worker:?}");
        }
    }

    #[test]
    fn rejection_waits_at_least_half_a_minute() {
        for (cause, seconds, expected) in [
            (CloseCause::Wrapup, 0, 0),
            (CloseCause::Resolved, 7, 7),
            (CloseCause::Rejection, 0, 30),
            (CloseCause::Rejection, 900, 900),
        ] {
            let delay = delay_of(cause, Duration::from_secs(seconds));
            assert_eq!(delay, Duration::from_secs(expected), "{cause:?} {seconds}");
        }
    }
}
