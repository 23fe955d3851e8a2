//! Workers with their channels and reservations.

use http::Method;
use serde_json::{Value, json};
use simulator::exchange::Upstream;
use simulator::twilio::ReservationStatus;
use simulator::twilio::sids::{AI_WORKER_SID, OFFLINE_ACTIVITY_SID, REP_WORKER_SID};

use super::{get, listed, own, post, text};
use crate::caller::{call, world};

#[tokio::test]
async fn a_worker_begins_in_the_default_activity_with_a_channel_of_each_kind() {
    let world = world().await;

    let created = post(&world, &own("Workers"), &[("FriendlyName", "Ana")]).await;
    let path = own(&format!("Workers/{}", text(&created.json["sid"])));
    let channels = listed(
        &world,
        &format!("{path}/Channels"),
        "channels",
        "task_channel_unique_name",
    )
    .await;
    let chat = get(&world, &format!("{path}/Channels/chat")).await;

    assert_eq!((created.status, created.etag()), (201, "\"0\""));
    assert_eq!(created.json["activity_sid"], OFFLINE_ACTIVITY_SID);
    assert_eq!(
        [&created.json["available"], &created.json["attributes"]],
        [&json!(false), &json!("{}")]
    );
    assert_eq!(channels, ["default", "voice", "chat", "sms", "video", "email"]);
    assert_eq!(chat.json["configured_capacity"], 1);
    assert_eq!(chat.json["available_capacity_percentage"], 100);
}

#[tokio::test]
async fn a_worker_is_written_and_deleted_under_its_own_etag() {
    let world = world().await;
    let path = own(&format!("Workers/{REP_WORKER_SID}"));
    let etag = get(&world, &path).await.etag().to_owned();
    let write = async |method: Method, etag: &str| {
        let request = call(&world, Upstream::TaskRouter, method, &path).header("if-match", etag);
        request.form(&[("Attributes", r#"{"roles":[]}"#)]).send().await
    };

    let written = write(Method::POST, &etag).await;
    let too_late = write(Method::POST, &etag).await;
    let not_deleted = write(Method::DELETE, &etag).await;
    let deleted = write(Method::DELETE, written.etag()).await;

    assert_eq!(written.json["attributes"], r#"{"roles":[]}"#);
    assert_ne!(written.etag(), etag);
    assert_eq!(too_late.refusal(), (412, 20412));
    assert_eq!(not_deleted.refusal(), (412, 20412));
    assert_eq!(deleted.status, 204);
}

#[tokio::test]
async fn a_channel_counts_the_tasks_that_its_worker_has() {
    let world = world().await;
    let path = own(&format!("Workers/{REP_WORKER_SID}/Channels/chat"));
    let (pending, accepted) = (offer(&world), offer(&world));
    world
        .twilio
        .move_reservation(&accepted, ReservationStatus::Accepted)
        .unwrap();

    let loaded = post(&world, &path, &[("Capacity", "4")]).await;
    world
        .twilio
        .move_reservation(&pending, ReservationStatus::Rejected)
        .unwrap();
    let relieved = get(&world, &path).await;
    let unavailable = post(&world, &path, &[("Available", "false")]).await;
    let malformed = post(&world, &path, &[("Capacity", "-1")]).await;

    let counts = |answer: &Value| {
        ["configured_capacity", "assigned_tasks", "available_capacity_percentage"].map(|field| answer[field].clone())
    };
    assert_eq!(counts(&loaded.json), [json!(4), json!(1), json!(50)]);
    assert_eq!(counts(&relieved.json), [json!(4), json!(1), json!(75)]);
    assert_eq!(unavailable.json["available"], false);
    assert_eq!(malformed.refusal(), (400, 20001));
}

/// Reserves a new task for the person.
fn offer(world: &simulator::world::World) -> String {
    let task = world.twilio.create_task("{}").unwrap();
    world.twilio.reserve(&task.sid, REP_WORKER_SID).unwrap().sid
}

#[tokio::test]
async fn a_worker_sees_its_own_reservations_and_nobody_elses() {
    let world = world().await;
    let own_ones = [offer(&world), offer(&world)];
    let task = world.twilio.create_task("{}").unwrap();
    let others = world.twilio.reserve(&task.sid, AI_WORKER_SID).unwrap().sid;
    world
        .twilio
        .move_reservation(&own_ones[0], ReservationStatus::Accepted)
        .unwrap();
    let path = own(&format!("Workers/{REP_WORKER_SID}/Reservations"));

    let all = listed(&world, &path, "reservations", "sid").await;
    let pending = listed(
        &world,
        &format!("{path}?ReservationStatus=pending"),
        "reservations",
        "sid",
    )
    .await;
    let first = get(&world, &format!("{path}?PageSize=1")).await.json;
    let foreign = get(&world, &format!("{path}/{others}")).await;
    let one = format!("{path}/{}", own_ones[0]);
    let completed = post(&world, &one, &[("ReservationStatus", "completed")]).await;

    assert_eq!(all, own_ones);
    assert_eq!(pending, [own_ones[1].clone()]);
    assert!(text(&first["meta"]["next_page_url"]).contains("PageSize=1"));
    assert_eq!(foreign.refusal(), (404, 20404));
    assert_eq!(completed.json["reservation_status"], "completed");
    assert_eq!(completed.json["url"], format!("https://taskrouter.twilio.com{one}"));
}

#[tokio::test]
async fn an_instruction_is_refused_since_nothing_here_can_be_called() {
    let world = world().await;
    let reservation = offer(&world);
    let path = own(&format!("Workers/{REP_WORKER_SID}/Reservations/{reservation}"));

    for instruction in ["dequeue", "call", "conference", "redirect", "supervise"] {
        let refused = post(
            &world,
            &path,
            &[("Instruction", instruction), ("ReservationStatus", "accepted")],
        )
        .await;
        assert_eq!(refused.refusal(), (400, 20001));
        assert!(text(&refused.json["message"]).contains("no voice"), "{}", refused.json);
    }
    let nothing = post(&world, &path, &[("WorkerActivitySid", OFFLINE_ACTIVITY_SID)]).await;
    assert_eq!(nothing.refusal(), (400, 20001));
    let rejected = [
        ("ReservationStatus", "rejected"),
        ("WorkerActivitySid", OFFLINE_ACTIVITY_SID),
    ];
    assert_eq!(
        post(&world, &path, &rejected).await.json["reservation_status"],
        "rejected"
    );
    let worker = get(&world, &own(&format!("Workers/{REP_WORKER_SID}"))).await;
    assert_eq!(worker.json["activity_sid"], OFFLINE_ACTIVITY_SID);
}
