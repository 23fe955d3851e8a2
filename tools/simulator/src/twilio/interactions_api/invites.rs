//! The invites to an interaction channel.

use axum::extract::{Path, State};
use http::Uri;
use serde::Deserialize;

use super::{Answer, ok, page};
use crate::twilio::account::Twilio;
use crate::twilio::interactions::TaskProperties;
use crate::twilio::page::PageQuery;
use crate::twilio::parameters::{Form, Query, required};
use crate::twilio::refusal::Refusal;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Create {
    routing: Option<String>,
}

pub(super) async fn create(
    State(twilio): State<Twilio>,
    Path((interaction, channel)): Path<(String, String)>,
    Form(form): Form<Create>,
) -> Answer {
    let properties = TaskProperties::of(&required("Routing", form.routing)?)?;
    let properties = properties.ok_or_else(|| Refusal::invalid("Routing: properties is required"))?;
    let (channel, invite) = twilio.in_flex(|flex| flex.invite(&interaction, &channel, properties))?;
    Ok(ok(invite.resource(&channel)))
}

pub(super) async fn list(
    State(twilio): State<Twilio>,
    Path((interaction, channel)): Path<(String, String)>,
    uri: Uri,
    Query(query): Query<PageQuery>,
) -> Answer {
    let channel = twilio.in_flex(|flex| flex.interactions.channel(&interaction, &channel).cloned())?;
    let invites = channel.invites.iter();
    let items = invites
        .map(|invite| (invite.number, invite.resource(&channel)))
        .collect();
    Ok(page("invites", &uri, &query, items))
}
