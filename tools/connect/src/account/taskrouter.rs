//! TaskRouter's resources in its REST API.

use serde::{Deserialize, Serialize};
use serde_json::Value;

#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(crate) struct Workspace {
    pub(crate) sid: String,
    pub(crate) friendly_name: String,
    pub(crate) event_callback_url: Option<String>,
    pub(crate) events_filter: Option<String>,
    pub(crate) default_activity_sid: Option<String>,
    pub(crate) timeout_activity_sid: Option<String>,
}

impl Workspace {
    /// The event callback's URL. An empty URL is `None`.
    pub(crate) fn callback(&self) -> Option<&str> {
        self.event_callback_url.as_deref().filter(|url| !url.trim().is_empty())
    }

    /// The types of events that the callback gets. `None` means all types.
    pub(crate) fn filtered_types(&self) -> Option<Vec<&str>> {
        let filter = self.events_filter.as_deref()?;
        let types: Vec<&str> = filter
            .split(',')
            .map(str::trim)
            .filter(|name| !name.is_empty())
            .collect();
        (!types.is_empty()).then_some(types)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Activity {
    pub(crate) sid: String,
    pub(crate) friendly_name: String,
    pub(crate) available: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Worker {
    pub(crate) sid: String,
    pub(crate) friendly_name: String,
    /// The text of a JSON object.
    pub(crate) attributes: String,
    pub(crate) activity_sid: String,
    pub(crate) activity_name: String,
    pub(crate) available: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct WorkerChannel {
    pub(crate) task_channel_unique_name: String,
    pub(crate) configured_capacity: u32,
    pub(crate) available: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct TaskQueue {
    pub(crate) sid: String,
    pub(crate) friendly_name: String,
    pub(crate) target_workers: Option<String>,
    pub(crate) max_reserved_workers: Option<usize>,
    pub(crate) task_order: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Workflow {
    pub(crate) sid: String,
    pub(crate) friendly_name: String,
    /// JSON as saved.
    #[serde(deserialize_with = "text_or_json")]
    pub(crate) configuration: String,
    pub(crate) task_reservation_timeout: u32,
}

impl Workflow {
    /// The workflow as a place in a finding.
    pub(crate) fn place(&self) -> String {
        format!("workflow {} ({})", self.friendly_name, self.sid)
    }
}

/// A text that holds JSON. Some of Twilio's answers have the JSON itself.
fn text_or_json<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::String(text) => text,
        json => json.to_string(),
    })
}
