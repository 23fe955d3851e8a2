//! The assignment callback of a workflow and its instructions.

use std::collections::BTreeMap;

use http::Method;
use simulator::exchange::Upstream;
use simulator::twilio::sids::{
    ACCOUNT_SID, AI_QUEUE_SID, AI_WORKER_SID, AVAILABLE_ACTIVITY_SID, BREAK_ACTIVITY_SID, WORKFLOW_SID, WORKSPACE_SID,
};
use simulator::twilio::{ReservationStatus, Task, signature};
use simulator::world::World;

use crate::caller::{call, world};
use crate::receiver::Receiver;

const URL: &str = "https://callbacks.example.com/assign";
const FALLBACK: &str = "https://callbacks.example.com/fallback";

/// A world whose workflow has an assignment callback and a fallback, plus their receiver.
async fn asking() -> (World, Receiver) {
    let world = world().await;
    let receiver = Receiver::start(&world).await;
    let path = format!("/v1/Workspaces/{WORKSPACE_SID}/Workflows/{WORKFLOW_SID}");
    let urls = [
        ("AssignmentCallbackUrl", URL),
        ("FallbackAssignmentCallbackUrl", FALLBACK),
    ];
    let updated = call(&world, Upstream::TaskRouter, Method::POST, &path).form(&urls);
    assert_eq!(updated.send().await.status, 200);
    (world, receiver)
}

/// A task offered to the AI, after the callback was answered with this body.
async fn offered(world: &World, receiver: &Receiver, answer: &str) -> Task {
    *receiver.body.lock().unwrap() = answer.to_owned();
    receiver.answers.lock().unwrap().push(200);
    let task = world.twilio.create_task(r#"{"name":"Åse"}"#).unwrap();
    world.twilio.reserve(&task.sid, AI_WORKER_SID).unwrap();
    world.twilio.events_settled().await;
    world.twilio.task(&task.sid).unwrap()
}

fn uris(receiver: &Receiver) -> Vec<String> {
    receiver.received().into_iter().map(|received| received.uri).collect()
}

#[tokio::test]
async fn callback_has_the_reservation_and_is_signed() {
    let (world, receiver) = asking().await;

    let task = offered(&world, &receiver, "{}").await;

    let [received] = <[_; 1]>::try_from(receiver.received()).unwrap();
    let mut fields: BTreeMap<&str, &str> = BTreeMap::new();
    fields.extend(
        received
            .fields
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str())),
    );
    let workers = world.twilio.workers();
    let reservation = &task.reservations[0];
    let timestamp = reservation.date_created.unix_timestamp().to_string();
    let expected = BTreeMap::from([
        ("AccountSid", ACCOUNT_SID),
        ("ReservationSid", &reservation.sid),
        ("TaskAge", "0"),
        ("TaskAttributes", r#"{"name":"Åse"}"#),
        ("TaskPriority", "0"),
        ("TaskQueueSid", AI_QUEUE_SID),
        ("TaskSid", &task.sid),
        ("Timestamp", &timestamp),
        ("WorkerAttributes", &workers[0].attributes),
        ("WorkerSid", AI_WORKER_SID),
        ("WorkflowSid", WORKFLOW_SID),
        ("WorkspaceSid", WORKSPACE_SID),
    ]);
    assert_eq!(fields, expected);
    let auth_token = world.twilio.credentials().auth_token;
    let signed = signature(&auth_token, URL, &received.fields);
    assert_eq!(
        (received.uri.as_str(), received.header("x-twilio-signature")),
        ("/assign", signed.as_str())
    );
    assert_eq!(reservation.status, ReservationStatus::Pending);
}

#[tokio::test]
async fn instructions_accept_or_reject_and_others_leave_the_reservation_pending() {
    for (answer, status, activity) in [
        (
            r#"{"instruction":"accept"}"#,
            ReservationStatus::Accepted,
            AVAILABLE_ACTIVITY_SID,
        ),
        (
            r#"{"instruction":"reject"}"#,
            ReservationStatus::Rejected,
            AVAILABLE_ACTIVITY_SID,
        ),
        (
            &format!(r#"{{"instruction":"reject","activity_sid":"{BREAK_ACTIVITY_SID}"}}"#),
            ReservationStatus::Rejected,
            BREAK_ACTIVITY_SID,
        ),
        (
            r#"{"instruction":"dequeue"}"#,
            ReservationStatus::Pending,
            AVAILABLE_ACTIVITY_SID,
        ),
        ("", ReservationStatus::Pending, AVAILABLE_ACTIVITY_SID),
        ("accept", ReservationStatus::Pending, AVAILABLE_ACTIVITY_SID),
    ] {
        let (world, receiver) = asking().await;

        let task = offered(&world, &receiver, answer).await;

        assert_eq!(task.reservations[0].status, status, "{answer}");
        assert_eq!(world.twilio.workers()[0].activity_sid, activity, "{answer}");
        assert_eq!(uris(&receiver), ["/assign"]);
    }
}

#[tokio::test]
async fn fallback_is_asked_if_the_callback_fails() {
    let (world, receiver) = asking().await;
    *receiver.answers.lock().unwrap() = vec![500, 500, 200, 500];

    let accept = r#"{"instruction":"accept"}"#;
    *receiver.body.lock().unwrap() = accept.to_owned();
    let mut statuses = Vec::new();
    for _ in 0..2 {
        let task = world.twilio.create_task("{}").unwrap();
        let reservation = world.twilio.reserve(&task.sid, AI_WORKER_SID).unwrap();
        world.twilio.events_settled().await;
        statuses.push(world.twilio.reservation(&reservation.sid).unwrap().status);
    }

    assert_eq!(uris(&receiver), ["/assign", "/fallback", "/assign", "/fallback"]);
    assert_eq!(statuses, [ReservationStatus::Accepted, ReservationStatus::Pending]);
}

#[tokio::test]
async fn instruction_that_comes_too_late_changes_nothing() {
    let (world, receiver) = asking().await;
    let world = &world;
    let task = world.twilio.create_task("{}").unwrap();
    *receiver.body.lock().unwrap() = r#"{"instruction":"accept"}"#.to_owned();
    let reservation = world.twilio.reserve(&task.sid, AI_WORKER_SID).unwrap();

    // The callback runs on the same thread, so no answer can arrive before this change.
    world
        .twilio
        .move_reservation(&reservation.sid, ReservationStatus::Rejected)
        .unwrap();
    world.twilio.events_settled().await;

    assert_eq!(uris(&receiver), ["/assign"]);
    let status = world.twilio.reservation(&reservation.sid).unwrap().status;
    assert_eq!(status, ReservationStatus::Rejected);
}
