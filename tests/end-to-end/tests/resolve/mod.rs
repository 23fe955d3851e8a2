//! `resolve`, invoked as the AI platform invokes it.

mod errors;
mod interruptions;
mod reservations;
mod session;

use end_to_end::{FunctionError, SESSION_ID, Scene, outcome};
use serde_json::{Value, json};
use simulator::exchange::{Exchange, Upstream};
use simulator::fault::{Effect, Fault};
use simulator::options::Options;
use simulator::twilio::sids::REP_WORKER_SID;
use simulator::twilio::{ReservationStatus, TaskStatus, Twilio};
use simulator::world::RESOLVE;

/// The requests of `resolve`, as [`Scene::requests`] names them.
const READ_TASK: &str = "GET Tasks/WT";
const READ_RESERVATION: &str = "GET Tasks/WT/Reservations/WR";
const WRITE_SESSION: &str = "PATCH /chat/sessions/session-1";
const WRITE_TASK: &str = "POST Tasks/WT";
const RELEASE: &str = "POST Tasks/WT/Reservations/WR";

async fn resolve(scene: &Scene) -> Result<Value, FunctionError> {
    resolve_with(
        scene,
        json!({ "taskSid": scene.task_sid, "reservationSid": scene.reservation_sid }),
    )
    .await
}

async fn resolve_with(scene: &Scene, request: Value) -> Result<Value, FunctionError> {
    let payload = request.to_string().into_bytes();
    outcome(&scene.world.lambda.invoke(RESOLVE, payload).await)
}

/// The answer with these results for the session, reservation and close queue.
fn answer(scene: &Scene, [session, reservation, close]: [&str; 3]) -> Value {
    json!({
        "taskSid": scene.task_sid,
        "reservationSid": scene.reservation_sid,
        "session": session,
        "reservation": reservation,
        "close": close,
    })
}

fn error_type(outcome: Result<Value, FunctionError>) -> String {
    outcome.expect_err("the task can't be resolved").error_type
}

fn move_reservation(scene: &Scene, status: ReservationStatus) {
    let moved = scene.world.twilio.move_reservation(&scene.reservation_sid, status);
    moved.expect("the reservation can be moved");
}

/// A human agent is offered the task and accepts it.
fn rep_accepts(twilio: &Twilio, task_sid: &str) {
    let reservation = twilio.reserve(task_sid, REP_WORKER_SID).expect("the task is open");
    let accepted = twilio.move_reservation(&reservation.sid, ReservationStatus::Accepted);
    accepted.expect("the reservation is pending");
}

/// The writes to the session as JSON.
fn session_writes(scene: &Scene) -> Vec<Value> {
    let exchanges: Vec<Exchange> = scene.world.exchanges.of(Upstream::SessionApi);
    let writes = exchanges.iter().filter(|exchange| exchange.method == "PATCH");
    writes
        .map(|exchange| serde_json::from_slice(&exchange.body).expect("a session write is JSON"))
        .collect()
}

/// Asserts that the session has the mark. The mark's time may vary.
#[track_caller]
fn assert_marked(scene: &Scene) {
    let data = scene
        .world
        .session_api
        .custom_data(SESSION_ID)
        .expect("the session is there");
    assert_eq!(data.get("flex_resolved"), Some("true"));
    let task_sid = json!(scene.task_sid).to_string();
    assert_eq!(data.get("flex_resolved_task_sid"), Some(task_sid.as_str()));
    assert!(data.get("flex_resolved_timestamp").is_some());
}

#[track_caller]
fn assert_nothing_written(scene: &Scene) {
    assert_eq!(scene.writes(), [""; 0]);
}

fn at_session() -> Fault {
    Fault::at(Upstream::SessionApi).method("PATCH".parse().expect("a method"))
}

/// A change in Twilio just before a request is applied.
fn meanwhile(scene: &Scene, happen: impl Fn(&Twilio) + Send + Sync + 'static) -> Effect {
    let twilio = scene.world.twilio.clone();
    Effect::run(move || happen(&twilio))
}

fn with_attribute(options: &mut Options) {
    options.resolve.set("RESOLVED_ATTRIBUTE", "aiResolved");
}
