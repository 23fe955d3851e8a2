//! Reservations: their lifecycle and lists of them.

use serde_json::json;
use simulator::options::Options;
use simulator::twilio::sids::{AI_WORKER_SID, REP_WORKER_SID};
use simulator::twilio::{ReservationStatus, TaskStatus};
use simulator::world::World;

use super::{get, offered_to_the_ai, post, reservation_path, task_path};
use crate::caller::world;

#[tokio::test]
async fn a_reservation_that_moves_its_task_moves_the_tasks_etag() {
    let world = world().await;
    let task = world.twilio.create_task("{}").unwrap();

    let reservation = world.twilio.reserve(&task.sid, AI_WORKER_SID).unwrap();
    assert_eq!(world.twilio.task(&task.sid).unwrap().etag(), "\"1\"");
    world
        .twilio
        .move_reservation(&reservation.sid, ReservationStatus::Accepted)
        .unwrap();
    assert_eq!(world.twilio.task(&task.sid).unwrap().etag(), "\"2\"");

    let stale = post(&world, &task_path(&task), &[("Attributes", "{}")]).header("if-match", "\"1\"");
    assert_eq!(stale.send().await.refusal(), (412, 20412));
}

#[tokio::test]
async fn a_rejected_reservation_sends_its_task_back_to_the_queue() {
    let world = world().await;
    let (task, reservation) = offered_to_the_ai(&world);
    let reject = || {
        post(
            &world,
            &reservation_path(&reservation),
            &[("ReservationStatus", "rejected")],
        )
    };
    assert_eq!(world.twilio.task(&task.sid).unwrap().status, TaskStatus::Reserved);

    let rejected = reject().send().await;
    let again = reject().send().await;

    assert_eq!((rejected.status, rejected.etag()), (200, "\"1\""));
    assert_eq!(rejected.json["reservation_status"], "rejected");
    assert_eq!(again.refusal(), (400, 20001));
    let task = world.twilio.task(&task.sid).unwrap();
    assert_eq!((task.status, task.reservations.len()), (TaskStatus::Pending, 1));
}

#[tokio::test]
async fn whether_an_accepted_reservation_can_be_rejected_is_up_to_the_world() {
    for (accepted_can_be_rejected, status) in [(false, 400), (true, 200)] {
        let world = World::start(Options {
            accepted_can_be_rejected,
            ..Options::default()
        })
        .await
        .unwrap();
        let (_, reservation) = offered_to_the_ai(&world);
        world
            .twilio
            .move_reservation(&reservation.sid, ReservationStatus::Accepted)
            .unwrap();

        let answer = post(
            &world,
            &reservation_path(&reservation),
            &[("ReservationStatus", "rejected")],
        )
        .send()
        .await;

        assert_eq!(answer.status, status);
    }
}

#[tokio::test]
async fn a_reservation_is_written_under_its_own_etag() {
    let world = world().await;
    let (_, reservation) = offered_to_the_ai(&world);
    let accept = post(
        &world,
        &reservation_path(&reservation),
        &[("ReservationStatus", "accepted")],
    );

    assert_eq!(accept.header("if-match", "\"1\"").send().await.refusal(), (412, 20412));
    assert_eq!(
        get(&world, &reservation_path(&reservation)).send().await.etag(),
        "\"0\""
    );
}

#[tokio::test]
async fn reservations_are_listed_by_worker_and_status() {
    let world = world().await;
    let (task, timed_out) = offered_to_the_ai(&world);
    world
        .twilio
        .move_reservation(&timed_out.sid, ReservationStatus::Timeout)
        .unwrap();
    let pending = world.twilio.reserve(&task.sid, AI_WORKER_SID).unwrap();
    world.twilio.reserve(&task.sid, REP_WORKER_SID).unwrap();
    let sids = async |query: &str| {
        let path = format!("{}/Reservations?{query}", task_path(&task));
        let answer = get(&world, &path).send().await;
        let reservations = answer.json["reservations"].as_array().unwrap().clone();
        reservations
            .iter()
            .map(|reservation| reservation["sid"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };

    assert_eq!(
        sids(&format!("WorkerSid={AI_WORKER_SID}")).await,
        [timed_out.sid, pending.sid.clone()]
    );
    assert_eq!(
        sids(&format!("WorkerSid={AI_WORKER_SID}&ReservationStatus=pending")).await,
        [pending.sid]
    );
    assert_eq!(sids("").await.len(), 3);
    assert_eq!(
        sids(&format!("WorkerSid={REP_WORKER_SID}&ReservationStatus=rejected")).await,
        [""; 0]
    );
}

#[tokio::test]
async fn a_list_is_read_page_by_page() {
    let world = world().await;
    let (task, first) = offered_to_the_ai(&world);
    let second = world.twilio.reserve(&task.sid, AI_WORKER_SID).unwrap();
    let third = world.twilio.reserve(&task.sid, AI_WORKER_SID).unwrap();
    let path = format!("{}/Reservations", task_path(&task));
    let query = |url: &serde_json::Value| url.as_str().unwrap().split_once('?').unwrap().1.to_owned();

    let page = get(&world, &format!("{path}?WorkerSid={AI_WORKER_SID}&PageSize=2"))
        .send()
        .await
        .json;
    let next = get(&world, &format!("{path}?{}", query(&page["meta"]["next_page_url"])))
        .send()
        .await
        .json;
    let back = get(&world, &format!("{path}?{}", query(&next["meta"]["previous_page_url"])))
        .send()
        .await
        .json;

    let base = format!("https://taskrouter.twilio.com{path}?WorkerSid={AI_WORKER_SID}&PageSize=2");
    let meta = json!({
        "first_page_url": format!("{base}&Page=0"),
        "key": "reservations",
        "next_page_url": format!("{base}&Page=1&PageToken=PA1"),
        "page": 0,
        "page_size": 2,
        "previous_page_url": null,
        "url": format!("{base}&Page=0"),
    });
    assert_eq!(page["meta"], meta);
    assert_eq!(
        [&page["reservations"][0]["sid"], &page["reservations"][1]["sid"]],
        [&first.sid, &second.sid]
    );
    assert_eq!(next["reservations"].as_array().unwrap().len(), 1);
    assert_eq!(next["reservations"][0]["sid"], third.sid);
    assert_eq!(next["meta"]["next_page_url"], json!(null));
    assert_eq!(back["reservations"], page["reservations"]);
}
