//! The actions of customers and of other systems: messages, and attributes.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Value, json};
use simulator::twilio::NewMessage;

use super::ai::reply;
use crate::members::{Members, compact};
use crate::page::input::Input;
use crate::page::present::Page;
use crate::page::problem::Problem;
use crate::page::record::desk::Desk;
use crate::page::record::doings::Doing;
use crate::page::view::attributes::{customer, first_task, members, text};
use crate::page::view::people::{AI_NAME, NOTE_AUTHOR, REP_NAME};
use crate::play::script::Part;

/// Longer than a person's name.
const MAX_NAME: usize = 60;

#[derive(Deserialize)]
pub(crate) struct NewCustomer {
    name: String,
}

#[derive(Serialize)]
pub(crate) struct Arrived {
    task: String,
}

pub(crate) async fn new_customer(
    State(page): State<Page>,
    Input(NewCustomer { name }): Input<NewCustomer>,
) -> Result<Json<Arrived>, Problem> {
    let desk = page.desk();
    let task = arrive(&desk, Arrival::of_example(&desk, name.trim())?).await?;
    Ok(Json(Arrived { task }))
}

/// A customer who opens the chat, and the task that this makes.
pub(crate) struct Arrival {
    name: String,
    question: &'static str,
    session_id: String,
    /// The task's attributes, without those that Flex sets.
    attributes: Members,
    /// The handoff that the page suggests for the task.
    handoff: Option<Members>,
}

impl Arrival {
    /// A customer with a task like the example's.
    pub(crate) fn of_example(desk: &Desk, name: &str) -> Result<Self, Problem> {
        check_name(name)?;
        let session_id = new_session_id(desk);
        Ok(Self {
            name: name.to_owned(),
            question: "Hello! My espresso machine leaks.",
            attributes: attributes(name, &session_id),
            session_id,
            handoff: None,
        })
    }

    /// A customer with the task and the handoff in the visitor's files.
    pub(crate) fn of_files(part: &Part) -> Result<Self, Problem> {
        let name = customer(&part.attributes).unwrap_or_else(nameless);
        check_name(&name)
            .map_err(|problem| Problem::conflict(format!("The attribute customer.name: {}", problem.message())))?;
        Ok(Self {
            name,
            question: part.dialogue.question,
            session_id: part.session_id.clone(),
            attributes: part.attributes.clone(),
            handoff: Some(part.handoff.clone()),
        })
    }
}

/// The author of messages whose task has no customer's name.
fn nameless() -> String {
    "customer".to_owned()
}

/// A customer opens the chat and writes: this makes a conversation, an AI session and a task.
pub(crate) async fn arrive(desk: &Arc<Desk>, arrival: Arrival) -> Result<String, Problem> {
    let own = Arc::clone(desk);
    let name = arrival.name;
    let doing = Doing::new(&*name, "Conversations", format!("{name} opens the chat, and writes"));
    desk.act(doing, async move {
        let twilio = &own.world.twilio;
        let conversation_sid = twilio.create_conversation().sid;
        twilio.add_chat_participant(&conversation_sid, &name)?;
        let first = NewMessage {
            author: Some(name.clone()),
            body: arrival.question.to_owned(),
            attributes: None,
        };
        twilio.post_message(&conversation_sid, first)?;
        own.world.session_api.create_session(&arrival.session_id);
        let mut attributes = arrival.attributes;
        attributes.set("conversationSid", Value::from(&*conversation_sid).to_string());
        let interaction = twilio.create_interaction(&attributes.text(), Some(&conversation_sid))?;
        let invite = interaction.channel.invites.first();
        let task_sid = invite.map(|invite| invite.task_sid.clone());
        let task_sid = task_sid.ok_or_else(|| Problem::conflict("The interaction has no task."))?;
        if let Some(handoff) = arrival.handoff {
            own.handoffs.suggest(&task_sid, handoff);
        }
        Ok(task_sid)
    })
    .await
}

/// The name of a session that doesn't exist yet.
fn new_session_id(desk: &Desk) -> String {
    let id = || format!("session-{}", desk.next_customer());
    let is_new = |id: &String| desk.world.session_api.custom_data(id).is_none();
    std::iter::repeat_with(id).find(is_new).expect("the numbers never end")
}

