//! A session agrees with its task in the end, whatever the order of events.

use std::time::Duration;

use end_to_end::{LIMIT, SESSION_ID, Scene};
use serde_json::json;
use simulator::exchange::{Answer, Exchange, Upstream};
use simulator::fault::{Effect, Fault, Gate};
use simulator::twilio::Outcome;
use simulator::world::TASK_EVENTS;

use super::{at_read, at_write, attributes, custom_data, log, scene_with, session, set, synchronise, tell, written};
use crate::webhook::{Callback, SHORT, error, no_content};

/// Another program gives the task these attributes at this moment.
fn change(scene: &Scene, members: &str) -> Effect {
    let (twilio, task, attributes) = (scene.world.twilio.clone(), scene.task_sid.clone(), attributes(members));
    Effect::run(move || drop(twilio.set_attributes(&task, &attributes)))
}

/// The bodies of a run's writes with these members.
fn writes(scene: &Scene, members: &[&str]) -> Vec<String> {
    let body = |members: &&str| format!(r#"{{"custom_data":{}}}"#, custom_data(scene, members));
    members.iter().map(body).collect()
}

async fn arrival(scene: &Scene, is_it: impl Fn(&Exchange) -> bool) {
    scene
        .world
        .exchanges
        .wait_for(is_it, LIMIT)
        .await
        .expect("the request arrives");
}

fn is_write(exchange: &Exchange) -> bool {
    exchange.method == http::Method::PATCH
}

#[tokio::test]
async fn run_ends_on_a_read_that_agrees() {
    let scene = Scene::start().await;
    synchronise(&scene).await;
    assert_eq!(
        log(&scene)["steps"],
        json!(["read task 200", "write session 200", "read task 200"])
    );
}

#[tokio::test]
async fn late_event_writes_the_current_attributes() {
    let scene = Scene::start().await;
    set(&scene, r#""a":"old""#);
    let late = Callback::event(&scene, TASK_EVENTS, "task.updated");
    set(&scene, r#""a":"new""#);
    for callback in [late.clone(), late] {
        assert_eq!(callback.send().await, no_content());
        assert_eq!(session(&scene), custom_data(&scene, r#""flex_a":"new""#));
    }
    assert_eq!(written(&scene), writes(&scene, &[r#""flex_a":"new""#; 2]));
}

#[tokio::test]
async fn change_during_a_run_is_written() {
    let scene = Scene::start().await;
    set(&scene, r#""a":1"#);
    scene.world.faults.add(at_write().before(change(&scene, r#""a":1.0"#)));
    scene
        .world
        .faults
        .add(at_write().skip(1).after(change(&scene, r#""a":1.0,"b":[]"#)));
    synchronise(&scene).await;
    let expected = [r#""flex_a":1"#, r#""flex_a":1.0"#, r#""flex_a":1.0,"flex_b":"[]""#];
    assert_eq!(written(&scene), writes(&scene, &expected));
}

#[tokio::test]
async fn attribute_removed_during_a_run_becomes_empty() {
    let scene = Scene::start().await;
    set(&scene, r#""a":1,"b":{"c":true}"#);
    scene.world.faults.add(at_write().before(change(&scene, r#""a":1"#)));
    synchronise(&scene).await;
    assert_eq!(session(&scene), custom_data(&scene, r#""flex_a":1,"flex_b_c":"""#));
}

#[tokio::test]
async fn attribute_restored_during_a_run_is_written_again() {
    let scene = Scene::start().await;
    set(&scene, r#""a":1"#);
    scene.world.faults.add(at_write().before(change(&scene, "")));
    scene
        .world
        .faults
        .add(at_write().skip(1).before(change(&scene, r#""a":2"#)));
    synchronise(&scene).await;
    assert_eq!(written(&scene).len(), 3);
    assert_eq!(session(&scene), custom_data(&scene, r#""flex_a":2"#));
}

#[tokio::test]
async fn attribute_removed_between_runs_keeps_its_value() {
    let scene = Scene::start().await;
    set(&scene, r#""a":1"#);
    synchronise(&scene).await;
    set(&scene, "");
    synchronise(&scene).await;
    assert_eq!(session(&scene), custom_data(&scene, r#""flex_a":1"#));
    assert_eq!(written(&scene), writes(&scene, &[r#""flex_a":1"#, ""]));
}

#[tokio::test]
async fn overtaken_run_corrects_its_write() {
    let scene = Scene::start().await;
    set(&scene, r#""a":"old","gone":1"#);
    let gate = Gate::default();
    scene.world.faults.add(at_write().before(Effect::Wait(gate.clone())));
    let slow = tell(&scene, "task.updated");
    let quick = async {
        arrival(&scene, is_write).await;
        set(&scene, r#""a":"new""#);
        assert_eq!(tell(&scene, "task.updated").await, no_content());
        assert_eq!(session(&scene), custom_data(&scene, r#""flex_a":"new""#));
        gate.open();
    };
    assert_eq!(tokio::join!(slow, quick).0, no_content());
    let data = scene.world.session_api.custom_data(SESSION_ID).unwrap();
    assert_eq!(
        (data.get("flex_a"), data.get("flex_gone")),
        (Some("\"new\""), Some("\"\""))
    );
    assert_eq!(written(&scene).len(), 3);
}

#[tokio::test]
async fn run_with_an_outdated_read_corrects_its_write() {
    let scene = Scene::start().await;
    set(&scene, r#""a":"old""#);
    let gate = Gate::default();
    scene
        .world
        .faults
        .add(at_read(&scene).after(Effect::Wait(gate.clone())));
    let slow = tell(&scene, "task.updated");
    let quick = async {
        arrival(&scene, |exchange| {
            exchange.path.ends_with(&scene.task_sid) && exchange.applied
        })
        .await;
        set(&scene, r#""a":"new""#);
        assert_eq!(tell(&scene, "task.updated").await, no_content());
        gate.open();
    };
    assert_eq!(tokio::join!(slow, quick).0, no_content());
    let [new, old] = [r#""flex_a":"new""#, r#""flex_a":"old""#];
    assert_eq!(written(&scene), writes(&scene, &[new, old, new]));
    assert_eq!(session(&scene), custom_data(&scene, new));
}

#[tokio::test]
async fn simultaneous_runs_converge() {
    let scene = Scene::start().await;
    set(&scene, r#""a":1"#);
    let gate = Gate::default();
    scene
        .world
        .faults
        .add(at_write().times(2).before(Effect::Wait(gate.clone())));
    let one = tell(&scene, "task.updated");
    let other = async {
        arrival(&scene, is_write).await;
        set(&scene, r#""a":2"#);
        tell(&scene, "reservation.created").await
    };
    let third = async {
        arrival(&scene, |exchange| {
            is_write(exchange) && exchange.text().contains(r#""flex_a":2"#)
        })
        .await;
        set(&scene, r#""a":3"#);
        gate.open();
    };
    let (one, other, ()) = tokio::join!(one, other, third);
    assert_eq!((one, other), (no_content(), no_content()));
    assert_eq!(
        scene.world.session_api.custom_data(SESSION_ID).unwrap().get("flex_a"),
        Some("3")
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn late_repeated_simultaneous_events_converge() {
    let scene = Scene::with(|options| options.session_api.requests_per_minute = 10_000).await;
    let twilio = &scene.world.twilio;
    let http_api = scene.world.lambda.http_api();
    twilio.resolve(&http_api.domain_name, http_api.address);
    twilio.register_callback(&scene.world.webhook_url(TASK_EVENTS));
    // The later a write is sent, the sooner it arrives.
    for (place, delay) in (0..20).zip((0..20).rev()) {
        let delay = Effect::Delay(Duration::from_millis(20 * delay));
        scene.world.faults.add(at_write().skip(place).before(delay));
    }
    for round in 0..10 {
        set(
            &scene,
            &format!(r#""round":{round},"list":{:?}"#, vec![round; 10 - round]),
        );
        let mut events = twilio.events();
        events.retain(|event| event.event_type == "task.updated");
        twilio.send_again(&events[round / 2]);
        arrival(&scene, |exchange| exchange.number > 5 * round).await;
    }
    tokio::time::timeout(LIMIT, twilio.events_settled()).await.unwrap();

    assert_eq!(
        session(&scene),
        custom_data(&scene, r#""flex_round":9,"flex_list":"[9]""#)
    );
    let done = Outcome::Answered {
        status: 204,
        body: String::new(),
    };
    let outcomes: Vec<_> = twilio
        .deliveries()
        .iter()
        .flat_map(|delivery| delivery.outcomes())
        .collect();
    assert_eq!(outcomes, vec![done; 20]);
}

#[tokio::test]
async fn constantly_changing_task_gives_503() {
    let scene = scene_with(|options| options.timeout = SHORT).await;
    scene.world.session_api.set(simulator::session_api::Settings {
        requests_per_minute: 10_000,
        ..scene.world.session_api.settings()
    });
    let (twilio, task) = (scene.world.twilio.clone(), scene.task_sid.clone());
    let count = std::sync::atomic::AtomicUsize::default();
    let next = move || {
        let count = count.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        twilio
            .set_attributes(&task, &attributes(&format!(r#""a":{count}"#)))
            .unwrap();
    };
    let struck = scene.world.faults.add(at_write().always().before(Effect::run(next)));
    assert_eq!(tell(&scene, "task.updated").await, error(503, "unavailable"));
    assert!(struck.count() > 1);
}

/// The types of events that end a task.
const ENDS: [&str; 4] = ["task.completed", "task.canceled", "task.deleted", "task.system-deleted"];

#[tokio::test]
async fn final_event_of_a_deleted_task_is_written() {
    for event_type in ENDS {
        let scene = Scene::start().await;
        set(&scene, r#""a":"last""#);
        let event = Callback::event(&scene, TASK_EVENTS, event_type);
        scene.world.twilio.delete_task(&scene.task_sid).unwrap();
        assert_eq!(event.send().await, no_content());
        assert_eq!(
            session(&scene),
            custom_data(&scene, r#""flex_a":"last""#),
            "{event_type}"
        );
        assert_eq!(
            log(&scene)["steps"],
            json!([
                "read task 404",
                "read session 200",
                "write session 200",
                "read task 404"
            ])
        );
    }
}

/// A fault at reads of TaskRouter's event log.
fn at_log() -> Fault {
    Fault::at(Upstream::TaskRouter).path_ends_with("/Events")
}

/// An empty event log.
fn no_events() -> Effect {
    Effect::Answer(Answer::status(200).body(r#"{"events":[],"meta":{"next_page_url":null}}"#))
}

#[tokio::test]
async fn last_attributes_of_a_deleted_task_are_in_the_event_log() {
    let scene = Scene::start().await;
    set(&scene, r#""a":"last""#);
    let event = Callback::event(&scene, TASK_EVENTS, "task.updated");
    scene.world.twilio.delete_task(&scene.task_sid).unwrap();
    assert_eq!(event.send().await, no_content());
    assert_eq!(session(&scene), custom_data(&scene, r#""flex_a":"last""#));
    assert_eq!(log(&scene)["outcome"], "done");
}

#[tokio::test]
async fn other_events_of_a_deleted_task_write_nothing() {
    let scene = Scene::start().await;
    let types = [
        "task.created",
        "task.updated",
        "task.wrapup",
        "reservation.completed",
        "task-queue.entered",
    ];
    let events = types.map(|event_type| Callback::event(&scene, TASK_EVENTS, event_type));
    scene.world.twilio.delete_task(&scene.task_sid).unwrap();
    scene.world.faults.add(at_log().always().before(no_events()));
    for event in events {
        assert_eq!(event.send().await, no_content());
        let line = log(&scene);
        assert_eq!((&line["level"], &line["outcome"]), (&json!("WARN"), &json!("gone")));
    }
    assert_eq!(written(&scene), [""; 0]);
}

#[tokio::test]
async fn final_event_of_an_existing_task_reads_it() {
    let scene = Scene::start().await;
    for event_type in ENDS {
        set(&scene, r#""a":"old""#);
        let event = Callback::event(&scene, TASK_EVENTS, event_type);
        set(&scene, r#""a":"new""#);
        assert_eq!(event.send().await, no_content());
        assert_eq!(session(&scene), custom_data(&scene, r#""flex_a":"new""#));
    }
}

#[tokio::test]
async fn task_deleted_during_a_run_leaves_its_session() {
    let scene = Scene::start().await;
    set(&scene, r#""a":1"#);
    let (twilio, task) = (scene.world.twilio.clone(), scene.task_sid.clone());
    scene
        .world
        .faults
        .add(at_write().after(Effect::run(move || twilio.delete_task(&task).unwrap())));
    synchronise(&scene).await;
    assert_eq!(
        log(&scene)["steps"],
        json!(["read task 200", "write session 200", "read task 404", "list events 200"])
    );
    assert_eq!(session(&scene), custom_data(&scene, r#""flex_a":1"#));
}

#[tokio::test]
async fn session_named_later_gets_every_attribute() {
    let scene = Scene::start().await;
    scene.world.session_api.create_session("session-2");
    set(&scene, r#""a":1"#);
    let (twilio, task) = (scene.world.twilio.clone(), scene.task_sid.clone());
    let rename = move || drop(twilio.set_attributes(&task, r#"{"session_id":"session-2","a":1}"#));
    scene.world.faults.add(at_write().before(Effect::run(rename)));
    synchronise(&scene).await;
    let data = serde_json::to_string(&scene.world.session_api.custom_data("session-2")).unwrap();
    assert_eq!(
        data,
        custom_data(&scene, r#""flex_a":1"#).replace(SESSION_ID, "session-2")
    );
}
