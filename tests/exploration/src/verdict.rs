//! What there must be in the end, whatever happened.

use serde_json::Value;
use simulator::exchange::Upstream;
use simulator::options::{DEAD_LETTER_QUEUE, QUEUE};
use simulator::twilio::ReservationStatus;

use crate::fault::Fault;
use crate::functions::Ended;
use crate::network::{Call, Network, Start};
use crate::scene::{self, PASSING, SESSION_ID, Scene};

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
    let notes = scene.notes(twilio);
    let rejects = twilio
        .events()
        .iter()
        .filter(|event| event.event_type == "reservation.rejected")
        .count();

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
    verdict.check(rejects <= 1, "there is more than one reject");
    let is_accepted = |status| status == ReservationStatus::Accepted;
    verdict.check(
        others.iter().all(|reservation| is_accepted(reservation.status)),
        "the person's reservation was touched",
    );
    verdict.check(notes.len() <= 1, "there is more than one note");
    verdict.check(
        notes.is_empty() || ai.status == ReservationStatus::Rejected,
        "there is a note of no handoff",
    );
    verdict.check(
        notes.iter().all(|note| scene.is_note(note)),
        "the note is not as it must be",
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
                    verdict.check(notes.len() == 1, "it says that there is a note, and there is none");
                }
                Some("refused") => verdict.check(
                    was_refused(network, &[Upstream::Conversations]),
                    "no note, and nobody refused it",
                ),
                _ => verdict.check(false, "no note, and no reason"),
            }
        }
        Some(Ended::Failed(error)) if error == "Refused" => verdict.check(
            was_refused(network, &[Upstream::TaskRouter, Upstream::SecretsManager]),
            "it failed for good, and nobody refused anything",
        ),
        _ => verdict.check(false, "it came to no end that it may come to"),
    }
    verdict.0
}

/// What is wrong after all events have been handled, and so many changes of another writer.
pub(crate) fn of_flattening(network: &Network, scene: &Scene, changes: u32) -> Vec<String> {
    let session_api = &network.upstreams.session_api;
    let data = session_api.custom_data(SESSION_ID).expect("nobody deletes the session");
    let (passing, mut held): (Vec<_>, Vec<_>) = data
        .iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .partition(|(name, _)| name == "flex_passing");
    held.sort_unstable();
    let attributes = scene.task(&network.upstreams.twilio).attributes;
    let mut verdict = Verdict::default();
    verdict.check(
        scene.before_changes(&attributes, changes).as_ref() == Some(&scene.attributes)
            || attributes == scene.attributes && is_locked_out(network),
        "attributes are lost or changed",
    );
    if held != scene.flattened(&attributes) && !is_locked_out(network) {
        verdict
            .0
            .push(format!("the session is not equal to the task: {held:?}"));
    }
    let is_there = passing.iter().any(|(_, value)| value.contains(PASSING));
    let is_blank = passing.iter().all(|(_, value)| value == "\"\"");
    verdict.check(
        if attributes.contains(PASSING) {
            is_there || is_locked_out(network)
        } else {
            is_there || is_blank
        },
        "the session has something else than the attribute that passes",
    );
    verdict.check(
        !is_there || !network.is_left_behind(),
        "what left the task stays in the session, by a run that knew of both",
    );
    verdict.0.extend(of_queue(network));
    verdict.0
}

/// What is wrong if a message is left.
pub(crate) fn of_queue(network: &Network) -> Vec<String> {
    let sqs = &network.upstreams.sqs;
    let mut verdict = Verdict::default();
    verdict.check(sqs.messages(QUEUE).is_empty(), "a message is on the queue for ever");
    verdict.check(sqs.messages(DEAD_LETTER_QUEUE).is_empty(), "a message was given up");
    verdict.0
}

/// What is wrong with the ends of invocations, try by try, by the faults that happened.
pub(crate) fn of_ends(network: &Network, ends: &[Ended]) -> Vec<String> {
    use Upstream::{Conversations, SecretsManager, SessionApi, Sqs, TaskRouter};
    let mut verdict = Verdict::default();
    let calls = network.calls();
    let is_refused = was_refused(network, &[TaskRouter, Conversations, SessionApi, SecretsManager, Sqs]);
    for ended in ends {
        let is_one = match ended {
            Ended::Status(500) => is_refused,
            Ended::Status(403) => is_locked_out(network),
            Ended::Status(204 | 503) | Ended::Killed | Ended::Answered(_) => true,
            Ended::Failed(error) => error == "Unavailable" || is_refused,
            Ended::Status(_) | Ended::TooLate => false,
        };
        verdict.check(is_one, &format!("nothing asks for this end: {ended:?}"));
    }
    // A start has less time, and ends with the process.
    let passes = |(call, fault): &(Call, Option<Fault>)| {
        fault.is_none_or(|fault| fault.passes() && call.upstream != Sqs && call.upstream != SecretsManager)
    };
    let is_done = matches!(ends.first(), None | Some(Ended::Status(204) | Ended::Answered(_)));
    verdict.check(
        is_done || !calls.iter().all(passes),
        "it failed, although everything that went wrong passed",
    );
    for (asked, (call, fault)) in calls.iter().enumerate() {
        let again = |(later, _): &(Call, Option<Fault>)| {
            (later.process, &later.method, &later.path) == (call.process, &call.method, &call.path)
        };
        if fault.is_some_and(|fault| refuses(call, fault))
            && call.upstream != Sqs
            && calls[asked + 1..].iter().any(again)
        {
            verdict.check(false, "it asks again for what was refused");
        }
    }
    if network.start == Start::Warm {
        let asked = calls.iter().any(|(call, _)| call.upstream == SecretsManager);
        verdict.check(!asked, "it reads the secret, and nobody was refused for it");
    }
    verdict.0
}

/// Whether an event may be lost: its signature is by a new token, and Secrets Manager doesn't let us read that.
pub(crate) fn is_locked_out(network: &Network) -> bool {
    network.start == Start::Rotated && was_refused(network, &[Upstream::SecretsManager])
}

fn was_refused(network: &Network, upstreams: &[Upstream]) -> bool {
    let refused = |(call, fault): &(Call, Option<Fault>)| {
        upstreams.contains(&call.upstream) && fault.is_some_and(|fault| refuses(call, fault))
    };
    network.calls().iter().any(refused)
}

/// Whether trying again doesn't help, by the contract: a 4xx but 404, 412 and 429, and 409 with the session API. A message
/// that met 412 is refused.
fn refuses(call: &Call, fault: Fault) -> bool {
    let Fault::Status(status, ..) = fault else { return false };
    match call.upstream {
        Upstream::TaskRouter => matches!(status, 408 | 409),
        Upstream::SessionApi => status == 408,
        Upstream::SecretsManager => matches!(status, 409 | 412),
        Upstream::Conversations | Upstream::Sqs => matches!(status, 408 | 409 | 412),
    }
}
