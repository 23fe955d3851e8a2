//! Timers of a workspace. Each is processed at its own time.

use time::{Duration, OffsetDateTime};

use super::Workspace;
use crate::twilio::taskrouter::model::{ReservationStatus, Task, TaskStatus};

/// The time for which a completed or canceled task stays readable.
const KEPT: Duration = Duration::minutes(5);

/// A timer.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Due {
    /// The deletion of an ended task.
    Deletion { task: String },
    /// The task's own timeout.
    TaskTimeout { task: String },
    /// The timeout of a pending reservation.
    ReservationTimeout { task: String, reservation: String },
    /// The timeout of the task's target.
    TargetTimeout { task: String },
}

impl Workspace {
    /// The time of the next timer. None if no timer is running.
    pub(crate) fn next_due(&self) -> Option<OffsetDateTime> {
        self.first_due().map(|(at, _)| at)
    }

    /// Processes everything that is due by `now`.
    ///
    /// The loop ends. Each timer ends a task, a reservation or a wait in a target, or deletes a task. A new reservation
    /// lasts at least a second.
    pub(crate) fn catch_up(&mut self, now: OffsetDateTime) {
        while let Some((at, due)) = self.first_due().filter(|(at, _)| *at <= now) {
            self.now = at.max(self.now);
            self.happen(due);
            self.settle();
        }
        // The system's clock may be set back.
        self.now = now.max(self.now);
    }

    fn first_due(&self) -> Option<(OffsetDateTime, Due)> {
        self.tasks.iter().flat_map(|task| self.dues(task)).min()
    }

    fn dues(&self, task: &Task) -> Vec<(OffsetDateTime, Due)> {
        let sid = || task.sid.clone();
        let mut dues = Vec::new();
        if let Some(ended) = task.ended {
            dues.push((ended + KEPT, Due::Deletion { task: sid() }));
        }
        if self.routes() && matches!(task.status, TaskStatus::Pending | TaskStatus::Reserved) {
            let timeout = Duration::seconds(i64::from(task.timeout));
            dues.push((task.date_created + timeout, Due::TaskTimeout { task: sid() }));
        }
        let position = task.position.as_ref().filter(|_| task.status == TaskStatus::Pending);
        if let Some(deadline) = position.and_then(|position| position.deadline()) {
            dues.push((task.date_created + deadline, Due::TargetTimeout { task: sid() }));
        }
        let pending = task
            .reservations
            .iter()
            .filter(|one| one.status == ReservationStatus::Pending);
        dues.extend(pending.filter_map(|reservation| {
            let due = Due::ReservationTimeout {
                task: sid(),
                reservation: reservation.sid.clone(),
            };
            Some((reservation.deadline?, due))
        }));
        dues
    }

    fn happen(&mut self, due: Due) {
        // Nothing is refused: the task and the reservation exist, and no version is asked for.
        let _ = match due {
            Due::Deletion { task } => self.delete_task(&task, None, "task.system-deleted"),
            Due::TaskTimeout { task } => {
                self.cancel(&task, "Task TTL Exceeded");
                Ok(())
            }
            Due::ReservationTimeout { task, reservation } => {
                let timeout = ReservationStatus::Timeout.into();
                self.move_reservation(&task, &reservation, None, timeout).map(drop)
            }
            // `settle` handles this timeout together with all waiting tasks.
            Due::TargetTimeout { .. } => Ok(()),
        };
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicI64, Ordering};

    use time::{Duration, OffsetDateTime};

    use crate::clock::Clock;
    use crate::twilio::sids::{AI_QUEUE_SID, PEOPLE_QUEUE_SID, REP_WORKER_SID, WORKFLOW_SID, WORKSPACE_SID};
    use crate::twilio::taskrouter::TaskRouter;
    use crate::twilio::taskrouter::model::{NewTask, WorkerChannelChange, WorkflowChange};
    use crate::twilio::taskrouter::workspace::{Behaviour, Routing};

    static SECONDS: AtomicI64 = AtomicI64::new(100_000);

    fn now() -> OffsetDateTime {
        OffsetDateTime::UNIX_EPOCH + Duration::seconds(SECONDS.load(Ordering::Relaxed))
    }

    /// A task that waits an hour for people and then for the AI. No worker has capacity.
    fn waiting_for_people(taskrouter: &mut TaskRouter) -> String {
        let workspace = taskrouter.workspace(WORKSPACE_SID).unwrap();
        let targets = format!(r#"[{{"queue":"{PEOPLE_QUEUE_SID}","timeout":3600}},{{"queue":"{AI_QUEUE_SID}"}}]"#);
        let change = WorkflowChange {
            configuration: Some(format!(
                r#"{{"task_routing":{{"filters":[{{"expression":"1==1","targets":{targets}}}]}}}}"#
            )),
            ..WorkflowChange::default()
        };
        workspace.update_workflow(WORKFLOW_SID, change).unwrap();
        let busy = WorkerChannelChange {
            capacity: Some(0),
            available: None,
        };
        workspace
            .update_worker_channel(REP_WORKER_SID, "default", busy)
            .unwrap();
        workspace.create_task(NewTask::default()).unwrap().sid
    }

    #[test]
    fn timers_stay_still_after_the_clock_is_put_back() {
        let behaviour = Behaviour {
            routing: Routing::ByWorkflow,
            ..Behaviour::default()
        };
        let mut taskrouter = TaskRouter::new(Clock::by(now), behaviour);
        let sid = waiting_for_people(&mut taskrouter);

        SECONDS.fetch_sub(7_200, Ordering::Relaxed);
        taskrouter.catch_up();
        taskrouter.settle();

        let workspace = taskrouter.workspace(WORKSPACE_SID).unwrap();
        let task = workspace.tasks.get(&sid).unwrap();
        assert_eq!(task.queue_sid.as_deref(), Some(PEOPLE_QUEUE_SID));
        assert_eq!(task.resource(workspace)["age"], 0);
    }
}
