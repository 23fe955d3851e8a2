//! TaskRouter's routing after a handoff, in which the workflow chooses the next worker.

use end_to_end::Scene;
use serde_json::{Value, json};
use simulator::exchange::Exchange;
use simulator::fault::Effect;
use simulator::twilio::ReservationStatus::{Pending, Rejected};
use simulator::twilio::{Outcome, ReservationStatus, Routing, TaskStatus};
use simulator::world::HANDOFF;

use super::{FIRST, REJECT, answer, hand_over, rep_accepts, request, with_six};

/// A web chat that the workflow has offered to the AI. Events reach the functions.
async fn web_chat() -> Scene {
    let mut scene = Scene::with(|options| {
        options.routing = Routing::ByWorkflow;
        options.callbacks = true;
    })
    .await;
    let attributes = json!({
        "session_id": "session-1", "conversationSid": scene.conversation_sid, "channelType": "web"
    });
    scene.task_sid = scene.world.twilio.create_task(&attributes.to_string()).unwrap().sid;
    scene.reservation_sid = scene.task().reservations.remove(0).sid;
    scene
}

/// The workers who were offered the task, and the statuses of their reservations.
fn offers(scene: &Scene) -> Vec<(String, ReservationStatus)> {
    let reservations = scene.task().reservations.into_iter();
    reservations.map(|one| (one.worker_name, one.status)).collect()
}

#[tokio::test]
async fn handoff_routes_the_task_to_a_human_agent() {
    let scene = web_chat().await;
    assert_eq!(offers(&scene), [("ai".to_owned(), Pending)]);

    assert_eq!(hand_over(&scene).await, Ok(answer(&scene, FIRST)));

    assert_eq!(
        offers(&scene),
        [("ai".to_owned(), Rejected), ("Sam".to_owned(), Pending)]
    );
}

#[tokio::test]
async fn wrong_filter_order_returns_the_task_to_the_ai() {
    let scene = web_chat().await;
    let twilio = &scene.world.twilio;
    let mut workflow: Value = serde_json::from_str(&twilio.workflow_configuration()).unwrap();
    workflow["task_routing"]["filters"].as_array_mut().unwrap().reverse();
    twilio.set_workflow_configuration(&workflow.to_string(), false).unwrap();

    let mut expected = answer(&scene, FIRST);
    expected["routing"] = json!("back-at-ai");
    assert_eq!(hand_over(&scene).await, Ok(expected));

    assert_eq!(
        offers(&scene),
        [("ai".to_owned(), Rejected), ("ai".to_owned(), Pending)]
    );
    let log = scene.log(HANDOFF).pop().unwrap();
    assert_eq!((&log["level"], &log["outcome"]), (&json!("WARN"), &json!("loop")));
}

/// Another program puts its copy of the attributes from before the handoff back on the task, without `If-Match`.
fn clobber(scene: &Scene) -> Effect {
    let (twilio, task_sid) = (scene.world.twilio.clone(), scene.task_sid.clone());
    let copy = scene.task().attributes;
    Effect::run(move || drop(twilio.set_attributes(&task_sid, &copy).unwrap()))
}

#[tokio::test]
async fn attributes_removed_before_the_reject_are_written_again() {
    let scene = web_chat().await;
    let before = scene.task().attributes;
    scene.strike(scene.at(REJECT).before(clobber(&scene)));

    // The workflow gave the task back to the AI, which is rejected once more.
    assert_eq!(hand_over(&scene).await, Ok(answer(&scene, FIRST)));
    assert_eq!(
        offers(&scene),
        [
            ("ai".to_owned(), Rejected),
            ("ai".to_owned(), Rejected),
            ("Sam".to_owned(), Pending)
        ]
    );
    assert_eq!(scene.task().attributes, with_six(&before, &request(&scene, json!({}))));
    let is_own = |exchange: &&Exchange| {
        let agent = exchange.header("user-agent");
        agent.is_some_and(|agent| agent.ends_with("(handoff)"))
    };
    let requests = scene.exchanges();
    assert_eq!(requests.iter().filter(is_own).count(), 12, "{:?}", scene.requests());
}

#[tokio::test]
async fn attributes_removed_after_the_reject_are_written_again() {
    let scene = web_chat().await;
    let before = scene.task().attributes;
    scene.strike(scene.at(REJECT).after(clobber(&scene)));

    assert_eq!(hand_over(&scene).await, Ok(answer(&scene, FIRST)));
    assert_eq!(
        offers(&scene),
        [("ai".to_owned(), Rejected), ("Sam".to_owned(), Pending)]
    );
    assert_eq!(scene.task().attributes, with_six(&before, &request(&scene, json!({}))));
}

#[tokio::test]
async fn task_that_ends_with_the_release_is_told() {
    for (status, expected, level) in [
        (TaskStatus::Canceled, "canceled", "WARN"),
        (TaskStatus::Completed, "closed", "INFO"),
    ] {
        let scene = Scene::start().await;
        let (twilio, task_sid) = (scene.world.twilio.clone(), scene.task_sid.clone());
        let end = move || {
            if status == TaskStatus::Completed {
                rep_accepts(&twilio, &task_sid);
            }
            drop(twilio.end_task(&task_sid, status, "over").unwrap());
        };
        scene.strike(scene.at(REJECT).after(Effect::run(end)));

        let mut answered = answer(&scene, FIRST);
        answered["routing"] = json!(expected);
        assert_eq!(hand_over(&scene).await, Ok(answered));
        let log = scene.log(HANDOFF).pop().unwrap();
        assert_eq!((&log["level"], &log["outcome"]), (&json!(level), &json!("done")));
    }
}

#[tokio::test]
async fn events_of_a_handoff_are_answered_204() {
    let scene = web_chat().await;
    hand_over(&scene).await.unwrap();
    scene.world.twilio.events_settled().await;

    let told = scene.world.twilio.events();
    for delivery in scene.world.twilio.deliveries() {
        let outcomes = delivery.outcomes();
        let is_good = matches!(outcomes.as_slice(), [Outcome::Answered { status: 204, .. }]);
        assert!(is_good, "{}: {outcomes:?}", delivery.event_type);
    }
    for name in ["workflow.target-matched", "task-queue.moved", "task-queue.entered"] {
        assert!(told.iter().any(|event| event.event_type == name), "{name}");
    }
}
