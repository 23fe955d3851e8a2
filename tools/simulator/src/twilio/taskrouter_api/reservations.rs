//! The reservations of a task.

use axum::extract::{Path, State};
use http::{HeaderMap, Uri};
use serde::Deserialize;

use super::answer::{Answer, admits, if_match, ok, page, versioned};
use crate::twilio::account::Twilio;
use crate::twilio::page::PageQuery;
use crate::twilio::parameters::{Form, Query};
use crate::twilio::refusal::Refusal;
use crate::twilio::taskrouter::model::{Reservation, ReservationChange, ReservationStatus};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Filter {
    reservation_status: Option<ReservationStatus>,
    worker_sid: Option<String>,
}

impl Filter {
    pub(super) fn admits(&self, reservation: &Reservation) -> bool {
        admits(self.reservation_status.as_ref(), &reservation.status)
            && admits(self.worker_sid.as_ref(), &reservation.worker_sid)
    }
}

pub(super) async fn list(
    State(twilio): State<Twilio>,
    Path((workspace, task)): Path<(String, String)>,
    uri: Uri,
    Query(filter): Query<Filter>,
    Query(query): Query<PageQuery>,
) -> Answer {
    twilio.in_workspace(&workspace, |workspace| {
        // A task never loses a reservation, so each reservation keeps its number.
        let numbered = workspace.tasks.get(&task)?.reservations.iter().enumerate();
        let wanted = numbered.filter(|(_, reservation)| filter.admits(reservation));
        let items = wanted
            .map(|(number, reservation)| (number, reservation.resource(workspace)))
            .collect();
        Ok(page("reservations", &uri, &query, items))
    })
}

pub(super) async fn fetch(
    State(twilio): State<Twilio>,
    Path((workspace, task, sid)): Path<(String, String, String)>,
) -> Answer {
    twilio.in_workspace(&workspace, |workspace| {
        let reservation = workspace.reservation(&task, &sid)?;
        Ok(versioned(reservation.etag(), ok(reservation.resource(workspace))))
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Update {
    reservation_status: Option<ReservationStatus>,
    worker_activity_sid: Option<String>,
    instruction: Option<String>,
}

impl Update {
    /// Refuses Twilio's instructions. All of them create or move voice calls, and voice calls are not simulated.
    pub(super) fn change(self) -> Result<ReservationChange, Refusal> {
        if let Some(instruction) = self.instruction {
            return Err(Refusal::invalid(format!(
                "Instruction {instruction}: the simulator knows no voice calls, only ReservationStatus"
            )));
        }
        let status = self.reservation_status;
        Ok(ReservationChange {
            status: status.ok_or_else(|| Refusal::invalid("ReservationStatus is required"))?,
            worker_activity_sid: self.worker_activity_sid,
        })
    }
}

pub(super) async fn update(
    State(twilio): State<Twilio>,
    Path((workspace, task, sid)): Path<(String, String, String)>,
    headers: HeaderMap,
    Form(form): Form<Update>,
) -> Answer {
    let change = form.change()?;
    twilio.in_workspace(&workspace, |workspace| {
        let reservation = workspace.move_reservation(&task, &sid, if_match(&headers), change)?;
        Ok(versioned(reservation.etag(), ok(reservation.resource(workspace))))
    })
}
