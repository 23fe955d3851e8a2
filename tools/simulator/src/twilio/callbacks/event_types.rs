//! The types of TaskRouter's events.
//!
//! <https://www.twilio.com/docs/taskrouter/api/event/reference>

use crate::twilio::refusal::Refusal;

/// The events of each resource, including events that the simulator never sends.
const EVENT_TYPES: [(&str, &[&str]); 8] = [
    ("activity", &["created", "updated", "deleted"]),
    (
        "reservation",
        &[
            "created",
            "accepted",
            "rejected",
            "timeout",
            "canceled",
            "rescinded",
            "wrapup",
            "completed",
            "failed",
        ],
    ),
    (
        "task",
        &[
            "created",
            "updated",
            "canceled",
            "wrapup",
            "completed",
            "deleted",
            "system-deleted",
            "transfer-initiated",
            "transfer-attempt-failed",
            "transfer-failed",
            "transfer-canceled",
            "transfer-completed",
        ],
    ),
    ("task-channel", &["created", "updated", "deleted"]),
    (
        "task-queue",
        &[
            "created",
            "deleted",
            "entered",
            "timeout",
            "moved",
            "expression.updated",
        ],
    ),
    (
        "worker",
        &[
            "created",
            "deleted",
            "activity.update",
            "attributes.update",
            "capacity.update",
            "channel.availability.update",
        ],
    ),
    (
        "workflow",
        &[
            "created",
            "updated",
            "deleted",
            "target-matched",
            "entered",
            "timeout",
            "skipped",
        ],
    ),
    ("workspace", &["created", "updated", "deleted"]),
];

/// Refuses a comma-separated list of event types if TaskRouter lacks a type.
///
/// # Errors
/// If a type is unknown. The message lists the types of the same resource.
pub fn check_event_types(types: &str) -> Result<(), Refusal> {
    let names = types.split(',').map(str::trim).filter(|name| !name.is_empty());
    names.into_iter().try_for_each(check)
}

fn check(name: &str) -> Result<(), Refusal> {
    let (resource, event) = name.split_once('.').unwrap_or((name, ""));
    let Some((_, events)) = EVENT_TYPES.iter().find(|(known, _)| *known == resource) else {
        let resources: Vec<&str> = EVENT_TYPES.iter().map(|(resource, _)| *resource).collect();
        return Err(Refusal::invalid(format!(
            "{name} is no type of event: types begin with {}",
            resources.join(", ")
        )));
    };
    match events.contains(&event) {
        true => Ok(()),
        false => Err(Refusal::invalid(format!(
            "{name} is no type of event: of {resource} there are {}",
            events.join(", ")
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::check_event_types;

    #[test]
    fn unknown_types_are_refused_with_the_known_ones() {
        let message = |types: &str| check_event_types(types).err().map(|refusal| refusal.message);
        assert_eq!(message(""), None);
        assert_eq!(
            message("task.created, task.transfer-initiated,worker.channel.availability.update"),
            None
        );
        assert_eq!(
            message("task.created,activity.create").as_deref(),
            Some("activity.create is no type of event: of activity there are created, updated, deleted")
        );
        assert_eq!(
            message("call.created").as_deref(),
            Some(
                "call.created is no type of event: types begin with activity, reservation, task, task-channel, \
                 task-queue, worker, workflow, workspace"
            )
        );
    }
}
