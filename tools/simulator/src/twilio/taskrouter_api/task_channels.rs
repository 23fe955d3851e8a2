//! The task channels of a workspace.

use axum::extract::{Path, State};
use http::Uri;
use serde::Deserialize;
use serde_json::{Value, json};

use super::answer::{Answer, created, deleted, ok, page};
use crate::clock::iso_8601;
use crate::twilio::account::Twilio;
use crate::twilio::page::PageQuery;
use crate::twilio::parameters::{Flag, Form, Query, required};
use crate::twilio::refusal::Refusal;
use crate::twilio::sids::ACCOUNT_SID;
use crate::twilio::taskrouter::model::{TaskChannel, TaskChannelChange};
use crate::twilio::taskrouter::workspace::Workspace;
use crate::twilio::taskrouter::workspace::resources::TASKROUTER;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Create {
    friendly_name: Option<String>,
    unique_name: Option<String>,
    #[serde(default)]
    channel_optimized_routing: Flag,
}

pub(super) async fn create(
    State(twilio): State<Twilio>,
    Path(workspace): Path<String>,
    Form(form): Form<Create>,
) -> Answer {
    let friendly_name = required("FriendlyName", form.friendly_name)?;
    let unique_name = required("UniqueName", form.unique_name)?;
    twilio.in_workspace(&workspace, |workspace| {
        let optimized = form.channel_optimized_routing.0;
        let channel = workspace.create_task_channel(&unique_name, &friendly_name, optimized)?;
        Ok(created(resource(workspace, &channel)))
    })
}

pub(super) async fn list(
    State(twilio): State<Twilio>,
    Path(workspace): Path<String>,
    uri: Uri,
    Query(query): Query<PageQuery>,
) -> Answer {
    twilio.in_workspace(&workspace, |workspace| {
        let all = workspace.task_channels.numbered();
        let items = all
            .map(|(number, channel)| (number, resource(workspace, channel)))
            .collect();
        // The only list whose name in the answer isn't the last segment of its path.
        Ok(page("channels", &uri, &query, items))
    })
}

pub(super) async fn fetch(State(twilio): State<Twilio>, Path((workspace, name)): Path<(String, String)>) -> Answer {
    twilio.in_workspace(&workspace, |workspace| {
        Ok(ok(resource(workspace, find(workspace, &name)?)))
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Update {
    friendly_name: Option<String>,
    channel_optimized_routing: Option<Flag>,
}

pub(super) async fn update(
    State(twilio): State<Twilio>,
    Path((workspace, name)): Path<(String, String)>,
    Form(form): Form<Update>,
) -> Answer {
    let change = TaskChannelChange {
        friendly_name: form.friendly_name,
        channel_optimized_routing: form.channel_optimized_routing.map(|Flag(optimized)| optimized),
    };
    twilio.in_workspace(&workspace, |workspace| {
        let sid = find(workspace, &name)?.sid.clone();
        let channel = workspace.update_task_channel(&sid, change)?;
        Ok(ok(resource(workspace, &channel)))
    })
}

pub(super) async fn delete(State(twilio): State<Twilio>, Path((workspace, name)): Path<(String, String)>) -> Answer {
    twilio.in_workspace(&workspace, |workspace| {
        let sid = find(workspace, &name)?.sid.clone();
        workspace.delete_task_channel(&sid)
    })?;
    Ok(deleted())
}

/// The task channel with this SID or unique name.
fn find<'w>(workspace: &'w Workspace, name: &str) -> Result<&'w TaskChannel, Refusal> {
    let named = workspace
        .task_channels
        .iter()
        .find(|channel| channel.unique_name == name);
    named.map_or_else(|| workspace.task_channels.get(name), Ok)
}

/// The resource `taskrouter.v1.workspace.task_channel`.
fn resource(workspace: &Workspace, channel: &TaskChannel) -> Value {
    let workspace_url = format!("{TASKROUTER}{}", workspace.path());
    json!({
        "account_sid": ACCOUNT_SID,
        "channel_optimized_routing": channel.channel_optimized_routing,
        "date_created": iso_8601(channel.date_created),
        "date_updated": iso_8601(channel.date_updated),
        "friendly_name": channel.friendly_name,
        "links": { "workspace": workspace_url },
        "sid": channel.sid,
        "unique_name": channel.unique_name,
        "url": format!("{workspace_url}/TaskChannels/{}", channel.sid),
        "workspace_sid": workspace.sid,
    })
}
