//! One task with its conversation and session.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::flattened::flattened;
use crate::members::Members;

pub(crate) struct Case {
    pub(crate) task_sid: String,
    pub(crate) reservation_sid: String,
    pub(crate) conversation_sid: String,
    pub(crate) session_id: String,
    /// The expected attributes of the task.
    pub(crate) attributes: Members,
}

impl Case {
    /// The expected custom data: the attributes, flattened, and the three SIDs.
    pub(crate) fn expected_custom_data(&self) -> BTreeMap<String, String> {
        let sids = [
            ("flex_task_sid", &self.task_sid),
            ("flex_reservation_sid", &self.reservation_sid),
            ("flex_conversation_sid", &self.conversation_sid),
        ];
        let mut data = flattened(&self.attributes);
        data.extend(sids.map(|(name, sid)| (name.to_owned(), Value::from(sid.as_str()).to_string())));
        data
    }
}
