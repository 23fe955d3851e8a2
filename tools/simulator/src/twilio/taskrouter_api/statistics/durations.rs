//! Durations in whole seconds: how many, how long.

use serde_json::{Value, json};

use crate::twilio::taskrouter::model::Event;

/// The average, the shortest, the longest and the sum of durations.
pub(super) fn summary(durations: &[i64]) -> Value {
    json!({
        "avg": average(durations),
        "max": durations.iter().max().copied().unwrap_or_default(),
        "min": durations.iter().min().copied().unwrap_or_default(),
        "total": durations.iter().sum::<i64>(),
    })
}

/// The average, rounded down. 0 without durations.
pub(super) fn average(durations: &[i64]) -> i64 {
    let count = i64::try_from(durations.len()).unwrap_or(i64::MAX).max(1);
    durations.iter().sum::<i64>() / count
}

/// The time from a date of the event's task, a field in Unix seconds, until the event.
pub(super) fn since(event: &Event, field: &str) -> Option<i64> {
    let date: i64 = event.field(field)?.parse().ok()?;
    Some(event.date.unix_timestamp() - date)
}
