//! Decides whether the AI may still speak.

use flex_handoff::attributes::Attributes;
use flex_handoff::clients::taskrouter::{Reservation, Task, TaskStatus};
use flex_handoff::config::AiWorkers;
use flex_handoff::jobs::action::ActionError;
use flex_handoff::jobs::human_agent::{HumanAgent, human_agent};

/// The reason why a message of the AI is not posted.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum ReplyObstacle {
    Error(ActionError),
    /// The task or a human agent's reservation has a status that this version doesn't know.
    UnknownStatus,
}

/// Returns `Ok` while the AI has the task.
///
/// # Errors
/// The reason why the AI may not speak.
pub(crate) fn may_speak(
    task: &Task,
    reservations: &[Reservation],
    ai_workers: &AiWorkers,
) -> Result<(), ReplyObstacle> {
    let text = task.attributes.as_deref().unwrap_or_default();
    let attributes = Attributes::parse(text).map_err(|unreadable| ReplyObstacle::Error(unreadable.into()))?;
    let human = human_agent(reservations, ai_workers);
    if attributes.handed_off() {
        return Err(ReplyObstacle::Error(ActionError::HandedOff));
    }
    if human == HumanAgent::Active {
        return Err(ReplyObstacle::Error(ActionError::HumanActive));
    }
    if task.status.is_closed() {
        return Err(ReplyObstacle::Error(ActionError::TaskClosed));
    }
    if human == HumanAgent::Unknown || task.status == TaskStatus::Unknown {
        return Err(ReplyObstacle::UnknownStatus);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use flex_handoff::clients::taskrouter::ReservationStatus;
    use flex_handoff::twilio::sid::{ReservationSid, WorkerSid};

    use super::*;

    const AI: u32 = 1;
    const HUMAN_AGENT: u32 = 2;

    fn decide(
        status: TaskStatus,
        attributes: &str,
        worker: u32,
        reservation: ReservationStatus,
    ) -> Result<(), ReplyObstacle> {
        let sid = |number: u32| WorkerSid::parse(&format!("WK{number:032}")).unwrap();
        let task = Task {
            status,
            attributes: Some(attributes.to_owned()),
            created: None,
            updated: None,
            workflow_sid: None,
            task_channel: None,
            priority: None,
            routing_target: None,
            etag: None,
        };
        let reservation = Reservation {
            sid: ReservationSid::parse("WR00000000000000000000000000000001").unwrap(),
            worker: Some(sid(worker)),
            status: reservation,
            created: None,
            updated: None,
            etag: None,
        };
        may_speak(&task, &[reservation], &AiWorkers(vec![sid(AI)]))
    }

    #[test]
    fn ai_speaks_while_it_has_the_task() {
        use ReservationStatus::{Accepted, Pending, Rejected};
        for (task, worker, reservation) in [
            (TaskStatus::Reserved, AI, Pending),
            (TaskStatus::Assigned, AI, Accepted),
            (TaskStatus::Pending, AI, Rejected),
            (TaskStatus::Reserved, HUMAN_AGENT, Pending),
        ] {
            assert_eq!(decide(task, "{}", worker, reservation), Ok(()), "{task:?}");
        }
    }

    #[test]
    fn ai_is_silent_once_it_has_lost_the_task() {
        use ReservationStatus::{Accepted, Completed, Pending, Unknown, Wrapping};
        let handed_off = r#"{"handedOff":true}"#;
        let error = |error| Err(ReplyObstacle::Error(error));
        for (task, attributes, worker, reservation, expected) in [
            (
                TaskStatus::Completed,
                handed_off,
                HUMAN_AGENT,
                Completed,
                error(ActionError::HandedOff),
            ),
            (
                TaskStatus::Assigned,
                handed_off,
                HUMAN_AGENT,
                Accepted,
                error(ActionError::HandedOff),
            ),
            (
                TaskStatus::Assigned,
                "{}",
                HUMAN_AGENT,
                Accepted,
                error(ActionError::HumanActive),
            ),
            (TaskStatus::Wrapping, "{}", AI, Wrapping, error(ActionError::TaskClosed)),
            (
                TaskStatus::Completed,
                "{}",
                AI,
                Completed,
                error(ActionError::TaskClosed),
            ),
            (TaskStatus::Canceled, "{}", AI, Pending, error(ActionError::TaskClosed)),
            (
                TaskStatus::Reserved,
                "[]",
                AI,
                Pending,
                error(ActionError::AttributesUnreadable),
            ),
            (
                TaskStatus::Unknown,
                "{}",
                AI,
                Pending,
                Err(ReplyObstacle::UnknownStatus),
            ),
            (
                TaskStatus::Assigned,
                "{}",
                HUMAN_AGENT,
                Unknown,
                Err(ReplyObstacle::UnknownStatus),
            ),
        ] {
            assert_eq!(decide(task, attributes, worker, reservation), expected, "{task:?}");
        }
    }
}
