//! The scene of every case: a web chat with one customer, and a task that the AI was offered.

mod interaction;

use serde_json::{Value, json};
use simulator::clock::Clock;
use simulator::options::Options;
use simulator::twilio::sids::{AI_WORKER_SID, REP_WORKER_SID};
use simulator::twilio::{Message, ReservationStatus, Task, Twilio};
use simulator::upstreams::Upstreams;
use time::format_description::well_known::Rfc3339;

use crate::virtual_time;

pub(crate) use interaction::{World, is_resolved, route_new_tasks, set_in_interaction};

pub(crate) const SESSION_ID: &str = "session-1";

/// The author of the AI's messages.
pub(crate) const AI_AUTHOR: &str = "AI Support Agent";

/// The value of an attribute that another writer removes with its first change.
pub(crate) const PASSING: &str = "here for now";

/// The text after that attribute.
const AFTER_PASSING: &str = r#""caf\u00e9""#;

/// The SIDs of a case.
#[derive(Clone, Debug)]
pub(crate) struct Scene {
    pub(crate) task_sid: String,
    pub(crate) reservation_sid: String,
    pub(crate) conversation_sid: String,
    /// The initial status of the AI's reservation.
    pub(crate) held: ReservationStatus,
    /// The task's initial attributes.
    pub(crate) attributes: String,
}

/// The upstreams with the scene in them.
pub(crate) fn set() -> (Upstreams, Scene) {
    set_with(&Options::default())
}

fn set_with(options: &Options) -> (Upstreams, Scene) {
    let upstreams = Upstreams::new(Clock::by(virtual_time::now), options);
    let twilio = &upstreams.twilio;
    let conversation_sid = conversation(twilio);
    upstreams.session_api.create_session(SESSION_ID);
    let attributes = attributes(&conversation_sid);
    let task = twilio
        .create_task(&attributes)
        .expect("the attributes are a short object");
    let reservation = twilio.reserve(&task.sid, AI_WORKER_SID).expect("the task is pending");
    let scene = Scene {
        task_sid: task.sid,
        reservation_sid: reservation.sid,
        conversation_sid,
        held: ReservationStatus::Pending,
        attributes,
    };
    (upstreams, scene)
}

/// A web chat with one customer.
fn conversation(twilio: &Twilio) -> String {
    let sid = twilio.create_conversation().sid;
    let added = twilio.add_chat_participant(&sid, "ana");
    added.expect("the conversation is open");
    sid
}

/// The scene after the AI has accepted its reservation. TaskRouter may still reject the reservation.
pub(crate) fn set_accepted() -> (Upstreams, Scene) {
    let options = Options {
        accepted_can_be_rejected: true,
        ..Options::default()
    };
    let (upstreams, mut scene) = set_with(&options);
    scene.held = ReservationStatus::Accepted;
    let accepted = upstreams
        .twilio
        .move_reservation(&scene.reservation_sid, ReservationStatus::Accepted);
    accepted.expect("the reservation is pending");
    (upstreams, scene)
}

/// Attributes with unusual white space, escapes, digits and names. No JSON library would write this form.
fn attributes(conversation_sid: &str) -> String {
    format!(
        r#"{{"session_id" : "{SESSION_ID}","conversationSid":"{conversation_sid}", "price":1.10,"order":12345678901234567890,"passing":"{PASSING}",{AFTER_PASSING}:"a\/b","nested":{{ "list":[1, 2.0],"none":null}}}}"#
    )
}

impl Scene {
    pub(crate) fn task(&self, twilio: &Twilio) -> Task {
        twilio.task(&self.task_sid).expect("nobody deletes the task")
    }

    /// The expected session for the scene's attributes with any price. The attribute that may have been removed is left
    /// out.
    pub(crate) fn flattened(&self, attributes: &str) -> Vec<(String, String)> {
        let text = |text: &str| format!("\"{text}\"");
        let mut data = [
            ("flex_café", text(r"a\/b")),
            ("flex_conversationSid", text(&self.conversation_sid)),
            ("flex_conversation_sid", text(&self.conversation_sid)),
            ("flex_nested_list", text("[1,2.0]")),
            ("flex_nested_none", text("")),
            ("flex_order", "12345678901234567890".to_owned()),
            ("flex_price", price(attributes).unwrap_or_default().to_owned()),
            ("flex_reservation_sid", text(&self.reservation_sid)),
            ("flex_session_id", text(SESSION_ID)),
            ("flex_task_sid", text(&self.task_sid)),
        ]
        .map(|(name, value)| (name.to_owned(), value));
        data.sort_unstable();
        data.into()
    }

    /// The attributes before this many changes, or `None` if the number is wrong.
    pub(crate) fn before_changes(&self, attributes: &str, changes: u32) -> Option<String> {
        let price = price(attributes)?;
        let cents: u32 = price.replace('.', "").parse().ok()?;
        let first_price = attributes.replace(&format!("\"price\":{price}"), &format!("\"price\":{FIRST_PRICE}"));
        match changes {
            _ if cents != 110 + changes => None,
            0 => Some(first_price),
            _ => Some(first_price.replace(AFTER_PASSING, &format!("{}{AFTER_PASSING}", passing()))),
        }
    }