fn check_name(name: &str) -> Result<(), Problem> {
    let others = [AI_NAME, REP_NAME, NOTE_AUTHOR];
    if name.is_empty() {
        Err(Problem::field("name", "A name is needed."))
    } else if name.chars().count() > MAX_NAME {
        Err(Problem::field(
            "name",
            format!("A name of at most {MAX_NAME} characters, please."),
        ))
    } else if others.iter().any(|other| other.eq_ignore_ascii_case(name)) {
        Err(Problem::field(
            "name",
            "Somebody else here writes by that name already.",
        ))
    } else {
        Ok(())
    }
}

/// The example's attributes, with the customer's own name.
fn attributes(name: &str, session_id: &str) -> Members {
    let example = compact(include_str!("../../attributes.json"));
    let mut attributes = Members::parse(&example).expect("the example is an object");
    let mut customer = attributes
        .get("customer")
        .and_then(|customer| Members::parse(customer).ok())
        .unwrap_or_default();
    customer.set("name", Value::from(name).to_string());
    attributes.set("customer", customer.text());
    attributes.set("session_id", Value::from(session_id).to_string());
    attributes
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Author {
    Customer,
    Ai,
    Rep,
}

#[derive(Deserialize)]
pub(crate) struct Words {
    from: Author,
    body: String,
}

pub(crate) async fn write(
    State(page): State<Page>,
    Path(task_sid): Path<String>,
    Input(words): Input<Words>,
) -> Result<Json<Value>, Problem> {
    if words.body.trim().is_empty() {
        return Err(Problem::field("body", "There is nothing to send."));
    }
    let desk = page.desk();
    let attributes = members(&desk.task(&task_sid)?.attributes)?;
    if matches!(words.from, Author::Ai) {
        return reply(&desk, &task_sid, &words.body).await;
    }
    let conversation_sid = text(&attributes, "conversationSid").ok_or_else(no_conversation)?;
    let author = match words.from {
        Author::Rep => REP_NAME.to_owned(),
        Author::Customer | Author::Ai => customer(&attributes).unwrap_or_else(nameless),
    };
    let own = Arc::clone(&desk);
    let doing = Doing::new(&*author, "Conversations", format!("{author} writes")).with(&task_sid);
    desk.act(doing, async move {
        let message = NewMessage {
            author: Some(author),
            body: words.body,
            attributes: None,
        };
        own.world.twilio.post_message(&conversation_sid, message)?;
        Ok(Json(json!({})))
    })
    .await
}

#[derive(Deserialize)]
pub(crate) struct Attribute {
    name: String,
    value: Box<RawValue>,
}

/// Sets one attribute and keeps the others, like a system that uses the task's version.
pub(crate) async fn set_attribute(
    State(page): State<Page>,
    Path(task_sid): Path<String>,
    Input(attribute): Input<Attribute>,
) -> Result<Json<Value>, Problem> {
    let name = attribute.name.trim().to_owned();
    if name.is_empty() {
        return Err(Problem::field("name", "A name is needed."));
    }
    let desk = page.desk();
    desk.task(&task_sid)?;
    let own = Arc::clone(&desk);
    let doing = Doing::new("another system", "TaskRouter", format!("Another system sets {name}")).with(&task_sid);
    desk.act(doing, async move {
        set_by_another_system(&own, &task_sid, &name, attribute.value.get())?;
        Ok(Json(json!({})))
    })
    .await
}

pub(crate) fn set_by_another_system(desk: &Desk, task_sid: &str, name: &str, value: &str) -> Result<(), Problem> {
    let task = desk.world.twilio.edit_attributes(task_sid, |attributes| {
        let mut attributes = Members::parse(attributes).unwrap_or_default();
        attributes.set(name, value.to_owned());
        attributes.text()
    })?;
    let handed_off = first_task(&Members::parse(&task.attributes).unwrap_or_default());
    let handed_off = handed_off.unwrap_or_else(|| task_sid.to_owned());
    desk.handoffs.set_by_others(&handed_off, name, value);
    Ok(())
}

fn no_conversation() -> Problem {
    Problem::conflict("The task has no conversation.")
}
