//! `reply`, with the AI platform as its caller.

use std::time::Duration;

use simulator::exchange::Upstream::{Conversations, SecretsManager, TaskRouter};
use simulator::twilio::ReservationStatus;

use super::{Case, Ran, by_plan};
use crate::functions::Ended;
use crate::functions::actions::reply;
use crate::network::{Manners, Network, Start};
use crate::scene::{self, Scene};
use crate::{ai_platform, verdict};

/// Posts a message with retries while these faults happen.
pub(crate) async fn run(start: Start, plan: Case) -> Ran {
    let (upstreams, scene) = scene::set();
    let steering = by_plan(plan);
    let network = Network::starting(start, upstreams, Manners::Strict, steering, Box::new(|_, _| {}));
    let request = scene.reply();
    let ends = ai_platform::until_done(ai_platform::PAUSE, || reply(&network, &request)).await;
    // Wait for the requests that are still under way.
    tokio::time::sleep(Duration::from_secs(30)).await;
    let mut wrong = check(&network, &scene, &ends);
    wrong.extend(verdict::of_ends(&network, &ends));
    Ran::new(&network, wrong, &format!("{ends:?}"))
}

fn check(network: &Network, scene: &Scene, ends: &[Ended]) -> Vec<String> {
    let twilio = &network.upstreams.twilio;
    let task = scene.task(twilio);
    let messages = scene.ai_messages(twilio);
    let is_untouched = task.attributes == scene.attributes && task.reservations[0].status == ReservationStatus::Pending;
    let mut wrong = vec![
        (!is_untouched, "the task was changed"),
        (messages.len() > 1, "the message was posted twice"),
        (
            !messages.iter().all(Scene::is_reply),
            "the message has another form than expected",
        ),
    ];
    wrong.push(match ends.last() {
        Some(Ended::Answered(answer)) => {
            let is_there = messages.iter().any(|message| answer["messageSid"] == *message.sid);
            (!is_there, "the answer reports a message that isn't there")
        }
        Some(Ended::Failed(error)) if error == "Refused" => {
            let is_refused = verdict::was_refused(network, &[TaskRouter, Conversations, SecretsManager]);
            (!is_refused, "it failed for good without a refusal")
        }
        _ => (true, "it had an end that docs/reference.md does not allow"),
    });
    let wrong = wrong.into_iter().filter(|(is_so, _)| *is_so);
    wrong.map(|(_, what)| what.to_owned()).collect()
}
