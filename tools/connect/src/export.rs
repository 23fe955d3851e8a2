//! The workspace as one JSON document, for the simulator.

use serde::Serialize;

use crate::account::{Account, Activity, TaskQueue, Worker, WorkerChannel, Workflow};

/// A workspace with all that routes in it, by the names of TaskRouter's REST API.
#[derive(Debug, Serialize)]
pub(crate) struct Export<'a> {
    sid: &'a str,
    friendly_name: &'a str,
    default_activity_sid: Option<&'a str>,
    timeout_activity_sid: Option<&'a str>,
    activities: &'a [Activity],
    task_queues: &'a [TaskQueue],
    workers: Vec<ExportedWorker<'a>>,
    workflows: &'a [Workflow],
}

#[derive(Debug, Serialize)]
struct ExportedWorker<'a> {
    #[serde(flatten)]
    worker: &'a Worker,
    /// Of the AI workers; the others' aren't read.
    #[serde(skip_serializing_if = "Option::is_none")]
    channels: Option<&'a [WorkerChannel]>,
}

impl<'a> Export<'a> {
    /// The export; none where a part may not be read.
    pub(crate) fn of(account: &'a Account) -> Option<Self> {
        let workspace = account.workspace.as_ref()?;
        let workers = account.workers.as_ref()?.iter().map(|worker| ExportedWorker {
            worker,
            channels: account.channels.get(&worker.sid).map(Vec::as_slice),
        });
        Some(Self {
            sid: &workspace.sid,
            friendly_name: &workspace.friendly_name,
            default_activity_sid: workspace.default_activity_sid.as_deref(),
            timeout_activity_sid: workspace.timeout_activity_sid.as_deref(),
            activities: account.activities.as_deref()?,
            task_queues: account.queues.as_deref()?,
            workers: workers.collect(),
            workflows: account.workflows.as_deref()?,
        })
    }
}
