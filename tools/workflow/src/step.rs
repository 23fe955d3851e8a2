//! A step of a route and its text.

use std::fmt;
use std::time::Duration;

use crate::evaluation::Evaluation;
use crate::offer::Considered;

/// A step of a route. Filters and targets count from 0 here and from 1 in the text.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// A filter was tried. A filter without an expression matches every task.
    Filter {
        filter: usize,
        friendly_name: Option<String>,
        /// The expression's evaluation. None if the filter has no expression.
        evaluation: Option<Evaluation>,
    },
    /// The filter matches, but the task has already left this filter at its last timeout.
    Spent,
    /// The task came to a target or stayed in it.
    Target {
        target: usize,
        /// The queue's SID.
        queue: String,
        /// The queue's name. None if the workspace has no such queue.
        queue_name: Option<String>,
        /// The task's priority in the target.
        priority: i64,
        /// The age of the task at the target's timeout.
        deadline: Option<Duration>,
        /// Each worker of the workspace. Workers with an offer come first.
        considered: Vec<Considered>,
    },
    /// No worker can be offered the task at once. The task goes on if this expression holds.
    SkipIf(Evaluation),
    /// The target's timeout has passed.
    TimedOut { target: usize },
    /// The task comes to the default filter, since no filter matches or every matching filter was skipped.
    Default,
    /// The workflow has no default filter for this task.
    NoDefault {
        /// A default filter exists but takes no task that timed out of a filter.
        after_time_out: bool,
    },
    /// The task has left the workflow.
    Left,
}

pub(crate) fn in_words(queue: &str, queue_name: Option<&str>) -> String {
    match queue_name {
        Some(name) => format!("queue \"{name}\" ({queue})"),
        None => format!("queue {queue}, which doesn't exist"),
    }
}

impl fmt::Display for Step {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Filter {
                filter,
                friendly_name,
                evaluation,
            } => {
                let name = friendly_name.as_ref().map(|name| format!(" \"{name}\""));
                write!(formatter, "filter {}{} ", filter + 1, name.unwrap_or_default())?;
                match evaluation {
                    None => formatter.write_str("matches every task: it has no expression"),
                    Some(evaluation) if evaluation.holds => write!(formatter, "matches: {}", indented(evaluation)),
                    Some(evaluation) => write!(formatter, "doesn't match: {}", indented(evaluation)),
                }
            }
            Self::Spent => {
                formatter.write_str("  but the task has been there already, until the last target's time was up")
            }
            Self::Target {
                target,
                queue,
                queue_name,
                priority,
                deadline,
                considered,
            } => {
                let queue = in_words(queue, queue_name.as_deref());
                write!(formatter, "  target {}: {queue}, with priority {priority}", target + 1)?;
                if let Some(deadline) = deadline {
                    write!(formatter, ", until the task is {} s old", deadline.as_secs_f64())?;
                }
                let mut considered = considered.iter();
                considered.try_for_each(|worker| write!(formatter, "\n    {worker}"))
            }
            Self::SkipIf(evaluation) if evaluation.holds => {
                write!(
                    formatter,
                    "  nobody can take it now, so skip_if is asked, and the task goes on: {}",
                    indented(evaluation)
                )
            }
            Self::SkipIf(evaluation) => write!(
                formatter,
                "  nobody can take it now, so skip_if is asked, but the task waits: {}",
                indented(evaluation)
            ),
            Self::TimedOut { target } => write!(formatter, "  target {}: its time is up", target + 1),
            Self::Default => formatter.write_str("default filter, since no other one keeps the task"),
            Self::NoDefault { after_time_out: true } => {
                formatter.write_str("default filter: not for a task whose time was up in another one")
            }
            Self::NoDefault { after_time_out: false } => formatter.write_str("default filter: there is none"),
            Self::Left => formatter.write_str("The task leaves the workflow, and TaskRouter cancels it."),
        }
    }
}

/// The evaluation with its comparisons on indented lines.
pub(crate) fn indented(evaluation: &Evaluation) -> String {
    evaluation.to_string().replace('\n', "\n    ")
}
