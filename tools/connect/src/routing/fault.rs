//! The ways in which a handed-off task goes wrong.

use serde_json::Value;

/// A way in which a handed-off task goes wrong. Filters are counted from 0; none is the default filter.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Fault {
    /// No filter tells a handed-off task from a new one.
    Missing {
        /// The filter that leads to the AI; none if it is the default one, or there is none.
        ai: Option<usize>,
    },
    /// The filter for handed-off tasks stands below the AI's.
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
    /// AI workers are in it.
    HasAi { queue: String },
    /// No worker is in it, or there is no such queue.
    HasNobody { queue: String },
    /// The target's expression excludes every human agent in it, whatever the task's attributes are.
    ExcludesAll { queue: String, expression: String },
    /// Once nobody took the task in time, or while no human agent is available, it goes on to the AI.
    PassesOn { to: Option<usize> },
}
