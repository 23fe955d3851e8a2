//! A handoff beside one of the AI's other actions on the same task.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http::Method;
use serde_json::json;
use simulator::twilio::{ReservationStatus, Task};
use simulator::upstreams::Upstreams;

use super::Ran;
use super::schedule::Schedule;
use super::scheduler::{Budget, Queue};
use crate::ai_platform;
use crate::functions::Ended;
use crate::functions::actions::{reply, resolve};
use crate::functions::handoff::Deferral;
use crate::network::{Call, Manners, Network};
use crate::scene::{self, Scene};
use crate::stage::Stage;
use crate::watch::Watch;

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Other {
    Resolve,
    Reply,
}

/// An applied request, as far as the verdict needs it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Event {
    /// This process read the task.
    TaskRead(usize),
    SixWritten,
    /// This process posted a message of the AI.
    AiMessage(usize),
    Released,
}

/// The events of a schedule in their order.
#[derive(Default)]
struct History(Mutex<Vec<Event>>);

/// Requests a handoff and another action at once.
pub(crate) async fn run(stage: Stage, other: Other, mut schedule: Schedule, budget: Budget) -> Ran {
    let (upstreams, scene) = stage.set();
    let history = Arc::new(History::default());
    let watch = Arc::new(Watch::new(&scene));
    let queue = Queue::default();
    let network = Network::new(upstreams, Manners::Strict, queue.steering(), {
        let (history, own_scene) = (history.clone(), scene.clone());
        let afterwards = stage.afterwards(&scene, &watch);
        Box::new(move |upstreams, call| {
            history.add(upstreams, &own_scene, call);
            afterwards(upstreams, call);
        })
    });
    let handoff = scene.request();
    let work = async {
        let (network, resolution) = (&network, json!({ "taskSid": scene.task_sid }));
        let message = scene.reply();
        let (resolution, message) = (&resolution, &message);
        let other = ai_platform::until_done(ai_platform::PAUSE, || async move {
            match other {
                Other::Resolve => resolve(network, resolution, false).await,
                Other::Reply => reply(network, message).await,
            }
        });
        tokio::join!(ai_platform::ask(network, Deferral::Off, stage.pause(), &handoff), other)
    };
    let (handoff_ends, other_ends) = queue.drive(&mut schedule, budget, work).await;
    // Wait for the requests that are still under way.
    queue
        .drive(&mut schedule, Budget::NONE, tokio::time::sleep(Duration::from_secs(30)))
        .await;
    let task = scene.task(&network.upstreams.twilio);
    let mut wrong = match stage {
        // `resolve` rejects an offered reservation without the six attributes.
        Stage::Offered => Vec::new(),
        Stage::Accepted(_) => watch.wrong(),
    };
    wrong.extend(match was_resolved_first(&task, &handoff_ends) {
        true => check_resolved(&network, &scene, &task, &other_ends),
        false => stage.verdict(&network, &scene, &task, &handoff, &handoff_ends, 0),
    });
    wrong.extend(match other {
        Other::Resolve => check_release(&other_ends),
        Other::Reply => history.check_messages(&network, &scene, &other_ends),
    });
    Ran {
        wrong,
        schedule,
        story: format!("{}    {handoff_ends:?} {other_ends:?}\n", network.story()),
        two_notes: false,
    }
}

/// The end of a `resolve` beside a handoff.
fn check_release(ends: &[Ended]) -> Vec<String> {
    let is_end = match ends.last() {
        Some(Ended::Answered(_)) => true,
        Some(Ended::Failed(error)) => matches!(error.as_str(), "HandedOff" | "HumanActive"),
        _ => false,
    };
    match is_end {
        true => Vec::new(),
        false => vec![format!(
            "resolve had an end that docs/reference.md does not allow: {:?}",
            ends.last()
        )],
    }
}

/// Whether `resolve` moved an accepted reservation to wrap-up before the handoff had made a new task.
fn was_resolved_first(task: &Task, handoff_ends: &[Ended]) -> bool {
    let is_told = matches!(handoff_ends.last(), Some(Ended::Failed(error)) if error == "TaskClosed" || error == "ReservationNotRejectable");
    is_told && task.reservations[0].status == ReservationStatus::Wrapping
}

/// Checks that a handoff after `resolve` has made nothing.
fn check_resolved(network: &Network, scene: &Scene, task: &Task, resolve_ends: &[Ended]) -> Vec<String> {
    let twilio = &network.upstreams.twilio;
    let mut wrong = Vec::new();
    if !scene.notes(twilio).is_empty() || !scene.new_tasks(twilio).is_empty() {
        wrong.push("there is a note or a new task without a handoff".to_owned());
    }
    let is_end = match resolve_ends.last() {
        Some(Ended::Answered(_)) => true,
        // This is a repeat of a `resolve` that released the reservation just after the six attributes were written.
        Some(Ended::Failed(error)) => error == "HandedOff" && scene::timestamp(&task.attributes).is_some(),
        _ => false,
    };
    if !is_end {
        wrong.push("neither the handoff nor resolve has succeeded".to_owned());
    }
    wrong
}

impl History {
    fn add(&self, upstreams: &Upstreams, scene: &Scene, call: &Call) {
        let twilio = &upstreams.twilio;
        let mut events = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let event = match (call.method == Method::GET, call.path.as_str()) {
            (true, "Tasks/WT") => Event::TaskRead(call.process),
            (false, "Tasks/WT") if scene::timestamp(&scene.task(twilio).attributes).is_some() => Event::SixWritten,
            (false, "Tasks/WT/Reservations/WR") => Event::Released,
            (false, "Conversations/CH/Messages") => {
                let posted = scene.ai_messages(twilio).len();
                let is_ai_message = |event: &&Event| matches!(event, Event::AiMessage(_));
                match events.iter().filter(is_ai_message).count() < posted {
                    true => Event::AiMessage(call.process),
                    false => return,
                }
            }
            _ => return,
        };
        events.push(event);
    }

    /// Checks that the AI speaks only if the six attributes weren't on the task at its last look.
    fn check_messages(&self, network: &Network, scene: &Scene, ends: &[Ended]) -> Vec<String> {
        let events = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut wrong = Vec::new();
        for (place, event) in events.iter().enumerate() {
            let Event::AiMessage(process) = event else { continue };
            let looked = events[..place].iter().rposition(|it| *it == Event::TaskRead(*process));
            if looked.is_none_or(|looked| events[..looked].contains(&Event::SixWritten)) {
                wrong.push("the AI spoke after it could know of the handoff".to_owned());
            }
        }
        let messages = scene.ai_messages(&network.upstreams.twilio).len();
        let is_end = match ends.last() {
            Some(Ended::Answered(_)) => messages == 1,
            Some(Ended::Failed(error)) => messages == 0 && matches!(error.as_str(), "HandedOff" | "HumanActive"),
            _ => false,
        };
        if !is_end {
            wrong.push(format!("reply ended so with {messages} messages: {:?}", ends.last()));
        }
        wrong
    }
}
