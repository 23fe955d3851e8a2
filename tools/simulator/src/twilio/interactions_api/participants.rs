//! The participants of an interaction channel.

use axum::extract::{Path, State};
use serde::Deserialize;
use serde_json::Value;

use super::{Answer, Listed, ok};
use crate::twilio::account::Twilio;
use crate::twilio::interactions::{
    InteractionChannel, InteractionParticipant, NewInteractionParticipant, ParticipantType, ParticipantUpdate,
    RoutingProperties,
};
use crate::twilio::parameters::{Form, required};
use crate::twilio::refusal::Refusal;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Create {
    #[serde(rename = "Type")]
    participant_type: Option<ParticipantType>,
    media_properties: Option<String>,
    routing_properties: Option<String>,
}

/// The part of `MediaProperties` that has an effect here.
#[derive(Deserialize)]
struct MediaProperties {
    identity: Option<String>,
}

pub(super) async fn create(
    State(twilio): State<Twilio>,
    Path((interaction, channel)): Path<(String, String)>,
    Form(form): Form<Create>,
) -> Answer {
    let media = required("MediaProperties", form.media_properties)?;
    let media: MediaProperties =
        serde_json::from_str(&media).map_err(|error| Refusal::invalid(format!("MediaProperties: {error}")))?;
    let routing: Option<RoutingProperties> = match &form.routing_properties {
        Some(text) => {
            serde_json::from_str(text).map_err(|error| Refusal::invalid(format!("RoutingProperties: {error}")))?
        }
        None => None,
    };
    let new = NewInteractionParticipant {
        participant_type: required("Type", form.participant_type)?,
        identity: media.identity,
        routing,
    };
    let (channel, participant) = twilio.in_flex(|flex| flex.add_participant(&interaction, &channel, new))?;
    Ok(ok(participant.resource(&channel)))
}

impl Listed for InteractionParticipant {
    const KEY: &'static str = "participants";

    fn listed(channel: &InteractionChannel) -> Vec<(usize, Value)> {
        let participants = channel.participants.iter();
        participants
            .map(|participant| (participant.number, participant.resource(channel)))
            .collect()
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Update {
    status: Option<ParticipantUpdate>,
}

pub(super) async fn update(
    State(twilio): State<Twilio>,
    Path((interaction, channel, sid)): Path<(String, String, String)>,
    Form(form): Form<Update>,
) -> Answer {
    let update = required("Status", form.status)?;
    let (channel, participant) =
        twilio.in_flex(|flex| flex.update_participant(&interaction, &channel, &sid, update))?;
    Ok(ok(participant.resource(&channel)))
}
