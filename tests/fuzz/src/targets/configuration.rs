//! A workflow's configuration.

use std::time::Duration;

use serde_json::json;
use workflow::{Activity, Task, TaskOrder, TaskQueue, Worker, WorkerChannel, Workflow, Workspace};

/// More steps than any workflow has.
const MOST_STEPS: usize = 50;

/// The input is the JSON. A task that no worker accepts goes through the whole workflow.
pub(super) fn run(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let workflow = match text.parse::<Workflow>() {
        Ok(workflow) => workflow,
        Err(error) => {
            assert!(!error.to_string().is_empty());
            return;
        }
    };
    let queues = workflow.queues().take(3).map(queue).collect::<Vec<_>>();
    let workers = [worker()];
    let workspace = Workspace {
        queues: &queues,
        workers: &workers,
    };
    let mut task = Task {
        attributes: json!({ "handedOff": true, "tier": "gold", "language": "es", "skills": ["a"] }),
        channel: "chat".to_owned(),
        priority: 0,
        age: Duration::ZERO,
    };
    let mut route = workflow.enter(&task, workspace);
    for _ in 0..MOST_STEPS {
        assert!(!route.to_string().is_empty());
        let Some(place) = route.place else { return };
        let Some(deadline) = place.deadline else {
            workflow.reevaluate(&task, workspace, &place);
            return;
        };
        task.age = deadline;
        task.priority = place.priority;
        route = workflow.stay(&task, workspace, &place);
    }
}

fn queue(sid: &str) -> TaskQueue {
    TaskQueue {
        sid: sid.to_owned(),
        friendly_name: "Everyone".to_owned(),
        target_workers: TaskQueue::read_target_workers("1==1").expect("an expression"),
        max_reserved_workers: 1,
        task_order: TaskOrder::Fifo,
    }
}

fn worker() -> Worker {
    let channel = WorkerChannel {
        capacity: 3,
        available: true,
        reservations: 1,
        assigned: 1,
    };
    Worker {
        sid: "WK1".to_owned(),
        friendly_name: "Ana".to_owned(),
        attributes: json!({ "languages": ["en", "es"], "level": 3 }),
        activity: Activity {
            sid: "WA1".to_owned(),
            name: "Available".to_owned(),
            available: true,
        },
        channels: [("chat".to_owned(), channel)].into(),
        idle: Duration::from_secs(60),
    }
}
