//! Faults and the record of their effects.

use std::error::Error;
use std::io;
use std::time::Duration;

use http::Method;
use simulator::exchange::{Answer, Upstream};
use simulator::fault::{Effect, Fault};
use simulator::twilio::Task;
use simulator::world::World;

use crate::caller::{Call, call, tasks_path, world};

const SOON: Duration = Duration::from_secs(10);

fn write(world: &World, task: &Task) -> Call {
    let path = format!("{}/{}", tasks_path(), task.sid);
    call(world, Upstream::TaskRouter, Method::POST, &path).form(&[("Attributes", r#"{"written":true}"#)])
}

fn is_written(world: &World, task: &Task) -> bool {
    world.twilio.task(&task.sid).unwrap().version > 0
}

/// The operating system's error behind a failed call.
fn io_error(error: &reqwest::Error) -> Option<io::ErrorKind> {
    let causes = std::iter::successors(error.source(), |&error| error.source());
    causes
        .filter_map(|error| error.downcast_ref::<io::Error>())
        .map(io::Error::kind)
        .last()
}

#[tokio::test]
async fn a_reset_before_the_request_is_applied_leaves_everything_as_it_was() {
    let world = world().await;
    let task = world.twilio.create_task("{}").unwrap();
    let struck = world.faults.add(Fault::at(Upstream::TaskRouter).before(Effect::Reset));

    let error = write(&world, &task).try_send().await.unwrap_err();

    assert_eq!(io_error(&error), Some(io::ErrorKind::ConnectionReset));
    assert!(!is_written(&world, &task));
    let exchange = world.exchanges.all().remove(0);
    assert!(!exchange.applied && exchange.answer.is_none());
    assert_eq!(struck.count(), 1);
}

#[tokio::test]
async fn a_reset_after_the_request_was_applied_loses_the_answer_alone() {
    let world = world().await;
    let task = world.twilio.create_task("{}").unwrap();
    world.faults.add(Fault::at(Upstream::TaskRouter).after(Effect::Reset));

    let error = write(&world, &task).try_send().await.unwrap_err();

    assert_eq!(io_error(&error), Some(io::ErrorKind::ConnectionReset));
    assert!(is_written(&world, &task));
    let exchange = world.exchanges.all().remove(0);
    assert!(exchange.applied && exchange.answer.is_none());
}

#[tokio::test]
async fn an_answer_takes_the_place_of_the_upstreams_own_on_either_side_of_the_write() {
    let world = world().await;
    let task = world.twilio.create_task("{}").unwrap();
    let busy = Effect::Answer(Answer::status(429).header("retry-after", "1").body("{"));

    world.faults.add(Fault::at(Upstream::TaskRouter).before(busy.clone()));
    let before = write(&world, &task).send().await;
    assert!(!is_written(&world, &task));
    world.faults.add(Fault::at(Upstream::TaskRouter).after(busy));
    let after = write(&world, &task).send().await;
    assert!(is_written(&world, &task));

    for answer in [before, after] {
        assert_eq!(
            (answer.status, answer.headers["retry-after"].to_str().unwrap()),
            (429, "1")
        );
    }
}

#[tokio::test]
async fn a_fault_may_change_the_upstreams_own_answer() {
    let world = world().await;
    let task = world.twilio.create_task("{}").unwrap();
    world
        .faults
        .add(Fault::at(Upstream::TaskRouter).after(Effect::rewrite(|answer| answer.without_header("etag"))));

    let answer = write(&world, &task).send().await;

    assert_eq!((answer.status, answer.headers.get("etag")), (200, None));
    assert_eq!(answer.json["sid"], task.sid);
}

#[tokio::test]
async fn a_body_is_cut_off_or_huge() {
    let world = world().await;
    let task = world.twilio.create_task("{}").unwrap();

    world
        .faults
        .add(Fault::at(Upstream::TaskRouter).after(Effect::rewrite(Answer::cut_off)));
    let cut_off = write(&world, &task).try_send().await.unwrap_err();
    world
        .faults
        .add(Fault::at(Upstream::TaskRouter).after(Effect::rewrite(|answer| {
            let padded = format!("{}{}", answer.text(), " ".repeat(8 << 20));
            answer.body(padded)
        })));
    let huge = write(&world, &task).send().await;

    assert!(
        cut_off.is_body() || cut_off.is_decode(),
        "the head arrives, the body does not: {cut_off:?}"
    );
    assert_eq!(huge.json["sid"], task.sid);
    assert!(world.exchanges.all()[1].answer.as_ref().unwrap().body.len() > 8 << 20);
}

#[tokio::test]
async fn another_writer_comes_between_a_read_and_a_write() {
    let world = world().await;
    let task = world.twilio.create_task("{}").unwrap();
    let (twilio, sid) = (world.twilio.clone(), task.sid.clone());
    let other_writer = Effect::run(move || drop(twilio.set_attributes(&sid, r#"{"other":1}"#)));
    world.faults.add(
        Fault::at(Upstream::TaskRouter)
            .method(Method::POST)
            .before(other_writer),
    );

    let refused = write(&world, &task).header("if-match", "\"0\"").send().await;
    let written = write(&world, &task).header("if-match", "\"1\"").send().await;

    assert_eq!(refused.refusal(), (412, 20412));
    assert_eq!(written.status, 200);
}

#[tokio::test]
async fn a_request_that_hangs_is_on_record_as_soon_as_it_arrives() {
    let world = world().await;
    let task = world.twilio.create_task("{}").unwrap();
    world.faults.add(Fault::at(Upstream::TaskRouter).after(Effect::Hang));

    let exchange = tokio::select! {
        answer = write(&world, &task).try_send() => panic!("{answer:?}"),
        exchange = world.exchanges.wait_for(|exchange| exchange.applied, SOON) => exchange.unwrap(),
    };

    assert!(exchange.answer.is_none());
    assert!(is_written(&world, &task));
}

#[tokio::test]
async fn a_delayed_request_is_applied_even_if_its_caller_has_gone() {
    let world = world().await;
    let task = world.twilio.create_task("{}").unwrap();
    world
        .faults
        .add(Fault::at(Upstream::TaskRouter).before(Effect::Delay(Duration::from_millis(50))));

    tokio::select! {
        answer = write(&world, &task).try_send() => panic!("{answer:?}"),
        arrived = world.exchanges.wait_for(|_| true, SOON) => assert!(!arrived.unwrap().applied),
    }
    world
        .exchanges
        .wait_for(|exchange| exchange.applied, SOON)
        .await
        .unwrap();

    assert!(is_written(&world, &task));
}

#[tokio::test]
async fn a_fault_strikes_the_requests_that_it_is_meant_for() {
    let world = world().await;
    let task = world.twilio.create_task("{}").unwrap();
    let down = || Effect::Answer(Answer::status(503));
    let read = || {
        let path = format!("{}/{}", tasks_path(), task.sid);
        call(&world, Upstream::TaskRouter, Method::GET, &path)
    };
    let fault = Fault::at(Upstream::TaskRouter)
        .method(Method::POST)
        .path_ends_with(&*task.sid)
        .skip(1)
        .times(2);
    let struck = world.faults.add(fault.before(down()));
    let elsewhere = Fault::at(Upstream::TaskRouter).path_ends_with("/Reservations").always();
    let never = world.faults.add(elsewhere.before(down()));

    let mut statuses = Vec::new();
    for _ in 0..4 {
        statuses.push((write(&world, &task).send().await.status, read().send().await.status));
    }

    assert_eq!(statuses, [(200, 200), (503, 200), (503, 200), (200, 200)]);
    assert_eq!((struck.count(), never.count()), (2, 0));
}

#[tokio::test]
async fn the_faults_of_one_request_happen_in_their_order_until_one_ends_it() {
    let world = world().await;
    let task = world.twilio.create_task("{}").unwrap();
    let (twilio, sid) = (world.twilio.clone(), task.sid.clone());
    world
        .faults
        .add(Fault::at(Upstream::TaskRouter).before(Effect::run(move || {
            twilio.set_priority(&sid, 9).unwrap();
        })));
    world
        .faults
        .add(Fault::at(Upstream::TaskRouter).before(Effect::Answer(Answer::status(500))));
    world.faults.add(Fault::at(Upstream::TaskRouter).before(Effect::Reset));

    let answer = write(&world, &task).send().await;

    assert_eq!(answer.status, 500);
    assert_eq!(world.twilio.task(&task.sid).unwrap().priority, 9);
}

#[tokio::test]
async fn an_upstream_that_is_down_refuses_connections_and_comes_back_at_its_port() {
    let world = world().await;
    let task = world.twilio.create_task("{}").unwrap();
    let server = world.server(Upstream::TaskRouter);
    let url = server.url();

    server.take_down().await.unwrap();
    let refused = write(&world, &task).try_send().await.unwrap_err();
    server.bring_back().await.unwrap();
    let answer = write(&world, &task).send().await;

    assert_eq!(io_error(&refused), Some(io::ErrorKind::ConnectionRefused));
    assert_eq!(answer.status, 200);
    assert_eq!(server.url(), url);
}

#[tokio::test]
async fn exchanges_are_recorded_without_credentials() {
    let world = world().await;
    let task = world.twilio.create_task("{}").unwrap();
    world.session_api.create_session("1");

    write(&world, &task).header("if-match", "\"0\"").send().await;
    let patch = call(&world, Upstream::SessionApi, Method::PATCH, "/chat/sessions/1?a=b");
    patch.json(r#"{"custom_data":{}}"#).send().await;

    let [write, patch] = <[_; 2]>::try_from(world.exchanges.all()).unwrap();
    assert_eq!(
        (write.number, write.upstream, write.method.as_str()),
        (0, Upstream::TaskRouter, "POST")
    );
    assert_eq!(write.path, format!("{}/{}", tasks_path(), task.sid));
    assert_eq!(write.field("Attributes").unwrap(), r#"{"written":true}"#);
    assert_eq!(
        (write.header("authorization"), write.header("if-match")),
        (Some("Basic"), Some("\"0\""))
    );
    assert_eq!(write.answer.as_ref().unwrap().headers["etag"], "\"1\"");
    assert_eq!((patch.number, patch.query.as_str()), (1, "a=b"));
    assert_eq!(patch.header("authorization"), Some("Bearer"));
    assert_eq!(
        (patch.status().unwrap().as_u16(), patch.text().as_str()),
        (200, r#"{"custom_data":{}}"#)
    );
    assert_eq!(world.exchanges.of(Upstream::SessionApi).len(), 1);

    world.exchanges.clear();
    assert!(world.exchanges.all().is_empty());
}
