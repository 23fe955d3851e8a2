//! The workspace as a JSON document for `simulator serve --workspace`.

mod read;

use serde::{Deserialize, Serialize};

use crate::account::{Activity, WorkerChannel, Workflow};

pub(crate) use read::{ExportError, read};

/// A workspace with everything that affects routing. The names are those of TaskRouter's REST API.
#[derive(Debug, Serialize)]
pub(crate) struct Export {
    #[serde(flatten)]
    workspace: ExportedWorkspace,
    activities: Vec<Activity>,
    task_channels: Vec<ExportedTaskChannel>,
    task_queues: Vec<ExportedTaskQueue>,
    workers: Vec<ExportedWorker>,
    workflows: Vec<Workflow>,
}

#[derive(Debug, Serialize, Deserialize)]
struct ExportedWorkspace {
    sid: String,
    friendly_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    default_activity_sid: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    timeout_activity_sid: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    prioritize_queue_order: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
struct ExportedTaskChannel {
    sid: String,
    unique_name: String,
    friendly_name: String,
    #[serde(default)]
    channel_optimized_routing: bool,
}

#[derive(Debug, Serialize, Deserialize)]
struct ExportedTaskQueue {
    sid: String,
    friendly_name: String,
    /// Empty for a queue without workers. Twilio may then answer null.
    #[serde(deserialize_with = "text_or_null")]
    target_workers: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_reserved_workers: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    task_order: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reservation_activity_sid: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    assignment_activity_sid: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
struct ExportedWorker {
    sid: String,
    friendly_name: String,
    /// The text of a JSON object.
    attributes: String,
    activity_sid: String,
    /// Read from a separate list.
    #[serde(default)]
    channels: Vec<WorkerChannel>,
}

fn text_or_null<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Option::<String>::deserialize(deserializer).map(Option::unwrap_or_default)
}
