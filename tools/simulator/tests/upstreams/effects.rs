//! Effects of proxies, other programs and busy upstreams.

use http::Method;
use serde_json::json;
use simulator::exchange::{Answer, Upstream};
use simulator::fault::{Effect, Fault};
use simulator::twilio::sids::AI_WORKER_SID;
use simulator::twilio::{ReservationStatus, Task};
use simulator::world::World;

use crate::caller::{Call, call, tasks_path, world};

fn task_call(world: &World, task: &Task, method: Method) -> Call {
    call(
        world,
        Upstream::TaskRouter,
        method,
        &format!("{}/{}", tasks_path(), task.sid),
    )
}

fn read(world: &World, task: &Task) -> Call {
    task_call(world, task, Method::GET)
}

fn write(world: &World, task: &Task, attributes: &str) -> Call {
    task_call(world, task, Method::POST).form(&[("Attributes", attributes)])
}

fn attributes(world: &World, task: &Task) -> String {
    world.twilio.task(&task.sid).unwrap().attributes
}

#[tokio::test]
async fn refusals_have_twilios_form() {
    let world = world().await;
    let task = world.twilio.create_task("{}").unwrap();
    let cases = [
        (408, 20408, "Request timeout"),
        (409, 20162, "A conflicting resource update is in progress"),
        (425, 20425, "Too early"),
    ];
    for (status, code, message) in cases {
        let fault = Fault::at(Upstream::TaskRouter).method(Method::POST);
        world.faults.add(fault.before(Effect::refusal(status, code, message)));

        let answer = write(&world, &task, r#"{"a":1}"#).send().await;

        let body = json!({
            "code": code,
            "message": message,
            "more_info": format!("https://www.twilio.com/docs/errors/{code}"),
            "status": status,
        });
        assert_eq!((answer.status, answer.json), (status, body));
        assert_eq!(answer.headers["content-type"], "application/json");
        assert_eq!(attributes(&world, &task), "{}");
        world.faults.clear();
    }
    let busy = Answer::refusal(429, 20429, "Too Many Requests").header("retry-after", "2");
    world
        .faults
        .add(Fault::at(Upstream::TaskRouter).before(Effect::Answer(busy)));
    assert_eq!(read(&world, &task).send().await.headers["retry-after"], "2");
}

#[tokio::test]
async fn weak_etag_does_not_match() {
    let world = world().await;
    let task = world.twilio.create_task("{}").unwrap();
    let proxy = Fault::at(Upstream::TaskRouter).always().after(Effect::weak_etag());
    world.faults.add(proxy);

    let weak = read(&world, &task).send().await.etag().to_owned();
    let refused = write(&world, &task, r#"{"a":1}"#)
        .header("if-match", &weak)
        .send()
        .await;
    let strong = weak.trim_start_matches("W/").to_owned();
    let written = write(&world, &task, r#"{"a":1}"#)
        .header("if-match", &strong)
        .send()
        .await;

    assert_eq!((weak.as_str(), strong.as_str()), (r#"W/"0""#, r#""0""#));
    assert_eq!(refused.refusal(), (412, 20412));
    assert_eq!((written.status, written.etag()), (200, r#"W/"1""#));
}

#[tokio::test]
async fn unknown_status_stands_on_each_resource_of_an_answer() {
    let world = world().await;
    let task = world.twilio.create_task("{}").unwrap();
    for _ in 0..2 {
        world.twilio.reserve(&task.sid, AI_WORKER_SID).unwrap();
    }
    let on_hold = || Effect::set_member("reservation_status", json!("onHold"));
    world.faults.add(Fault::at(Upstream::TaskRouter).after(on_hold()));
    let path = format!("{}/{}/Reservations", tasks_path(), task.sid);

    let struck = call(&world, Upstream::TaskRouter, Method::GET, &path).send().await.json;
    let plain = call(&world, Upstream::TaskRouter, Method::GET, &path).send().await.json;

    let statuses =
        |list: &serde_json::Value| [0, 1].map(|place| list["reservations"][place]["reservation_status"].clone());
    assert_eq!(statuses(&struck), ["onHold", "onHold"]);
    assert_eq!(statuses(&plain), ["pending", "pending"]);
    assert_eq!(struck["meta"], plain["meta"]);
}

#[tokio::test]
async fn stale_write_undoes_the_changes_since() {
    let world = world().await;
    let task = world.twilio.create_task(r#"{"name":"Ana"}"#).unwrap();
    let reservation = world.twilio.reserve(&task.sid, AI_WORKER_SID).unwrap();
    let stale = Effect::stale_write(&world.twilio, &task.sid);
    let reject = Fault::at(Upstream::TaskRouter)
        .method(Method::POST)
        .path_ends_with(&*reservation.sid);
    world.faults.add(reject.after(stale));

    write(&world, &task, r#"{"name":"Ana","handedOff":true}"#).send().await;
    let between = attributes(&world, &task);
    let path = format!("{}/{}/Reservations/{}", tasks_path(), task.sid, reservation.sid);
    let reject = call(&world, Upstream::TaskRouter, Method::POST, &path);
    let rejected = reject.form(&[("ReservationStatus", "rejected")]).send().await;

    assert_eq!(rejected.status, 200);
    assert_eq!(between, r#"{"name":"Ana","handedOff":true}"#);
    assert_eq!(attributes(&world, &task), r#"{"name":"Ana"}"#);
}

#[tokio::test]
async fn late_request_is_applied_after_further_requests() {
    let world = world().await;
    let task = world.twilio.create_task("{}").unwrap();
    let reservation = world.twilio.reserve(&task.sid, AI_WORKER_SID).unwrap();
    let path = format!("{}/{}/Reservations/{}", tasks_path(), task.sid, reservation.sid);
    let late = Fault::at(Upstream::TaskRouter)
        .method(Method::POST)
        .before(Effect::Late(2));
    world.faults.add(late);

    let reject = call(&world, Upstream::TaskRouter, Method::POST, &path).form(&[("ReservationStatus", "rejected")]);
    let lost = reject.try_send().await;
    let status = || world.twilio.reservation(&reservation.sid).unwrap().status;
    let mut statuses = vec![status()];
    for upstream in [Upstream::SessionApi, Upstream::TaskRouter] {
        call(&world, upstream, Method::GET, "/").send().await;
        statuses.push(status());
    }

    assert!(lost.is_err());
    assert_eq!(
        statuses,
        [
            ReservationStatus::Pending,
            ReservationStatus::Pending,
            ReservationStatus::Rejected
        ]
    );
    let exchange = world.exchanges.all().remove(0);
    assert!(exchange.applied && exchange.answer.is_none());
}
