//! Looks at the task after the release, to see whether the handoff took effect.

use flex_handoff::attributes::Attributes;
use flex_handoff::attributes::handoff::HandoffAttributes;
use flex_handoff::clients::taskrouter::{Reservation, Task, TaskStatus};
use flex_handoff::invocation::Invocation;
use flex_handoff::twilio::sid::TaskSid;
use flex_handoff::upstream::answer::{CallError, found};
use serde::Serialize;
use tokio::time::timeout;

use crate::Handoff;

/// How often the attributes are written again.
const MAX_REPAIRS: usize = 2;

/// The task's state after the release.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Routing {
    /// The task is pending, or a human agent has the task or is offered it.
    Released,
    /// An AI worker has the task or is offered it.
    BackAtAi,
    Canceled,
    /// The task is wrapping, completed or gone.
    Closed,
    /// The task couldn't be read or has a status that this version doesn't know.
    Unknown,
}

impl Handoff {
    /// Reads the task and the AI workers' reservations on the task. If another program has removed the handoff
    /// attributes, writes them again and rejects a reservation that an AI worker got meanwhile.
    pub(crate) async fn check_routing(
        &self,
        invocation: &Invocation,
        task: &TaskSid,
        six: &HandoffAttributes,
    ) -> Routing {
        // The handoff has happened, so its answer must still get out.
        let limit = invocation.remaining().mul_f64(0.9);
        let checked = timeout(limit, self.check_and_repair(invocation, task, six)).await;
        checked.ok().and_then(Result::ok).unwrap_or(Routing::Unknown)
    }

    async fn check_and_repair(
        &self,
        invocation: &Invocation,
        task: &TaskSid,
        six: &HandoffAttributes,
    ) -> Result<Routing, CallError> {
        let mut repairs = 0;
        loop {
            let read = async { found(self.outcome.task(invocation, task).await) };
            let (read, open) = tokio::try_join!(read, self.open_reservation(invocation, task))?;
            let routing = routing(read.as_ref(), open.is_some());
            let repaired = read.as_ref().and_then(|read| repaired(read, six));
            let (Some(attributes), Some(etag)) = (repaired, read.and_then(|read| read.etag)) else {
                return Ok(routing);
            };
            let written = self
                .taskrouter
                .write_attributes(invocation, task, &etag, attributes)
                .await;
            repairs += 1;
            match written {
                Ok(()) => return self.reject_again(invocation, task, open, routing).await,
                Err(_) if repairs == MAX_REPAIRS => return Ok(routing),
                Err(_) => {}
            }
        }
    }

    /// Rejects the reservation that an AI worker got without the attributes. Then checks whether there is another
    /// reservation.
    async fn reject_again(
        &self,
        invocation: &Invocation,
        task: &TaskSid,
        open: Option<Reservation>,
        routing: Routing,
    ) -> Result<Routing, CallError> {
        let open = match open {
            Some(open) => Some(open),
            None => self.open_reservation(invocation, task).await?,
        };
        let Some(open) = open else { return Ok(routing) };
        // The list shows the result, whatever the answer is.
        let _ = self.taskrouter.reject(invocation, task, &open).await;
        match self.open_reservation(invocation, task).await? {
            Some(_) => Ok(Routing::BackAtAi),
            None => Ok(Routing::Released),
        }
    }

    /// An AI worker's open reservation on the task.
    async fn open_reservation(
        &self,
        invocation: &Invocation,
        task: &TaskSid,
    ) -> Result<Option<Reservation>, CallError> {
        let listed = found(self.outcome.reservations(invocation, task).await)?;
        let is_open = |reservation: &Reservation| {
            reservation.status.is_open() && self.ai_workers.contains(reservation.worker.as_ref())
        };
        Ok(listed.unwrap_or_default().into_iter().find(is_open))
    }
}

fn routing(task: Option<&Task>, is_at_ai: bool) -> Routing {
    match task.map(|task| task.status) {
        None | Some(TaskStatus::Wrapping | TaskStatus::Completed) => Routing::Closed,
        Some(TaskStatus::Canceled) => Routing::Canceled,
        Some(TaskStatus::Unknown) => Routing::Unknown,
        Some(TaskStatus::Pending | TaskStatus::Reserved | TaskStatus::Assigned) => match is_at_ai {
            true => Routing::BackAtAi,
            false => Routing::Released,
        },
    }
}

/// The attributes of an open task with the handoff attributes, if those are gone.
fn repaired(task: &Task, six: &HandoffAttributes) -> Option<String> {
    let attributes = Attributes::parse(task.attributes.as_deref()?).ok()?;
    let are_gone = HandoffAttributes::read(&attributes).is_none() && !task.status.is_closed();
    are_gone.then(|| six.merge_into(&attributes, &[]).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn task(status: TaskStatus) -> Task {
        Task {
            status,
            attributes: None,
            created: None,
            updated: None,
            workflow_sid: None,
            task_channel: None,
            priority: None,
            routing_target: None,
            etag: None,
        }
    }

    #[test]
    fn routing_follows_the_task_and_the_ais_reservations() {
        use TaskStatus::{Assigned, Canceled, Completed, Pending, Reserved, Unknown, Wrapping};
        let cases = [
            (Some(Pending), false, Routing::Released),
            (Some(Reserved), false, Routing::Released),
            (Some(Assigned), false, Routing::Released),
            (Some(Reserved), true, Routing::BackAtAi),
            (Some(Assigned), true, Routing::BackAtAi),
            (Some(Canceled), true, Routing::Canceled),
            (Some(Wrapping), true, Routing::Closed),
            (Some(Completed), false, Routing::Closed),
            (Some(Unknown), true, Routing::Unknown),
            (None, false, Routing::Closed),
        ];
        for (status, is_at_ai, expected) in cases {
            assert_eq!(routing(status.map(task).as_ref(), is_at_ai), expected, "{status:?}");
        }
    }
}
