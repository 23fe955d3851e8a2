//! A task that is closed by both events of its wrap-up. Meanwhile a human agent accepts the task or a handoff is
//! requested.

use std::sync::Arc;
use std::time::Duration;

use http::Method;
use simulator::twilio::sids::REP_WORKER_SID;
use simulator::twilio::{Event, Refusal, ReservationStatus, Task, TaskStatus, Twilio};
use tokio::task::JoinSet;

use super::Ran;
use super::schedule::Schedule;
use super::scheduler::{Budget, Queue};
use crate::functions::Ended;
use crate::functions::handoff::Deferral;
use crate::functions::webhook::Webhook;
use crate::network::{Manners, Network};
use crate::scene::{self, Scene};
use crate::twilio_callback::deliver;
use crate::watch::Watch;
use crate::{ai_platform, other_writer, verdict};

/// The rival of the closing.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Rival {
    /// A human agent accepts the task at some moment after the wrap-up and wraps it up later.
    Person,
    /// A handoff is requested before the AI platform ends the conversation.
    Handoff,
}

/// Ends the AI's conversation, delivers the resulting events and runs the rival.
pub(crate) async fn run(rival: Rival, mut schedule: Schedule, budget: Budget) -> Ran {
    let (upstreams, scene) = scene::set_accepted();
    let watch = Arc::new(Watch::new(&scene));
    let queue = Queue::default();
    let network = Network::new(upstreams, Manners::Strict, queue.steering(), {
        let (watch, task_sid) = (watch.clone(), scene.task_sid.clone());
        Box::new(move |upstreams, call| {
            if call.method != Method::GET {
                watch.look(&upstreams.twilio);
                scene::route_to_a_person(&upstreams.twilio, &task_sid);
            }
        })
    });
    let request = scene.request();
    let work = async {
        let asked = async {
            match rival {
                Rival::Person => Vec::new(),
                Rival::Handoff => ai_platform::ask(&network, Deferral::Off, ai_platform::PAUSE, &request).await,
            }
        };
        let wrapped_up = async {
            other_writer::look(&network, &scene).await;
            let mut deliveries = JoinSet::new();
            for event in wrap_up(&scene, &network.upstreams.twilio) {
                deliveries.spawn(deliver(network.clone(), Webhook::AutoClose, event));
            }
            if rival == Rival::Person {
                other_writer::look(&network, &scene).await;
                take(&scene, &network.upstreams.twilio);
                other_writer::look(&network, &scene).await;
                // The agent may have the task by now. The task may also have been completed before.
                let _ = end(&scene, &network.upstreams.twilio);
            }
            deliveries.join_all().await
        };
        tokio::join!(asked, wrapped_up)
    };
    let (asked, wrapped_up) = queue.drive(&mut schedule, budget, work).await;
    // Wait for the requests that are still under way.
    queue
        .drive(&mut schedule, Budget::NONE, tokio::time::sleep(Duration::from_secs(30)))
        .await;
    let mut wrong = watch.wrong();
    match rival {
        Rival::Person => wrong.extend(check_person(&scene, &network.upstreams.twilio)),
        Rival::Handoff if wrapped_up.is_empty() => {
            wrong.extend(verdict::of_handoff(&network, &scene, &request, &asked, 0));
        }
        Rival::Handoff => wrong.extend(check_handoff(&scene, &network.upstreams.twilio, &asked)),
    }
    Ran {
        schedule,
        wrong,
        story: format!("{}    {asked:?} {wrapped_up:?}\n", network.story()),
        two_notes: watch.two_notes(),
    }
}

/// Ends the AI's conversation if there is an open conversation. Returns the events.
fn wrap_up(scene: &Scene, twilio: &Twilio) -> Vec<Event> {
    let task = scene.task(twilio);
    if task.status != TaskStatus::Assigned || task.reservations[0].status != ReservationStatus::Accepted {
        return Vec::new();
    }
    end(scene, twilio).expect("the task is assigned");
    let is_wrap_up = |event: &Event| event.event_type.ends_with(".wrapup");
    twilio.events().into_iter().filter(is_wrap_up).collect()
}

fn end(scene: &Scene, twilio: &Twilio) -> Result<Task, Refusal> {
    twilio.end_task(&scene.task_sid, TaskStatus::Wrapping, "resolved")
}

/// Gives the task to a human agent unless it has ended.
fn take(scene: &Scene, twilio: &Twilio) {
    if let Ok(reservation) = twilio.reserve(&scene.task_sid, REP_WORKER_SID) {
        let accepted = twilio.move_reservation(&reservation.sid, ReservationStatus::Accepted);
        accepted.expect("the reservation is pending");
    }
}

/// Checks that the task is completed exactly if no human agent has it.
fn check_person(scene: &Scene, twilio: &Twilio) -> Vec<String> {
    let task = scene.task(twilio);
    let expected = match task.reservations.len() {
        1 => TaskStatus::Completed,
        _ => TaskStatus::Wrapping,
    };
    let mut wrong = Vec::new();
    if task.status != expected {
        wrong.push(format!("the task is {}", task.status));
    }
    if task.attributes != scene.attributes {
        wrong.push("attributes are lost or changed".to_owned());
    }
    wrong
}

/// Checks a handoff after the AI ended its conversation. The task must be completed and the caller refused, unless the
/// six attributes were already written.
fn check_handoff(scene: &Scene, twilio: &Twilio, asked: &[Ended]) -> Vec<String> {
    let task = scene.task(twilio);
    let timestamp = scene::timestamp(&task.attributes);
    let (status, attributes) = match &timestamp {
        None => (TaskStatus::Completed, scene.attributes.clone()),
        Some(timestamp) => (
            TaskStatus::Wrapping,
            scene::with_six(&scene.attributes, &scene.request(), timestamp),
        ),
    };
    let mut wrong = Vec::new();
    if task.status != status {
        wrong.push(format!("the task is {}", task.status));
    }
    if task.attributes != attributes {
        wrong.push("attributes are lost or changed".to_owned());
    }
    if !scene.notes(twilio).is_empty() || task.reservations.len() != 1 {
        wrong.push("there is a note or a human agent's reservation without a handoff".to_owned());
    }
    let is_told = |ended: &Ended| matches!(ended, Ended::Failed(error) if error == "TaskClosed" || error == "ReservationNotRejectable");
    if !asked.last().is_some_and(is_told) {
        wrong.push("the caller was not told that the handoff failed".to_owned());
    }
    wrong
}
