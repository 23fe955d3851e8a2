//! What happens because time has passed, each thing at its own time.

use time::{Duration, OffsetDateTime};

use super::reservation::ReservationStatus;
use super::task::{Task, TaskStatus};
use super::workspace::Workspace;

/// How long a completed or canceled task can still be read.
const KEPT: Duration = Duration::minutes(5);

/// Something that happens at a certain time, if nothing else does before.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Due {
    /// A task that ended is deleted.
    Deletion { task: String },
    /// A task has waited for as long as it may.
    TaskTimeout { task: String },
    /// A reservation has been pending for as long as it may.
    ReservationTimeout { task: String, reservation: String },
    /// A task has waited in its target for as long as the workflow says.
    TargetTimeout { task: String },
}

impl Workspace {
    /// When the next thing is due; none if nothing ever is.
    pub(super) fn next_due(&self) -> Option<OffsetDateTime> {
        self.first_due().map(|(at, _)| at)
    }

    /// Lets everything happen that is due by `now`.
    ///
    /// It comes to an end: whatever is due either ends its task, its reservation or its wait in a target, or deletes its
    /// task; and a new reservation lasts for a second at least.
    pub(super) fn catch_up(&mut self, now: OffsetDateTime) {
        while let Some((at, due)) = self.first_due().filter(|(at, _)| *at <= now) {
            self.now = at.max(self.now);
            self.happen(due);
            self.settle();
        }
        self.now = now;
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
        // What is due is there, and nothing asks for a version: nothing can be refused.
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
            // By `settle`, with all that waits.
            Due::TargetTimeout { .. } => Ok(()),
        };
    }
}
