//! A world that routes, and helpers for the tests.

use serde_json::{Value, json};
use simulator::options::Options;
use simulator::twilio::sids::AVAILABLE_ACTIVITY_SID;
use simulator::twilio::{NewWorker, ReservationStatus, Routing, Task, Twilio, Worker};
use simulator::world::World;

/// A world without functions that routes by its workflow.
pub(crate) async fn world() -> World {
    let options = Options {
        routing: Routing::ByWorkflow,
        ..Options::default()
    };
    World::start(options).await.unwrap()
}

/// The attributes of a web chat.
pub(crate) const WEB_CHAT: &str = r#"{"channelType":"web"}"#;
/// The attributes of the same chat after the AI's handoff.
pub(crate) const HANDED_OFF: &str = r#"{"channelType":"web","handedOff":true}"#;

pub(crate) fn task(twilio: &Twilio, sid: &str) -> Task {
    twilio.task(sid).unwrap()
}

/// The task's offers and their results, in order.
pub(crate) fn offers(twilio: &Twilio, task_sid: &str) -> Vec<(String, ReservationStatus)> {
    let reservations = task(twilio, task_sid).reservations.into_iter();
    reservations.map(|one| (one.worker_name, one.status)).collect()
}

/// The expected value of [`offers`].
pub(crate) fn offered<const N: usize>(offers: [(&str, ReservationStatus); N]) -> Vec<(String, ReservationStatus)> {
    offers.map(|(name, status)| (name.to_owned(), status)).to_vec()
}

/// Moves the task's last reservation.
pub(crate) fn answer(twilio: &Twilio, task_sid: &str, status: ReservationStatus) {
    let last = task(twilio, task_sid).reservations.pop().unwrap();
    twilio.move_reservation(&last.sid, status).unwrap();
}

/// The name of the task's queue.
pub(crate) fn queue_name(twilio: &Twilio, task_sid: &str) -> String {
    let queue = task(twilio, task_sid).queue_sid;
    let queues = twilio.queues().into_iter();
    let mut named = queues.filter(|one| Some(&one.sid) == queue.as_ref());
    named.next().unwrap().friendly_name
}

/// Adds an available worker with this capacity for chats.
pub(crate) fn add_worker(twilio: &Twilio, name: &str, attributes: Value, chats: u32) -> Worker {
    let new = NewWorker {
        friendly_name: name.to_owned(),
        attributes: Some(attributes.to_string()),
        activity_sid: Some(AVAILABLE_ACTIVITY_SID.to_owned()),
    };
    let worker = twilio.create_worker(new).unwrap();
    twilio.set_capacity(&worker.sid, "chat", chats).unwrap();
    worker
}

/// Adds another person to the people's queue.
pub(crate) fn add_person(twilio: &Twilio, name: &str, chats: u32) -> Worker {
    add_worker(twilio, name, json!({ "roles": ["agent"] }), chats)
}

/// Gives the workflow a single filter with these targets.
pub(crate) fn route_by(twilio: &Twilio, targets: Value) {
    let filters = json!([{ "filter_friendly_name": "All", "targets": targets }]);
    let configuration = json!({ "task_routing": { "filters": filters } });
    twilio
        .set_workflow_configuration(&configuration.to_string(), false)
        .unwrap();
}

/// The types of the events after the first `seen`.
pub(crate) fn types(twilio: &Twilio, seen: usize) -> Vec<String> {
    let events = twilio.events().into_iter().skip(seen);
    events.map(|event| event.event_type).collect()
}
