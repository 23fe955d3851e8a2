//! The result of routing: the place where a task waits and the workers with an offer.

use std::time::Duration;

use crate::step::Step;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The filter's index, from 0. None for the default filter.
    pub filter: Option<usize>,
    /// The target's index in the filter, from 0.
    pub target: usize,
    /// The queue's SID.
    pub queue: String,
    /// The task's priority from now on.
    pub priority: i64,
    /// The age of the task at the target's timeout. None if the target has no timeout.
    pub deadline: Option<Duration>,
    /// The task's age on entering the filter. The timeouts of the filter's targets count from this age.
    pub(crate) entered: Duration,
    /// The filters that the task left because their timeouts had passed.
    pub(crate) timed_out: Vec<usize>,
}

/// The next place of a task and the steps that led there.
#[derive(Debug, Clone, PartialEq)]
pub struct Route {
    /// The place where the task waits. None if the task has left the workflow. TaskRouter then cancels the task.
    pub place: Option<Place>,
    /// The SIDs of the workers with an offer. The first choice is first. Empty if the task has to wait.
    pub offered: Vec<String>,
    /// The steps that led here. `Display` prints them.
    pub steps: Vec<Step>,
}
