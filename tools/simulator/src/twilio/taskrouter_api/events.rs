//! The events of a workspace.

use axum::extract::{Path, State};
use http::Uri;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use time::{Duration, OffsetDateTime};

use super::answer::{Answer, admits, ok, page};
use crate::clock::iso_8601;
use crate::twilio::account::Twilio;
use crate::twilio::page::PageQuery;
use crate::twilio::parameters::{Moment, Query};
use crate::twilio::refusal::Refusal;
use crate::twilio::sids::ACCOUNT_SID;
use crate::twilio::taskrouter::model::Event;
use crate::twilio::taskrouter::workspace::resources::TASKROUTER;

/// The age of the oldest listed event if the query doesn't give an age.
const DEFAULT_MINUTES: u32 = 15;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Filter {
    sid: Option<String>,
    event_type: Option<String>,
    task_sid: Option<String>,
    worker_sid: Option<String>,
    reservation_sid: Option<String>,
    task_queue_sid: Option<String>,
    workflow_sid: Option<String>,
    /// A task channel's SID or unique name.
    task_channel: Option<String>,
    minutes: Option<u32>,
    start_date: Option<Moment>,
    end_date: Option<Moment>,
}

impl Filter {
    fn admits(&self, event: &Event, now: OffsetDateTime) -> bool {
        let has = |wanted: Option<&String>, name: &str| {
            wanted.is_none_or(|wanted| event.field(name) == Some(wanted.as_str()))
        };
        let start = match (self.start_date, self.minutes) {
            (Some(Moment(start)), None) => start,
            (_, minutes) => now - Duration::minutes(minutes.unwrap_or(DEFAULT_MINUTES).into()),
        };
        admits(self.sid.as_ref(), &event.sid)
            && admits(self.event_type.as_ref(), &event.event_type)
            && has(self.task_sid.as_ref(), "TaskSid")
            && has(self.worker_sid.as_ref(), "WorkerSid")
            && has(self.reservation_sid.as_ref(), "ReservationSid")
            && has(self.task_queue_sid.as_ref(), "TaskQueueSid")
            && has(self.workflow_sid.as_ref(), "WorkflowSid")
            && (has(self.task_channel.as_ref(), "TaskChannelSid")
                || has(self.task_channel.as_ref(), "TaskChannelUniqueName"))
            && start <= event.date
            && self.end_date.is_none_or(|Moment(end)| event.date <= end)
    }
}

/// Lists events in the order of the changes. Twilio doesn't document the order.
pub(super) async fn list(
    State(twilio): State<Twilio>,
    Path(workspace): Path<String>,
    uri: Uri,
    Query(filter): Query<Filter>,
    Query(query): Query<PageQuery>,
) -> Answer {
    let now = twilio.in_workspace(&workspace, |workspace| Ok(workspace.now()))?;
    let all = twilio.events();
    let own = all
        .iter()
        .enumerate()
        .filter(|(_, event)| event.workspace_sid == workspace);
    let wanted = own.filter(|(_, event)| filter.admits(event, now));
    let items = wanted.map(|(number, event)| (number, resource(event))).collect();
    Ok(page("events", &uri, &query, items))
}

pub(super) async fn fetch(State(twilio): State<Twilio>, Path((workspace, sid)): Path<(String, String)>) -> Answer {
    twilio.in_workspace(&workspace, |_| Ok(()))?;
    let all = twilio.events();
    let event = all
        .iter()
        .find(|event| event.sid == sid && event.workspace_sid == workspace);
    let path = || format!("/v1/Workspaces/{workspace}/Events/{sid}");
    event
        .map(|event| ok(resource(event)))
        .ok_or_else(|| Refusal::not_found(&path()))
}

/// The resource `taskrouter.v1.workspace.event`.
fn resource(event: &Event) -> Value {
    let workspace_url = format!("{TASKROUTER}/v1/Workspaces/{}", event.workspace_sid);
    let fields = event.fields.iter();
    let data: Map<String, Value> = fields
        .map(|(name, value)| (snake_case(name), value.as_str().into()))
        .collect();
    json!({
        "account_sid": ACCOUNT_SID,
        "actor_sid": null,
        "actor_type": "twilio",
        "actor_url": null,
        "description": event.field("EventDescription"),
        "event_data": data,
        "event_date": iso_8601(event.date),
        "event_date_ms": (event.date.unix_timestamp_nanos() / 1_000_000) as i64,
        "event_type": event.event_type,
        "resource_sid": event.resource_sid,
        "resource_type": event.resource_type,
        "resource_url": resource_url(event, &workspace_url),
        "sid": event.sid,
        "source": "twilio",
        "source_ip_address": null,
        "url": format!("{workspace_url}/Events/{}", event.sid),
        "workspace_sid": event.workspace_sid,
    })
}

fn resource_url(event: &Event, workspace_url: &str) -> Option<String> {
    let list = match event.resource_type.as_str() {
        "workspace" => return Some(workspace_url.to_owned()),
        "reservation" => &format!("Tasks/{}/Reservations", event.field("TaskSid")?),
        "activity" => "Activities",
        "task" => "Tasks",
        "task-channel" => "TaskChannels",
        "task-queue" => "TaskQueues",
        "worker" => "Workers",
        "workflow" => "Workflows",
        _ => return None,
    };
    Some(format!("{workspace_url}/{list}/{}", event.resource_sid))
}

/// `TaskQueueSid` is `task_queue_sid` in an event's data.
fn snake_case(name: &str) -> String {
    let mut snake = String::with_capacity(name.len() + 4);
    for letter in name.chars() {
        if letter.is_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.extend(letter.to_lowercase());
    }
    snake
}
