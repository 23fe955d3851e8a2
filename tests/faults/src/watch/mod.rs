//! Conditions that must hold at every moment, checked after each request that may have changed something.

mod transfer;

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use simulator::twilio::{ReservationStatus, TaskStatus, Twilio};

use crate::scene::{self, Scene};

/// Watches a scene's task and conversation.
pub(crate) struct Watch {
    scene: Scene,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    /// The six attributes' timestamp at the last look.
    timestamp: Option<String>,
    two_notes: bool,
    wrong: BTreeSet<&'static str>,
}

impl Watch {
    pub(crate) fn new(scene: &Scene) -> Self {
        Self {
            scene: scene.clone(),
            seen: Mutex::default(),
        }
    }

    /// Checks the conditions once.
    pub(crate) fn look(&self, twilio: &Twilio) {
        // TaskRouter deletes a task five minutes after its end.
        let Some(task) = twilio.task(&self.scene.task_sid) else {
            return;
        };
        let (ai, others) = task.reservations.split_first().expect("the AI was offered the task");
        let notes = self.scene.notes(twilio).len();
        let timestamp = scene::timestamp(&task.attributes);
        let is_rejected = ai.status == ReservationStatus::Rejected;
        // A refused reject takes back the six attributes.
        let is_accepted = ai.status == ReservationStatus::Accepted;
        let is_completed = task.status == TaskStatus::Completed;
        let wrong = [
            (
                is_rejected && timestamp.is_none(),
                "the reservation was released before the six attributes were written",
            ),
            (
                timestamp.is_none() && self.was_handed_off() && !is_accepted,
                "the six attributes were removed",
            ),
            (notes > 0 && !is_rejected, "there was a note before the handoff"),
            (
                is_completed && timestamp.is_some(),
                "a task that was handed off was completed",
            ),
            (
                is_completed && others.iter().any(|it| it.worker_sid != ai.worker_sid),
                "a human agent's task was completed",
            ),
        ];
        self.add(timestamp, notes, &wrong);
    }

    /// Adds a look with the timestamp of the six attributes, the number of notes and the possible violations.
    fn add(&self, timestamp: Option<String>, notes: usize, wrong: &[(bool, &'static str)]) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if timestamp.is_some() && seen.timestamp.is_some() && timestamp != seen.timestamp {
            seen.wrong.insert("the six attributes were written again");
        }
        seen.timestamp = timestamp;
        seen.two_notes |= notes > 1;
        let wrong = wrong.iter().filter(|(is_so, _)| *is_so).map(|(_, what)| *what);
        seen.wrong.extend(wrong);
    }

    /// Whether the six attributes were on the task at the last look.
    fn was_handed_off(&self) -> bool {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.timestamp.is_some()
    }

    /// Whether there was a second note at any moment.
    pub(crate) fn two_notes(&self) -> bool {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).two_notes
    }

    /// The violations so far.
    pub(crate) fn wrong(&self) -> Vec<String> {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.wrong.iter().map(ToString::to_string).collect()
    }
}
