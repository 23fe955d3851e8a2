//! `auto-close` changes only the task's status. No other function changes the status.

use std::path::Path;

use end_to_end::{LIMIT, Scene, binaries, outcome};
use serde_json::json;
use simulator::exchange::{Exchange, Upstream};
use simulator::twilio::sids::REP_WORKER_SID;
use simulator::twilio::{ConversationState, ReservationStatus, TaskStatus};
use simulator::world::HANDOFF;

use super::{tell, was_closed, wrapped_up};
use crate::webhook::no_content;

#[tokio::test]
async fn conversation_is_never_touched() {
    let scene = wrapped_up().await;
    assert_eq!(tell(&scene, "task.wrapup").await, no_content());
    assert!(was_closed(&scene));
    assert!(scene.world.exchanges.of(Upstream::Conversations).is_empty());
    assert_eq!(scene.conversation().state, ConversationState::Active);
}

/// All functions run. The AI hands off the task, and a human agent accepts the task and wraps it up.
#[tokio::test]
async fn handed_off_task_keeps_its_status_and_agent() {
    let scene = Scene::with(|options| options.callbacks = true).await;
    let twilio = &scene.world.twilio;
    let handoff = json!({
        "taskSid": scene.task_sid, "reservationSid": scene.reservation_sid,
        "reason": "wants to cancel", "summary": "Asked twice.", "sentiment": "negative", "language": "en",
    });
    let invocation = scene
        .world
        .lambda
        .invoke(HANDOFF, handoff.to_string().into_bytes())
        .await;
    assert_eq!(
        outcome(&invocation).map(|answer| answer["reservation"].clone()),
        Ok(json!("rejected"))
    );
    let reps = twilio.reserve(&scene.task_sid, REP_WORKER_SID).unwrap();
    for status in [ReservationStatus::Accepted, ReservationStatus::Wrapping] {
        twilio.move_reservation(&reps.sid, status).unwrap();
    }
    tokio::time::timeout(LIMIT, twilio.events_settled()).await.unwrap();

    assert_eq!(scene.task().status, TaskStatus::Wrapping);
    let exchanges = scene.exchanges();
    let fields: Vec<String> = exchanges
        .iter()
        .filter_map(|exchange: &Exchange| exchange.field("AssignmentStatus"))
        .collect();
    assert_eq!(fields, [""; 0]);
    assert!(exchanges.iter().all(|exchange| exchange.method != http::Method::DELETE));
}

#[test]
fn assignment_status_occurs_only_in_auto_close() {
    let holds = |binary: &Path| {
        let bytes = std::fs::read(binary).unwrap();
        String::from_utf8_lossy(&bytes).contains("AssignmentStatus")
    };
    let binaries = binaries();
    let held = [
        &binaries.task_events,
        &binaries.handoff,
        &binaries.resolve,
        &binaries.reply,
        &binaries.deferred,
        &binaries.auto_close,
    ];
    let held = held.map(|binary| holds(binary));
    assert_eq!(held, [false, false, false, false, false, true]);
}
