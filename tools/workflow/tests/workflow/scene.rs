//! Workers, queues and tasks for the routing tests.

use std::time::Duration;

use serde_json::{Value, json};
use workflow::{Activity, Route, Task, TaskOrder, TaskQueue, Worker, WorkerChannel, Workflow, Workspace};

/// A queue whose SID is `WQ` plus the name.
pub(crate) fn queue(name: &str, target_workers: &str) -> TaskQueue {
    TaskQueue {
        sid: format!("WQ{name}"),
        friendly_name: name.to_owned(),
        target_workers: TaskQueue::read_target_workers(target_workers).expect("an expression"),
        max_reserved_workers: 1,
        task_order: TaskOrder::Fifo,
    }
}

/// An available worker with room for a chat. The last task was a minute ago.
pub(crate) fn worker(name: &str, attributes: Value) -> Worker {
    let chat = WorkerChannel {
        capacity: 1,
        available: true,
        reservations: 0,
        assigned: 0,
    };
    Worker {
        sid: format!("WK{name}"),
        friendly_name: name.to_owned(),
        attributes,
        activity: activity("Available", true),
        channels: [("chat".to_owned(), chat)].into(),
        idle: seconds(60),
    }
}

pub(crate) fn activity(name: &str, available: bool) -> Activity {
    Activity {
        sid: format!("WA{name}"),
        name: name.to_owned(),
        available,
    }
}

pub(crate) fn task(attributes: Value) -> Task {
    Task {
        attributes,
        channel: "chat".to_owned(),
        priority: 0,
        age: Duration::ZERO,
    }
}

pub(crate) fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

pub(crate) fn workflow(filters: Value, default: Value) -> Workflow {
    let configuration = json!({"task_routing": {"filters": filters, "default_filter": default}});
    configuration.to_string().parse().expect("a workflow")
}

/// A worker and a queue for each name.
pub(crate) struct Scene {
    pub(crate) queues: Vec<TaskQueue>,
    pub(crate) workers: Vec<Worker>,
}

impl Scene {
    pub(crate) fn new(names: &[&str]) -> Self {
        Self {
            queues: names
                .iter()
                .map(|name| queue(name, &format!("friendly_name == '{name}'")))
                .collect(),
            workers: names.iter().map(|name| worker(name, json!({}))).collect(),
        }
    }

    pub(crate) fn workspace(&self) -> Workspace<'_> {
        Workspace {
            queues: &self.queues,
            workers: &self.workers,
        }
    }

    pub(crate) fn take_off(&mut self, name: &str) {
        self.worker(name).activity = activity("Break", false);
    }

    pub(crate) fn worker(&mut self, name: &str) -> &mut Worker {
        let worker = self.workers.iter_mut().find(|worker| worker.friendly_name == name);
        worker.expect("a worker of that name")
    }
}

/// A route in short: the queue, the priority, the age at the timeout and the offered workers.
pub(crate) fn in_short(route: &Route) -> String {
    let Some(place) = &route.place else {
        return "left".to_owned();
    };
    let deadline = place
        .deadline
        .map(|deadline| format!(" until {}", deadline.as_secs()))
        .unwrap_or_default();
    let offered = match route.offered.as_slice() {
        [] => "waits".to_owned(),
        offered => format!("offered to {}", offered.join(", ")),
    };
    format!("{} at {}{deadline}, {offered}", place.queue, place.priority)
}
