//! `reply`, invoked as the AI platform invokes it.

mod errors;
mod messages;

use end_to_end::{FunctionError, SESSION_ID, Scene, outcome};
use serde_json::{Value, json};
use simulator::twilio::sids::REP_WORKER_SID;
use simulator::twilio::{ReservationStatus, TaskStatus, Twilio};
use simulator::world::REPLY;

/// The requests of `reply`, as [`Scene::requests`] names them.
const READ_TASK: &str = "GET Tasks/WT";
const LIST_RESERVATIONS: &str = "GET Tasks/WT/Reservations";
const READ_MESSAGES: &str = "GET Conversations/CH/Messages";
const POST_MESSAGE: &str = "POST Conversations/CH/Messages";

/// The usual request with these fields changed.
fn request(scene: &Scene, fields: Value) -> Value {
    let mut request = json!({ "taskSid": scene.task_sid, "messageId": "m-1", "text": "Ana, it is on its way." });
    for (name, value) in fields.as_object().expect("fields are an object") {
        request[name] = value.clone();
    }
    request
}

async fn reply(scene: &Scene) -> Result<Value, FunctionError> {
    reply_with(scene, json!({})).await
}

async fn reply_with(scene: &Scene, fields: Value) -> Result<Value, FunctionError> {
    invoke(scene, request(scene, fields)).await
}

async fn invoke(scene: &Scene, request: Value) -> Result<Value, FunctionError> {
    let payload = request.to_string().into_bytes();
    outcome(&scene.world.lambda.invoke(REPLY, payload).await)
}

/// The answer about the conversation's message at this place.
fn answer(scene: &Scene, place: usize, message: &str) -> Value {
    json!({ "messageSid": scene.conversation().messages[place].sid, "message": message })
}

fn error_type(outcome: Result<Value, FunctionError>) -> String {
    outcome.expect_err("the message can't be posted").error_type
}

/// The author, text and attributes of each message.
fn messages(scene: &Scene) -> Vec<(String, String, Value)> {
    let read = |attributes: &str| serde_json::from_str(attributes).expect("attributes are JSON");
    let messages = scene.conversation().messages.into_iter();
    messages
        .map(|message| (message.author, message.body, read(&message.attributes)))
        .collect()
}

/// The AI's message as it is posted.
fn message(id: &str, text: &str) -> (String, String, Value) {
    let attributes = json!({ "ai": { "messageId": id } });
    ("AI Support Agent".to_owned(), text.to_owned(), attributes)
}

/// A human agent is offered the task and accepts it.
fn rep_accepts(twilio: &Twilio, task_sid: &str) {
    let reservation = twilio.reserve(task_sid, REP_WORKER_SID).expect("the task is open");
    let accepted = twilio.move_reservation(&reservation.sid, ReservationStatus::Accepted);
    accepted.expect("the reservation is pending");
}
