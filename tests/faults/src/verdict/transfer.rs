//! The verdict on a handoff of an accepted reservation.

use serde_json::Value;
use simulator::twilio::{ReservationStatus, Task, TaskStatus};

use super::{HandedOver, Verdict};
use crate::functions::Ended;
use crate::network::Network;
use crate::scene::{self, Scene};

/// The violations after a handoff that makes a new task, by the end of each try and the number of another writer's
/// changes. TaskRouter deletes a task five minutes after its end, so `task` is the task's state before the deletion.
pub(crate) fn of_transfer(
    network: &Network,
    scene: &Scene,
    task: &Task,
    request: &Value,
    ends: &[Ended],
    changes: u32,
) -> Vec<String> {
    let twilio = &network.upstreams.twilio;
    let ai = task.reservations.first().expect("the AI was offered the task").status;
    let new_tasks = scene.new_tasks(twilio);
    // A run that was killed after it took over an interrupted run's handoff leaves its mark on the task.
    let attributes = task.attributes.replace(" }", "}");
    let six = HandedOver::of(scene, request, &attributes, changes);
    let has_left = !scene.has_ai(twilio);
    let is_resolved = scene::is_resolved(&network.upstreams);

    let mut verdict = Verdict::default();
    verdict.check(six.is_done || six.is_untouched, "attributes are lost or changed");
    verdict.check(new_tasks.len() <= 1, "there is more than one new task");
    verdict.check(
        new_tasks.is_empty() || six.is_done,
        "there is a new task without the six attributes",
    );
    // The other writer may have come later.
    let timestamp = six.timestamp.as_deref().unwrap_or_default();
    let first = scene::with_six(&scene.attributes, request, timestamp);
    let is_copy = |new: &Task| {
        [&task.attributes, &first]
            .iter()
            .any(|six| scene.is_copy(&new.attributes, six))
    };
    verdict.check(
        new_tasks.iter().all(is_copy),
        "the new task's attributes are other than those of the task that was handed off",
    );
    verdict.check(
        new_tasks.iter().all(|new| new.status == TaskStatus::Assigned),
        "the human agent has lost the new task",
    );
    verdict.check(
        !has_left || is_resolved || !new_tasks.is_empty(),
        "the customer is alone in the conversation",
    );
    verdict.check(
        task.reservations.len() == 1,
        "the task that was handed off was offered again",
    );
    let is_released = match ai {
        ReservationStatus::Completed => true,
        ReservationStatus::Wrapping => is_resolved,
        _ => false,
    };
    verdict.check(
        is_released || ai == scene.held,
        "the AI's reservation is neither completed nor unchanged",
    );
    verdict.check_notes(network, scene, is_released && !new_tasks.is_empty());
    match ends.last() {
        Some(Ended::Answered(answer)) => {
            verdict.check(
                is_released && has_left,
                "the answer is a success, but the AI hasn't left the conversation",
            );
            let sids: Vec<_> = new_tasks.iter().map(|new| new.sid.as_str()).collect();
            verdict.check(
                answer["newTaskSid"].as_str().is_some_and(|sid| sids == [sid]),
                "the answer names another task than the new one",
            );
            verdict.check(
                matches!(answer["reservation"].as_str(), Some("transferred" | "already-released")),
                "the answer names another release",
            );
            verdict.check_answer(network, scene, answer, &six);
        }
        end => verdict.check_refused_handoff(network, end),
    }
    verdict.0
}
