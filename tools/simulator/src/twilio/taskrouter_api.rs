//! TaskRouter's REST API, as far as tasks and reservations.

use axum::extract::rejection::{FormRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Form, Json, Router, middleware};
use http::header::{ETAG, IF_MATCH};
use http::{HeaderMap, StatusCode, Uri};
use serde::Deserialize;

use super::page::{List, PageQuery};
use super::refusal::Refusal;
use super::sids::WORKSPACE_SID;
use super::taskrouter::reservation::{Reservation, ReservationStatus};
use super::taskrouter::task::{TASKROUTER, Task, TaskStatus};
use super::taskrouter::tasks::{NewTask, TaskChange};
use super::taskrouter::workspace::Workspace;
use super::{Twilio, authenticate, no_such_resource};

const MAX_PAGE_SIZE: usize = 1_000;

type Answer = Result<Response, Refusal>;

/// The routes of TaskRouter.
pub(crate) fn router(twilio: Twilio) -> Router {
    let tasks = format!("/v1/Workspaces/{WORKSPACE_SID}/Tasks");
    let task = format!("{tasks}/{{task}}");
    let reservations = format!("{task}/Reservations");
    let reservation = format!("{reservations}/{{reservation}}");
    Router::new()
        .route(&tasks, get(list_tasks).post(create_task))
        .route(&task, get(fetch_task).post(update_task).delete(delete_task))
        .route(&reservations, get(list_reservations))
        .route(&reservation, get(fetch_reservation).post(update_reservation))
        .fallback(no_such_resource)
        .layer(middleware::from_fn_with_state(twilio.clone(), authenticate))
        .with_state(twilio)
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct CreateTask {
    attributes: Option<String>,
    priority: Option<i64>,
}

async fn create_task(State(twilio): State<Twilio>, form: Result<Form<CreateTask>, FormRejection>) -> Answer {
    let Form(form) = form?;
    let new = NewTask {
        attributes: form.attributes,
        priority: form.priority,
        ..NewTask::default()
    };
    let answer = own(&twilio, |workspace| {
        let task = workspace.create_task(new)?;
        Ok(task_answer(&task, workspace))
    })?;
    Ok((StatusCode::CREATED, answer).into_response())
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct TaskFilter {
    assignment_status: Option<TaskStatus>,
}

async fn list_tasks(
    State(twilio): State<Twilio>,
    uri: Uri,
    filter: Result<Query<TaskFilter>, QueryRejection>,
    page: Result<Query<PageQuery>, QueryRejection>,
) -> Answer {
    let (Query(filter), Query(page)) = (filter?, page?);
    let items = own(&twilio, |workspace| {
        let wanted = workspace
            .tasks
            .numbered()
            .filter(|(_, task)| filter.assignment_status.is_none_or(|status| task.status == status));
        Ok(wanted
            .map(|(number, task)| (number, task.resource(workspace)))
            .collect())
    })?;
    let status = filter
        .assignment_status
        .map(|status| ("AssignmentStatus", status.to_string()));
    Ok(Json(list("tasks", uri.path(), status.into_iter().collect(), items).page(&page)).into_response())
}

async fn fetch_task(State(twilio): State<Twilio>, Path(sid): Path<String>) -> Answer {
    own(&twilio, |workspace| {
        let task = workspace.tasks.get(&sid)?;
        Ok(task_answer(task, workspace))
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct UpdateTask {
    attributes: Option<String>,
    assignment_status: Option<TaskStatus>,
    reason: Option<String>,
    priority: Option<i64>,
}

async fn update_task(
    State(twilio): State<Twilio>,
    Path(sid): Path<String>,
    headers: HeaderMap,
    form: Result<Form<UpdateTask>, FormRejection>,
) -> Answer {
    let Form(form) = form?;
    let change = TaskChange {
        attributes: form.attributes,
        status: form.assignment_status,
        reason: form.reason,
        priority: form.priority,
        ..TaskChange::default()
    };
    own(&twilio, |workspace| {
        let task = workspace.update_task(&sid, if_match(&headers), change)?;
        Ok(task_answer(&task, workspace))
    })
}

async fn delete_task(State(twilio): State<Twilio>, Path(sid): Path<String>, headers: HeaderMap) -> Answer {
    own(&twilio, |workspace| {
        workspace.delete_task(&sid, if_match(&headers), "task.deleted")
    })?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ReservationFilter {
    reservation_status: Option<ReservationStatus>,
    worker_sid: Option<String>,
}

impl ReservationFilter {
    fn admits(&self, reservation: &Reservation) -> bool {
        self.reservation_status
            .is_none_or(|status| reservation.status == status)
            && self
                .worker_sid
                .as_ref()
                .is_none_or(|sid| reservation.worker_sid == *sid)
    }

    fn pairs(self) -> Vec<(&'static str, String)> {
        let status = self
            .reservation_status
            .map(|status| ("ReservationStatus", status.to_string()));
        status
            .into_iter()
            .chain(self.worker_sid.map(|sid| ("WorkerSid", sid)))
            .collect()
    }
}

async fn list_reservations(
    State(twilio): State<Twilio>,
    Path(task_sid): Path<String>,
    uri: Uri,
    filter: Result<Query<ReservationFilter>, QueryRejection>,
    page: Result<Query<PageQuery>, QueryRejection>,
) -> Answer {
    let (Query(filter), Query(page)) = (filter?, page?);
    let items = own(&twilio, |workspace| {
        let numbered = workspace.tasks.get(&task_sid)?.reservations.iter().enumerate();
        let wanted = numbered.filter(|(_, reservation)| filter.admits(reservation));
        Ok(wanted
            .map(|(number, reservation)| (number, reservation.resource(workspace)))
            .collect())
    })?;
    Ok(Json(list("reservations", uri.path(), filter.pairs(), items).page(&page)).into_response())
}

async fn fetch_reservation(State(twilio): State<Twilio>, Path((task_sid, sid)): Path<(String, String)>) -> Answer {
    own(&twilio, |workspace| {
        let reservation = workspace.reservation(&task_sid, &sid)?;
        Ok(reservation_answer(reservation, workspace))
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct UpdateReservation {
    reservation_status: Option<ReservationStatus>,
}

async fn update_reservation(
    State(twilio): State<Twilio>,
    Path((task_sid, sid)): Path<(String, String)>,
    headers: HeaderMap,
    form: Result<Form<UpdateReservation>, FormRejection>,
) -> Answer {
    let Form(form) = form?;
    let status = form
        .reservation_status
        .ok_or_else(|| Refusal::invalid("ReservationStatus is required"))?;
    own(&twilio, |workspace| {
        let reservation = workspace.move_reservation(&task_sid, &sid, if_match(&headers), status.into())?;
        Ok(reservation_answer(&reservation, workspace))
    })
}

fn own<T>(twilio: &Twilio, change: impl FnOnce(&mut Workspace) -> Result<T, Refusal>) -> Result<T, Refusal> {
    twilio.in_workspace(WORKSPACE_SID, change)
}

fn task_answer(task: &Task, workspace: &Workspace) -> Response {
    ([(ETAG, task.etag())], Json(task.resource(workspace))).into_response()
}

fn reservation_answer(reservation: &Reservation, workspace: &Workspace) -> Response {
    ([(ETAG, reservation.etag())], Json(reservation.resource(workspace))).into_response()
}

fn if_match(headers: &HeaderMap) -> Option<&str> {
    // A value that is no text is no ETag of ours.
    headers.get(IF_MATCH).map(|value| value.to_str().unwrap_or_default())
}

fn list<'a>(
    key: &'a str,
    path: &'a str,
    filters: Vec<(&'a str, String)>,
    items: Vec<(usize, serde_json::Value)>,
) -> List<'a> {
    List {
        host: TASKROUTER,
        path,
        key,
        filters: filters
            .into_iter()
            .map(|(name, value)| (name.into(), value.into()))
            .collect(),
        max_page_size: MAX_PAGE_SIZE,
        items,
        descending: false,
    }
}
