//! The wrap-up of a task to complete, and of tasks that must stay as they are.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use simulator::twilio::sids::REP_WORKER_SID;
use simulator::twilio::{Event, ReservationStatus, TaskStatus, Twilio};

use super::{Case, Ran};
use crate::functions::Webhook;
use crate::network::{self, Manners, Network};
use crate::scene::{self, Scene};
use crate::twilio_callback::deliver;

/// What there is to be said of the task.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Wrapping {
    /// The AI resolved it.
    Resolved,
    /// It was handed off, and wraps up nevertheless.
    HandedOff,
    /// A person accepts it just after it was first read.
    TakenMeanwhile,
}

/// Delivers the event of it while these faults happen.
pub(crate) async fn run(wrapping: Wrapping, plan: Case) -> Ran {
    let (upstreams, scene) = scene::set();
    let twilio = upstreams.twilio.clone();
    if wrapping == Wrapping::HandedOff {
        let attributes = scene::with_six(&scene.attributes, &scene.request(), "2026-11-22T09:00:00Z");
        twilio
            .set_attributes(&scene.task_sid, &attributes)
            .expect("the attributes are a short object");
    }
    let accepted = twilio.move_reservation(&scene.reservation_sid, ReservationStatus::Accepted);
    accepted.expect("the reservation is pending");
    twilio
        .end_task(&scene.task_sid, TaskStatus::Wrapping, "resolved")
        .expect("the task is assigned");
    let is_wrap_up = |event: &Event| event.event_type == "reservation.wrapup";
    let event = twilio
        .events()
        .into_iter()
        .find(is_wrap_up)
        .expect("it has been told of");
    let network = Network::new(
        upstreams,
        Manners::Strict,
        network::by_plan(plan),
        meanwhile(wrapping, &scene),
    );
    let ends = deliver(network.clone(), Webhook::AutoClose, event).await;
    // Whatever is still on its way arrives.
    tokio::time::sleep(Duration::from_secs(30)).await;
    let wrong = check(wrapping, &scene, &twilio);
    Ran::new(&network, wrong, &format!("{ends:?}"))
}

fn meanwhile(wrapping: Wrapping, scene: &Scene) -> Box<network::Afterwards> {
    let (task_sid, is_taken) = (scene.task_sid.clone(), AtomicBool::default());
    Box::new(move |upstreams| {
        if wrapping == Wrapping::TakenMeanwhile && !is_taken.swap(true, Ordering::Relaxed) {
            let reservation = upstreams
                .twilio
                .reserve(&task_sid, REP_WORKER_SID)
                .expect("the task hasn't ended");
            let accepted = upstreams
                .twilio
                .move_reservation(&reservation.sid, ReservationStatus::Accepted);
            accepted.expect("the reservation is pending");
        }
    })
}

fn check(wrapping: Wrapping, scene: &Scene, twilio: &Twilio) -> Vec<String> {
    let task = scene.task(twilio);
    let expected = match wrapping {
        Wrapping::Resolved => TaskStatus::Completed,
        Wrapping::HandedOff => TaskStatus::Wrapping,
        Wrapping::TakenMeanwhile => TaskStatus::Assigned,
    };
    let mut wrong = Vec::new();
    if task.status != expected {
        wrong.push(format!("the task is {}", task.status));
    }
    if !task.attributes.starts_with(scene.attributes.trim_end_matches('}')) {
        wrong.push("attributes are lost or changed".to_owned());
    }
    wrong
}
