//! Interactions.

use axum::extract::{Path, State};
use serde::Deserialize;

use super::{Answer, ok};
use crate::twilio::account::Twilio;
use crate::twilio::interactions::{Media, NewInteraction, TaskProperties};
use crate::twilio::parameters::{Form, required};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Create {
    channel: Option<String>,
    routing: Option<String>,
    interaction_context_sid: Option<String>,
    webhook_ttid: Option<String>,
}

pub(super) async fn create(State(twilio): State<Twilio>, Form(form): Form<Create>) -> Answer {
    let routing = form.routing.as_deref().map(TaskProperties::of).transpose()?;
    let new = NewInteraction {
        media: Media::of(&required("Channel", form.channel)?)?,
        routing: routing.flatten(),
        context_sid: form.interaction_context_sid,
        webhook_ttid: form.webhook_ttid,
    };
    let interaction = twilio.in_flex(|flex| flex.create(new))?;
    Ok(ok(interaction.resource()))
}

pub(super) async fn fetch(State(twilio): State<Twilio>, Path(sid): Path<String>) -> Answer {
    let interaction = twilio.in_flex(|flex| flex.interactions.get(&sid).cloned())?;
    Ok(ok(interaction.resource()))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Update {
    webhook_ttid: Option<String>,
}

pub(super) async fn update(State(twilio): State<Twilio>, Path(sid): Path<String>, Form(form): Form<Update>) -> Answer {
    let interaction = twilio.in_flex(|flex| flex.set_webhook(&sid, form.webhook_ttid))?;
    Ok(ok(interaction.resource()))
}
