//! Task queues.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::collection::Resource;

/// The order of a queue's tasks.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum TaskOrder {
    #[default]
    Fifo,
    Lifo,
}

impl From<TaskOrder> for workflow::TaskOrder {
    fn from(order: TaskOrder) -> Self {
        match order {
            TaskOrder::Fifo => Self::Fifo,
            TaskOrder::Lifo => Self::Lifo,
        }
    }
}

#[derive(Clone, Debug)]
pub struct TaskQueue {
    pub sid: String,
    pub friendly_name: String,
    /// The expression as written. No worker is in the queue if the expression is empty.
    pub target_workers: String,
    pub max_reserved_workers: usize,
    pub task_order: TaskOrder,
    /// The activity of a worker who is offered a task of the queue.
    pub reservation_activity_sid: Option<String>,
    /// The activity of a worker who has accepted a task of the queue.
    pub assignment_activity_sid: Option<String>,
    pub date_created: OffsetDateTime,
    pub date_updated: OffsetDateTime,
    pub(crate) expression: Option<workflow::Expression>,
}

/// A task queue to be created.
#[derive(Clone, Debug, Default)]
pub struct NewTaskQueue {
    pub friendly_name: String,
    /// The default is `1==1`.
    pub target_workers: Option<String>,
    /// From 1 to 50. The default is 1.
    pub max_reserved_workers: Option<usize>,
    pub task_order: TaskOrder,
    pub reservation_activity_sid: Option<String>,
    pub assignment_activity_sid: Option<String>,
}

/// The change of a task queue.
#[derive(Clone, Debug, Default)]
pub struct TaskQueueChange {
    pub friendly_name: Option<String>,
    pub target_workers: Option<String>,
    pub max_reserved_workers: Option<usize>,
    pub task_order: Option<TaskOrder>,
    pub reservation_activity_sid: Option<String>,
    pub assignment_activity_sid: Option<String>,
}

impl Resource for TaskQueue {
    fn sid(&self) -> &str {
        &self.sid
    }

    fn unique_name(&self) -> Option<&str> {
        Some(&self.friendly_name)
    }
}

impl TaskQueue {
    /// The queue for the `workflow` crate.
    pub(crate) fn for_routing(&self) -> workflow::TaskQueue {
        workflow::TaskQueue {
            sid: self.sid.clone(),
            friendly_name: self.friendly_name.clone(),
            target_workers: self.expression.clone(),
            max_reserved_workers: self.max_reserved_workers,
            task_order: self.task_order.into(),
        }
    }
}
