//! The workspaces of the account.

use axum::extract::{Path, State};
use http::Uri;
use serde::Deserialize;
use serde_json::{Value, json};

use super::answer::{Answer, admits, created, deleted, ok, page};
use crate::clock::iso_8601;
use crate::twilio::account::Twilio;
use crate::twilio::page::PageQuery;
use crate::twilio::parameters::{Flag, Form, Query, check_url, required};
use crate::twilio::sids::ACCOUNT_SID;
use crate::twilio::taskrouter::model::TaskOrder;
use crate::twilio::taskrouter::workspace::resources::TASKROUTER;
use crate::twilio::taskrouter::workspace::{NewWorkspace, Template, Workspace, WorkspaceChange};

/// The lists of a workspace with the last segments of their paths.
const LISTS: [(&str, &str); 10] = [
    ("activities", "Activities"),
    ("cumulative_statistics", "CumulativeStatistics"),
    ("events", "Events"),
    ("real_time_statistics", "RealTimeStatistics"),
    ("statistics", "Statistics"),
    ("task_channels", "TaskChannels"),
    ("task_queues", "TaskQueues"),
    ("tasks", "Tasks"),
    ("workers", "Workers"),
    ("workflows", "Workflows"),
];

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum TemplateName {
    #[default]
    None,
    Fifo,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Create {
    friendly_name: Option<String>,
    event_callback_url: Option<String>,
    events_filter: Option<String>,
    multi_task_enabled: Option<Flag>,
    #[serde(default)]
    template: TemplateName,
    #[serde(default)]
    prioritize_queue_order: TaskOrder,
}

pub(super) async fn create(State(twilio): State<Twilio>, Form(form): Form<Create>) -> Answer {
    check_url("EventCallbackUrl", form.event_callback_url.as_deref())?;
    let new = NewWorkspace {
        friendly_name: required("FriendlyName", form.friendly_name)?,
        event_callback_url: form.event_callback_url,
        events_filter: form.events_filter,
        multi_task_enabled: form.multi_task_enabled.map(|Flag(enabled)| enabled),
        template: match form.template {
            TemplateName::None => Template::None,
            TemplateName::Fifo => Template::Fifo,
        },
        prioritize_queue_order: form.prioritize_queue_order,
    };
    twilio.in_taskrouter(|taskrouter| Ok(created(resource(taskrouter.create_workspace(new)?))))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Filter {
    friendly_name: Option<String>,
}

pub(super) async fn list(
    State(twilio): State<Twilio>,
    uri: Uri,
    Query(filter): Query<Filter>,
    Query(query): Query<PageQuery>,
) -> Answer {
    let items = twilio.in_taskrouter(|taskrouter| {
        let all = taskrouter.workspaces().numbered();
        let wanted = all.filter(|(_, workspace)| admits(filter.friendly_name.as_ref(), &workspace.friendly_name));
        wanted
            .map(|(number, workspace)| (number, resource(workspace)))
            .collect()
    });
    Ok(page("workspaces", &uri, &query, items))
}

pub(super) async fn fetch(State(twilio): State<Twilio>, Path(sid): Path<String>) -> Answer {
    twilio.in_workspace(&sid, |workspace| Ok(ok(resource(workspace))))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Update {
    friendly_name: Option<String>,
    event_callback_url: Option<String>,
    events_filter: Option<String>,
    multi_task_enabled: Option<Flag>,
    default_activity_sid: Option<String>,
    timeout_activity_sid: Option<String>,
    prioritize_queue_order: Option<TaskOrder>,
}

pub(super) async fn update(State(twilio): State<Twilio>, Path(sid): Path<String>, Form(form): Form<Update>) -> Answer {
    check_url("EventCallbackUrl", form.event_callback_url.as_deref())?;
    let change = WorkspaceChange {
        friendly_name: form.friendly_name,
        event_callback_url: form.event_callback_url,
        events_filter: form.events_filter,
        multi_task_enabled: form.multi_task_enabled.map(|Flag(enabled)| enabled),
        default_activity_sid: form.default_activity_sid,
        timeout_activity_sid: form.timeout_activity_sid,
        prioritize_queue_order: form.prioritize_queue_order,
    };
    twilio.in_taskrouter(|taskrouter| Ok(ok(resource(taskrouter.update_workspace(&sid, change)?))))
}

pub(super) async fn delete(State(twilio): State<Twilio>, Path(sid): Path<String>) -> Answer {
    twilio.in_taskrouter(|taskrouter| taskrouter.delete_workspace(&sid))?;
    Ok(deleted())
}

/// The resource `taskrouter.v1.workspace`.
fn resource(workspace: &Workspace) -> Value {
    let url = format!("{TASKROUTER}{}", workspace.path());
    let links: serde_json::Map<String, Value> = LISTS
        .iter()
        .map(|(name, segment)| ((*name).to_owned(), format!("{url}/{segment}").into()))
        .collect();
    let name = |sid: &str| {
        workspace
            .activities
            .find(sid)
            .map(|activity| activity.friendly_name.clone())
    };
    json!({
        "account_sid": ACCOUNT_SID,
        "date_created": iso_8601(workspace.date_created),
        "date_updated": iso_8601(workspace.date_updated),
        "default_activity_name": name(&workspace.default_activity_sid),
        "default_activity_sid": workspace.default_activity_sid,
        "event_callback_url": workspace.event_callback_url.as_ref().filter(|url| !url.is_empty()),
        "events_filter": workspace.events_filter.as_ref().filter(|filter| !filter.is_empty()),
        "friendly_name": workspace.friendly_name,
        "links": links,
        "multi_task_enabled": workspace.multi_task_enabled,
        "prioritize_queue_order": workspace.prioritize_queue_order,
        "sid": workspace.sid,
        "timeout_activity_name": name(&workspace.timeout_activity_sid),
        "timeout_activity_sid": workspace.timeout_activity_sid,
        "url": url,
    })
}
