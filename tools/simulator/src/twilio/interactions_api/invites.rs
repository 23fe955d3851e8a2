//! The invites to an interaction channel.

use axum::extract::{Path, State};
use serde::Deserialize;
use serde_json::Value;

use super::{Answer, Listed, ok};
use crate::twilio::account::Twilio;
use crate::twilio::interactions::{InteractionChannel, Invite, TaskProperties};
use crate::twilio::parameters::{Form, required};
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

impl Listed for Invite {
    const KEY: &'static str = "invites";

    fn listed(channel: &InteractionChannel) -> Vec<(usize, Value)> {
        let invites = channel.invites.iter();
        invites
            .map(|invite| (invite.number, invite.resource(channel)))
            .collect()
    }
}
