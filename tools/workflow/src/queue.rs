//! Task queues.
//!
//! <https://www.twilio.com/docs/taskrouter/api/task-queue>

use std::cmp::{Ordering, Reverse};
use std::time::Duration;

use crate::expression::{Expression, ParseError};

#[derive(Debug, Clone, PartialEq)]
pub struct TaskQueue {
    /// `WQ…`.
    pub sid: String,
    pub friendly_name: String,
    /// The expression that selects the queue's workers. A queue without an expression has no workers. See
    /// [`TaskQueue::read_target_workers`].
    pub target_workers: Option<Expression>,
    /// The number of workers with an offer at once. From 1 to 50.
    pub max_reserved_workers: usize,
    pub task_order: TaskOrder,
}

/// The order of a queue's tasks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum TaskOrder {
    /// The task of the highest priority first. The oldest comes first among tasks of equal priority.
    #[default]
    Fifo,
    /// The newest task first at any priority.
    Lifo,
}

impl TaskQueue {
    /// Reads the parameter `TargetWorkers`. A queue created without the parameter has `1==1`. If the parameter is
    /// empty, no worker is in the queue. Its tasks then wait until somebody moves or deletes them.
    ///
    /// # Errors
    /// If the text is neither empty nor an expression.
    pub fn read_target_workers(text: &str) -> Result<Option<Expression>, ParseError> {
        if text.trim().is_empty() {
            return Ok(None);
        }
        text.parse().map(Some)
    }
}

/// A task that waits in any queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waiting {
    pub order: TaskOrder,
    pub priority: i64,
    /// The time since the task's creation.
    pub age: Duration,
}

impl Waiting {
    /// Orders two tasks by the time of their offer: the lesser task is offered first. Tasks in queues of the
    /// workspace's `PrioritizeQueueOrder` come first. Two tasks in queues of the same order compare by that order.
    pub fn compare(&self, other: &Self, prioritized: TaskOrder) -> Ordering {
        let later_order = |waiting: &Self| waiting.order != prioritized;
        let within_order = match self.order {
            TaskOrder::Fifo => {
                (Reverse(self.priority), Reverse(self.age)).cmp(&(Reverse(other.priority), Reverse(other.age)))
            }
            TaskOrder::Lifo => self.age.cmp(&other.age),
        };
        later_order(self).cmp(&later_order(other)).then(within_order)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queue_without_an_expression_has_no_workers() {
        assert_eq!(TaskQueue::read_target_workers(" "), Ok(None));
        assert_eq!(TaskQueue::read_target_workers("1==1"), Ok("1 == 1".parse().ok()));
        assert!(TaskQueue::read_target_workers("1=").is_err());
    }

    #[test]
    fn tasks_come_in_the_order_of_their_queues() {
        let waiting = |order, priority, seconds| Waiting {
            order,
            priority,
            age: Duration::from_secs(seconds),
        };
        let (urgent, old) = (waiting(TaskOrder::Fifo, 10, 1), waiting(TaskOrder::Fifo, 0, 90));
        let young = waiting(TaskOrder::Fifo, 0, 2);
        let (newest, first) = (waiting(TaskOrder::Lifo, 0, 1), waiting(TaskOrder::Lifo, 99, 60));
        let sorted = |prioritized| {
            let mut tasks = [first, young, newest, old, urgent];
            tasks.sort_by(|left, right| left.compare(right, prioritized));
            tasks
        };
        assert_eq!(sorted(TaskOrder::Fifo), [urgent, old, young, newest, first]);
        assert_eq!(sorted(TaskOrder::Lifo), [newest, first, urgent, old, young]);
    }
}
