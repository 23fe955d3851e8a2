//! The verdict on a case: the conditions that hold in the end.

mod transfer;

use serde_json::Value;
use simulator::exchange::Upstream;
use simulator::options::{CLOSE_DEAD_LETTER_QUEUE, CLOSE_QUEUE, DEAD_LETTER_QUEUE, QUEUE};
use simulator::twilio::{Message, ReservationStatus};

use crate::fault::{Body, Fault};
use crate::functions::Ended;
use crate::network::{Call, Network, Start};
use crate::scene::{self, PASSING, SESSION_ID, Scene};

pub(crate) use transfer::of_transfer;

/// The violations of a case.
#[derive(Debug, Default)]
struct Verdict(Vec<String>);

impl Verdict {
    fn check(&mut self, holds: bool, what: &str) {
        if !holds {
            self.0.push(what.to_owned());
        }
    }
}

/// The task's attributes after a handoff.
struct HandedOver {
    /// Whether the six attributes are there and nothing else has changed.
    is_done: bool,
    /// Whether the attributes are as before the handoff.
    is_untouched: bool,
    timestamp: Option<String>,
}

impl HandedOver {
    /// Compares a task's attributes with the scene's attributes after this many changes by another writer.
    fn of(scene: &Scene, request: &Value, attributes: &str, changes: u32) -> Self {
        let timestamp = scene::timestamp(attributes);
        let before = scene.before_changes(attributes, changes);
        let is_done = timestamp.as_ref().is_some_and(|timestamp| {
            before.as_ref() == Some(&scene::with_six(&scene.attributes, request, timestamp))
                && request["timestamp"].as_str().is_none_or(|given| given == timestamp)
        });
        Self {
            is_done,
            is_untouched: before.as_ref() == Some(&scene.attributes),
            timestamp,
        }
    }
}

/// The violations after a handoff by the end of each try and the number of another writer's changes.
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
    let six = HandedOver::of(scene, request, &task.attributes, changes);
    let rejects = twilio
        .events()
        .iter()
        .filter(|event| event.event_type == "reservation.rejected")
        .count();

    let mut verdict = Verdict::default();
    verdict.check(six.is_done || six.is_untouched, "attributes are lost or changed");
    verdict.check(
        six.is_done || ai.status == scene.held,
        "the reservation is released without the six attributes",
    );
    verdict.check(
        ai.status == scene.held || ai.status == ReservationStatus::Rejected,
        "the AI's reservation is neither rejected nor unchanged",
    );
    verdict.check(rejects <= 1, "there is more than one reject");
    let is_accepted = |status| status == ReservationStatus::Accepted;
    verdict.check(
        others.iter().all(|reservation| is_accepted(reservation.status)),
        "the human agent's reservation was changed",
    );
    verdict.check_notes(network, scene, ai.status == ReservationStatus::Rejected);
    match ends.last() {
        Some(Ended::Answered(answer)) => {
            verdict.check(
                ai.status == ReservationStatus::Rejected,
                "the answer is a success, but the reservation is not rejected",
            );
            verdict.check_answer(network, scene, answer, &six);
        }
        Some(Ended::Failed(error)) if error == "ReservationNotRejectable" => verdict.check(
            ai.status == ReservationStatus::Accepted && was_refused(network, &[Upstream::TaskRouter]),
            "the reservation couldn't be rejected, although nothing was refused",
        ),
        end => verdict.check_refused_handoff(network, end),
    }
    verdict.0
}

impl Verdict {
    /// Checks the notes in the conversation.
    fn check_notes(&mut self, network: &Network, scene: &Scene, is_released: bool) {
        let notes = scene.notes(&network.upstreams.twilio);
        // A killed run can't look again after its post. Its post may come after the look of the next run.
        let stays = |note: &Message| network.was_poster_killed(&note.sid);
        self.check(notes.iter().skip(1).all(stays), "there is more than one note");
        self.check(notes.is_empty() || is_released, "there is a note without a handoff");
        self.check(
            notes.iter().all(|note| scene.is_note(note)),
            "the note has another form than expected",
        );
    }

    /// Checks that a handoff without a success was refused by an upstream.
    fn check_refused_handoff(&mut self, network: &Network, end: Option<&Ended>) {
        match end {
            Some(Ended::Failed(error)) if error == "Refused" => self.check(
                was_refused(
                    network,
                    &[Upstream::TaskRouter, Upstream::Flex, Upstream::SecretsManager],
                ),
                "the handoff failed for good without a refusal",
            ),
            _ => self.check(false, "the handoff had an end that docs/reference.md does not allow"),
        }
    }

    /// Checks the answer of a handoff against the six attributes and the note.
    fn check_answer(&mut self, network: &Network, scene: &Scene, answer: &Value, six: &HandedOver) {
        self.check(
            six.is_done,
            "the answer is a success, but the six attributes are missing",
        );
        self.check(
            answer["handoffTimestamp"].as_str() == six.timestamp.as_deref(),
            "the answer has another timestamp than the attributes",
        );
        let is_disturbed = network.calls().iter().any(|(_, fault)| fault.is_some());
        self.check(
            answer["routing"] == "released" || answer["routing"] == "unknown" && is_disturbed,
            "the answer tells another outcome",
        );
        let has_note = !scene.notes(&network.upstreams.twilio).is_empty();
        match answer["note"].as_str() {
            // The queue has been emptied since.
            Some("deferred") => {
                let is_refused = was_refused(network, &[Upstream::Conversations, Upstream::TaskRouter]);
                self.check(has_note || is_refused, "the deferred note is missing");
            }
            Some("posted" | "already-posted") => {
                self.check(has_note, "the answer reports a note, but there is none");
            }
            Some("refused") => self.check(
                was_refused(network, &[Upstream::Conversations]),
                "the note was withheld without a refusal",
            ),
            _ => self.check(false, "the note was withheld without a reason"),
        }
    }
}

