//! Checks of the state that the functions leave behind.

use std::collections::BTreeMap;

use serde_json::Value;
use simulator::twilio::{Reservation, ReservationStatus, Task};

use super::Play;
use super::case::Case;
use super::stopped::{Stopped, broken};
use super::tables;
use crate::members::{Members, compact};

/// Names and the JSON text of their values.
type Data = BTreeMap<String, String>;

/// The keys that `resolve` writes to a session beside those of the attributes.
const RESOLVED: [&str; 3] = ["flex_resolved", "flex_resolved_task_sid", "flex_resolved_timestamp"];

impl Play {
    /// The present state of a task.
    pub(super) fn task(&self, sid: &str) -> Result<Task, Stopped> {
        let task = self.world.twilio.task(sid);
        task.ok_or_else(|| broken("the task is there", sid, "nothing"))
    }

    /// A task's present attributes.
    pub(super) fn attributes(&self, task_sid: &str) -> Result<Members, Stopped> {
        let text = self.task(task_sid)?.attributes;
        Members::parse(&text).map_err(|error| broken("the task's attributes are a JSON object", text, error))
    }

    /// The pending reservation that offers the worker a task.
    pub(super) fn offer(&self, task_sid: &str, worker_sid: &str) -> Result<Reservation, Stopped> {
        let mut reservations = self.task(task_sid)?.reservations.into_iter();
        let pending = reservations.find(|reservation| reservation.status == ReservationStatus::Pending);
        match pending {
            Some(reservation) if reservation.worker_sid == worker_sid => Ok(reservation),
            other => {
                let came = other.map_or_else(|| "nobody".to_owned(), |other| other.worker_sid);
                Err(broken("the workflow routes the task to the worker", worker_sid, came))
            }
        }
    }

    /// The number of handoff notes in the conversation.
    pub(super) fn notes(&self, case: &Case) -> usize {
        let conversation = self.world.twilio.conversation(&case.conversation_sid);
        conversation.map_or(0, |conversation| tables::notes(&conversation).count())
    }

    /// The number of tasks that the interaction has had.
    pub(super) fn invites(&self, case: &Case) -> usize {
        let interaction = self.world.twilio.interaction(&case.interaction_sid);
        interaction.map_or(0, |interaction| interaction.channel.invites.len())
    }

    pub(super) fn custom_data(&self, case: &Case) -> Data {
        let data = self.world.session_api.custom_data(&case.session_id).unwrap_or_default();
        let text = |(name, value): (&str, &str)| (name.to_owned(), compact(value));
        data.iter().map(text).collect()
    }

    /// Checks that a session's custom data is exactly its task's flattened attributes.
    pub(super) fn check_custom_data(&mut self, case: &Case) -> Result<(), Stopped> {
        let (expected, came) = self.custom_data_and_expected(case)?;
        let step = format!(
            "the session's custom_data is the task's attributes, flattened: {} keys",
            came.len()
        );
        self.check(&step, differences(&expected, &came), differences(&came, &expected))
    }

    /// The expected and actual custom data. The mark of `resolve` is left out of the actual data.
    pub(super) fn custom_data_and_expected(&self, case: &Case) -> Result<(Data, Data), Stopped> {
        let attributes = self.attributes(case.present_task_sid())?;
        let expected = case.expected_custom_data(&attributes);
        let mut came = self.custom_data(case);
        if came.get("flex_resolved_task_sid") == Some(&Value::from(&*case.task_sid).to_string()) {
            came.retain(|name, _| !RESOLVED.contains(&&**name));
        }
        Ok((expected, came))
    }
}

/// The entries of a map that the other map lacks, each on a line.
pub(super) fn differences(these: &Data, those: &Data) -> String {
    let differing = these.iter().filter(|(name, value)| those.get(*name) != Some(value));
    let lines: Vec<String> = differing.map(|(name, value)| format!("{name} = {value}")).collect();
    lines.join("\n")
}

/// The members sorted by name, since Flex sorts them.
pub(super) fn sorted(members: &Members) -> Data {
    let text = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
    members.iter().map(text).collect()
}
