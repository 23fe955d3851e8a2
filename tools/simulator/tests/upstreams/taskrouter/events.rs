//! Events as read from the REST API.

use serde_json::{Value, json};
use simulator::twilio::ReservationStatus;
use simulator::twilio::sids::{AI_WORKER_SID, BREAK_ACTIVITY_SID, REP_WORKER_SID, TASK_CHANNEL_SID, WORKFLOW_SID};

use super::{get, listed, own, post, text};
use crate::caller::world;
use crate::receiver::Receiver;

#[tokio::test]
async fn events_are_found_by_what_they_are_about() {
    let world = world().await;
    let task = world.twilio.create_task("{}").unwrap().sid;
    let reservation = world.twilio.reserve(&task, AI_WORKER_SID).unwrap().sid;
    world
        .twilio
        .move_reservation(&reservation, ReservationStatus::Accepted)
        .unwrap();
    world.twilio.create_task("{}").unwrap();
    world.twilio.set_capacity(REP_WORKER_SID, "sms", 2).unwrap();
    let last = world.twilio.events().last().unwrap().sid.clone();

    let of_reservation = ["reservation.created", "reservation.accepted"];
    for (query, expected) in [
        (format!("TaskSid={task}&EventType=task.created"), &["task.created"][..]),
        (format!("ReservationSid={reservation}"), &of_reservation),
        (format!("WorkerSid={AI_WORKER_SID}"), &of_reservation),
        (format!("WorkerSid={REP_WORKER_SID}"), &["worker.capacity.update"]),
        ("TaskChannel=sms".to_owned(), &["worker.capacity.update"]),
        (format!("Sid={last}"), &["worker.capacity.update"]),
        ("EventType=task.deleted".to_owned(), &[]),
        (format!("TaskSid={task}&EndDate=2020-01-01"), &[]),
        (
            format!("ReservationSid={reservation}&StartDate=2020-01-01T00%3A00%3A00Z"),
            &of_reservation,
        ),
        (format!("ReservationSid={reservation}&Minutes=1"), &of_reservation),
    ] {
        let types = listed(&world, &own(&format!("Events?{query}")), "events", "event_type").await;
        assert_eq!(types, expected, "{query}");
    }
    let query = format!("WorkflowSid={WORKFLOW_SID}&TaskChannel={TASK_CHANNEL_SID}&EventType=task.created");
    let both = listed(&world, &own(&format!("Events?{query}")), "events", "event_type").await;
    assert_eq!(both, ["task.created"; 2]);
}

#[tokio::test]
async fn an_event_says_the_same_as_its_callback() {
    let world = world().await;
    let task = world.twilio.create_task(r#"{"order":7}"#).unwrap().sid;
    let sent = world
        .twilio
        .events()
        .into_iter()
        .find(|event| event.event_type == "task.created")
        .unwrap();

    let read = get(&world, &own(&format!("Events/{}", sent.sid))).await.json;
    let missing = get(&world, &own(&format!("Events/EV{}", "0".repeat(32)))).await;

    assert_eq!(
        [&read["resource_type"], &read["resource_sid"]],
        [&json!("task"), &json!(task)]
    );
    assert!(text(&read["resource_url"]).ends_with(&format!("/Tasks/{task}")));
    assert_eq!(read["event_data"]["task_attributes"], r#"{"order":7}"#);
    assert_eq!(read["event_data"]["task_sid"], task);
    assert_eq!(read["event_data"].as_object().unwrap().len(), sent.fields.len());
    assert_eq!(
        Some(read["event_date_ms"].to_string().as_str()),
        sent.field("TimestampMs")
    );
    assert_eq!(missing.refusal(), (404, 20404));
}

#[tokio::test]
async fn a_workspace_tells_its_own_events_only() {
    let world = world().await;
    let created = post(&world, "/v1/Workspaces", &[("FriendlyName", "Bakery")]).await;
    let path = format!("/v1/Workspaces/{}/Events", text(&created.json["sid"]));
    world.twilio.create_task("{}").unwrap();

    let there = listed(&world, &path, "events", "resource_type").await;
    let here = listed(&world, &own("Events?EventType=workspace.created"), "events", "sid").await;
    let page = get(&world, &format!("{path}?PageSize=2")).await.json;

    assert!(there.iter().all(|kind| kind != "task"), "{there:?}");
    assert_eq!(there[0], "workspace");
    assert_eq!(here, Vec::<String>::new());
    assert_ne!(page["meta"]["next_page_url"], Value::Null);
}

#[tokio::test]
async fn the_event_callback_of_a_workspace_is_sent_its_own_events_that_the_filter_names() {
    let world = world().await;
    let receiver = Receiver::start(&world).await;
    let bakery = [
        ("FriendlyName", "Bakery"),
        ("EventCallbackUrl", "https://callbacks.example.com/bakery"),
        ("EventsFilter", "workspace.created,task.created,reservation.created"),
        ("Template", "FIFO"),
    ];
    let created = post(&world, "/v1/Workspaces", &bakery).await;
    let bakery = format!("/v1/Workspaces/{}", text(&created.json["sid"]));

    world.twilio.create_task("{}").unwrap();
    post(&world, &format!("{bakery}/Tasks"), &[]).await;
    world.twilio.events_settled().await;

    let expected = [("workspace.created".to_owned(), 1), ("task.created".to_owned(), 1)];
    assert_eq!(receiver.types(), expected.into());
}

#[tokio::test]
async fn a_rejection_says_what_its_worker_does_next() {
    let world = world().await;
    let task = world.twilio.create_task("{}").unwrap().sid;
    let reservation = world.twilio.reserve(&task, REP_WORKER_SID).unwrap().sid;
    let path = own(&format!("Tasks/{task}/Reservations/{reservation}"));
    let rejected = |activity| [("ReservationStatus", "rejected"), ("WorkerActivitySid", activity)];

    let refused = post(&world, &path, &rejected("WA00")).await;
    let done = post(&world, &path, &rejected(BREAK_ACTIVITY_SID)).await;

    assert_eq!(refused.refusal(), (400, 20001));
    assert_eq!(done.json["reservation_status"], "rejected");
    let events = world.twilio.events();
    let last: Vec<&str> = events.iter().rev().take(2).map(|event| &*event.event_type).collect();
    assert_eq!(last, ["worker.activity.update", "reservation.rejected"]);
}