/// The violations after all events and this many changes by another writer.
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
    if held != scene.flattened(&attributes) && !is_locked_out(network) && !network.is_unwatched() {
        verdict.0.push(format!("the session differs from the task: {held:?}"));
    }
    let is_there = passing.iter().any(|(_, value)| value.contains(PASSING));
    let is_blank = passing.iter().all(|(_, value)| value == "\"\"");
    verdict.check(
        if attributes.contains(PASSING) {
            is_there || is_locked_out(network)
        } else {
            is_there || is_blank
        },
        "the session holds another value than that of the removed attribute",
    );
    verdict.check(
        !is_there || !network.is_left_behind(),
        "a removed attribute stays in the session, although one run saw both values",
    );
    verdict.0.extend(of_queue(network));
    verdict.0
}

/// The violations if a message is left on a queue or was given up.
pub(crate) fn of_queue(network: &Network) -> Vec<String> {
    let sqs = &network.upstreams.sqs;
    let mut verdict = Verdict::default();
    for (queue, dead_letter_queue) in [(QUEUE, DEAD_LETTER_QUEUE), (CLOSE_QUEUE, CLOSE_DEAD_LETTER_QUEUE)] {
        verdict.check(sqs.messages(queue).is_empty(), "a message is left on a queue");
        verdict.check(sqs.messages(dead_letter_queue).is_empty(), "a message was given up");
    }
    verdict.0
}

/// The violations in the ends of invocations by the faults that happened.
pub(crate) fn of_ends(network: &Network, ends: &[Ended]) -> Vec<String> {
    use Upstream::{Conversations, Flex, SecretsManager, SessionApi, Sqs, TaskRouter};
    let mut verdict = Verdict::default();
    let calls = network.calls();
    let is_refused = was_refused(
        network,
        &[TaskRouter, Conversations, Flex, SessionApi, SecretsManager, Sqs],
    );
    for ended in ends {
        let is_one = match ended {
            Ended::Status(500) => is_refused,
            Ended::Status(403) => is_locked_out(network),
            Ended::Status(204 | 503) | Ended::Killed | Ended::Answered(_) => true,
            Ended::Failed(error) => error == "Unavailable" || is_refused,
            Ended::Status(_) | Ended::TooLate => false,
        };
        verdict.check(is_one, &format!("no fault causes this end: {ended:?}"));
    }
    // A start has less time, and its failure ends the process.
    let passes = |(call, fault): &(Call, Option<Fault>)| {
        // A session write that hangs has all of an action's time.
        let takes_all_time = |fault| {
            call.upstream == SessionApi
                && matches!(fault, Fault::Hang(_) | Fault::Late(_))
                && !matches!(ends.first(), Some(Ended::Status(_)))
        };
        fault.is_none_or(|fault| {
            fault.passes() && call.upstream != Sqs && call.upstream != SecretsManager && !takes_all_time(fault)
        })
    };
    let is_done = matches!(ends.first(), None | Some(Ended::Status(204) | Ended::Answered(_)));
    verdict.check(
        is_done || !calls.iter().all(passes),
        "the invocation failed although every fault was transient",
    );
    for (asked, (call, fault)) in calls.iter().enumerate() {
        let again = |(later, _): &(Call, Option<Fault>)| {
            (later.process, &later.method, &later.path) == (call.process, &call.method, &call.path)
        };
        // At a cold start, a secret that can't be read counts as unavailable, whatever the reason.
        let is_first_read = call.upstream == SecretsManager && network.start == Start::Cold;
        if fault.is_some_and(|fault| refuses(call, fault))
            && call.upstream != Sqs
            && !is_first_read
            && calls[asked + 1..].iter().any(again)
        {
            verdict.check(false, "a refused request was retried");
        }
    }
    if network.start == Start::Warm {
        let asked = calls.iter().any(|(call, _)| call.upstream == SecretsManager);
        verdict.check(!asked, "the secret was read again without a refusal");
    }
    verdict.0
}

/// Whether an event may be lost. The event's signature is by a new token that cannot be read from Secrets Manager.
pub(crate) fn is_locked_out(network: &Network) -> bool {
    network.start == Start::Rotated && was_refused(network, &[Upstream::SecretsManager])
}

/// Whether an answer of TaskRouter had a status that is unknown to every function.
pub(crate) fn has_unknown_status(network: &Network) -> bool {
    let unknown = Some(Fault::Body(Body::UnknownStatus));
    network.calls().iter().any(|(_, fault)| *fault == unknown)
}

pub(crate) fn was_refused(network: &Network, upstreams: &[Upstream]) -> bool {
    let refused = |(call, fault): &(Call, Option<Fault>)| {
        upstreams.contains(&call.upstream) && fault.is_some_and(|fault| refuses(call, fault))
    };
    network.calls().iter().any(refused)
}

/// Whether a retry cannot help. The AWS SDK doesn't retry some statuses that the other clients retry.
fn refuses(call: &Call, fault: Fault) -> bool {
    let Fault::Status(status, ..) = fault else { return false };
    match call.upstream {
        Upstream::TaskRouter | Upstream::EventStreams | Upstream::SessionApi => status == 403,
        // Requests to these upstreams have no condition.
        Upstream::Conversations | Upstream::Flex => matches!(status, 403 | 412),
        Upstream::SecretsManager => matches!(status, 403 | 409 | 412 | 425),
        Upstream::Sqs => matches!(status, 403 | 408 | 409 | 412 | 425),
    }
}
