//! Tasks and reservations as JSON of the API.

use serde_json::{Value, json};

use super::Workspace;
use crate::clock::iso_8601;
use crate::twilio::sids::ACCOUNT_SID;
use crate::twilio::taskrouter::model::{Reservation, Task};

/// The base of the URLs in TaskRouter's answers. Twilio's own base is used here, since callers must use their own base
/// URL.
pub(crate) const TASKROUTER: &str = "https://taskrouter.twilio.com";

impl Task {
    /// The resource `taskrouter.v1.workspace.task`.
    pub(crate) fn resource(&self, workspace: &Workspace) -> Value {
        let workspace_url = format!("{TASKROUTER}{}", workspace.path());
        let url = format!("{workspace_url}/Tasks/{}", self.sid);
        let queue = self.queue_sid.as_ref().and_then(|sid| workspace.task_queues.find(sid));
        let workflow = workspace.workflows.find(&self.workflow_sid);
        json!({
            "account_sid": ACCOUNT_SID,
            "addons": "{}",
            "age": self.age(workspace.now()).whole_seconds(),
            "assignment_status": self.status,
            "attributes": self.attributes,
            "date_created": iso_8601(self.date_created),
            "date_updated": iso_8601(self.date_updated),
            "ignore_capacity": self.ignore_capacity,
            "links": {
                "reservations": format!("{url}/Reservations"),
                "task_queue": self.queue_sid.as_ref().map(|sid| format!("{workspace_url}/TaskQueues/{sid}")),
                "workflow": format!("{workspace_url}/Workflows/{}", self.workflow_sid),
                "workspace": workspace_url,
            },
            "priority": self.priority,
            "reason": self.reason,
            "routing_target": self.routing_target,
            "sid": self.sid,
            "task_channel_sid": self.channel_sid,
            "task_channel_unique_name": self.channel,
            "task_queue_entered_date": self.queue_sid.as_ref().map(|_| iso_8601(self.queue_entered)),
            "task_queue_friendly_name": queue.map(|queue| &queue.friendly_name),
            "task_queue_sid": self.queue_sid,
            "timeout": self.timeout,
            "url": url,
            "virtual_start_time": iso_8601(self.virtual_start_time),
            "workflow_friendly_name": workflow.map(|workflow| &workflow.friendly_name),
            "workflow_sid": self.workflow_sid,
            "workspace_sid": workspace.sid,
        })
    }
}

impl Reservation {
    /// The resource `taskrouter.v1.workspace.task.task_reservation`.
    pub(crate) fn resource(&self, workspace: &Workspace) -> Value {
        let workspace_url = format!("{TASKROUTER}{}", workspace.path());
        let task = format!("{workspace_url}/Tasks/{}", self.task_sid);
        json!({
            "account_sid": ACCOUNT_SID,
            "date_created": iso_8601(self.date_created),
            "date_updated": iso_8601(self.date_updated),
            "links": {
                "task": task,
                "worker": format!("{workspace_url}/Workers/{}", self.worker_sid),
                "workspace": workspace_url,
            },
            "reservation_status": self.status,
            "sid": self.sid,
            "task_sid": self.task_sid,
            "url": format!("{task}/Reservations/{}", self.sid),
            "worker_name": self.worker_name,
            "worker_sid": self.worker_sid,
            "workspace_sid": workspace.sid,
        })
    }
}
