//! TaskRouter's tasks.

mod evaluations;
mod reservations;
mod routing_target;

use http::Method;
use simulator::exchange::Upstream;
use simulator::twilio::sids::{AI_WORKER_SID, API_KEY_SID, REP_WORKER_SID, WORKSPACE_SID};
use simulator::twilio::{Credentials, Reservation, ReservationStatus, Task, TaskStatus};
use simulator::world::World;

use crate::caller::{Call, call, tasks_path, world};

fn get(world: &World, path: &str) -> Call {
    call(world, Upstream::TaskRouter, Method::GET, path)
}

fn post(world: &World, path: &str, fields: &[(&str, &str)]) -> Call {
    call(world, Upstream::TaskRouter, Method::POST, path).form(fields)
}

fn task_path(task: &Task) -> String {
    format!("{}/{}", tasks_path(), task.sid)
}

fn reservation_path(reservation: &Reservation) -> String {
    format!(
        "{}/{}/Reservations/{}",
        tasks_path(),
        reservation.task_sid,
        reservation.sid
    )
}

fn offered_to_the_ai(world: &World) -> (Task, Reservation) {
    let task = world.twilio.create_task("{}").unwrap();
    let reservation = world.twilio.reserve(&task.sid, AI_WORKER_SID).unwrap();
    (task, reservation)
}

