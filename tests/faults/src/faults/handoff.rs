//! A handoff, with the AI platform as its caller.

use std::sync::Arc;
use std::time::Duration;

use http::Method;
use serde_json::Value;
use simulator::exchange::Upstream;
use simulator::twilio::sids::REP_WORKER_SID;
use simulator::twilio::{Reservation, ReservationStatus, Twilio};
use tokio::time::Instant;

use super::{Case, Ran, by_plan};
use crate::fault::Fault;
use crate::functions::Ended;
use crate::functions::handoff::Deferral;
use crate::network::{Call, Manners, Network, Start, Steering};
use crate::scene::{self, Scene};
use crate::watch::Watch;
use crate::{ai_platform, queue, verdict};

/// The most requests to Twilio by a handoff that meets one fault.
const MAX_REQUESTS: usize = 12;

/// The longest time of a handoff whose upstreams don't take time.
const MAX_TIME: Duration = Duration::from_secs(5);

/// The kind of request.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) enum Request {
    /// All fields.
    #[default]
    Whole,
    /// Only the task and the texts.
    Brief,
    /// The reservation of another worker.
    AnothersReservation,
    /// A reservation that the AI has accepted and that TaskRouter no longer rejects.
    Accepted,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Handover {
    pub(crate) request: Request,
    pub(crate) start: Start,
    pub(crate) deferral: Deferral,
    /// Before this call, another program puts back its copy of the attributes from before the handoff.
    pub(crate) clobbered_at: Option<usize>,
}

impl Default for Handover {
    fn default() -> Self {
        Self {
            request: Request::Whole,
            start: Start::Warm,
            deferral: Deferral::Off,
            clobbered_at: None,
        }
    }
}

/// Requests a handoff with retries while these faults happen.
pub(crate) async fn run(handover: Handover, plan: Case) -> Ran {
    let (upstreams, scene) = scene::set();
    // Twilio's dates are whole seconds. The handoff must be in a later second than the reservation's creation.
    tokio::time::sleep(Duration::from_secs(2)).await;
    if handover.request == Request::Accepted {
        let accepted = upstreams
            .twilio
            .move_reservation(&scene.reservation_sid, ReservationStatus::Accepted);
        accepted.expect("the reservation is pending");
    }
    let request = request(&scene, handover.request, &upstreams.twilio);
    let watch = Arc::new(Watch::new(&scene));
    let only = match plan.as_slice() {
        [(_, fault)] => Some(*fault),
        _ => None,
    };
    let is_single = plan.len() + usize::from(handover.clobbered_at.is_some()) <= 1;
    let steering = clobbering(&scene, &upstreams.twilio, handover.clobbered_at, by_plan(plan));
    let network = Network::starting(handover.start, upstreams, Manners::Strict, steering, {
        let (watch, task_sid) = (watch.clone(), scene.task_sid.clone());
        Box::new(move |upstreams, call| {
            if call.method != Method::GET {
                watch.look(&upstreams.twilio);
                scene::route_to_a_person(&upstreams.twilio, &task_sid);
            }
        })
    });
    let started = Instant::now();
    let ends = ai_platform::ask(&network, handover.deferral, ai_platform::PAUSE, &request).await;
    let took = started.elapsed();
    // Wait for the requests that are still under way.
    tokio::time::sleep(Duration::from_secs(30)).await;
    queue::drain(&network).await;
    let mut wrong = Vec::new();
    match (handover.request, handover.clobbered_at) {
        (Request::AnothersReservation, _) => wrong.extend(check_anothers(&network, &scene, &ends)),
        (Request::Accepted, _) => wrong.extend(check_accepted(&network, &scene, &request, &ends)),
        (_, Some(call)) => wrong.extend(check_clobbered(&network, &scene, &request, &ends, call)),
        (Request::Whole | Request::Brief, None) => {
            wrong.extend(watch.wrong());
            wrong.extend(verdict::of_handoff(&network, &scene, &request, &ends, 0));
            wrong.extend(verdict::of_ends(&network, &ends));
            if watch.two_notes() {
                wrong.push("there was a second note, although only one run posts notes".to_owned());
            }
        }
    }
    if is_single && handover.start == Start::Warm {
        wrong.extend(check_effort(&network, &ends, only, took, MAX_REQUESTS));
    }
    Ran::new(&network, wrong, &format!("{ends:?}"))
}

/// Steers by the plan and puts the scene's attributes back before a call.
fn clobbering(scene: &Scene, twilio: &Twilio, at: Option<usize>, plan: Box<Steering>) -> Box<Steering> {
    let (scene, twilio) = (scene.clone(), twilio.clone());
    Box::new(move |call| {
        let is_now = at == Some(call.number);
        let (scene, twilio) = (scene.clone(), twilio.clone());
        let planned = plan(call);
        Box::pin(async move {
            let fault = planned.await;
            if is_now {
                let put_back = twilio.set_attributes(&scene.task_sid, &scene.attributes);
                put_back.expect("the task is open");
            }
            fault
        })
    })
}

