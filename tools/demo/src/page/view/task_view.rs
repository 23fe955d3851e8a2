//! One task and everything that belongs to it, as the page shows it.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;
use simulator::sqs;
use simulator::twilio::sids::AI_QUEUE_SID;
use simulator::twilio::{
    Conversation, ConversationState, Message, Reservation, ReservationStatus, Task, TaskQueue, TaskStatus,
};
use time::OffsetDateTime;

use super::attributes::{customer, first_task, session_id, text};
use super::entry::{self, rfc3339};
use super::people::{AI_NAME, Kind, NOTE_AUTHOR, REP_NAME};
use super::queued::Waiting;
use crate::flattened::flattened;
use crate::members::{Members, compact};
use crate::page::record::desk::Desk;
use crate::page::record::handoffs::{Asked, Ended, Program};
use crate::play::script::SIX;

/// The fields of the form for a handoff.
const REASONS: [&str; 4] = ["reason", "summary", "sentiment", "language"];

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
    /// The task that was handed off, if this one was made for the handoff.
    handoff_of: Option<String>,
    handoff: Option<HandoffView>,
    /// The handoff in the visitor's file, as the form shows it.
    suggestion: Option<BTreeMap<&'static str, String>>,
    /// The AI has marked the session resolved.
    resolved: bool,
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
    waiting: Option<Waiting>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CustomDatum {
    key: String,
    value: String,
    changed_at: Option<String>,
}

/// The requests for a handoff, the last answer, and what the page can check of it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct HandoffView {
    #[serde(flatten)]
    ended: Ended,
    program: Program,
    handoffs: usize,
    repeats: usize,
    /// The number of other attributes that are what they were, and the names of those that aren't.
    kept: usize,
    lost: Vec<String>,
    notes: usize,
}

impl TaskView {
    pub(crate) fn of(
        desk: &Desk,
        task: &Task,
        queues: &[TaskQueue],
        deferred: &[sqs::Message],
        now: OffsetDateTime,
    ) -> Self {
        let attributes = Members::parse(&task.attributes).unwrap_or_default();
        let queue = queues.iter().find(|queue| Some(&queue.sid) == task.queue_sid.as_ref());
        let conversation = text(&attributes, "conversationSid").and_then(|sid| desk.world.twilio.conversation(&sid));
        let conversation = conversation.as_ref().map(conversation_view);
        let handoff_of = first_task(&attributes);
        let handed_off = handoff_of.as_ref().unwrap_or(&task.sid);
        let asked = desk.handoffs.of(handed_off);
        let suggestion = desk.handoffs.suggestion(handed_off);
        let session = session_id(&attributes).and_then(|id| {
            let waiting = Waiting::of(deferred, &task.sid, now);
            session_view(desk, id, &attributes, waiting)
        });
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
            attributes: attributes
                .iter()
                .map(|attribute| attribute_view(attribute, asked.is_some()))
                .collect(),
            resolved: session.as_ref().is_some_and(|session| session.resolved(&task.sid)),
            back_at_the_ai: is_back_at_the_ai(task, &attributes, asked.as_ref()),
            suggestion: suggestion.as_ref().map(suggestion_view),
            handoff: asked.and_then(|asked| handoff_view(asked, &attributes, conversation.as_ref())),
            handoff_of,
            conversation,
            session,
            route: task.last_route.as_ref().map(ToString::to_string),
        }
    }
}

impl SessionView {
    fn resolved(&self, task_sid: &str) -> bool {
        let mark = |datum: &CustomDatum| datum.key == "flex_resolved_task_sid" && datum.value.contains(task_sid);
        self.custom_data.iter().any(mark)
    }
}

fn suggestion_view(handoff: &Members) -> BTreeMap<&'static str, String> {
    let field = |name: &'static str| {
        let raw = || handoff.get(name).unwrap_or_default().to_owned();
        (name, text(handoff, name).unwrap_or_else(raw))
    };
    REASONS.into_iter().map(field).collect()
}

fn handoff_view(asked: Asked, attributes: &Members, conversation: Option<&ConversationView>) -> Option<HandoffView> {
    let ended = asked.ended?;
    let is_kept = |(name, value): &(&str, &str)| attributes.get(name) == Some(*value);
    let (kept, lost): (Vec<_>, Vec<_>) = asked.others.iter().partition(is_kept);
    let messages = conversation.map_or(&[][..], |conversation| &conversation.messages);
    Some(HandoffView {
        ended,
        program: asked.request.program,
        handoffs: asked.handoffs,
        repeats: asked.repeats,
        kept: kept.len(),
        lost: lost.into_iter().map(|(name, _)| name.to_owned()).collect(),
        notes: messages.iter().filter(|message| message.from == "note").count(),
    })
}

/// The task was handed off and waits for the AI again: the workflow matched the AI's filter first. `handedOff` alone,
/// which any system can set, is no handoff.
fn is_back_at_the_ai(task: &Task, attributes: &Members, asked: Option<&Asked>) -> bool {
    let is_handed_off = attributes.get("handedOff") == Some("true") && asked.is_some_and(|asked| asked.handoffs > 0);
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

fn attribute_view((name, value): (&str, &str), was_handed_off: bool) -> AttributeView {
    AttributeView {
        name: name.to_owned(),
        value: value.to_owned(),
        handoff: was_handed_off && SIX.contains(&name),
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

fn session_view(desk: &Desk, id: String, attributes: &Members, waiting: Option<Waiting>) -> Option<SessionView> {
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
        waiting: waiting.filter(|_| !agrees),
        agrees,
        id,
    })
}
