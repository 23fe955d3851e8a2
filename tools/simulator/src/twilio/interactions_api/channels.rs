//! The channels of an interaction.

use axum::extract::{Path, State};
use http::Uri;
use serde::Deserialize;

use super::{Answer, ok, page};
use crate::twilio::account::Twilio;
use crate::twilio::interactions::{ChannelStatus, ChannelUpdate, RoutingStatus};
use crate::twilio::page::PageQuery;
use crate::twilio::parameters::{Form, Query, required};

pub(super) async fn list(
    State(twilio): State<Twilio>,
    Path(interaction): Path<String>,
    uri: Uri,
    Query(query): Query<PageQuery>,
) -> Answer {
    let interaction = twilio.in_flex(|flex| flex.interactions.get(&interaction).cloned())?;
    Ok(page(
        "channels",
        &uri,
        &query,
        vec![(0, interaction.channel.resource())],
    ))
}

pub(super) async fn fetch(State(twilio): State<Twilio>, Path((interaction, sid)): Path<(String, String)>) -> Answer {
    let channel = twilio.in_flex(|flex| flex.interactions.channel(&interaction, &sid).cloned())?;
    Ok(ok(channel.resource()))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Update {
    status: Option<Status>,
    routing: Option<String>,
}

/// A status that a request can give to a channel.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Status {
    Closed,
    Inactive,
}

pub(super) async fn update(
    State(twilio): State<Twilio>,
    Path((interaction, sid)): Path<(String, String)>,
    Form(form): Form<Update>,
) -> Answer {
    let status = match required("Status", form.status)? {
        Status::Closed => ChannelStatus::Closed,
        Status::Inactive => ChannelStatus::Inactive,
    };
    let routing = form.routing.as_deref().map(RoutingStatus::of).transpose()?;
    let update = ChannelUpdate {
        status,
        routing: routing.flatten(),
    };
    let channel = twilio.in_flex(|flex| flex.update_channel(&interaction, &sid, update))?;
    Ok(ok(channel.resource()))
}
