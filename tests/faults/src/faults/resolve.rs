//! `resolve`, with the AI platform as its caller.

use std::time::Duration;

use serde_json::json;
use simulator::exchange::Upstream;
use simulator::options::CLOSE_QUEUE;
use simulator::twilio::ReservationStatus;

use super::{Case, Ran, by_plan};
use crate::functions::Ended;
use crate::functions::actions::{RESOLVED_ATTRIBUTE, resolve};
use crate::network::{Manners, Network, Start};
use crate::scene::{self, SESSION_ID, Scene};
use crate::{ai_platform, verdict};

/// Resolves a task with retries while these faults happen. The AI has accepted its reservation or was only offered the
/// task.
pub(crate) async fn run(accepted: bool, start: Start, plan: Case) -> Ran {
    let (upstreams, scene) = match accepted {
        true => scene::set_accepted(),
        false => scene::set(),
    };
    let steering = by_plan(plan);
    let network = Network::starting(start, upstreams, Manners::Strict, steering, Box::new(|_, _| {}));
    let request = json!({ "taskSid": scene.task_sid, "reservationSid": scene.reservation_sid });
    let ends = ai_platform::until_done(ai_platform::PAUSE, || resolve(&network, &request, true)).await;
    // Wait for the requests that are still under way.
    tokio::time::sleep(Duration::from_secs(30)).await;
    let mut wrong = check(&network, &scene, &ends, accepted);
    wrong.extend(verdict::of_ends(&network, &ends));
    Ran::new(&network, wrong, &format!("{ends:?}"))
}

fn check(network: &Network, scene: &Scene, ends: &[Ended], accepted: bool) -> Vec<String> {
    let upstreams = &network.upstreams;
    let task = scene.task(&upstreams.twilio);
    let open = scene.attributes.strip_suffix('}').expect("the text of an object");
    let is_set = task.attributes == format!(r#"{open},"{RESOLVED_ATTRIBUTE}":true}}"#);
    let (held, released) = match accepted {
        true => (ReservationStatus::Accepted, ReservationStatus::Wrapping),
        false => (ReservationStatus::Pending, ReservationStatus::Rejected),
    };
    let status = task.reservations[0].status;
    let session = upstreams
        .session_api
        .custom_data(SESSION_ID)
        .expect("nobody deletes the session");
    let task_sid = json!(scene.task_sid).to_string();
    let is_marked = session.get("flex_resolved") == Some("true")
        && session.get("flex_resolved_task_sid") == Some(&task_sid)
        && session.get("flex_resolved_timestamp").is_some();
    let close = json!({
        "close": { "taskSid": scene.task_sid, "reservationSid": scene.reservation_sid, "cause": "resolved" },
    });
    let messages = upstreams.sqs.messages(CLOSE_QUEUE);
    let are_requests = messages
        .iter()
        .all(|message| serde_json::from_str(&message.body).ok() == Some(close.clone()));
    let refused = |upstream| verdict::was_refused(network, &[upstream, Upstream::SecretsManager]);
    let mut wrong = vec![
        (
            !is_set && task.attributes != scene.attributes,
            "attributes are lost or changed",
        ),
        (
            status != held && status != released,
            "the reservation has another status",
        ),
        (
            status == released && !is_set,
            "the reservation is released without the attribute",
        ),
        (
            is_set && !is_marked && !refused(Upstream::SessionApi),
            "the attribute is set before the session is marked",
        ),
        (!are_requests, "the close queue has another message"),
        (
            !messages.is_empty() && status != released,
            "the task is passed on before its release",
        ),
    ];
    wrong.extend(match ends.last() {
        Some(Ended::Answered(answer)) => vec![
            (
                !is_set || status != released,
                "the answer is a success, but not everything is done",
            ),
            (messages.is_empty(), "the answer is a success, but no message was sent"),
            (
                answer["session"] == "marked" && !is_marked,
                "the answer reports a mark that isn't there",
            ),
            (
                answer["session"] != "marked" && !refused(Upstream::SessionApi),
                "the session is unknown without a refusal",
            ),
        ],
        Some(Ended::Failed(error)) if error == "Refused" => {
            vec![(!refused(Upstream::TaskRouter), "it failed for good without a refusal")]
        }
        // While the queue refuses, the platform may retry for as long as it wants.
        Some(Ended::Failed(error)) if error == "Unavailable" => {
            vec![(!refused(Upstream::Sqs), "it failed to the end without a refusal")]
        }
        _ => vec![(true, "it had an end that docs/reference.md does not allow")],
    });
    let wrong = wrong.into_iter().filter(|(is_so, _)| *is_so);
    wrong.map(|(_, what)| what.to_owned()).collect()
}
