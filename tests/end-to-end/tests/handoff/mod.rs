//! `handoff`, invoked as the AI platform invokes it.

mod answers;
mod attributes;
mod credentials;
mod interruptions;
mod lengths;
mod logs;
mod note;
mod note_deferred;
mod note_once;
mod note_withheld;
mod races;
mod repeats;
mod requests;
mod reservations;
mod retries;
mod routing;
mod transfer_changes;
mod transfers;

use std::time::Duration;

use end_to_end::{FunctionError, Scene, outcome, refusal};
use serde_json::{Value, json};
use simulator::exchange::{Answer, Exchange};
use simulator::fault::Effect;
use simulator::twilio::sids::REP_WORKER_SID;
use simulator::twilio::{ReservationStatus, Twilio};
use simulator::world::HANDOFF;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use tokio::task::JoinSet;

/// The requests of a handoff, as [`Scene::requests`] names them.
const READ_TASK: &str = "GET Tasks/WT";
const READ_RESERVATION: &str = "GET Tasks/WT/Reservations/WR";
const LIST_RESERVATIONS: &str = "GET Tasks/WT/Reservations";
const WRITE: &str = "POST Tasks/WT";
const REJECT: &str = "POST Tasks/WT/Reservations/WR";
const READ_PARTICIPANTS: &str = "GET Conversations/CH/Participants";
const READ_MESSAGES: &str = "GET Conversations/CH/Messages";
const POST_NOTE: &str = "POST Conversations/CH/Messages";

/// The results for attributes, reservation and note in the first invocation and in every repeat.
const FIRST: [&str; 3] = ["updated", "rejected", "posted"];
const REPEAT: [&str; 3] = ["unchanged", "already-released", "already-posted"];

/// The usual request with these fields changed.
fn request(scene: &Scene, fields: Value) -> Value {
    let mut request = json!({
        "taskSid": scene.task_sid,
        "reservationSid": scene.reservation_sid,
        "conversationSid": scene.conversation_sid,
        "reason": "customer wants to cancel subscription",
        "summary": "Ana ordered twice and was charged twice.",
        "sentiment": "negative",
        "language": "en",
        "timestamp": rfc3339(scene.reservation().date_created),
    });
    for (name, value) in fields.as_object().expect("fields are an object") {
        request[name] = value.clone();
    }
    request
}

async fn hand_over(scene: &Scene) -> Result<Value, FunctionError> {
    invoke(scene, &request(scene, json!({}))).await
}

async fn hand_over_with(scene: &Scene, fields: Value) -> Result<Value, FunctionError> {
    invoke(scene, &request(scene, fields)).await
}

async fn invoke(scene: &Scene, request: &Value) -> Result<Value, FunctionError> {
    let payload = request.to_string().into_bytes();
    outcome(&scene.world.lambda.invoke(HANDOFF, payload).await)
}

/// Retries as the AI platform or Lambda does.
async fn hand_over_until_done(scene: &Scene) -> Value {
    for _ in 0..10 {
        match hand_over(scene).await {
            Ok(answered) => return answered,
            Err(error) => assert_eq!(error.error_type, "Unavailable"),
        }
    }
    panic!("ten tries have not come to an end")
}

/// Invokes the function with all requests at once.
async fn invoke_at_once(scene: &Scene, requests: Vec<Value>) -> Vec<Result<Value, FunctionError>> {
    let invocations: JoinSet<_> = requests
        .into_iter()
        .map(|request| {
            let lambda = scene.world.lambda.clone();
            async move { outcome(&lambda.invoke(HANDOFF, request.to_string().into_bytes()).await) }
        })
        .collect();
    invocations.join_all().await
}

/// The answer to the usual request with these results for attributes, reservation and note.
fn answer(scene: &Scene, said: [&str; 3]) -> Value {
    answer_to(scene, &request(scene, json!({})), said)
}

