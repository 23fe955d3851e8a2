//! What there must be in the end, whatever happened.

use serde_json::Value;
use simulator::exchange::Upstream;
use simulator::twilio::ReservationStatus;

use crate::fault::Fault;
use crate::functions::Ended;
use crate::network::{Call, Network};
use crate::scene::{self, SESSION_ID, Scene};

/// What is wrong.
#[derive(Debug, Default)]
struct Verdict(Vec<String>);

impl Verdict {
    fn check(&mut self, holds: bool, what: &str) {
        if !holds {
            self.0.push(what.to_owned());
        }
    }
}

/// What is wrong after a handoff that ended so, try by try, and so many changes of another writer.
pub(crate) fn of_handoff(
    network: &Network,
    scene: &Scene,
    request: &Value,
    ends: &[Ended],
    changes: u32,
) -> Vec<String> {
    let twilio = &network.upstreams.twilio;
    let task = scene.task(twilio);
    let (ai, others) = task.reservations.split_first().expect("the AI was offered the task");
    let timestamp = scene::timestamp(&task.attributes);
    let before = scene.before_changes(&task.attributes, changes);
    let is_handed_over = timestamp.as_ref().is_some_and(|timestamp| {
        before.as_ref() == Some(&scene::with_six(&scene.attributes, request, timestamp))
            && request["timestamp"].as_str().is_none_or(|given| given == timestamp)
    });
    let notes = scene.notes(twilio).len();
    let was_refused = |upstream| {
        network
            .calls()
            .iter()
            .any(|(call, fault)| refuses(call, *fault, upstream))
    };

    let mut verdict = Verdict::default();
    verdict.check(
        is_handed_over || before.as_ref() == Some(&scene.attributes),
        "attributes are lost or changed",
    );
    verdict.check(
        is_handed_over || ai.status == ReservationStatus::Pending,
        "the reservation is released without the six",
    );
    verdict.check(
        matches!(ai.status, ReservationStatus::Pending | ReservationStatus::Rejected),
        "the AI's reservation is neither rejected nor as it was",
    );
    let is_accepted = |status| status == ReservationStatus::Accepted;
    verdict.check(
        others.iter().all(|reservation| is_accepted(reservation.status)),
        "the person's reservation was touched",
    );
    verdict.check(notes <= 1, "there is more than one note");
    verdict.check(
        notes == 0 || ai.status == ReservationStatus::Rejected,
        "there is a note of no handoff",
    );
    match ends.last() {
        Some(Ended::Answered(answer)) => {
            verdict.check(is_handed_over, "it says done, and the six are not there");
            verdict.check(
                ai.status == ReservationStatus::Rejected,
                "it says done, and the reservation is not rejected",
            );
            verdict.check(
                answer["handoffTimestamp"].as_str() == timestamp.as_deref(),
                "it answers another time",
            );
            match answer["note"].as_str() {
                Some("posted" | "already-posted") => {
                    verdict.check(notes == 1, "it says that there is a note, and there is none");
                }
                Some("refused") => {
                    verdict.check(was_refused(Upstream::Conversations), "no note, and nobody refused it")
                }
                _ => verdict.check(false, "no note, and no reason"),
            }
        }
        Some(ended) if !ended.is_worth_another_try() => verdict.check(
            was_refused(Upstream::TaskRouter),
            "it failed for good, and nobody refused anything",
        ),
        _ => verdict.check(false, "it came to no end"),
    }
    verdict.0
}

/// Whether trying again doesn't help, by the contract: a 4xx but 404, 412 and 429. A message that met 412 is refused.
fn refuses(call: &Call, fault: Option<Fault>, upstream: Upstream) -> bool {
    call.upstream == upstream && matches!(fault, Some(Fault::Status(408 | 409 | 412, ..)))
}

/// What is wrong after all events have been handled, and so many changes of another writer.
pub(crate) fn of_flattening(network: &Network, scene: &Scene, changes: u32) -> Vec<String> {
    let session_api = &network.upstreams.session_api;
    let data = session_api.custom_data(SESSION_ID).expect("nobody deletes the session");
    let mut held: Vec<_> = data
        .iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    held.sort_unstable();
    let attributes = scene.task(&network.upstreams.twilio).attributes;
    let mut verdict = Verdict::default();
    verdict.check(
        scene.before_changes(&attributes, changes).as_ref() == Some(&scene.attributes),
        "attributes are lost or changed",
    );
    if held != scene.flattened(&attributes) {
        verdict
            .0
            .push(format!("the session is not equal to the task: {held:?}"));
    }
    verdict.0
}
