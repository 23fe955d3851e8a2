//! Tasks of an interaction: `auto-close` removes the AI's participant or closes the channel.

use end_to_end::{Scene, binaries, refusal};
use serde_json::{Value, json};
use simulator::exchange::{Answer, Exchange, Upstream};
use simulator::fault::{Effect, Fault};
use simulator::options::Options;
use simulator::twilio::{ReservationStatus, TaskStatus};
use simulator::world::AUTO_CLOSE;

use super::queue::close;
use super::{end, tell};
use crate::messages::deliver;
use crate::webhook::{self, error, no_content};

const INTERACTION: &str = "KD00000000000000000000000000000001";
const CHANNEL: &str = "UO00000000000000000000000000000001";
const PARTICIPANT: &str = "UT00000000000000000000000000000001";

/// A scene whose task belongs to an interaction. Another upstream stands in for Flex and answers as set here.
async fn scene(conversation: &str) -> Scene {
    let scene = Scene::start().await;
    let mut options = Options {
        callbacks: false,
        ..Options::default()
    };
    let flex_url = scene.world.server(Upstream::Conversations).url();
    options.auto_close.set("FLEX_URL", &flex_url);
    options.auto_close.set("AUTO_CLOSE_CONVERSATION", conversation);
    scene.world.deploy(&binaries(), &options);
    let sids = json!({ "flexInteractionSid": INTERACTION, "flexInteractionChannelSid": CHANNEL });
    scene.set_attributes(&sids.to_string());
    scene
}

/// A scene whose task the AI has wrapped up.
async fn wrapped_up(conversation: &str) -> Scene {
    let scene = scene(conversation).await;
    end(&scene, ReservationStatus::Wrapping);
    scene
}

fn at_flex(path: &str) -> Fault {
    Fault::at(Upstream::Conversations).path_ends_with(path.to_owned())
}

/// Lets Flex list participants with these reservations.
fn list(scene: &Scene, reservations: &[&str]) {
    let participants: Vec<Value> = reservations
        .iter()
        .map(|sid| json!({ "sid": PARTICIPANT, "routing_properties": { "reservation_sid": sid } }))
        .collect();
    let body = json!({ "participants": participants, "meta": {} }).to_string();
    let answer = Effect::Answer(Answer::status(200).body(body));
    scene.world.faults.add(at_flex("/Participants").always().before(answer));
}

fn accept_writes(scene: &Scene) {
    for path in [PARTICIPANT, CHANNEL] {
        let answer = Effect::Answer(Answer::status(200).body("{}"));
        scene.world.faults.add(at_flex(path).always().before(answer));
    }
}

/// The path and body of every write to any upstream.
fn writes(scene: &Scene) -> Vec<(String, String)> {
    let mut exchanges = scene.exchanges();
    exchanges.retain(|exchange: &Exchange| exchange.method != http::Method::GET);
    exchanges
        .iter()
        .map(|exchange| (exchange.path.clone(), exchange.text()))
        .collect()
}

fn channel_path() -> String {
    format!("/v1/Interactions/{INTERACTION}/Channels/{CHANNEL}")
}

#[tokio::test]
async fn participant_of_the_ai_is_closed() {
    let scene = wrapped_up("keep").await;
    list(&scene, &["WR00000000000000000000000000000009", &scene.reservation_sid]);
    accept_writes(&scene);
    assert_eq!(tell(&scene, "reservation.wrapup").await, no_content());
    let path = format!("{}/Participants/{PARTICIPANT}", channel_path());
    assert_eq!(writes(&scene), [(path, "Status=closed".to_owned())]);
    assert_eq!(webhook::log(&scene, AUTO_CLOSE).pop().unwrap()["outcome"], "done");
}

#[tokio::test]
async fn channel_is_closed_if_the_conversation_is_to_end() {
    let scene = wrapped_up("close").await;
    accept_writes(&scene);
    assert_eq!(tell(&scene, "task.wrapup").await, no_content());
    let body = "Status=closed&Routing=%7B%22status%22%3A%22closed%22%7D".to_owned();
    assert_eq!(writes(&scene), [(channel_path(), body)]);
}

#[tokio::test]
async fn task_is_completed_if_the_ai_has_no_participant() {
    for status in [200, 404] {
        let scene = wrapped_up("keep").await;
        match status {
            200 => list(&scene, &["WR00000000000000000000000000000009"]),
            _ => {
                let gone = refusal(404, 20404);
                scene.world.faults.add(at_flex("/Participants").before(gone));
            }
        }
        assert_eq!(tell(&scene, "task.wrapup").await, no_content());
        assert_eq!(scene.task().status, TaskStatus::Completed, "{status}");
    }
}

#[tokio::test]
async fn waiting_task_is_canceled_or_its_channel_closed() {
    for conversation in ["keep", "close"] {
        let scene = scene(conversation).await;
        accept_writes(&scene);
        let message = close(&scene, &scene.reservation_sid, "resolved");
        assert_eq!(deliver(&scene, AUTO_CLOSE, &[(&message, 1)]).await, [0; 0]);
        let is_canceled = scene.task().status == TaskStatus::Canceled;
        let [(path, _)] = writes(&scene).try_into().unwrap();
        assert_eq!(
            (is_canceled, path == channel_path()),
            (conversation == "keep", conversation == "close")
        );
    }
}

#[tokio::test]
async fn change_before_the_write_is_seen() {
    let scene = wrapped_up("keep").await;
    let (twilio, task) = (scene.world.twilio.clone(), scene.task_sid.clone());
    let hand_off = Effect::run(move || {
        let attributes =
            json!({ "flexInteractionSid": INTERACTION, "flexInteractionChannelSid": CHANNEL, "handedOff": true });
        drop(twilio.set_attributes(&task, &attributes.to_string()));
    });
    scene.world.faults.add(at_flex("/Participants").before(hand_off));
    list(&scene, &[&scene.reservation_sid]);
    assert_eq!(tell(&scene, "task.wrapup").await, no_content());
    assert_eq!(
        webhook::log(&scene, AUTO_CLOSE).pop().unwrap()["cause"],
        "the task was handed off"
    );
    assert_eq!(writes(&scene), []);
}

#[tokio::test]
async fn refusals_of_flex_are_told_apart() {
    for (status, code, expected) in [
        (404, 20404, no_content()),
        (400, 20001, no_content()),
        (403, 45003, error(500, "refused")),
    ] {
        let scene = wrapped_up("close").await;
        scene
            .world
            .faults
            .add(at_flex(CHANNEL).always().before(refusal(status, code)));
        assert_eq!(tell(&scene, "task.wrapup").await, expected, "{status}");
        assert_eq!(scene.task().status, TaskStatus::Wrapping);
        assert_eq!(writes(&scene).len(), 1);
    }
}
