//! The result of routing: where a task waits, and who is offered it.

use std::time::Duration;

use crate::step::Step;

/// Where a task is in its workflow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The filter, from 0; none for the default filter.
    pub filter: Option<usize>,
    /// The filter's target, from 0.
    pub target: usize,
    /// The queue's SID.
    pub queue: String,
    /// The task's priority from now on.
    pub priority: i64,
    /// At which age of the task the target's time-out is; none if it has none.
    pub deadline: Option<Duration>,
    /// The task's age when it came into the filter, from which the time-outs of the filter's targets count.
    pub(crate) entered: Duration,
    /// The filters that it left since their time-outs had run out.
    pub(crate) timed_out: Vec<usize>,
}

/// Where a task goes now, and why.
#[derive(Debug, Clone, PartialEq)]
pub struct Route {
    /// Where it waits; none if it has left the workflow, in which case TaskRouter cancels it.
    pub place: Option<Place>,
    /// The SIDs of the workers who are offered it now, the first choice first; none if it has to wait.
    pub offered: Vec<String>,
    /// How this came about. The route's `Display` is the same as text.
    pub steps: Vec<Step>,
}
