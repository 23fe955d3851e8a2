//! The `Display` of a route: an explanation for people who don't know TaskRouter.

use std::fmt;

use serde_json::Value;

use crate::offer::{Considered, Verdict};
use crate::route::Route;
use crate::step::{Step, in_words, indented};

/// The outcome followed by the steps.
impl fmt::Display for Route {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.outcome())?;
        let steps = self.steps.iter().filter(|step| **step != Step::Left);
        steps.into_iter().try_for_each(|step| write!(formatter, "\n{step}"))
    }
}

impl Route {
    fn outcome(&self) -> String {
        let Some(place) = &self.place else {
            return Step::Left.to_string();
        };
        let last_target = self.steps.iter().rev().find_map(|step| match step {
            Step::Target {
                queue_name, considered, ..
            } => Some((queue_name.as_deref(), considered.as_slice())),
            _ => None,
        });
        let (queue_name, considered) = last_target.unwrap_or_default();
        let queue = in_words(&place.queue, queue_name);
        let offered = considered.iter().filter(|worker| worker.verdict == Verdict::Offered);
        let offered: Vec<&str> = offered.map(|worker| worker.friendly_name.as_str()).collect();
        match offered.as_slice() {
            [] => format!("The task waits in {queue}: nobody can take it now."),
            offered => format!("The task is in {queue} and offered to {}.", offered.join(", ")),
        }
    }
}

impl fmt::Display for Considered {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mark = match self.verdict {
            Verdict::Offered => '✓',
            Verdict::Behind => '○',
            _ => '✗',
        };
        write!(
            formatter,
            "{mark} {} ({}): {}",
            self.friendly_name, self.sid, self.verdict
        )
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotInQueue(None) => formatter.write_str("not in the queue: its expression is empty, so nobody is"),
            Self::NotInQueue(Some(evaluation)) => write!(formatter, "not in the queue: {}", indented(evaluation)),
            Self::NotTheKnownWorker { wanted: Value::Null } => {
                formatter.write_str("not the known worker: the task names none")
            }
            Self::NotTheKnownWorker { wanted } => write!(formatter, "not the known worker: the task names {wanted}"),
            Self::NotMatched(evaluation) => write!(formatter, "doesn't match the target: {}", indented(evaluation)),
            Self::Unavailable { activity } => write!(formatter, "not available: the activity is \"{activity}\""),
            Self::NoCapacity { channel: None } => formatter.write_str("takes no tasks of this channel"),
            Self::NoCapacity { channel: Some(channel) } if !channel.available => {
                formatter.write_str("takes no tasks of this channel now: it is switched off")
            }
            Self::NoCapacity { channel: Some(channel) } => {
                let (has, takes) = (channel.reservations, channel.capacity);
                write!(formatter, "has no room: {has} of {takes} tasks of this channel")
            }
            Self::Behind => formatter.write_str("could take it, but others come first"),
            Self::Offered => formatter.write_str("is offered the task"),
        }
    }
}
