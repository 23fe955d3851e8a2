//! Tasks, workers and queues as the crate `workflow` sees them.

use super::json::object;
use super::reservation::ReservationStatus;
use super::task::Task;
use super::worker::{Worker, WorkerChannel};
use super::workspace::Workspace;

/// Workers and queues, as routing sees them.
pub(super) struct Snapshot {
    queues: Vec<workflow::TaskQueue>,
    workers: Vec<workflow::Worker>,
}

impl Snapshot {
    pub(super) fn workspace(&self) -> workflow::Workspace<'_> {
        workflow::Workspace {
            queues: &self.queues,
            workers: &self.workers,
        }
    }
}

impl Workspace {
    /// `without` is a task whose own reservations don't count.
    pub(super) fn snapshot(&self, without: Option<&str>) -> Snapshot {
        Snapshot {
            queues: self.task_queues.iter().map(|queue| queue.for_routing()).collect(),
            workers: self
                .workers
                .iter()
                .map(|worker| self.worker_for_routing(worker, without))
                .collect(),
        }
    }

    /// A worker by the names that there are in expressions.
    pub(crate) fn in_expressions(&self, worker: &Worker) -> workflow::Worker {
        self.worker_for_routing(worker, None)
    }

    fn worker_for_routing(&self, worker: &Worker, without: Option<&str>) -> workflow::Worker {
        let activity = self.activities.find(&worker.activity_sid);
        let channels = worker.channels.iter().map(|channel| {
            let load = self.load(worker, channel, without);
            (channel.unique_name.clone(), load)
        });
        workflow::Worker {
            sid: worker.sid.clone(),
            friendly_name: worker.friendly_name.clone(),
            attributes: object(&worker.attributes),
            activity: workflow::Activity {
                sid: worker.activity_sid.clone(),
                name: activity
                    .map(|activity| activity.friendly_name.clone())
                    .unwrap_or_default(),
                available: activity.is_some_and(|activity| activity.available),
            },
            channels: channels.collect(),
            idle: (self.now - worker.idle_since).unsigned_abs(),
        }
    }

    /// What a worker has of a channel, and how much more is possible.
    pub(crate) fn channel_load(&self, worker: &Worker, channel: &WorkerChannel) -> workflow::WorkerChannel {
        self.load(worker, channel, None)
    }

    fn load(&self, worker: &Worker, channel: &WorkerChannel, without: Option<&str>) -> workflow::WorkerChannel {
        let tasks = self
            .tasks
            .iter()
            .filter(|task| task.channel_sid == channel.task_channel_sid);
        let reservations = tasks
            .filter(|task| Some(task.sid.as_str()) != without)
            .flat_map(|task| &task.reservations)
            .filter(|reservation| reservation.worker_sid == worker.sid && reservation.status.is_open());
        let (mut open, mut assigned) = (0, 0);
        for reservation in reservations {
            open += 1;
            assigned += u32::from(reservation.status == ReservationStatus::Accepted);
        }
        workflow::WorkerChannel {
            capacity: channel.capacity,
            available: channel.available,
            reservations: open,
            assigned,
        }
    }

    pub(super) fn for_routing(&self, task: &Task) -> workflow::Task {
        workflow::Task {
            attributes: object(&task.attributes),
            channel: task.channel.clone(),
            priority: task.priority,
            age: task.age(self.now).unsigned_abs(),
        }
    }
}
