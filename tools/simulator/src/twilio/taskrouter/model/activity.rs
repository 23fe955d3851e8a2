//! Worker activities.

use time::OffsetDateTime;

use super::collection::Resource;

/// An activity, such as "Break".
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Activity {
    pub sid: String,
    pub friendly_name: String,
    /// Whether workers in this activity are offered tasks. Can't be changed later.
    pub available: bool,
    pub date_created: OffsetDateTime,
    pub date_updated: OffsetDateTime,
}

impl Resource for Activity {
    fn sid(&self) -> &str {
        &self.sid
    }

    fn unique_name(&self) -> Option<&str> {
        Some(&self.friendly_name)
    }
}
