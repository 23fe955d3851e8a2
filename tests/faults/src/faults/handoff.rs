//! A handoff with its caller.

use std::sync::Arc;
use std::time::Duration;

use http::Method;
use serde_json::Value;
use simulator::twilio::sids::REP_WORKER_SID;
use simulator::twilio::{Reservation, ReservationStatus, Twilio};

use super::{Case, Ran};
use crate::functions::Ended;
use crate::network::{self, Manners, Network, Start};
use crate::scene::{self, Scene};
use crate::watch::Watch;
use crate::{ai_platform, verdict};

/// The kind of request.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Request {
    /// All fields.
    Whole,
    /// Only the required fields.
    Brief,
    /// The reservation of another worker.
    AnothersReservation,
}

/// Requests a handoff with retries, while these faults happen.
pub(crate) async fn run(asked: Request, start: Start, plan: Case) -> Ran {
    let (upstreams, scene) = scene::set();
    let request = request(&scene, asked, &upstreams.twilio);
    let watch = Arc::new(Watch::new(&scene));
    let network = Network::starting(start, upstreams, Manners::Strict, network::by_plan(plan), {
        let (watch, task_sid) = (watch.clone(), scene.task_sid.clone());
        Box::new(move |upstreams, call| {
            if call.method != Method::GET {
                watch.look(&upstreams.twilio);
                scene::route_to_a_person(&upstreams.twilio, &task_sid);
            }
        })
    });
    let ends = ai_platform::ask(&network, &request).await;
    // Wait for the requests that are still under way.
    tokio::time::sleep(Duration::from_secs(30)).await;
    let mut wrong = watch.wrong();
    if asked == Request::AnothersReservation {
        wrong.extend(check_anothers(&network, &scene, &ends));
    } else {
        wrong.extend(verdict::of_handoff(&network, &scene, &request, &ends, 0));
        wrong.extend(verdict::of_ends(&network, &ends));
        if watch.two_notes() {
            wrong.push("there was a second note, although only one run posts notes".to_owned());
        }
    }
    Ran::new(&network, wrong, &format!("{ends:?}"))
}

fn request(scene: &Scene, asked: Request, twilio: &Twilio) -> Value {
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
    }
    request
}

/// Nothing may be written for another worker's reservation.
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
