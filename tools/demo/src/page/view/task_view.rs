//! One task and everything that belongs to it, as the page shows it.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;
use serde_json::value::RawValue;
use simulator::lambda::Invoked;
use simulator::twilio::sids::AI_QUEUE_SID;
use simulator::twilio::{
    Conversation, ConversationState, Message, Reservation, ReservationStatus, Task, TaskQueue, TaskStatus,
};
use simulator::world::HANDOFF;
use time::OffsetDateTime;

use super::attributes::{customer, text};
use super::entry::{self, rfc3339};
use super::people::{AI_NAME, Kind, NOTE_AUTHOR, REP_NAME};
use super::timeline::{json, task_of_invoke};
use crate::flattened::flattened;
use crate::members::{Members, compact};
use crate::page::record::desk::Desk;
use crate::play::script::SIX;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TaskView {
    sid: String,
    customer: String,
    status: TaskStatus,
    queue: Option<String>,
    queue_name: Option<String>,
    priority: i64,
    age: i64,
    #[serde(serialize_with = "rfc3339")]
    created_at: OffsetDateTime,
    reason: Option<String>,
    reservations: Vec<ReservationView>,
    attributes: Vec<AttributeView>,
    conversation: Option<ConversationView>,
    session: Option<SessionView>,
    handoff: Option<Handoff>,
    back_at_the_ai: bool,
    route: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ReservationView {
    sid: String,
    worker: String,
    worker_name: String,
    kind: Kind,
    status: ReservationStatus,
    #[serde(serialize_with = "rfc3339")]
    created_at: OffsetDateTime,
}

#[derive(Serialize)]
struct AttributeView {
    name: String,
    value: String,
    handoff: bool,
}

#[derive(Serialize)]
struct ConversationView {
    sid: String,
    state: ConversationState,
    messages: Vec<MessageView>,
}

#[derive(Serialize)]
struct MessageView {
    sid: String,
    index: usize,
    author: String,
    from: &'static str,
    body: String,
    #[serde(serialize_with = "rfc3339")]
    at: OffsetDateTime,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SessionView {
    id: String,
    custom_data: Vec<CustomDatum>,
    agrees: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CustomDatum {
    key: String,
    value: String,
    changed_at: Option<String>,
}

/// The result of the last requested handoff.
#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Handoff {
    at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    answer: Option<Box<RawValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_type: Option<String>,
}

/// The last answered handoff of each task.
pub(crate) fn handoffs(desk: &Desk) -> BTreeMap<String, Handoff> {
    let invocations = desk.world.lambda.invocations();
    let handoffs = invocations.iter().filter(|invoked| invoked.function == HANDOFF);
    handoffs
        .filter_map(|invoked| Some((task_of_invoke(invoked)?, handoff(desk, invoked)?)))
        .collect()
}

fn handoff(desk: &Desk, invoked: &Invoked) -> Option<Handoff> {
    let ended = invoked.ended.as_ref()?;
    let answer = json(&ended.payload);
    let failed = ended.function_error.is_some();
    let text = |name: &str| answer[name].as_str().map(str::to_owned).filter(|_| failed);
    Some(Handoff {
        at: entry::text(desk.time(invoked.moment)),
        answer: serde_json::from_slice(&ended.payload).ok().filter(|_| !failed),
        error: text("errorMessage"),
        error_type: text("errorType"),
    })
}

impl TaskView {
    pub(crate) fn of(
        desk: &Desk,
        task: &Task,
        queues: &[TaskQueue],
        handoff: Option<&Handoff>,
        now: OffsetDateTime,
    ) -> Self {
        let attributes = Members::parse(&task.attributes).unwrap_or_default();
        let queue = queues.iter().find(|queue| Some(&queue.sid) == task.queue_sid.as_ref());
        let conversation = text(&attributes, "conversationSid").and_then(|sid| desk.world.twilio.conversation(&sid));
        Self {
            sid: task.sid.clone(),
            customer: customer(&attributes).unwrap_or_else(|| "somebody".to_owned()),
            status: task.status,
            queue: task.queue_sid.clone(),
            queue_name: queue.map(|queue| queue.friendly_name.clone()),
            priority: task.priority,
            age: (now - task.date_created).whole_seconds(),
            created_at: task.date_created,
            reason: task.reason.clone(),
            reservations: task.reservations.iter().map(reservation_view).collect(),
            attributes: attributes.iter().map(attribute_view).collect(),
            conversation: conversation.as_ref().map(conversation_view),
            session: text(&attributes, "session_id").and_then(|id| session_view(desk, id, &attributes)),
            handoff: handoff.cloned(),
            back_at_the_ai: is_back_at_the_ai(task, &attributes),
            route: task.last_route.as_ref().map(ToString::to_string),
        }
    }
}

/// The task was handed off and waits for the AI again: the workflow matched the AI's filter first.
fn is_back_at_the_ai(task: &Task, attributes: &Members) -> bool {
    let is_handed_off = attributes.get("handedOff") == Some("true");
    is_handed_off && !task.status.is_terminal() && task.queue_sid.as_deref() == Some(AI_QUEUE_SID)
}

fn reservation_view(reservation: &Reservation) -> ReservationView {
    ReservationView {
        sid: reservation.sid.clone(),
        worker: reservation.worker_sid.clone(),
        worker_name: Kind::of_worker(&reservation.worker_sid).name(&reservation.worker_name),
        kind: Kind::of_worker(&reservation.worker_sid),
        status: reservation.status,
        created_at: reservation.date_created,
    }
}

fn attribute_view((name, value): (&str, &str)) -> AttributeView {
    AttributeView {
        name: name.to_owned(),
        value: value.to_owned(),
        handoff: SIX.contains(&name),
    }
}

fn conversation_view(conversation: &Conversation) -> ConversationView {
    ConversationView {
        sid: conversation.sid.clone(),
        state: conversation.state,
        messages: conversation.messages.iter().map(message_view).collect(),
    }
}

fn message_view(message: &Message) -> MessageView {
    let attributes: Value = serde_json::from_str(&message.attributes).unwrap_or_default();
    let from = match &*message.author {
        _ if attributes.get("handoff").is_some() => "note",
        AI_NAME => "ai",
        REP_NAME => "rep",
        NOTE_AUTHOR => "system",
        _ => "customer",
    };
    MessageView {
        sid: message.sid.clone(),
        index: message.index,
        author: message.author.clone(),
        from,
        body: message.body.clone(),
        at: message.date_created,
    }
}

fn session_view(desk: &Desk, id: String, attributes: &Members) -> Option<SessionView> {
    let custom_data = desk.world.session_api.custom_data(&id)?;
    let changed = desk.world.session_api.changed(&id);
    // The key of an attribute that left the task stays, since the session API can't remove a key.
    let agrees = flattened(attributes)
        .iter()
        .all(|(key, value)| custom_data.get(key).is_some_and(|own| compact(own) == *value));
    let datum = |(key, value): (&str, &str)| CustomDatum {
        key: key.to_owned(),
        value: value.to_owned(),
        changed_at: changed.get(key).copied().map(entry::text),
    };
    Some(SessionView {
        custom_data: custom_data.iter().map(datum).collect(),
        agrees,
        id,
    })
}
