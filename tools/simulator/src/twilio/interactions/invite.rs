//! Invites. Each invite has created a task.

use serde_json::{Value, json};

use crate::twilio::sids::ACCOUNT_SID;
use crate::twilio::taskrouter::model::Task;
use crate::twilio::taskrouter::workspace::Workspace;

/// An invite to an interaction channel.
#[derive(Clone, Debug)]
pub struct Invite {
    /// `KG…`
    pub sid: String,
    /// The task that the invite created.
    pub task_sid: String,
    /// The member `routing.properties` of answers: the task at its creation.
    pub properties: Value,
    /// The number of earlier invites to the channel.
    pub(crate) number: usize,
}

/// A task in the form of an invite's `routing.properties`. The names differ from those of TaskRouter's API.
pub(super) fn properties(workspace: &Workspace, task: &Task) -> Value {
    let queue = task.queue_sid.as_ref().and_then(|sid| workspace.task_queues.find(sid));
    let workflow = workspace.workflows.find(&task.workflow_sid);
    json!({
        "account_sid": ACCOUNT_SID,
        "addons": "{}",
        "age": 0,
        "age_in_queue": 0,
        "assignmentCounter": 0,
        "assignment_status": task.status,
        "attributes": task.attributes,
        "date_created": task.date_created.unix_timestamp(),
        "date_updated": task.date_updated.unix_timestamp(),
        "priority": task.priority,
        "queue_name": queue.map(|queue| &queue.friendly_name),
        "queue_sid": task.queue_sid,
        "reason": task.reason,
        "routing_target": task.routing_target,
        "sid": task.sid,
        "task_channel_sid": task.channel_sid,
        "task_channel_unique_name": task.channel,
        "task_queue_entered_date": task.queue_entered.unix_timestamp(),
        "timeout": task.timeout,
        "workflow_name": workflow.map(|workflow| &workflow.friendly_name),
        "workflow_sid": task.workflow_sid,
        "workspace_sid": workspace.sid,
    })
}
