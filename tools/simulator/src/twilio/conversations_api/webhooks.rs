//! The resource `Webhooks` of a conversation.

use axum::Json;
use axum::extract::{Path, State};
use axum::response::IntoResponse;
use http::{StatusCode, Uri};

use super::answer::{self, Answer};
use super::hook_form::HookForm;
use crate::twilio::account::Twilio;
use crate::twilio::conversations::Origin;
use crate::twilio::page::PageQuery;
use crate::twilio::parameters::{Form, Query, required};
use crate::twilio::refusal::Refusal;

pub(super) async fn create(
    State(twilio): State<Twilio>,
    Path(conversation): Path<String>,
    origin: Origin,
    Form(form): Form<HookForm>,
) -> Answer {
    match required("Target", form.one("Target"))?.as_str() {
        "webhook" => {}
        target @ ("studio" | "trigger") => return Err(Refusal::unsupported(&format!("webhooks with target {target}"))),
        _ => return Err(Refusal::invalid("Target is not webhook, studio or trigger")),
    }
    let replay_after = form.one("Configuration.ReplayAfter").map(|index| {
        let index = index.parse();
        index.map_err(|_| Refusal::invalid("Configuration.ReplayAfter is not an index"))
    });
    let (change, replay_after) = (
        form.change("Configuration.Url", "Configuration."),
        replay_after.transpose()?,
    );
    let resource = twilio.change_conversations(origin, |conversations| {
        let sid = conversations.get(&conversation)?.sid.clone();
        let webhook = conversations.create_webhook(&sid, change, replay_after)?;
        Ok::<_, Refusal>(webhook.resource(&sid))
    })?;
    Ok((StatusCode::CREATED, Json(resource)).into_response())
}

pub(super) async fn list(
    State(twilio): State<Twilio>,
    Path(conversation): Path<String>,
    uri: Uri,
    Query(page): Query<PageQuery>,
) -> Answer {
    let conversation = twilio.look_into_conversations(|conversations| conversations.get(&conversation).cloned())?;
    let webhooks = conversation.webhooks.iter();
    let items = webhooks
        .map(|webhook| (webhook.number, webhook.resource(&conversation.sid)))
        .collect();
    Ok(Json(answer::list("webhooks", &uri, items).page(&page)).into_response())
}

pub(super) async fn fetch(
    State(twilio): State<Twilio>,
    Path((conversation, webhook)): Path<(String, String)>,
) -> Answer {
    let resource = twilio.look_into_conversations(|conversations| {
        let sid = &conversations.get(&conversation)?.sid;
        conversations
            .webhook(sid, &webhook)
            .map(|webhook| webhook.resource(sid))
    })?;
    Ok(Json(resource).into_response())
}

pub(super) async fn update(
    State(twilio): State<Twilio>,
    Path((conversation, webhook)): Path<(String, String)>,
    origin: Origin,
    Form(form): Form<HookForm>,
) -> Answer {
    let change = form.change("Configuration.Url", "Configuration.");
    let resource = twilio.change_conversations(origin, |conversations| {
        let sid = conversations.get(&conversation)?.sid.clone();
        let webhook = conversations.update_webhook(&sid, &webhook, change)?;
        Ok::<_, Refusal>(webhook.resource(&sid))
    })?;
    Ok(Json(resource).into_response())
}

pub(super) async fn delete(
    State(twilio): State<Twilio>,
    Path((conversation, webhook)): Path<(String, String)>,
    origin: Origin,
) -> Answer {
    twilio.change_conversations(origin, |conversations| {
        conversations.delete_webhook(&conversation, &webhook)
    })?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
