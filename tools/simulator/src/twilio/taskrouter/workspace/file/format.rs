//! The format of a workspace's file: JSON with the names of TaskRouter's REST API.

use std::str::FromStr;

use serde::Deserialize;
use serde_json::Value;

use super::error::WorkspaceFileError;
use crate::twilio::taskrouter::model::TaskOrder;

/// A workspace with everything that routes in it. Parse a file's text with [`str::parse`].
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorkspaceFile {
    pub(super) sid: Option<String>,
    pub(super) friendly_name: Option<String>,
    /// The default is the first unavailable activity.
    pub(super) default_activity_sid: Option<String>,
    /// The default is the default activity.
    pub(super) timeout_activity_sid: Option<String>,
    #[serde(default)]
    pub(super) prioritize_queue_order: TaskOrder,
    pub(super) activities: Vec<ActivityEntry>,
    /// The default is Twilio's own six.
    #[serde(default)]
    pub(super) task_channels: Vec<TaskChannelEntry>,
    #[serde(default)]
    pub(super) task_queues: Vec<TaskQueueEntry>,
    #[serde(default)]
    pub(super) workers: Vec<WorkerEntry>,
    #[serde(default)]
    pub(super) workflows: Vec<WorkflowEntry>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ActivityEntry {
    pub(super) sid: Option<String>,
    pub(super) friendly_name: String,
    pub(super) available: bool,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TaskChannelEntry {
    pub(super) sid: Option<String>,
    pub(super) unique_name: String,
    pub(super) friendly_name: Option<String>,
    #[serde(default)]
    pub(super) channel_optimized_routing: bool,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TaskQueueEntry {
    pub(super) sid: Option<String>,
    pub(super) friendly_name: String,
    pub(super) target_workers: Option<String>,
    pub(super) max_reserved_workers: Option<usize>,
    #[serde(default)]
    pub(super) task_order: TaskOrder,
    pub(super) reservation_activity_sid: Option<String>,
    pub(super) assignment_activity_sid: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WorkerEntry {
    pub(super) sid: Option<String>,
    pub(super) friendly_name: String,
    pub(super) attributes: Option<JsonText>,
    pub(super) activity_sid: Option<String>,
    /// An alternative to the SID.
    pub(super) activity_name: Option<String>,
    #[serde(default)]
    pub(super) channels: Vec<WorkerChannelEntry>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WorkerChannelEntry {
    pub(super) task_channel_unique_name: String,
    pub(super) configured_capacity: Option<u32>,
    pub(super) available: Option<bool>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WorkflowEntry {
    pub(super) sid: Option<String>,
    pub(super) friendly_name: String,
    pub(super) configuration: JsonText,
    pub(super) task_reservation_timeout: Option<u32>,
    pub(super) assignment_callback_url: Option<String>,
    pub(super) fallback_assignment_callback_url: Option<String>,
}

/// JSON as a string, as in the API, or as a value.
#[derive(Clone, Debug, Deserialize)]
#[serde(from = "Value")]
pub(super) struct JsonText(pub(super) String);

impl From<Value> for JsonText {
    fn from(json: Value) -> Self {
        Self(match json {
            Value::String(text) => text,
            json => json.to_string(),
        })
    }
}

impl FromStr for WorkspaceFile {
    type Err = WorkspaceFileError;

    fn from_str(text: &str) -> Result<Self, WorkspaceFileError> {
        let mut reader = serde_json::Deserializer::from_str(text);
        let file = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
            let path = error.path().to_string();
            WorkspaceFileError::of_json(Some(path), error.inner())
        })?;
        reader
            .end()
            .map_err(|error| WorkspaceFileError::of_json(None, &error))?;
        Ok(file)
    }
}
