//! The workers of a workspace.

use axum::extract::{Path, State};
use http::{HeaderMap, Uri};
use serde::Deserialize;
use serde_json::{Value, json};
use workflow::Expression;

use super::answer::{Answer, admits, created, deleted, if_match, ok, page, versioned};
use super::eligibility::{expression, holds_for, is_in};
use crate::clock::iso_8601;
use crate::twilio::account::Twilio;
use crate::twilio::page::PageQuery;
use crate::twilio::parameters::{Flag, Form, Query, required};
use crate::twilio::sids::ACCOUNT_SID;
use crate::twilio::taskrouter::model::{NewWorker, Worker, WorkerChange};
use crate::twilio::taskrouter::workspace::Workspace;
use crate::twilio::taskrouter::workspace::resources::TASKROUTER;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Create {
    friendly_name: Option<String>,
    attributes: Option<String>,
    activity_sid: Option<String>,
}

pub(super) async fn create(
    State(twilio): State<Twilio>,
    Path(workspace): Path<String>,
    Form(form): Form<Create>,
) -> Answer {
    let new = NewWorker {
        friendly_name: required("FriendlyName", form.friendly_name)?,
        attributes: form.attributes,
        activity_sid: form.activity_sid,
    };
    twilio.in_workspace(&workspace, |workspace| {
        let worker = workspace.create_worker(new)?;
        Ok(versioned(worker.etag(), created(resource(workspace, &worker))))
    })
}

/// The documentation mentions a parameter `Ordering` but not its values. Workers are listed in the order of their
/// creation.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Filter {
    activity_name: Option<String>,
    activity_sid: Option<String>,
    available: Option<Flag>,
    friendly_name: Option<String>,
    target_workers_expression: Option<String>,
    task_queue_name: Option<String>,
    task_queue_sid: Option<String>,
}

impl Filter {
    fn admits(&self, workspace: &Workspace, worker: &Worker, expression: Option<&Expression>) -> bool {
        let activity = workspace.activities.find(&worker.activity_sid);
        admits(self.activity_sid.as_ref(), &worker.activity_sid)
            && admits(self.friendly_name.as_ref(), &worker.friendly_name)
            && activity.is_some_and(|activity| {
                admits(self.activity_name.as_ref(), &activity.friendly_name)
                    && self
                        .available
                        .is_none_or(|Flag(available)| activity.available == available)
            })
            && expression.is_none_or(|expression| holds_for(expression, workspace, worker))
            && self.admits_by_queue(workspace, worker)
    }

    fn admits_by_queue(&self, workspace: &Workspace, worker: &Worker) -> bool {
        if self.task_queue_sid.is_none() && self.task_queue_name.is_none() {
            return true;
        }
        let mut queues = workspace.task_queues.iter().filter(|queue| {
            admits(self.task_queue_sid.as_ref(), &queue.sid)
                && admits(self.task_queue_name.as_ref(), &queue.friendly_name)
        });
        queues.any(|queue| is_in(queue, workspace, worker))
    }
}

pub(super) async fn list(
    State(twilio): State<Twilio>,
    Path(workspace): Path<String>,
    uri: Uri,
    Query(filter): Query<Filter>,
    Query(query): Query<PageQuery>,
) -> Answer {
    let text = filter.target_workers_expression.as_deref();
    let expression = text
        .map(|text| expression(&twilio, "TargetWorkersExpression", text))
        .transpose()?;
    twilio.in_workspace(&workspace, |workspace| {
        let is_wanted = |worker: &Worker| filter.admits(workspace, worker, expression.as_ref());
        let wanted = workspace.workers.numbered().filter(|(_, worker)| is_wanted(worker));
        let items = wanted
            .map(|(number, worker)| (number, resource(workspace, worker)))
            .collect();
        Ok(page("workers", &uri, &query, items))
    })
}

pub(super) async fn fetch(State(twilio): State<Twilio>, Path((workspace, sid)): Path<(String, String)>) -> Answer {
    twilio.in_workspace(&workspace, |workspace| {
        let worker = workspace.workers.get(&sid)?;
        Ok(versioned(worker.etag(), ok(resource(workspace, worker))))
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Update {
    friendly_name: Option<String>,
    attributes: Option<String>,
    activity_sid: Option<String>,
    #[serde(default)]
    reject_pending_reservations: Flag,
}

pub(super) async fn update(
    State(twilio): State<Twilio>,
    Path((workspace, sid)): Path<(String, String)>,
    headers: HeaderMap,
    Form(form): Form<Update>,
) -> Answer {
    let change = WorkerChange {
        friendly_name: form.friendly_name,
        attributes: form.attributes,
        activity_sid: form.activity_sid,
        reject_pending_reservations: form.reject_pending_reservations.0,
    };
    twilio.in_workspace(&workspace, |workspace| {
        let worker = workspace.update_worker(&sid, if_match(&headers), change)?;
        Ok(versioned(worker.etag(), ok(resource(workspace, &worker))))
    })
}

pub(super) async fn delete(
    State(twilio): State<Twilio>,
    Path((workspace, sid)): Path<(String, String)>,
    headers: HeaderMap,
) -> Answer {
    twilio.in_workspace(&workspace, |workspace| {
        workspace.delete_worker(&sid, if_match(&headers))
    })?;
    Ok(deleted())
}

/// The resource `taskrouter.v1.workspace.worker`.
fn resource(workspace: &Workspace, worker: &Worker) -> Value {
    let workspace_url = format!("{TASKROUTER}{}", workspace.path());
    let url = format!("{workspace_url}/Workers/{}", worker.sid);
    let activity = workspace.activities.find(&worker.activity_sid);
    json!({
        "account_sid": ACCOUNT_SID,
        "activity_name": activity.map(|activity| &activity.friendly_name),
        "activity_sid": worker.activity_sid,
        "attributes": worker.attributes,
        "available": activity.is_some_and(|activity| activity.available),
        "date_created": iso_8601(worker.date_created),
        "date_status_changed": iso_8601(worker.date_status_changed),
        "date_updated": iso_8601(worker.date_updated),
        "friendly_name": worker.friendly_name,
        "links": {
            "activity": format!("{workspace_url}/Activities/{}", worker.activity_sid),
            "channels": format!("{url}/Channels"),
            "cumulative_statistics": format!("{workspace_url}/Workers/CumulativeStatistics"),
            "real_time_statistics": format!("{workspace_url}/Workers/RealTimeStatistics"),
            "reservations": format!("{url}/Reservations"),
            "statistics": format!("{workspace_url}/Workers/Statistics"),
            "worker_statistics": format!("{url}/Statistics"),
            "workspace": workspace_url,
        },
        "sid": worker.sid,
        "url": url,
        "workspace_sid": workspace.sid,
    })
}