#[tokio::test]
async fn a_task_is_created_read_and_deleted() {
    let world = world().await;

    let created = post(
        &world,
        &tasks_path(),
        &[("Attributes", r#"{"a": 1}"#), ("Priority", "7")],
    )
    .send()
    .await;
    let path = format!("{}/{}", tasks_path(), created.json["sid"].as_str().unwrap());
    let read = get(&world, &path).send().await;
    let deleted = call(&world, Upstream::TaskRouter, Method::DELETE, &path).send().await;
    let gone = get(&world, &path).send().await;

    assert_eq!((created.status, created.etag()), (201, "\"0\""));
    assert_eq!((read.status, read.etag()), (200, "\"0\""));
    assert_eq!(read.json["attributes"], r#"{"a": 1}"#);
    assert_eq!(read.json["assignment_status"], "pending");
    assert_eq!(read.json["priority"], 7);
    assert_eq!(read.json["url"], format!("https://taskrouter.twilio.com{path}"));
    assert_eq!(deleted.status, 204);
    assert_eq!(gone.refusal(), (404, 20404));
}

#[tokio::test]
async fn only_good_credentials_open_the_api() {
    let world = world().await;
    let basic = |user: &str, password: &str| {
        use base64::Engine;
        let credentials = base64::prelude::BASE64_STANDARD.encode(format!("{user}:{password}"));
        let call = get(&world, &tasks_path()).unauthenticated();
        call.header("authorization", &format!("Basic {credentials}"))
    };
    let key = world.twilio.credentials().api_keys[API_KEY_SID].clone();

    assert_eq!(get(&world, &tasks_path()).send().await.status, 200);
    assert_eq!(basic(API_KEY_SID, &key).send().await.status, 200);
    assert_eq!(basic(API_KEY_SID, "wrong").send().await.refusal(), (401, 20003));
    assert_eq!(
        get(&world, &tasks_path()).unauthenticated().send().await.refusal(),
        (401, 20003)
    );

    world.twilio.set_credentials(Credentials {
        api_keys: [].into(),
        ..world.twilio.credentials()
    });
    assert_eq!(basic(API_KEY_SID, &key).send().await.refusal(), (401, 20003));
}

#[tokio::test]
async fn another_workspace_is_not_found() {
    let world = world().await;
    let path = tasks_path().replace(WORKSPACE_SID, "WS00000000000000000000000000000000");

    assert_eq!(get(&world, &path).send().await.refusal(), (404, 20404));
}

#[tokio::test]
async fn attributes_keep_their_bytes_and_move_the_etag() {
    let world = world().await;
    let task = world.twilio.create_task("{}").unwrap();
    let attributes =
        "{ \"n\" : 1.10, \"big\":12345678901234567890123,\"e\":1e999, \"s\":\"\\u00e9\\/\",\"\\ud800\":0 }";

    let written = post(&world, &task_path(&task), &[("Attributes", attributes)])
        .send()
        .await;

    assert_eq!((written.status, written.etag()), (200, "\"1\""));
    assert_eq!(written.json["attributes"], attributes);
    assert_eq!(world.twilio.task(&task.sid).unwrap().attributes, attributes);
}

#[tokio::test]
async fn a_write_needs_the_present_etag_quoted_or_bare() {
    let world = world().await;
    let task = world.twilio.create_task("{}").unwrap();
    let write = |etag: &str| post(&world, &task_path(&task), &[("Attributes", "{}")]).header("if-match", etag);

    assert_eq!(write("\"0\"").send().await.etag(), "\"1\"");
    assert_eq!(write("1").send().await.etag(), "\"2\"");
    assert_eq!(write("\"1\"").send().await.refusal(), (412, 20412));
    assert_eq!(write("").send().await.refusal(), (412, 20412));
    assert_eq!(world.twilio.task(&task.sid).unwrap().version, 2);
}

#[tokio::test]
async fn attributes_have_at_most_4096_utf_16_units() {
    let world = world().await;
    let task = world.twilio.create_task("{}").unwrap();
    // Each emoji is two units. {"a":""} is eight.
    let attributes = |pairs: usize| format!(r#"{{"a":"{}"}}"#, "😀".repeat(pairs));

    let fits = post(&world, &task_path(&task), &[("Attributes", &attributes(2_044))])
        .send()
        .await;
    let too_long = post(&world, &task_path(&task), &[("Attributes", &attributes(2_045))])
        .send()
        .await;

    assert_eq!(fits.status, 200);
    assert_eq!(too_long.refusal(), (400, 20001));
}

#[tokio::test]
async fn attributes_must_be_a_json_object() {
    let world = world().await;
    let task = world.twilio.create_task("{}").unwrap();

    for attributes in ["", "[]", "null", "{", r#"{"a":}"#, "{} x"] {
        let refused = post(&world, &task_path(&task), &[("Attributes", attributes)])
            .send()
            .await;
        assert_eq!(refused.refusal(), (400, 20001), "{attributes}");
    }
    assert_eq!(world.twilio.task(&task.sid).unwrap().version, 0);
}

#[tokio::test]
async fn a_task_is_completed_from_assigned_or_wrapping_only() {
    let world = world().await;
    let (task, reservation) = offered_to_the_ai(&world);
    let complete = || {
        post(
            &world,
            &task_path(&task),
            &[("AssignmentStatus", "completed"), ("Reason", "resolved")],
        )
    };

    assert_eq!(complete().send().await.refusal(), (400, 20001));
    world
        .twilio
        .move_reservation(&reservation.sid, ReservationStatus::Accepted)
        .unwrap();
    world
        .twilio
        .move_reservation(&reservation.sid, ReservationStatus::Wrapping)
        .unwrap();
    let completed = complete().send().await;
    assert_eq!(complete().send().await.refusal(), (400, 20001));

    assert_eq!(completed.json["assignment_status"], "completed");
    assert_eq!(completed.json["reason"], "resolved");
    assert_eq!(
        world.twilio.reservation(&reservation.sid).unwrap().status,
        ReservationStatus::Completed
    );
}

#[tokio::test]
async fn a_task_is_canceled_from_pending_or_reserved_only() {
    let world = world().await;
    let (task, reservation) = offered_to_the_ai(&world);
    let (other, accepted) = offered_to_the_ai(&world);
    world
        .twilio
        .move_reservation(&accepted.sid, ReservationStatus::Accepted)
        .unwrap();
    let cancel = |task: &Task| {
        post(
            &world,
            &task_path(task),
            &[("AssignmentStatus", "canceled"), ("Reason", "gone")],
        )
    };

    assert_eq!(cancel(&task).send().await.json["assignment_status"], "canceled");
    assert_eq!(cancel(&other).send().await.refusal(), (400, 20001));
    assert_eq!(
        world.twilio.reservation(&reservation.sid).unwrap().status,
        ReservationStatus::Canceled
    );
}

#[tokio::test]
async fn an_end_needs_a_reason_and_a_request_of_its_own() {
    let world = world().await;
    let task = world.twilio.create_task("{}").unwrap();
    let update = |fields: &[(&str, &str)]| post(&world, &task_path(&task), fields);

    let without_reason = update(&[("AssignmentStatus", "canceled")]).send().await;
    let with_attributes = update(&[
        ("AssignmentStatus", "canceled"),
        ("Reason", "gone"),
        ("Attributes", "{}"),
    ])
    .send()
    .await;
    let to_nowhere = update(&[("AssignmentStatus", "lost")]).send().await;

    assert_eq!(without_reason.refusal(), (400, 20001));
    assert_eq!(with_attributes.refusal(), (400, 20001));
    assert_eq!(to_nowhere.refusal(), (400, 20001));
    assert_eq!(world.twilio.task(&task.sid).unwrap().status, TaskStatus::Pending);
}

#[tokio::test]
async fn a_task_with_another_worker_still_at_it_is_not_wrapped_up() {
    let world = world().await;
    let (task, ai) = offered_to_the_ai(&world);
    world
        .twilio
        .move_reservation(&ai.sid, ReservationStatus::Accepted)
        .unwrap();
    let rep = world.twilio.reserve(&task.sid, REP_WORKER_SID).unwrap();
    world
        .twilio
        .move_reservation(&rep.sid, ReservationStatus::Accepted)
        .unwrap();
    let status = || world.twilio.task(&task.sid).unwrap().status;

    world
        .twilio
        .move_reservation(&ai.sid, ReservationStatus::Wrapping)
        .unwrap();
    assert_eq!(status(), TaskStatus::Assigned);
    world
        .twilio
        .move_reservation(&rep.sid, ReservationStatus::Wrapping)
        .unwrap();
    assert_eq!(status(), TaskStatus::Wrapping);
    world
        .twilio
        .move_reservation(&ai.sid, ReservationStatus::Completed)
        .unwrap();
    world
        .twilio
        .move_reservation(&rep.sid, ReservationStatus::Completed)
        .unwrap();
    assert_eq!(status(), TaskStatus::Completed);
}

#[tokio::test]
async fn a_page_goes_on_where_the_last_one_ended_even_if_its_end_has_left_the_list() {
    let world = world().await;
    let task = world.twilio.create_task("{}").unwrap();
    let other = world.twilio.create_task("{}").unwrap();
    let page = get(&world, &format!("{}?PageSize=1", tasks_path())).send().await.json;
    let next = page["meta"]["next_page_url"]
        .as_str()
        .unwrap()
        .replace("https://taskrouter.twilio.com", "");

    world.twilio.delete_task(&task.sid).unwrap();
    let page = get(&world, &next).send().await.json;

    assert_eq!(page["tasks"][0]["sid"], other.sid);
}
