//! Task queues.
//!
//! <https://www.twilio.com/docs/taskrouter/api/task-queue>

use std::cmp::{Ordering, Reverse};
use std::time::Duration;

use crate::expression::{Expression, ParseError};

/// A task queue.
#[derive(Debug, Clone, PartialEq)]
pub struct TaskQueue {
    /// `WQ…`.
    pub sid: String,
    /// Its name.
    pub friendly_name: String,
    /// Which workers are in the queue; without one, none is. See [`TaskQueue::read_target_workers`].
    pub target_workers: Option<Expression>,
    /// How many workers are offered a task at once, from 1 to 50.
    pub max_reserved_workers: usize,
    /// Which of its tasks comes first.
    pub task_order: TaskOrder,
}

/// Which task of a queue comes first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum TaskOrder {
    /// The one of the highest priority, and of these the oldest.
    #[default]
    Fifo,
    /// The newest, whatever its priority.
    Lifo,
}

impl TaskQueue {
    /// Reads the parameter `TargetWorkers`. A queue that is made without it has `1==1`; where it is empty, tasks wait
    /// until they are moved or deleted, since no worker is in the queue.
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

/// A task that waits in a queue, among the tasks of all queues.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waiting {
    /// Its queue's order.
    pub order: TaskOrder,
    /// Its priority.
    pub priority: i64,
    /// The time since it was made.
    pub age: Duration,
}

impl Waiting {
    /// Which of two tasks is to be offered to workers first, the lesser one: the one in a queue of the order that the
    /// workspace's `PrioritizeQueueOrder` names, and of two in queues of one order, by that order.
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
    fn a_queue_without_an_expression_holds_no_worker() {
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
