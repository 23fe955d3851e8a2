//! The channels of a worker.

use axum::extract::{Path, State};
use http::Uri;
use serde::Deserialize;
use serde_json::{Value, json};

use super::answer::{Answer, ok, page};
use crate::clock::iso_8601;
use crate::twilio::account::Twilio;
use crate::twilio::page::PageQuery;
use crate::twilio::parameters::{Flag, Form, Query};
use crate::twilio::refusal::Refusal;
use crate::twilio::sids::ACCOUNT_SID;
use crate::twilio::taskrouter::model::{Worker, WorkerChannel, WorkerChannelChange};
use crate::twilio::taskrouter::workspace::Workspace;
use crate::twilio::taskrouter::workspace::resources::TASKROUTER;

pub(super) async fn list(
    State(twilio): State<Twilio>,
    Path((workspace, worker)): Path<(String, String)>,
    uri: Uri,
    Query(query): Query<PageQuery>,
) -> Answer {
    twilio.in_workspace(&workspace, |workspace| {
        let worker = workspace.workers.get(&worker)?;
        // A worker loses a channel only with the task channel itself.
        let all = worker.channels.iter().enumerate();
        let items = all
            .map(|(number, channel)| (number, resource(workspace, worker, channel)))
            .collect();
        Ok(page("channels", &uri, &query, items))
    })
}

pub(super) async fn fetch(
    State(twilio): State<Twilio>,
    Path((workspace, worker, name)): Path<(String, String, String)>,
) -> Answer {
    twilio.in_workspace(&workspace, |workspace| {
        let worker = workspace.workers.get(&worker)?;
        let path = || format!("{}/Workers/{}/Channels/{name}", workspace.path(), worker.sid);
        let channel = worker.channel(&name).ok_or_else(|| Refusal::not_found(&path()))?;
        Ok(ok(resource(workspace, worker, channel)))
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Update {
    capacity: Option<u32>,
    available: Option<Flag>,
}

pub(super) async fn update(
    State(twilio): State<Twilio>,
    Path((workspace, worker, name)): Path<(String, String, String)>,
    Form(form): Form<Update>,
) -> Answer {
    let change = WorkerChannelChange {
        capacity: form.capacity,
        available: form.available.map(|Flag(available)| available),
    };
    twilio.in_workspace(&workspace, |workspace| {
        let channel = workspace.update_worker_channel(&worker, &name, change)?;
        Ok(ok(resource(workspace, workspace.workers.get(&worker)?, &channel)))
    })
}

/// The resource `taskrouter.v1.workspace.worker.worker_channel`.
fn resource(workspace: &Workspace, worker: &Worker, channel: &WorkerChannel) -> Value {
    let worker_url = format!("{TASKROUTER}{}/Workers/{}", workspace.path(), worker.sid);
    let load = workspace.channel_load(worker, channel);
    json!({
        "account_sid": ACCOUNT_SID,
        "assigned_tasks": load.assigned,
        "available": channel.available,
        "available_capacity_percentage": load.available_capacity_percentage(),
        "configured_capacity": channel.capacity,
        "date_created": iso_8601(channel.date_created),
        "date_updated": iso_8601(channel.date_updated),
        "sid": channel.sid,
        "task_channel_sid": channel.task_channel_sid,
        "task_channel_unique_name": channel.unique_name,
        "url": format!("{worker_url}/Channels/{}", channel.sid),
        "worker_sid": worker.sid,
        "workspace_sid": workspace.sid,
    })
}
