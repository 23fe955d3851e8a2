//! The initial workspace of a world: an AI, a person and the workflow for handoffs between them.

use time::OffsetDateTime;

use super::{Behaviour, Workspace};
use crate::twilio::refusal::Refusal;
use crate::twilio::sids::{
    self, AI_QUEUE_SID, AI_WORKER_SID, AVAILABLE_ACTIVITY_SID, BREAK_ACTIVITY_SID, OFFLINE_ACTIVITY_SID,
    PEOPLE_QUEUE_SID, REP_WORKER_SID, TASK_CHANNEL_SID, WORKFLOW_SID, WORKSPACE_SID,
};
use crate::twilio::taskrouter::model::{
    NewTaskQueue, NewWorker, NewWorkflow, STANDARD, TaskChannel, WorkerChannelChange,
};

/// The AI keeps its reservation pending during the conversation. That may take Twilio's maximum of a day.
const RESERVATION_TIMEOUT: u32 = 86_400;

/// Tasks that were handed off go to people. Other web chats go to the AI. With the filters in reverse order, a task
/// that leaves the AI would return to the AI.
fn configuration() -> String {
    format!(
        r#"{{
  "task_routing": {{
    "filters": [
      {{
        "filter_friendly_name": "Handed off to people",
        "expression": "handedOff == true",
        "targets": [
          {{ "queue": "{PEOPLE_QUEUE_SID}" }}
        ]
      }},
      {{
        "filter_friendly_name": "AI first",
        "expression": "channelType == 'web'",
        "targets": [
          {{ "queue": "{AI_QUEUE_SID}" }}
        ]
      }}
    ],
    "default_filter": {{ "queue": "{PEOPLE_QUEUE_SID}" }}
  }}
}}
"#
    )
}

pub(crate) fn workspace(behaviour: Behaviour, now: OffsetDateTime) -> Workspace {
    let mut workspace = Workspace::empty(WORKSPACE_SID.to_owned(), "Service desk".to_owned(), behaviour, now);
    fill(&mut workspace).expect("the seed is valid");
    // The workspace existed before any callback.
    workspace.events.clear();
    workspace
}

fn fill(workspace: &mut Workspace) -> Result<(), Refusal> {
    for (sid, name, available) in [
        (OFFLINE_ACTIVITY_SID, "Offline", false),
        (AVAILABLE_ACTIVITY_SID, "Available", true),
        (BREAK_ACTIVITY_SID, "Break", false),
    ] {
        workspace.add_activity(sid.to_owned(), name, available)?;
    }
    OFFLINE_ACTIVITY_SID.clone_into(&mut workspace.default_activity_sid);
    OFFLINE_ACTIVITY_SID.clone_into(&mut workspace.timeout_activity_sid);
    for (unique_name, friendly_name) in STANDARD {
        let sid = match unique_name {
            "chat" => TASK_CHANNEL_SID.to_owned(),
            _ => sids::new("TC"),
        };
        workspace.add_task_channel(TaskChannel {
            sid,
            unique_name: unique_name.to_owned(),
            friendly_name: friendly_name.to_owned(),
            channel_optimized_routing: false,
            date_created: workspace.now(),
            date_updated: workspace.now(),
        });
    }
    queue(workspace, AI_QUEUE_SID, "AI", "roles HAS 'ai'")?;
    queue(workspace, PEOPLE_QUEUE_SID, "People", "roles HAS 'agent'")?;
    worker(workspace, AI_WORKER_SID, "ai", "ai", 50)?;
    worker(workspace, REP_WORKER_SID, "Sam", "agent", 3)?;
    let workflow = NewWorkflow {
        friendly_name: "Handoff".to_owned(),
        configuration: configuration(),
        task_reservation_timeout: Some(RESERVATION_TIMEOUT),
        ..NewWorkflow::default()
    };
    workspace.add_workflow(WORKFLOW_SID.to_owned(), workflow).map(drop)
}

fn queue(workspace: &mut Workspace, sid: &str, name: &str, target_workers: &str) -> Result<(), Refusal> {
    let queue = NewTaskQueue {
        friendly_name: name.to_owned(),
        target_workers: Some(target_workers.to_owned()),
        ..NewTaskQueue::default()
    };
    workspace.add_task_queue(sid.to_owned(), queue).map(drop)
}

/// Adds an available worker with a given capacity for chats.
fn worker(workspace: &mut Workspace, sid: &str, name: &str, role: &str, chats: u32) -> Result<(), Refusal> {
    // With escaped slashes, as in Twilio's own attributes.
    let attributes = format!(
        r#"{{"contact_uri":"client:{name}","image_url":"https:\/\/example.com\/{name}.png","roles":["{role}"]}}"#
    );
    let worker = NewWorker {
        friendly_name: name.to_owned(),
        attributes: Some(attributes),
        activity_sid: Some(AVAILABLE_ACTIVITY_SID.to_owned()),
    };
    workspace.add_worker(sid.to_owned(), worker)?;
    let capacity = WorkerChannelChange {
        capacity: Some(chats),
        available: None,
    };
    workspace.update_worker_channel(sid, "chat", capacity).map(drop)
}
