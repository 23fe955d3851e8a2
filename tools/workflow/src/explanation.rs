//! How a route came about.

use std::fmt;
use std::time::Duration;

use crate::expression::Evaluation;
use crate::offer::{Considered, Verdict};
use crate::routing::Route;

/// One step of a route. Filters and targets are counted from 0 here, and from 1 in the text.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// A filter was tried; it matches if its expression holds or if it has none.
    Filter {
        /// Which one.
        filter: usize,
        /// Its name.
        friendly_name: Option<String>,
        /// What its expression evaluated to.
        evaluation: Option<Evaluation>,
    },
    /// The filter matches, but the task has been through it already, until its last time-out.
    Spent,
    /// The task came to a target or stayed in it.
    Target {
        /// Which one.
        target: usize,
        /// The queue's SID.
        queue: String,
        /// The queue's name; none if the workspace has no such queue.
        queue_name: Option<String>,
        /// The task's priority there.
        priority: i64,
        /// At which age of the task its time-out is.
        deadline: Option<Duration>,
        /// Each worker of the workspace, those who are offered the task first.
        considered: Vec<Considered>,
    },
    /// Nobody can be offered the task at once: if this holds, the task goes on.
    SkipIf(Evaluation),
    /// The target's time-out has passed.
    TimedOut {
        /// Which one.
        target: usize,
    },
    /// No filter matches, or those that match were skipped: the default filter.
    Default,
    /// The default filter is none for this task.
    NoDefault {
        /// There is one, but not for tasks that timed out of a filter.
        after_time_out: bool,
    },
    /// The task has left the workflow.
    Left,
}

impl fmt::Display for Route {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, step) in self.steps.iter().enumerate() {
            let separator = if place == 0 { "" } else { "\n" };
            write!(formatter, "{separator}{step}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Step {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Filter {
                filter,
                friendly_name,
                evaluation,
            } => write_filter(formatter, filter + 1, friendly_name.as_deref(), evaluation.as_ref()),
            Self::Spent => formatter.write_str("  its time-outs have run out for this task"),
            Self::Target {
                target,
                queue,
                queue_name,
                priority,
                deadline,
                considered,
            } => {
                match queue_name {
                    Some(name) => write!(formatter, "  target {}: queue \"{name}\" ({queue})", target + 1)?,
                    None => write!(formatter, "  target {}: queue {queue}, which there is not", target + 1)?,
                }
                write!(formatter, ", priority {priority}")?;
                if let Some(deadline) = deadline {
                    write!(formatter, ", until the task is {} s old", deadline.as_secs_f64())?;
                }
                considered
                    .iter()
                    .try_for_each(|considered| write!(formatter, "\n    {considered}"))
            }
            Self::SkipIf(evaluation) if evaluation.holds => write!(formatter, "  skipped: {}", indented(evaluation)),
            Self::SkipIf(evaluation) => write!(formatter, "  waits: {}", indented(evaluation)),
            Self::TimedOut { target } => write!(formatter, "  target {}: timed out", target + 1),
            Self::Default => formatter.write_str("default filter"),
            Self::NoDefault { after_time_out: true } => {
                formatter.write_str("not the default filter, since a filter that matches timed out")
            }
            Self::NoDefault { after_time_out: false } => formatter.write_str("no default filter"),
            Self::Left => formatter.write_str("the task leaves the workflow and is canceled"),
        }
    }
}

fn write_filter(
    formatter: &mut fmt::Formatter<'_>,
    number: usize,
    friendly_name: Option<&str>,
    evaluation: Option<&Evaluation>,
) -> fmt::Result {
    write!(formatter, "filter {number}")?;
    if let Some(name) = friendly_name {
        write!(formatter, " \"{name}\"")?;
    }
    match evaluation {
        None => formatter.write_str(" matches: it has no expression"),
        Some(evaluation) if evaluation.holds => write!(formatter, " matches: {}", indented(evaluation)),
        Some(evaluation) => write!(formatter, " doesn't match: {}", indented(evaluation)),
    }
}

/// With the comparisons, one line each, under what they explain.
fn indented(evaluation: &Evaluation) -> String {
    evaluation.to_string().replace('\n', "\n    ")
}

impl fmt::Display for Considered {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} ({}): ", self.friendly_name, self.sid)?;
        match &self.verdict {
            Verdict::NotInQueue(None) => formatter.write_str("not in the queue, which has no worker expression"),
            Verdict::NotInQueue(Some(evaluation)) => write!(formatter, "not in the queue: {}", indented(evaluation)),
            Verdict::NotTheKnownWorker { wanted } => write!(formatter, "not the known worker, who is {wanted}"),
            Verdict::NotMatched(evaluation) => write!(formatter, "not matched: {}", indented(evaluation)),
            Verdict::Unavailable { activity } => write!(formatter, "not available: the activity is \"{activity}\""),
            Verdict::NoCapacity { channel: None } => formatter.write_str("no capacity: has no such channel"),
            Verdict::NoCapacity { channel: Some(channel) } if !channel.available => {
                formatter.write_str("no capacity: the channel is switched off")
            }
            Verdict::NoCapacity { channel: Some(channel) } => {
                write!(
                    formatter,
                    "no capacity: {} of {} in use",
                    channel.reservations, channel.capacity
                )
            }
            Verdict::Behind => formatter.write_str("could take it, but others come first"),
            Verdict::Offered => formatter.write_str("offered"),
        }
    }
}
