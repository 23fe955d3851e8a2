//! The conversation, session and tasks of a customer.

use std::collections::BTreeMap;

use serde_json::Value;

use super::speaker::Speaker;
use crate::flattened::flattened;
use crate::members::Members;

pub(crate) struct Case {
    pub(crate) customer: Speaker,
    pub(crate) session_id: String,
    pub(crate) interaction_sid: String,
    pub(crate) conversation_sid: String,
    /// The task that the AI was offered and its reservation.
    pub(crate) task_sid: String,
    pub(crate) reservation_sid: String,
    /// The task through which a human agent joins if the AI had accepted the first task.
    pub(crate) new_task_sid: Option<String>,
    /// The attributes of the AI's task that a handoff has to leave alone.
    pub(crate) attributes: Members,
}

impl Case {
    /// The task on which the conversation goes on.
    pub(crate) fn present_task_sid(&self) -> &str {
        self.new_task_sid.as_deref().unwrap_or(&self.task_sid)
    }

    /// The expected custom data: the flattened attributes of the present task and the three SIDs.
    pub(crate) fn expected_custom_data(&self, attributes: &Members) -> BTreeMap<String, String> {
        let sids = [
            ("flex_task_sid", self.present_task_sid()),
            ("flex_reservation_sid", &self.reservation_sid),
            ("flex_conversation_sid", &self.conversation_sid),
        ];
        let mut data = flattened(attributes);
        data.extend(sids.map(|(name, sid)| (name.to_owned(), Value::from(sid).to_string())));
        data
    }
}
