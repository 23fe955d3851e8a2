//! The reservations of a worker: the tasks' reservations under another URL.

use axum::extract::{Path, State};
use http::{HeaderMap, Uri};
use serde_json::Value;

use super::answer::{Answer, if_match, ok, page, versioned};
use super::reservations::{Filter, Update};
use crate::twilio::account::Twilio;
use crate::twilio::page::PageQuery;
use crate::twilio::parameters::{Form, Query};
use crate::twilio::refusal::Refusal;
use crate::twilio::taskrouter::model::Reservation;
use crate::twilio::taskrouter::workspace::Workspace;
use crate::twilio::taskrouter::workspace::resources::TASKROUTER;

pub(super) async fn list(
    State(twilio): State<Twilio>,
    Path((workspace, worker)): Path<(String, String)>,
    uri: Uri,
    Query(filter): Query<Filter>,
    Query(query): Query<PageQuery>,
) -> Answer {
    twilio.in_workspace(&workspace, |workspace| {
        let worker = workspace.workers.get(&worker)?;
        // No task has that many reservations, since TaskRouter cancels a task after a thousand rejections.
        let numbered = workspace.tasks.numbered().flat_map(|(number, task)| {
            let reservations = task.reservations.iter().enumerate();
            reservations.map(move |(place, reservation)| (number * 10_000 + place, reservation))
        });
        let own =
            numbered.filter(|(_, reservation)| reservation.worker_sid == worker.sid && filter.admits(reservation));
        let items = own
            .map(|(number, reservation)| (number, resource(workspace, reservation)))
            .collect();
        Ok(page("reservations", &uri, &query, items))
    })
}

pub(super) async fn fetch(
    State(twilio): State<Twilio>,
    Path((workspace, worker, sid)): Path<(String, String, String)>,
) -> Answer {
    twilio.in_workspace(&workspace, |workspace| {
        let reservation = find(workspace, &worker, &sid)?;
        Ok(versioned(reservation.etag(), ok(resource(workspace, reservation))))
    })
}

pub(super) async fn update(
    State(twilio): State<Twilio>,
    Path((workspace, worker, sid)): Path<(String, String, String)>,
    headers: HeaderMap,
    Form(form): Form<Update>,
) -> Answer {
    let change = form.change()?;
    twilio.in_workspace(&workspace, |workspace| {
        let task = find(workspace, &worker, &sid)?.task_sid.clone();
        let reservation = workspace.move_reservation(&task, &sid, if_match(&headers), change)?;
        Ok(versioned(reservation.etag(), ok(resource(workspace, &reservation))))
    })
}

fn find<'w>(workspace: &'w Workspace, worker: &str, sid: &str) -> Result<&'w Reservation, Refusal> {
    let mut all = workspace.tasks.iter().flat_map(|task| &task.reservations);
    let own = all.find(|reservation| reservation.sid == sid && reservation.worker_sid == worker);
    own.ok_or_else(|| Refusal::not_found(&format!("{}/Workers/{worker}/Reservations/{sid}", workspace.path())))
}

/// The resource `taskrouter.v1.workspace.worker.worker_reservation`: a task's reservation with another URL.
fn resource(workspace: &Workspace, reservation: &Reservation) -> Value {
    let mut resource = reservation.resource(workspace);
    let worker_url = format!("{TASKROUTER}{}/Workers/{}", workspace.path(), reservation.worker_sid);
    resource["url"] = format!("{worker_url}/Reservations/{}", reservation.sid).into();
    resource
}
