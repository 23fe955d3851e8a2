//! Conversations' REST API, as far as conversations, participants and messages.

use axum::extract::rejection::{FormRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get};
use axum::{Form, Json, Router, middleware};
use http::{StatusCode, Uri};
use serde::Deserialize;
use serde_json::{Value, json};

use super::conversation::{CONVERSATIONS, ConversationState};
use super::conversations::NewMessage;
use super::page::{List, PageQuery};
use super::refusal::Refusal;
use super::{Twilio, authenticate, no_such_resource};

const MAX_PAGE_SIZE: usize = 100;

type Answer = Result<Response, Refusal>;

/// The routes of Conversations.
pub(crate) fn router(twilio: Twilio) -> Router {
    Router::new()
        .route("/v1/Conversations/{conversation}", get(fetch).post(update))
        .route(
            "/v1/Conversations/{conversation}/Messages",
            get(list_messages).post(post_message),
        )
        .route(
            "/v1/Conversations/{conversation}/Messages/{message}",
            delete(delete_message),
        )
        .route(
            "/v1/Conversations/{conversation}/Participants",
            get(list_participants).post(add_participant),
        )
        .fallback(no_such_resource)
        .layer(middleware::from_fn_with_state(twilio.clone(), authenticate))
        .with_state(twilio)
}

async fn fetch(State(twilio): State<Twilio>, Path(sid): Path<String>) -> Answer {
    let conversation = twilio.conversations(|conversations| conversations.get(&sid).cloned())?;
    Ok(Json(conversation.resource()).into_response())
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Update {
    state: Option<ConversationState>,
    attributes: Option<String>,
}

async fn update(
    State(twilio): State<Twilio>,
    Path(sid): Path<String>,
    form: Result<Form<Update>, FormRejection>,
) -> Answer {
    let Form(form) = form?;
    let conversation = twilio.conversations(|conversations| conversations.update(&sid, form.state, form.attributes))?;
    Ok(Json(conversation.resource()).into_response())
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
struct MessageQuery {
    #[serde(default)]
    order: Order,
}

async fn list_messages(
    State(twilio): State<Twilio>,
    Path(sid): Path<String>,
    uri: Uri,
    query: Result<Query<MessageQuery>, QueryRejection>,
    page: Result<Query<PageQuery>, QueryRejection>,
) -> Answer {
    let (Query(MessageQuery { order }), Query(page)) = (query?, page?);
    let conversation = twilio.conversations(|conversations| conversations.get(&sid).cloned())?;
    let messages = conversation.messages.iter();
    let mut items: Vec<_> = messages
        .map(|message| (message.index, message.resource(&sid)))
        .collect();
    let descending = order == Order::Desc;
    if descending {
        items.reverse();
    }
    let filters = if descending {
        vec![("Order", "desc".to_owned())]
    } else {
        Vec::new()
    };
    let list = List {
        filters,
        descending,
        ..list("messages", uri.path(), items)
    };
    Ok(Json(list.page(&page)).into_response())
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PostMessage {
    author: Option<String>,
    body: Option<String>,
    attributes: Option<String>,
}

async fn delete_message(State(twilio): State<Twilio>, Path((conversation, message)): Path<(String, String)>) -> Answer {
    twilio.conversations(|conversations| conversations.delete_message(&conversation, &message))?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

async fn post_message(
    State(twilio): State<Twilio>,
    Path(sid): Path<String>,
    form: Result<Form<PostMessage>, FormRejection>,
) -> Answer {
    let Form(form) = form?;
    let body = form.body.ok_or_else(|| Refusal::invalid("Body is required"))?;
    let new = NewMessage {
        author: form.author,
        body,
        attributes: form.attributes,
    };
    let message = twilio.conversations(|conversations| conversations.post(&sid, new))?;
    Ok((StatusCode::CREATED, Json(message.resource(&sid))).into_response())
}

async fn list_participants(
    State(twilio): State<Twilio>,
    Path(sid): Path<String>,
    uri: Uri,
    page: Result<Query<PageQuery>, QueryRejection>,
) -> Answer {
    let Query(page) = page?;
    let conversation = twilio.conversations(|conversations| conversations.get(&sid).cloned())?;
    let participants = conversation.participants.iter().enumerate();
    let items = participants
        .map(|(number, participant)| (number, participant.resource(&sid)))
        .collect();
    Ok(Json(list("participants", uri.path(), items).page(&page)).into_response())
}

#[derive(Deserialize)]
struct AddParticipant {
    #[serde(rename = "Identity")]
    identity: Option<String>,
    #[serde(rename = "MessagingBinding.Address")]
    address: Option<String>,
    #[serde(rename = "MessagingBinding.ProxyAddress")]
    proxy_address: Option<String>,
}

async fn add_participant(
    State(twilio): State<Twilio>,
    Path(sid): Path<String>,
    form: Result<Form<AddParticipant>, FormRejection>,
) -> Answer {
    let Form(form) = form?;
    if form.identity.is_none() && form.address.is_none() {
        return Err(Refusal::invalid("Identity or MessagingBinding.Address is required"));
    }
    let binding = form
        .address
        .map(|address| binding(&address, form.proxy_address.as_deref()));
    let participant =
        twilio.conversations(|conversations| conversations.add_participant(&sid, form.identity, binding))?;
    Ok((StatusCode::CREATED, Json(participant.resource(&sid))).into_response())
}

/// The channel is the address's own prefix, as in `whatsapp:+4712345678`; a bare number is on SMS.
fn binding(address: &str, proxy_address: Option<&str>) -> Value {
    let channel = address.split_once(':').map_or("sms", |(channel, _)| channel);
    json!({ "type": channel, "address": address, "proxy_address": proxy_address })
}

fn list<'a>(key: &'a str, path: &'a str, items: Vec<(usize, Value)>) -> List<'a> {
    let filters = Vec::new();
    List {
        host: CONVERSATIONS,
        path,
        key,
        filters,
        max_page_size: MAX_PAGE_SIZE,
        items,
        descending: false,
    }
}
