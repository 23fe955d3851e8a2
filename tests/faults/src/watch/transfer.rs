//! The conditions at the handoff of an accepted reservation.

use simulator::twilio::{ReservationStatus, Task, TaskStatus};
use simulator::upstreams::Upstreams;

use super::Watch;
use crate::scene;

impl Watch {
    /// Checks the conditions once.
    pub(crate) fn look_at_transfer(&self, upstreams: &Upstreams) {
        let twilio = &upstreams.twilio;
        let Some(task) = twilio.task(&self.scene.task_sid) else {
            return;
        };
        let new_tasks = self.scene.new_tasks(twilio);
        let notes = self.scene.notes(twilio).len();
        let timestamp = scene::timestamp(&task.attributes);
        let is_new_there = !new_tasks.is_empty();
        let is_left = !self.scene.has_ai(twilio) && !scene::is_resolved(upstreams);
        // Refused invites and rejects take back the six attributes.
        let was_taken_back = timestamp.is_none() && (is_new_there || notes > 0);
        let wrong = [
            (new_tasks.len() > 1, "there was a second new task"),
            (
                was_taken_back,
                "there was a new task or a note without the six attributes",
            ),
            (
                is_left && !is_new_there,
                "the AI left the conversation before there was a new task",
            ),
            (
                notes > 0 && !is_new_there,
                "there was a note before there was a new task",
            ),
            (
                new_tasks.iter().any(is_taken_away),
                "a task that a human agent had was ended",
            ),
        ];
        self.add(timestamp, notes, &wrong);
    }
}

/// Whether a human agent no longer has a task that the agent accepted.
fn is_taken_away(task: &Task) -> bool {
    let has_agent = |status| status == ReservationStatus::Accepted;
    let is_open = matches!(
        task.status,
        TaskStatus::Pending | TaskStatus::Reserved | TaskStatus::Assigned
    );
    !is_open
        || !task
            .reservations
            .iter()
            .all(|reservation| has_agent(reservation.status))
}
