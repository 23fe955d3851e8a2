//! Wrap-ups that are closed at once or after a delay. Some of the tasks must stay open.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use http::Method;
use simulator::twilio::sids::{AI_WORKER_SID, REP_WORKER_SID};
use simulator::twilio::{ReservationStatus, TaskStatus, Twilio};

use super::{Case, Ran, by_plan};
use crate::functions::webhook::Webhook;
use crate::network::{Manners, Network, Start};
use crate::scene::{self, Scene};
use crate::twilio_callback::deliver;
use crate::watch::Watch;
use crate::{queue, verdict};

/// Another change of the task.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Besides {
    Nothing,
    /// The task is handed off and stays in wrap-up.
    HandedOff,
    /// A human agent accepts the task.
    Taken,
    /// A human agent accepts the task and wraps it up.
    WrappedUpByAPerson,
    /// The AI accepts the task again.
    Again,
    /// The AI accepts the task again and wraps it up.
    WrappedUpAgain,
}

/// A task that the AI has wrapped up.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wrapping {
    pub(crate) webhook: Webhook,
    /// The type of the delivered event.
    pub(crate) event: &'static str,
    pub(crate) besides: Besides,
    /// The number of applied requests before the change.
    pub(crate) after: usize,
}

/// Delivers the wrap-up's event and runs `deferred` on the queue while these faults happen.
pub(crate) async fn run(wrapping: Wrapping, start: Start, plan: Case) -> Ran {
    let (upstreams, scene) = scene::set_accepted();
    let twilio = upstreams.twilio.clone();
    // Twilio's dates are whole seconds. Later changes are in another second.
    tokio::time::sleep(Duration::from_secs(5)).await;
    twilio
        .end_task(&scene.task_sid, TaskStatus::Wrapping, "resolved")
        .expect("the task is assigned");
    let events = twilio.events();
    let event = events.into_iter().find(|event| event.event_type == wrapping.event);
    let happened = Arc::new(AtomicBool::default());
    if wrapping.after == 0 {
        happened.store(wrapping.besides.happen(&scene, &twilio), Ordering::Relaxed);
    }
    let watch = Arc::new(Watch::new(&scene));
    let network = Network::starting(start, upstreams, Manners::Strict, by_plan(plan), {
        let (scene, watch, happened) = (scene.clone(), watch.clone(), happened.clone());
        let requests = AtomicUsize::default();
        Box::new(move |upstreams, call| {
            if requests.fetch_add(1, Ordering::Relaxed) + 1 == wrapping.after {
                happened.store(wrapping.besides.happen(&scene, &upstreams.twilio), Ordering::Relaxed);
            }
            if call.method != Method::GET {
                watch.look(&upstreams.twilio);
            }
        })
    });
    let ends = deliver(network.clone(), wrapping.webhook, event.expect("it has been told of")).await;
    let attended = queue::drain(&network).await;
    // Wait for the requests that are still under way.
    tokio::time::sleep(Duration::from_secs(30)).await;
    let mut wrong = watch.wrong();
    for ends in [&ends, &attended] {
        wrong.extend(verdict::of_ends(&network, ends));
    }
    wrong.extend(verdict::of_queue(&network));
    // The task is left alone if its status or its reservation's status is unknown.
    if !verdict::is_locked_out(&network) && !verdict::has_unknown_status(&network) {
        wrong.extend(check(
            wrapping.besides,
            happened.load(Ordering::Relaxed),
            &scene,
            &twilio,
        ));
    }
    Ran::new(&network, wrong, &format!("{ends:?} {attended:?}"))
}

impl Besides {
    /// Makes the change unless the task has ended. Returns whether the change was made.
    fn happen(self, scene: &Scene, twilio: &Twilio) -> bool {
        let has_ended = twilio
            .task(&scene.task_sid)
            .is_none_or(|task| task.status.is_terminal());
        let give = |worker| {
            let reservation = twilio.reserve(&scene.task_sid, worker).expect("the task hasn't ended");
            let accepted = twilio.move_reservation(&reservation.sid, ReservationStatus::Accepted);
            accepted.expect("the reservation is pending");
        };
        match self {
            Self::Nothing => {}
            _ if has_ended => {}
            Self::HandedOff => {
                let set = twilio.set_attributes(&scene.task_sid, &handed_off(scene));
                set.expect("the attributes are a short object");
            }
            Self::Taken | Self::WrappedUpByAPerson => give(REP_WORKER_SID),
            Self::Again | Self::WrappedUpAgain => give(AI_WORKER_SID),
        }
        if matches!(self, Self::WrappedUpByAPerson | Self::WrappedUpAgain) && !has_ended {
            let ended = twilio.end_task(&scene.task_sid, TaskStatus::Wrapping, "resolved");
            ended.expect("the task is assigned");
        }
        self != Self::Nothing && !has_ended
    }
}

fn handed_off(scene: &Scene) -> String {
    scene::with_six(&scene.attributes, &scene.request(), "2026-11-22T09:00:00Z")
}

fn check(besides: Besides, happened: bool, scene: &Scene, twilio: &Twilio) -> Vec<String> {
    let status = match besides {
        Besides::Nothing => TaskStatus::Completed,
        _ if !happened => TaskStatus::Completed,
        Besides::HandedOff | Besides::WrappedUpByAPerson | Besides::WrappedUpAgain => TaskStatus::Wrapping,
        Besides::Taken | Besides::Again => TaskStatus::Assigned,
    };
    let attributes = match besides {
        Besides::HandedOff if happened => handed_off(scene),
        _ => scene.attributes.clone(),
    };
    let mut wrong = Vec::new();
    // TaskRouter deletes a task five minutes after its end.
    let Some(task) = twilio.task(&scene.task_sid) else {
        return match status {
            TaskStatus::Completed => wrong,
            _ => vec!["the task was completed, and is gone".to_owned()],
        };
    };
    if task.status != status {
        wrong.push(format!("the task is {}", task.status));
    }
    if task.attributes != attributes {
        wrong.push("attributes are lost or changed".to_owned());
    }
    wrong
}