pub(super) fn request(scene: &Scene, asked: Request, twilio: &Twilio) -> Value {
    let mut request = scene.request();
    match asked {
        Request::Whole => {
            request["conversationSid"] = scene.conversation_sid.clone().into();
            request["timestamp"] = "2026-11-22T10:00:00.5+01:00".into();
        }
        Request::Brief => drop(request["reservationSid"].take()),
        Request::AnothersReservation => {
            let reservation = twilio
                .reserve(&scene.task_sid, REP_WORKER_SID)
                .expect("the task hasn't ended");
            request["reservationSid"] = reservation.sid.into();
        }
        Request::Accepted => {}
    }
    request
}

/// Checks the requests and time of the first run if the run met at most one fault.
pub(super) fn check_effort(
    network: &Network,
    ends: &[Ended],
    fault: Option<Fault>,
    took: Duration,
    most: usize,
) -> Vec<String> {
    use Upstream::{Conversations, Flex, TaskRouter};
    let is_twilio = |call: &Call| matches!(call.upstream, TaskRouter | Conversations | Flex);
    let calls = network.calls();
    let requests = calls
        .iter()
        .filter(|(call, _)| call.is_ours && call.process == 0 && is_twilio(call))
        .count();
    let mut wrong = Vec::new();
    if requests > most {
        wrong.push(format!("the first run sent {requests} requests to Twilio"));
    }
    if ends.len() == 1 && took > MAX_TIME && !fault.is_some_and(Fault::takes_time) {
        wrong.push(format!("the handoff took {took:?}"));
    }
    wrong
}

/// Checks that nothing was written for another worker's reservation.
fn check_anothers(network: &Network, scene: &Scene, ends: &[Ended]) -> Vec<String> {
    let mut wrong = Vec::new();
    let writes = network.calls().iter().any(|(call, _)| call.method != Method::GET);
    let task = scene.task(&network.upstreams.twilio);
    let is_pending = |it: &Reservation| it.status == ReservationStatus::Pending;
    if writes || task.attributes != scene.attributes || !task.reservations.iter().all(is_pending) {
        wrong.push("something was written".to_owned());
    }
    let is_end =
        |ended: &Ended| matches!(ended, Ended::Failed(error) if error == "ReservationNotAi" || error == "Refused");
    if !ends.last().is_some_and(is_end) {
        wrong.push("the error does not name the reservation's worker".to_owned());
    }
    wrong
}

/// Checks that the six attributes were taken back by the run that wrote them.
pub(super) fn check_accepted(network: &Network, scene: &Scene, request: &Value, ends: &[Ended]) -> Vec<String> {
    let mut wrong = Vec::new();
    let task = scene.task(&network.upstreams.twilio);
    let with_six =
        scene::timestamp(&task.attributes).map(|timestamp| scene::with_six(&scene.attributes, request, &timestamp));
    let is_untouched = task.attributes == scene.attributes;
    if !is_untouched && with_six.as_ref() != Some(&task.attributes) {
        wrong.push("attributes are lost or changed".to_owned());
    }
    let faults: Vec<_> = network.calls().into_iter().filter_map(|(_, fault)| fault).collect();
    if !is_untouched && faults.iter().all(|fault| fault.passes()) {
        wrong.push("the six attributes were not taken back".to_owned());
    }
    if task.reservations[0].status != ReservationStatus::Accepted || !scene.notes(&network.upstreams.twilio).is_empty()
    {
        wrong.push("there was a handoff".to_owned());
    }
    let is_end = |ended: &Ended| matches!(ended, Ended::Failed(error) if error == "ReservationNotRejectable" || error == "Refused");
    if !ends.last().is_some_and(is_end) {
        wrong.push("the error does not name the reservation's state".to_owned());
    }
    wrong
}

/// Checks that after a success the six attributes are on the task. They may be missing if they were removed after the
/// last look at the task.
fn check_clobbered(
    network: &Network,
    scene: &Scene,
    request: &Value,
    ends: &[Ended],
    clobbered_at: usize,
) -> Vec<String> {
    let mut wrong = Vec::new();
    let task = scene.task(&network.upstreams.twilio);
    let with_six =
        scene::timestamp(&task.attributes).map(|timestamp| scene::with_six(&scene.attributes, request, &timestamp));
    let is_handed_over = with_six.as_ref() == Some(&task.attributes);
    if !is_handed_over && task.attributes != scene.attributes {
        wrong.push("attributes are lost or changed".to_owned());
    }
    let faults = network.calls().iter().filter(|(_, fault)| fault.is_some()).count();
    if let [Ended::Answered(answer)] = ends
        && faults == 0
        && !is_handed_over
        && was_read_after(network, clobbered_at)
    {
        wrong.push(format!("the six attributes are gone after {answer}"));
    }
    if !matches!(ends.last(), Some(Ended::Answered(_) | Ended::Failed(_))) {
        wrong.push("the handoff had an end that docs/reference.md does not allow".to_owned());
    }
    if scene.notes(&network.upstreams.twilio).len() > 1 {
        wrong.push("there is more than one note".to_owned());
    }
    wrong
}

/// Whether the task was read after the attributes were put back before a call.
fn was_read_after(network: &Network, call: usize) -> bool {
    let reads = |(call, _): &(Call, Option<Fault>)| call.method == Method::GET && call.path == "Tasks/WT";
    network.calls().iter().skip(call).any(reads)
}
