//! The members of a task's attributes that the page reads.

use crate::members::Members;
use crate::page::problem::Problem;
use crate::play::script::{self, SessionId};

pub(crate) fn members(attributes: &str) -> Result<Members, Problem> {
    Members::parse(attributes).map_err(|_| Problem::conflict("The task's attributes are not a JSON object."))
}

/// A string among the attributes.
pub(crate) fn text(attributes: &Members, name: &str) -> Option<String> {
    serde_json::from_str(attributes.get(name)?).ok()
}

/// The customer's name.
pub(crate) fn customer(attributes: &Members) -> Option<String> {
    text(&Members::parse(attributes.get("customer")?).ok()?, "name")
}

/// The name of the AI's session.
pub(crate) fn session_id(attributes: &Members) -> Option<String> {
    attributes
        .get("session_id")
        .and_then(script::session_id)
        .map(SessionId::into_name)
}

/// The task that was handed off, if this one was made for a handoff.
pub(crate) fn first_task(attributes: &Members) -> Option<String> {
    text(&Members::parse(attributes.get("handoffOf")?).ok()?, "taskSid")
}
