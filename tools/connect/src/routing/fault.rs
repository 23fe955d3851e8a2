//! The ways in which routing fails for a handed-off task.

use serde_json::Value;

/// A way in which routing fails for a handed-off task. Filters are counted from 0, and `None` is the default filter.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Fault {
    /// No filter tells a handed-off task from a new one.
    Missing {
        /// The filter that leads to the AI. `None` is the default filter or no filter at all.
        ai: Option<usize>,
    },
    /// The filter for handed-off tasks is below the AI's filter.
    Order { handoff: usize, ai: usize },
    /// The filter for handed-off tasks compares `handedOff` with something that isn't a boolean.
    Type {
        filter: usize,
        value: Value,
        ai: Option<usize>,
    },
    /// The filter for handed-off tasks leads to the wrong queue.
    Queue { filter: usize, fault: QueueFault },
}

/// The mistake in the queue of handed-off tasks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum QueueFault {
    /// The filter has no target, so there is no queue.
    NoTarget,
    /// AI workers are in the queue.
    HasAi { queue: String },
    /// The queue has no worker or doesn't exist.
    HasNobody { queue: String },
    /// The target's expression excludes every human agent in the queue, whatever the task's attributes are.
    ExcludesAll { queue: String, expression: String },
    /// The task goes on to the AI after nobody took it in time, or while no human agent is available.
    PassesOn { to: Option<usize> },
}
