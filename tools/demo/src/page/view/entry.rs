//! One line of the timeline.

use std::time::Duration;

use serde::{Serialize, Serializer};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// The subject of an entry: its record, and its index there. Records only grow, so the index stays valid.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) enum Id {
    Action(usize),
    Event(usize),
    Delivery(usize),
    Invocation(usize),
    Request(usize),
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    Action,
    Event,
    Delivery,
    Invocation,
    Request,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Outcome {
    Ok,
    /// Refused: the request itself is at fault.
    Refused,
    /// Unavailable: another try may help.
    Failed,
    Pending,
}

#[derive(Clone, Debug, Serialize)]
pub(crate) struct Entry {
    pub(crate) id: Id,
    pub(crate) kind: Kind,
    #[serde(serialize_with = "rfc3339")]
    pub(crate) at: OffsetDateTime,
    pub(crate) ms: Option<f64>,
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) title: String,
    pub(crate) method: Option<String>,
    pub(crate) path: Option<String>,
    pub(crate) status: Option<u16>,
    pub(crate) outcome: Outcome,
    /// The reason why an action was refused.
    pub(crate) problem: Option<String>,
    pub(crate) task: Option<String>,
    /// `None` if it is unknown.
    pub(crate) cause: Option<Id>,
}

const KINDS: usize = 5;

impl Id {
    /// The number by which the page identifies the entry.
    fn number(self) -> usize {
        match self {
            Self::Action(place) => place * KINDS,
            Self::Event(place) => place * KINDS + 1,
            Self::Delivery(place) => place * KINDS + 2,
            Self::Invocation(place) => place * KINDS + 3,
            Self::Request(place) => place * KINDS + 4,
        }
    }

    pub(crate) fn of_number(number: usize) -> Self {
        let place = number / KINDS;
        match number % KINDS {
            0 => Self::Action(place),
            1 => Self::Event(place),
            2 => Self::Delivery(place),
            3 => Self::Invocation(place),
            _ => Self::Request(place),
        }
    }
}

impl Serialize for Id {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.number().serialize(serializer)
    }
}

impl Outcome {
    pub(crate) fn of_status(status: u16) -> Self {
        match status {
            200..=399 => Self::Ok,
            // Another try may pass.
            429 | 500.. => Self::Failed,
            _ => Self::Refused,
        }
    }
}

/// Milliseconds with at most one decimal.
pub(crate) fn milliseconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1e7).round() / 1e4
}

/// Whole milliseconds.
pub(crate) fn rfc3339<S: Serializer>(time: &OffsetDateTime, serializer: S) -> Result<S::Ok, S::Error> {
    text(*time).serialize(serializer)
}

pub(crate) fn text(time: OffsetDateTime) -> String {
    let whole = time
        .replace_nanosecond(0)
        .unwrap_or(time)
        .format(&Rfc3339)
        .unwrap_or_default();
    format!("{}.{:03}Z", whole.trim_end_matches('Z'), time.millisecond())
}
