//! Task channels, such as chat.

use time::OffsetDateTime;

use super::collection::Resource;

/// The task channels of every workspace. They can't be deleted.
pub(crate) const STANDARD: [(&str, &str); 6] = [
    ("default", "Default"),
    ("voice", "Voice"),
    ("chat", "Programmable Chat"),
    ("sms", "SMS"),
    ("video", "Video"),
    ("email", "Email"),
];

#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TaskChannel {
    pub sid: String,
    pub unique_name: String,
    pub friendly_name: String,
    /// Stored, but has no effect here.
    pub channel_optimized_routing: bool,
    pub date_created: OffsetDateTime,
    pub date_updated: OffsetDateTime,
}

impl Resource for TaskChannel {
    fn sid(&self) -> &str {
        &self.sid
    }

    fn unique_name(&self) -> Option<&str> {
        Some(&self.unique_name)
    }
}

/// The change of a task channel.
#[derive(Clone, Debug, Default)]
pub(crate) struct TaskChannelChange {
    pub(crate) friendly_name: Option<String>,
    pub(crate) channel_optimized_routing: Option<bool>,
}
