//! The task queues of a workspace.

use axum::extract::{Path, State};
use http::Uri;
use serde::Deserialize;
use serde_json::{Value, json};

use super::answer::{Answer, admits, created, deleted, ok, page};
use super::eligibility::{is_in, would_be_in};
use crate::clock::iso_8601;
use crate::twilio::account::Twilio;
use crate::twilio::page::PageQuery;
use crate::twilio::parameters::{Form, Query, required};
use crate::twilio::refusal::Refusal;
use crate::twilio::sids::ACCOUNT_SID;
use crate::twilio::taskrouter::model::{NewTaskQueue, TaskOrder, TaskQueue, TaskQueueChange};
use crate::twilio::taskrouter::workspace::Workspace;
use crate::twilio::taskrouter::workspace::resources::TASKROUTER;

/// The parameters of a new or changed queue.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Parameters {
    friendly_name: Option<String>,
    target_workers: Option<String>,
    max_reserved_workers: Option<usize>,
    task_order: Option<TaskOrder>,
    reservation_activity_sid: Option<String>,
    assignment_activity_sid: Option<String>,
}

pub(super) async fn create(
    State(twilio): State<Twilio>,
    Path(workspace): Path<String>,
    Form(form): Form<Parameters>,
) -> Answer {
    let new = NewTaskQueue {
        friendly_name: required("FriendlyName", form.friendly_name)?,
        target_workers: form.target_workers,
        max_reserved_workers: form.max_reserved_workers,
        task_order: form.task_order.unwrap_or_default(),
        reservation_activity_sid: form.reservation_activity_sid,
        assignment_activity_sid: form.assignment_activity_sid,
    };
    twilio.in_workspace(&workspace, |workspace| {
        let queue = workspace.create_task_queue(new)?;
        Ok(created(resource(workspace, &queue)))
    })
}

/// The documentation mentions a parameter `Ordering` but not its values. Queues are listed in the order of their
/// creation.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Filter {
    friendly_name: Option<String>,
    /// The JSON of a worker's attributes.
    evaluate_worker_attributes: Option<String>,
    worker_sid: Option<String>,
}

pub(super) async fn list(
    State(twilio): State<Twilio>,
    Path(workspace): Path<String>,
    uri: Uri,
    Query(filter): Query<Filter>,
    Query(query): Query<PageQuery>,
) -> Answer {
    let attributes = filter
        .evaluate_worker_attributes
        .as_deref()
        .map(|text| attributes(&twilio, text))
        .transpose()?;
    twilio.in_workspace(&workspace, |workspace| {
        let worker = filter
            .worker_sid
            .as_deref()
            .map(|sid| workspace.workers.get(sid))
            .transpose()?;
        let is_wanted = |queue: &TaskQueue| {
            admits(filter.friendly_name.as_ref(), &queue.friendly_name)
                && worker.is_none_or(|worker| is_in(queue, workspace, worker))
                && attributes
                    .as_ref()
                    .is_none_or(|attributes| would_be_in(queue, attributes))
        };
        let wanted = workspace.task_queues.numbered().filter(|(_, queue)| is_wanted(queue));
        let items = wanted
            .map(|(number, queue)| (number, resource(workspace, queue)))
            .collect();
        Ok(page("task_queues", &uri, &query, items))
    })
}

/// Reads a worker's attributes from a query. Counts towards the limit on lists with expressions.
fn attributes(twilio: &Twilio, text: &str) -> Result<Value, Refusal> {
    twilio.admit_evaluation()?;
    let attributes = serde_json::from_str(text);
    attributes.map_err(|error| Refusal::invalid(format!("EvaluateWorkerAttributes is not JSON: {error}")))
}

pub(super) async fn fetch(State(twilio): State<Twilio>, Path((workspace, sid)): Path<(String, String)>) -> Answer {
    twilio.in_workspace(&workspace, |workspace| {
        Ok(ok(resource(workspace, workspace.task_queues.get(&sid)?)))
    })
}

pub(super) async fn update(
    State(twilio): State<Twilio>,
    Path((workspace, sid)): Path<(String, String)>,
    Form(form): Form<Parameters>,
) -> Answer {
    let change = TaskQueueChange {
        friendly_name: form.friendly_name,
        target_workers: form.target_workers,
        max_reserved_workers: form.max_reserved_workers,
        task_order: form.task_order,
        reservation_activity_sid: form.reservation_activity_sid,
        assignment_activity_sid: form.assignment_activity_sid,
    };
    twilio.in_workspace(&workspace, |workspace| {
        let queue = workspace.update_task_queue(&sid, change)?;
        Ok(ok(resource(workspace, &queue)))
    })
}

pub(super) async fn delete(State(twilio): State<Twilio>, Path((workspace, sid)): Path<(String, String)>) -> Answer {
    twilio.in_workspace(&workspace, |workspace| workspace.delete_task_queue(&sid))?;
    Ok(deleted())
}

/// The resource `taskrouter.v1.workspace.task_queue`.
fn resource(workspace: &Workspace, queue: &TaskQueue) -> Value {
    let workspace_url = format!("{TASKROUTER}{}", workspace.path());
    let url = format!("{workspace_url}/TaskQueues/{}", queue.sid);
    let activity = |sid: &Option<String>| sid.as_ref().and_then(|sid| workspace.activities.find(sid));
    let reservation = activity(&queue.reservation_activity_sid);
    let assignment = activity(&queue.assignment_activity_sid);
    let activity_url = |sid: &String| format!("{workspace_url}/Activities/{sid}");
    json!({
        "account_sid": ACCOUNT_SID,
        "assignment_activity_name": assignment.map(|activity| &activity.friendly_name),
        "assignment_activity_sid": queue.assignment_activity_sid,
        "date_created": iso_8601(queue.date_created),
        "date_updated": iso_8601(queue.date_updated),
        "friendly_name": queue.friendly_name,
        "links": {
            "assignment_activity": queue.assignment_activity_sid.as_ref().map(activity_url),
            "cumulative_statistics": format!("{url}/CumulativeStatistics"),
            "real_time_statistics": format!("{url}/RealTimeStatistics"),
            "reservation_activity": queue.reservation_activity_sid.as_ref().map(activity_url),
            "statistics": format!("{url}/Statistics"),
            "workspace": workspace_url,
        },
        "max_reserved_workers": queue.max_reserved_workers,
        "reservation_activity_name": reservation.map(|activity| &activity.friendly_name),
        "reservation_activity_sid": queue.reservation_activity_sid,
        "sid": queue.sid,
        "target_workers": queue.target_workers,
        "task_order": queue.task_order,
        "url": url,
        "workspace_sid": workspace.sid,
    })
}
