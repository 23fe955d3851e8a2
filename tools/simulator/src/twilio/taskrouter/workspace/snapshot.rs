//! Tasks, workers and queues for the crate `workflow`.

use std::collections::BTreeMap;

use super::Workspace;
use crate::twilio::taskrouter::model::{ReservationStatus, Task, Worker, WorkerChannel, object};

/// The workers and queues for routing.
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

/// The number of open reservations by worker and task channel, followed by the number of accepted reservations among
/// them.
type Loads<'a> = BTreeMap<(&'a str, &'a str), (u32, u32)>;

impl Workspace {
    /// The reservations of the task `without` don't count.
    pub(super) fn snapshot(&self, without: Option<&str>) -> Snapshot {
        let loads = self.loads(without);
        let workers = self.workers.iter();
        Snapshot {
            queues: self.task_queues.iter().map(|queue| queue.for_routing()).collect(),
            workers: workers.map(|worker| self.for_expressions(worker, &loads)).collect(),
        }
    }

    /// A worker as input for expressions.
    pub(crate) fn in_expressions(&self, worker: &Worker) -> workflow::Worker {
        self.for_expressions(worker, &self.loads(None))
    }

    fn for_expressions(&self, worker: &Worker, loads: &Loads<'_>) -> workflow::Worker {
        let activity = self.activities.find(&worker.activity_sid);
        let channels = worker.channels.iter();
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
            channels: channels
                .map(|channel| (channel.unique_name.clone(), load(worker, channel, loads)))
                .collect(),
            idle: (self.now - worker.idle_since).unsigned_abs(),
        }
    }

    /// A worker's capacity and load on a channel.
    pub(crate) fn channel_load(&self, worker: &Worker, channel: &WorkerChannel) -> workflow::WorkerChannel {
        load(worker, channel, &self.loads(None))
    }

    /// The loads of all workers from a single pass over the tasks.
    fn loads(&self, without: Option<&str>) -> Loads<'_> {
        let mut loads = Loads::new();
        for task in self.tasks.iter().filter(|task| Some(task.sid.as_str()) != without) {
            for reservation in task.reservations.iter().filter(|one| one.status.is_open()) {
                let (open, assigned) = loads.entry((&reservation.worker_sid, &task.channel_sid)).or_default();
                *open += 1;
                *assigned += u32::from(reservation.status == ReservationStatus::Accepted);
            }
        }
        loads
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

fn load(worker: &Worker, channel: &WorkerChannel, loads: &Loads<'_>) -> workflow::WorkerChannel {
    let load = loads.get(&(worker.sid.as_str(), channel.task_channel_sid.as_str()));
    let (reservations, assigned) = load.copied().unwrap_or_default();
    workflow::WorkerChannel {
        capacity: channel.capacity,
        available: channel.available,
        reservations,
        assigned,
    }
}
