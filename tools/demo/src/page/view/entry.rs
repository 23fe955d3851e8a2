//! One line of the time line.

use std::time::Duration;

use serde::{Serialize, Serializer};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// What an entry is about: its record, and its place in there. Records only grow, so that it never means another one.
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
    /// It was not wanted: that is the asker's affair.
    Refused,
    /// It was not to be had: another try may help.
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
    pub(crate) task: Option<String>,
    /// Nothing where it isn't known.
    pub(crate) cause: Option<Id>,
}

const KINDS: usize = 5;

impl Id {
    /// The number by which the page knows it.
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
            // Later it may be let through.
            429 | 500.. => Self::Failed,
            _ => Self::Refused,
        }
    }
}

/// With a tenth of a microsecond at most.
pub(crate) fn milliseconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1e7).round() / 1e4
}

/// In whole milliseconds, of which there are always three digits.
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
