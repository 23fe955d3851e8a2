//! Reservations.

use std::fmt;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::version::etag;

/// A `reservation_status`.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ReservationStatus {
    Pending,
    Accepted,
    Rejected,
    Timeout,
    Canceled,
    Rescinded,
    Wrapping,
    Completed,
}

impl ReservationStatus {
    /// Whether the reservation takes capacity of the worker.
    pub(crate) fn is_open(self) -> bool {
        matches!(self, Self::Pending | Self::Accepted | Self::Wrapping)
    }
}

impl fmt::Display for ReservationStatus {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(formatter)
    }
}

/// A worker's reservation of a task.
#[derive(Clone, Debug)]
pub struct Reservation {
    pub sid: String,
    pub task_sid: String,
    pub worker_sid: String,
    pub worker_name: String,
    pub status: ReservationStatus,
    /// Grows with every change. The ETag is this number in quotes.
    pub version: u64,
    pub date_created: OffsetDateTime,
    pub date_updated: OffsetDateTime,
    /// The time at which a pending reservation times out. None for a reservation made by hand.
    pub(crate) deadline: Option<OffsetDateTime>,
}

/// The change of a reservation.
#[derive(Clone, Debug)]
pub(crate) struct ReservationChange {
    pub(crate) status: ReservationStatus,
    /// The worker's new activity.
    pub(crate) worker_activity_sid: Option<String>,
}

impl From<ReservationStatus> for ReservationChange {
    fn from(status: ReservationStatus) -> Self {
        Self {
            status,
            worker_activity_sid: None,
        }
    }
}

impl Reservation {
    pub fn etag(&self) -> String {
        etag(self.version)
    }

    pub(crate) fn set_status(&mut self, status: ReservationStatus, now: OffsetDateTime) {
        self.status = status;
        self.version += 1;
        self.date_updated = now;
    }
}
