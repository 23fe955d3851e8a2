//! The resource `Messages` of a conversation.

use axum::Json;
use axum::extract::{Path, State};
use axum::response::IntoResponse;
use http::{StatusCode, Uri};
use serde::Deserialize;

use super::answer::{self, Answer};
use crate::twilio::account::Twilio;
use crate::twilio::conversations::{MessageChange, NewMessage, Origin};
use crate::twilio::page::{List, PageQuery};
use crate::twilio::parameters::{Form, Query};
use crate::twilio::refusal::Refusal;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Create {
    author: Option<String>,
    body: Option<String>,
    attributes: Option<String>,
}

/// The simulator has neither media nor content templates, so the body is required.
pub(super) async fn create(
    State(twilio): State<Twilio>,
    Path(conversation): Path<String>,
    origin: Origin,
    Form(form): Form<Create>,
) -> Answer {
    let new = NewMessage {
        author: form.author,
        body: form.body.ok_or_else(|| Refusal::invalid("Body is required"))?,
        attributes: form.attributes,
    };
    let resource = twilio.change_conversations(origin, |conversations| {
        let sid = conversations.get(&conversation)?.sid.clone();
        conversations.post(&sid, new).map(|message| message.resource(&sid))
    })?;
    Ok((StatusCode::CREATED, Json(resource)).into_response())
}

#[derive(Clone, Copy, Deserialize, Default, PartialEq)]
#[serde(rename_all = "lowercase")]
enum Order {
    #[default]
    Asc,
    Desc,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Listing {
    #[serde(default)]
    order: Order,
}

pub(super) async fn list(
    State(twilio): State<Twilio>,
    Path(conversation): Path<String>,
    uri: Uri,
    Query(Listing { order }): Query<Listing>,
    Query(page): Query<PageQuery>,
) -> Answer {
    let conversation = twilio.look_into_conversations(|conversations| conversations.get(&conversation).cloned())?;
    let messages = conversation.messages.iter();
    let mut items: Vec<_> = messages
        .map(|message| (message.index, message.resource(&conversation.sid)))
        .collect();
    let descending = order == Order::Desc;
    if descending {
        items.reverse();
    }
    let list = List {
        descending,
        ..answer::list("messages", &uri, items)
    };
    Ok(Json(list.page(&page)).into_response())
}

pub(super) async fn fetch(
    State(twilio): State<Twilio>,
    Path((conversation, message)): Path<(String, String)>,
) -> Answer {
    let resource = twilio.look_into_conversations(|conversations| {
        let sid = &conversations.get(&conversation)?.sid;
        conversations
            .message(sid, &message)
            .map(|message| message.resource(sid))
    })?;
    Ok(Json(resource).into_response())
}

pub(super) async fn update(
    State(twilio): State<Twilio>,
    Path((conversation, message)): Path<(String, String)>,
    origin: Origin,
    Form(change): Form<MessageChange>,
) -> Answer {
    let resource = twilio.change_conversations(origin, |conversations| {
        let sid = conversations.get(&conversation)?.sid.clone();
        let message = conversations.update_message(&sid, &message, change)?;
        Ok::<_, Refusal>(message.resource(&sid))
    })?;
    Ok(Json(resource).into_response())
}

pub(super) async fn delete(
    State(twilio): State<Twilio>,
    Path((conversation, message)): Path<(String, String)>,
    origin: Origin,
) -> Answer {
    twilio.change_conversations(origin, |conversations| {
        conversations.delete_message(&conversation, &message)
    })?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