    /// The AI platform's request.
    pub(crate) fn request(&self) -> Value {
        json!({
            "taskSid": self.task_sid,
            "reservationSid": self.reservation_sid,
            "reason": "customer wants to cancel subscription",
            "summary": "Ana ordered twice and was charged twice.",
            "sentiment": "negative",
            "language": "en",
        })
    }

    /// The messages of others than the AI. All of them are notes.
    pub(crate) fn notes(&self, twilio: &Twilio) -> Vec<Message> {
        let mut messages = self.messages(twilio);
        messages.retain(|message| message.author != AI_AUTHOR);
        messages
    }

    /// The AI's messages in the conversation.
    pub(crate) fn ai_messages(&self, twilio: &Twilio) -> Vec<Message> {
        let mut messages = self.messages(twilio);
        messages.retain(|message| message.author == AI_AUTHOR);
        messages
    }

    fn messages(&self, twilio: &Twilio) -> Vec<Message> {
        let conversation = twilio.conversation(&self.conversation_sid);
        conversation.expect("nobody deletes the conversation").messages
    }

    /// A message of the AI.
    pub(crate) fn reply(&self) -> Value {
        json!({ "taskSid": self.task_sid, "messageId": "m-1", "text": "It is on its way." })
    }

    /// Whether a message has the form of [`Self::reply`].
    pub(crate) fn is_reply(message: &Message) -> bool {
        message.body == "It is on its way." && message.attributes == r#"{"ai":{"messageId":"m-1"}}"#
    }

    /// Whether a note has the expected form.
    pub(crate) fn is_note(&self, note: &Message) -> bool {
        let Self {
            task_sid,
            reservation_sid,
            ..
        } = self;
        let text = "Handed off by the AI agent\n\n\u{2068}Ana ordered twice and was charged twice.\u{2069}\n\n\
                    Sentiment: \u{2068}negative\u{2069}\nReason: \u{2068}customer wants to cancel subscription\u{2069}\n\
                    Language: \u{2068}en\u{2069}";
        let attributes = format!(r#"{{"handoff":{{"taskSid":"{task_sid}","reservationSid":"{reservation_sid}"}}}}"#);
        note.body == text && note.author == "system" && note.attributes == attributes
    }
}

const FIRST_PRICE: &str = "1.10";

/// The digits of the price.
fn price(attributes: &str) -> Option<&str> {
    let (_, rest) = attributes.split_once("\"price\":")?;
    Some(rest.split_once(',')?.0)
}

fn passing() -> String {
    format!(r#""passing":"{PASSING}","#)
}

/// The attributes after a change by another writer. The price is higher with the same number of digits, and an
/// attribute is removed.
pub(crate) fn changed(attributes: &str) -> String {
    let price = price(attributes).expect("nobody takes the price away");
    let cents: u32 = price.replace('.', "").parse().expect("a price is a number");
    let higher = format!("\"price\":{}.{:02}", (cents + 1) / 100, (cents + 1) % 100);
    attributes
        .replace(&format!("\"price\":{price}"), &higher)
        .replace(&passing(), "")
}

/// Routes a task that the AI has rejected to a human agent who accepts the task.
pub(crate) fn route_to_a_person(twilio: &Twilio, task_sid: &str) {
    let Some(task) = twilio.task(task_sid) else { return };
    if task.reservations.len() == 1 && task.reservations[0].status == ReservationStatus::Rejected {
        let reservation = twilio.reserve(task_sid, REP_WORKER_SID).expect("the task is pending");
        let accepted = twilio.move_reservation(&reservation.sid, ReservationStatus::Accepted);
        accepted.expect("the reservation is pending");
    }
}

/// An object's text with the six attributes of a request at its end.
pub(crate) fn with_six(attributes: &str, request: &Value, timestamp: &str) -> String {
    let open = attributes.strip_suffix('}').expect("the text of an object");
    let names = ["reason", "summary", "sentiment", "language"];
    let attribute = |name: &str| format!("handoff{}{}", name[..1].to_uppercase(), &name[1..]);
    let texts = names.map(|name| format!(r#""{}":{}"#, attribute(name), request[name]));
    format!(
        r#"{open},"handedOff":true,{},"handoffTimestamp":"{timestamp}"}}"#,
        texts.join(",")
    )
}

/// The `handoffTimestamp` in a task's attributes.
pub(crate) fn timestamp(attributes: &str) -> Option<String> {
    let attributes: Value = serde_json::from_str(attributes).ok()?;
    let timestamp = attributes["handoffTimestamp"].as_str()?;
    let is_one = time::OffsetDateTime::parse(timestamp, &Rfc3339).is_ok();
    is_one.then(|| timestamp.to_owned())
}
