//! The session's `flex_reservation_sid`.

use end_to_end::{SESSION_ID, Scene};
use http::Method;
use serde_json::{Value, json};
use simulator::exchange::{Answer, Upstream};
use simulator::fault::{Effect, Fault};
use simulator::twilio::ReservationStatus;
use simulator::twilio::sids::{AI_WORKER_SID, REP_WORKER_SID};
use simulator::world::TASK_EVENTS;

use super::{scene_with, tell};
use crate::webhook::{Callback, no_content};

fn told(scene: &Scene) -> Option<String> {
    let data = scene
        .world
        .session_api
        .custom_data(SESSION_ID)
        .expect("there is such a session");
    data.get("flex_reservation_sid")
        .map(|sid| sid.trim_matches('"').to_owned())
}

/// Whether the function listed the reservations.
fn was_asked(scene: &Scene) -> bool {
    scene.requests().iter().any(|request| request.contains("/Reservations"))
}

/// A fault at the list of the task's reservations.
fn at_list() -> Fault {
    Fault::at(Upstream::TaskRouter)
        .method(Method::GET)
        .path_ends_with("/Reservations")
}

/// TaskRouter's list of the AI's reservations with these SIDs and creation dates.
fn list(reservations: &[(&str, &str)], next_page_url: Option<&str>) -> Answer {
    let reservations: Vec<Value> = reservations
        .iter()
        .map(|(sid, date)| {
            json!({
                "sid": sid,
                "worker_sid": AI_WORKER_SID,
                "reservation_status": "pending",
                "date_created": date,
                "date_updated": date,
            })
        })
        .collect();
    let body = json!({ "reservations": reservations, "meta": { "next_page_url": next_page_url } });
    Answer::status(200).body(body.to_string())
}

const EARLIER: &str = "WR00000000000000000000000000000001";
const LATER: &str = "WR00000000000000000000000000000002";

#[tokio::test]
async fn event_of_the_ais_reservation_sets_its_sid() {
    for event_type in [
        "created",
        "accepted",
        "rejected",
        "timeout",
        "canceled",
        "rescinded",
        "completed",
        "wrapup",
    ] {
        let scene = Scene::start().await;
        assert_eq!(tell(&scene, &format!("reservation.{event_type}")).await, no_content());
        assert_eq!(told(&scene).as_ref(), Some(&scene.reservation_sid), "{event_type}");
    }
}

#[tokio::test]
async fn event_of_the_task_sets_no_reservation() {
    let scene = Scene::start().await;
    assert_eq!(tell(&scene, "task.updated").await, no_content());
    assert_eq!(told(&scene), None);
    assert!(!was_asked(&scene));
}

#[tokio::test]
async fn event_of_another_workers_reservation_sets_none() {
    let scene = Scene::start().await;
    scene.world.twilio.reserve(&scene.task_sid, REP_WORKER_SID).unwrap();
    let event = || Callback::event(&scene, TASK_EVENTS, "reservation.created");
    for callback in [event().with("WorkerSid", REP_WORKER_SID), event().without("WorkerSid")] {
        assert_eq!(callback.send().await, no_content());
        assert_eq!(told(&scene), None);
        assert!(!was_asked(&scene));
    }
}

#[tokio::test]
async fn no_reservation_is_the_ais_without_ai_workers() {
    let scene = scene_with(|options| options.unset("AI_WORKER_SIDS")).await;
    let event = || Callback::event(&scene, TASK_EVENTS, "reservation.created");
    for callback in [event().with("WorkerSid", REP_WORKER_SID), event()] {
        assert_eq!(callback.send().await, no_content());
        assert_eq!(told(&scene), None);
    }
}

#[tokio::test]
async fn late_event_sets_the_newest_reservation() {
    let scene = Scene::start().await;
    let late = Callback::event(&scene, TASK_EVENTS, "reservation.rejected");
    let twilio = &scene.world.twilio;
    twilio
        .move_reservation(&scene.reservation_sid, ReservationStatus::Rejected)
        .unwrap();
    let newest = twilio.reserve(&scene.task_sid, AI_WORKER_SID).unwrap();
    twilio.reserve(&scene.task_sid, REP_WORKER_SID).unwrap();

    assert_eq!(late.send().await, no_content());

    assert_eq!(told(&scene), Some(newest.sid));
}

#[tokio::test]
async fn newest_reservation_is_the_last_created() {
    let scene = Scene::start().await;
    let (early, late) = ("2026-11-22T09:00:00Z", "2026-11-22T09:00:01Z");
    for reservations in [[(EARLIER, early), (LATER, late)], [(LATER, late), (EARLIER, early)]] {
        scene.world.session_api.create_session(SESSION_ID);
        scene
            .world
            .faults
            .add(at_list().times(2).before(Effect::Answer(list(&reservations, None))));
        assert_eq!(tell(&scene, "reservation.created").await, no_content());
        assert_eq!(told(&scene).as_deref(), Some(LATER), "{reservations:?}");
    }
}

#[tokio::test]
async fn next_page_is_read_from_taskrouter() {
    let scene = Scene::start().await;
    let elsewhere = scene.world.server(Upstream::Conversations).url();
    let next = format!("{elsewhere}/v1/elsewhere?PageSize=1&Page=1&PageToken=PA0%20x");
    let first = list(&[(EARLIER, "2026-11-22T09:00:00Z")], Some(&next));
    let last = list(&[(LATER, "2026-11-22T09:00:01Z")], None);
    // The list is read together with each read of the task.
    for (place, page) in [&first, &last, &first, &last].into_iter().enumerate() {
        scene
            .world
            .faults
            .add(at_list().skip(place).before(Effect::Answer(page.clone())));
    }
    assert_eq!(tell(&scene, "reservation.created").await, no_content());
    assert_eq!(told(&scene).as_deref(), Some(LATER));
    assert!(scene.world.exchanges.of(Upstream::Conversations).is_empty());
    let exchanges = scene.exchanges();
    let pages = exchanges
        .iter()
        .filter(|exchange| exchange.path.ends_with("/Reservations"));
    let queries: Vec<&str> = pages.map(|page| page.query.as_str()).collect();
    let first = "PageSize=1000";
    assert_eq!(queries, [first, "PageSize=1&Page=1&PageToken=PA0%20x"].repeat(2));
}

#[tokio::test]
async fn empty_reservation_list_sets_none() {
    let scene = Scene::start().await;
    scene
        .world
        .faults
        .add(at_list().always().before(Effect::Answer(list(&[], None))));
    assert_eq!(tell(&scene, "reservation.created").await, no_content());
    assert_eq!(told(&scene), None);
    assert!(was_asked(&scene));
}
