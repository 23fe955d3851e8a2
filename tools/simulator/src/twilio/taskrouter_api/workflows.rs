//! The workflows of a workspace.

use axum::extract::{Path, State};
use http::Uri;
use serde::Deserialize;
use serde_json::{Value, json};

use super::answer::{Answer, admits, created, deleted, ok, page};
use crate::clock::iso_8601;
use crate::twilio::account::Twilio;
use crate::twilio::page::PageQuery;
use crate::twilio::parameters::{Flag, Form, Query, check_url, required};
use crate::twilio::refusal::Refusal;
use crate::twilio::sids::ACCOUNT_SID;
use crate::twilio::taskrouter::model::{NewWorkflow, Workflow, WorkflowChange};
use crate::twilio::taskrouter::workspace::Workspace;
use crate::twilio::taskrouter::workspace::resources::TASKROUTER;

/// The parameters of a new or changed workflow.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Parameters {
    friendly_name: Option<String>,
    configuration: Option<String>,
    assignment_callback_url: Option<String>,
    fallback_assignment_callback_url: Option<String>,
    task_reservation_timeout: Option<u32>,
    #[serde(default)]
    re_evaluate_tasks: Flag,
}

impl Parameters {
    fn check_urls(&self) -> Result<(), Refusal> {
        check_url("AssignmentCallbackUrl", self.assignment_callback_url.as_deref())?;
        let fallback = self.fallback_assignment_callback_url.as_deref();
        check_url("FallbackAssignmentCallbackUrl", fallback)
    }
}

pub(super) async fn create(
    State(twilio): State<Twilio>,
    Path(workspace): Path<String>,
    Form(form): Form<Parameters>,
) -> Answer {
    form.check_urls()?;
    let new = NewWorkflow {
        friendly_name: required("FriendlyName", form.friendly_name)?,
        configuration: required("Configuration", form.configuration)?,
        task_reservation_timeout: form.task_reservation_timeout,
        assignment_callback_url: form.assignment_callback_url,
        fallback_assignment_callback_url: form.fallback_assignment_callback_url,
    };
    twilio.in_workspace(&workspace, |workspace| {
        let workflow = workspace.create_workflow(new)?;
        Ok(created(resource(workspace, &workflow)))
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Filter {
    friendly_name: Option<String>,
}

pub(super) async fn list(
    State(twilio): State<Twilio>,
    Path(workspace): Path<String>,
    uri: Uri,
    Query(filter): Query<Filter>,
    Query(query): Query<PageQuery>,
) -> Answer {
    twilio.in_workspace(&workspace, |workspace| {
        let all = workspace.workflows.numbered();
        let wanted = all.filter(|(_, workflow)| admits(filter.friendly_name.as_ref(), &workflow.friendly_name));
        let items = wanted
            .map(|(number, workflow)| (number, resource(workspace, workflow)))
            .collect();
        Ok(page("workflows", &uri, &query, items))
    })
}

pub(super) async fn fetch(State(twilio): State<Twilio>, Path((workspace, sid)): Path<(String, String)>) -> Answer {
    twilio.in_workspace(&workspace, |workspace| {
        Ok(ok(resource(workspace, workspace.workflows.get(&sid)?)))
    })
}

pub(super) async fn update(
    State(twilio): State<Twilio>,
    Path((workspace, sid)): Path<(String, String)>,
    Form(form): Form<Parameters>,
) -> Answer {
    form.check_urls()?;
    let change = WorkflowChange {
        friendly_name: form.friendly_name,
        configuration: form.configuration,
        task_reservation_timeout: form.task_reservation_timeout,
        assignment_callback_url: form.assignment_callback_url,
        fallback_assignment_callback_url: form.fallback_assignment_callback_url,
        re_evaluate_tasks: form.re_evaluate_tasks.0,
    };
    twilio.in_workspace(&workspace, |workspace| {
        let workflow = workspace.update_workflow(&sid, change)?;
        Ok(ok(resource(workspace, &workflow)))
    })
}

pub(super) async fn delete(State(twilio): State<Twilio>, Path((workspace, sid)): Path<(String, String)>) -> Answer {
    twilio.in_workspace(&workspace, |workspace| workspace.delete_workflow(&sid))?;
    Ok(deleted())
}

/// The resource `taskrouter.v1.workspace.workflow`.
fn resource(workspace: &Workspace, workflow: &Workflow) -> Value {
    let workspace_url = format!("{TASKROUTER}{}", workspace.path());
    let url = format!("{workspace_url}/Workflows/{}", workflow.sid);
    let callback = workflow.assignment_callback_url.as_ref();
    let fallback = workflow.fallback_assignment_callback_url.as_ref();
    json!({
        "account_sid": ACCOUNT_SID,
        "assignment_callback_url": callback.filter(|url| !url.is_empty()),
        "configuration": workflow.configuration,
        "date_created": iso_8601(workflow.date_created),
        "date_updated": iso_8601(workflow.date_updated),
        "document_content_type": "application/json",
        "fallback_assignment_callback_url": fallback.filter(|url| !url.is_empty()),
        "friendly_name": workflow.friendly_name,
        "links": {
            "cumulative_statistics": format!("{url}/CumulativeStatistics"),
            "real_time_statistics": format!("{url}/RealTimeStatistics"),
            "statistics": format!("{url}/Statistics"),
            "workspace": workspace_url,
        },
        "sid": workflow.sid,
        "task_reservation_timeout": workflow.task_reservation_timeout,
        "url": url,
        "workspace_sid": workspace.sid,
    })
}
