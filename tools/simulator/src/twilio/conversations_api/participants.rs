//! The resource `Participants` of a conversation.

use axum::Json;
use axum::extract::{Path, State};
use axum::response::IntoResponse;
use http::{StatusCode, Uri};
use serde::Deserialize;
use serde_json::{Value, json};

use super::answer::{self, Answer};
use crate::twilio::account::Twilio;
use crate::twilio::conversations::{NewParticipant, Origin, ParticipantChange};
use crate::twilio::page::PageQuery;
use crate::twilio::parameters::{Form, Query};
use crate::twilio::refusal::Refusal;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Create {
    identity: Option<String>,
    #[serde(rename = "MessagingBinding.Address")]
    address: Option<String>,
    #[serde(rename = "MessagingBinding.ProxyAddress")]
    proxy_address: Option<String>,
    attributes: Option<String>,
    role_sid: Option<String>,
}

pub(super) async fn create(
    State(twilio): State<Twilio>,
    Path(conversation): Path<String>,
    origin: Origin,
    Form(form): Form<Create>,
) -> Answer {
    if form.identity.is_none() && form.address.is_none() {
        return Err(Refusal::invalid("Identity or MessagingBinding.Address is required"));
    }
    let binding = form
        .address
        .map(|address| binding(&address, form.proxy_address.as_deref()));
    let new = NewParticipant {
        identity: form.identity,
        messaging_binding: binding,
        attributes: form.attributes,
        role_sid: form.role_sid,
    };
    let resource = twilio.change_conversations(origin, |conversations| {
        let sid = conversations.get(&conversation)?.sid.clone();
        let participant = conversations.add_participant(&sid, new)?;
        Ok::<_, Refusal>(participant.resource(&sid))
    })?;
    Ok((StatusCode::CREATED, Json(resource)).into_response())
}

/// The prefix of the address names the channel, as in `whatsapp:+4712345678`. A plain number is SMS.
fn binding(address: &str, proxy_address: Option<&str>) -> Value {
    let channel = address.split_once(':').map_or("sms", |(channel, _)| channel);
    json!({ "type": channel, "address": address, "proxy_address": proxy_address })
}

pub(super) async fn list(
    State(twilio): State<Twilio>,
    Path(conversation): Path<String>,
    uri: Uri,
    Query(page): Query<PageQuery>,
) -> Answer {
    let conversation = twilio.look_into_conversations(|conversations| conversations.get(&conversation).cloned())?;
    let participants = conversation.participants.iter();
    let items = participants
        .map(|participant| (participant.number, participant.resource(&conversation.sid)))
        .collect();
    Ok(Json(answer::list("participants", &uri, items).page(&page)).into_response())
}

pub(super) async fn fetch(
    State(twilio): State<Twilio>,
    Path((conversation, participant)): Path<(String, String)>,
) -> Answer {
    let resource = twilio.look_into_conversations(|conversations| {
        let sid = &conversations.get(&conversation)?.sid;
        let participant = conversations.participant(sid, &participant)?;
        Ok::<_, Refusal>(participant.resource(sid))
    })?;
    Ok(Json(resource).into_response())
}

pub(super) async fn update(
    State(twilio): State<Twilio>,
    Path((conversation, participant)): Path<(String, String)>,
    origin: Origin,
    Form(change): Form<ParticipantChange>,
) -> Answer {
    let resource = twilio.change_conversations(origin, |conversations| {
        let sid = conversations.get(&conversation)?.sid.clone();
        let participant = conversations.update_participant(&sid, &participant, change)?;
        Ok::<_, Refusal>(participant.resource(&sid))
    })?;
    Ok(Json(resource).into_response())
}

pub(super) async fn delete(
    State(twilio): State<Twilio>,
    Path((conversation, participant)): Path<(String, String)>,
    origin: Origin,
) -> Answer {
    twilio.change_conversations(origin, |conversations| {
        conversations.remove_participant(&conversation, &participant)
    })?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