/// The answer to a request with a timestamp.
fn answer_to(scene: &Scene, request: &Value, [attributes, reservation, note]: [&str; 3]) -> Value {
    json!({
        "taskSid": scene.task_sid,
        "reservationSid": scene.reservation_sid,
        "attributes": attributes,
        "reservation": reservation,
        "note": note,
        "routing": "released",
        "handoffTimestamp": request["timestamp"],
        "warnings": [],
    })
}

fn error(error_type: &str, message: &str) -> FunctionError {
    FunctionError {
        error_type: error_type.to_owned(),
        error_message: message.to_owned(),
    }
}

/// Changes the status of the AI's reservation, as its worker or TaskRouter does.
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

/// The six attributes of a request as written, without the braces.
fn six(request: &Value) -> String {
    let names = [
        ("handoffReason", "reason"),
        ("handoffSummary", "summary"),
        ("handoffSentiment", "sentiment"),
        ("handoffLanguage", "language"),
        ("handoffTimestamp", "timestamp"),
    ];
    let texts = names.map(|(attribute, field)| format!(r#""{attribute}":{}"#, request[field]));
    format!(r#""handedOff":true,{}"#, texts.join(","))
}

/// An object's text with the six attributes of a request at its end.
fn with_six(attributes: &str, request: &Value) -> String {
    let open = attributes.strip_suffix('}').expect("the text of an object");
    format!("{open},{}}}", six(request))
}

/// The scene's attributes before the handoff.
fn untouched(scene: &Scene) -> String {
    json!({ "session_id": "session-1", "conversationSid": scene.conversation_sid }).to_string()
}

/// The note's text for a request. Each value is isolated.
fn note_text(request: &Value) -> String {
    let text = |field: &str| format!("\u{2068}{}\u{2069}", request[field].as_str().expect("a text"));
    format!(
        "Handed off by the AI agent\n\n{}\n\nSentiment: {}\nReason: {}\nLanguage: {}",
        text("summary"),
        text("sentiment"),
        text("reason"),
        text("language"),
    )
}

/// The notes in the conversation.
fn notes(scene: &Scene) -> Vec<String> {
    scene
        .conversation()
        .messages
        .into_iter()
        .map(|message| message.body)
        .collect()
}

/// Asserts that the usual handoff was done exactly once.
#[track_caller]
fn assert_handed_over(scene: &Scene) {
    let request = request(scene, json!({}));
    assert_eq!(scene.task().attributes, with_six(&untouched(scene), &request));
    assert_eq!(scene.reservation().status, ReservationStatus::Rejected);
    assert_eq!(notes(scene), [note_text(&request)]);
}

/// Asserts that no write was tried.
#[track_caller]
fn assert_nothing_written(scene: &Scene) {
    assert_eq!(scene.writes(), [""; 0]);
}

/// The `errorType` of a failed handoff.
#[track_caller]
fn error_type(outcome: Result<Value, FunctionError>) -> String {
    outcome.expect_err("there can be no handoff").error_type
}

/// A fault that changes the JSON of the upstream's answer.
fn rewrite_json(change: impl Fn(&mut Value) + Send + Sync + 'static) -> Effect {
    Effect::rewrite(move |answer| {
        let mut body = serde_json::from_slice(&answer.body).expect("Twilio answers in JSON");
        change(&mut body);
        answer.body(body.to_string())
    })
}

/// The exchanges with this name, as [`Scene::requests`] names them.
fn exchanges(scene: &Scene, request: &str) -> Vec<Exchange> {
    let named = scene.requests().into_iter().zip(scene.exchanges());
    named
        .filter(|(name, _)| name == request)
        .map(|(_, exchange)| exchange)
        .collect()
}

/// A short timeout for tests in which the time runs out.
const HURRY: Duration = Duration::from_secs(3);

/// A scene whose function has the short timeout.
async fn hurried_scene() -> Scene {
    Scene::with(|options| options.handoff.timeout = HURRY).await
}

/// A time in whole seconds, as Twilio writes it.
fn rfc3339(time: OffsetDateTime) -> String {
    let whole = time.replace_nanosecond(0).expect("0 is a nanosecond");
    whole.format(&Rfc3339).expect("a year of four digits")
}
