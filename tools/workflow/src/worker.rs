//! Workers and the fields that routing reads.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;

use crate::expression::{Segment, find};

#[derive(Debug, Clone, PartialEq)]
pub struct Worker {
    /// `WK…`.
    pub sid: String,
    /// The name that `known_worker_friendly_name` compares.
    pub friendly_name: String,
    /// A JSON object whose members are the names in expressions.
    pub attributes: Value,
    pub activity: Activity,
    /// The channels by the unique name of their task channel.
    pub channels: BTreeMap<String, WorkerChannel>,
    /// The time since the worker's last assignment or creation.
    pub idle: Duration,
}

/// An activity, such as "Break".
///
/// <https://www.twilio.com/docs/taskrouter/api/activity>
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Activity {
    /// `WA…`.
    pub sid: String,
    pub name: String,
    /// Whether workers in this activity are offered tasks.
    pub available: bool,
}

/// A worker's capacity and load on one task channel.
///
/// <https://www.twilio.com/docs/taskrouter/multitasking>
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WorkerChannel {
    /// `configured_capacity`.
    pub capacity: u32,
    /// Whether the worker takes tasks of the channel now.
    pub available: bool,
    /// The number of pending, accepted and wrapping reservations. Each takes a unit of capacity.
    pub reservations: u32,
    /// `assigned_tasks`: the number of accepted reservations.
    pub assigned: u32,
}

impl WorkerChannel {
    /// The free capacity in percent (rounded down).
    pub fn available_capacity_percentage(&self) -> u32 {
        let free = u64::from(self.capacity.saturating_sub(self.reservations));
        let percent = (free * 100).checked_div(u64::from(self.capacity)).unwrap_or_default();
        u32::try_from(percent).unwrap_or(100)
    }
}

impl Worker {
    /// The value of a name: an attribute, or a field of TaskRouter's own if there is no such attribute.
    pub(crate) fn value(&self, segments: &[Segment]) -> Option<Value> {
        find(&self.attributes, segments)
            .cloned()
            .or_else(|| self.field(segments))
    }

    fn field(&self, segments: &[Segment]) -> Option<Value> {
        let names: Option<Vec<&str>> = segments.iter().map(Segment::name).collect();
        let value = match names?.as_slice() {
            ["sid"] => Value::from(self.sid.as_str()),
            ["friendly_name"] => Value::from(self.friendly_name.as_str()),
            ["activity_sid"] => Value::from(self.activity.sid.as_str()),
            ["activity_name"] => Value::from(self.activity.name.as_str()),
            ["channel", name, field] => {
                let channel = self.channels.get(*name)?;
                Value::from(match *field {
                    "configured_capacity" => channel.capacity,
                    "assigned_tasks" => channel.assigned,
                    "available_capacity_percentage" => channel.available_capacity_percentage(),
                    _ => return None,
                })
            }
            _ => return None,
        };
        Some(value)
    }
}
