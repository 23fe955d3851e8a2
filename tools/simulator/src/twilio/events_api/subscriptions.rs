//! Subscriptions.

use std::collections::BTreeMap;

use axum::extract::{Path, State};
use http::Uri;
use serde::Deserialize;
use serde_json::{Value, json};

use super::answer::{Answer, EVENTS, created, deleted, ok, page};
use crate::clock::iso_8601;
use crate::twilio::account::Twilio;
use crate::twilio::event_streams::{NEWEST_SCHEMA, Subscription};
use crate::twilio::page::PageQuery;
use crate::twilio::parameters::{Form, Query, required};
use crate::twilio::refusal::Refusal;
use crate::twilio::sids::ACCOUNT_SID;

/// A value of the parameter `Types`. The parameter is given once per type.
#[derive(Deserialize)]
struct TypeParameter {
    r#type: String,
    schema_version: Option<u32>,
}

pub(super) async fn create(State(twilio): State<Twilio>, Form(form): Form<Vec<(String, String)>>) -> Answer {
    let value = |name: &str| {
        let given = form.iter().find(|(own, _)| own == name);
        required(name, given.map(|(_, value)| value.clone()))
    };
    let (description, sink_sid) = (value("Description")?, value("SinkSid")?);
    value("Types")?;
    let given = form.iter().filter(|(name, _)| name == "Types");
    let types = given.map(|(_, text)| {
        // A list in a single parameter is refused with these words too.
        let parameter: TypeParameter = serde_json::from_str(text)
            .map_err(|_| Refusal::invalid("Missing required input parameter event_types[0].type"))?;
        Ok((parameter.r#type, parameter.schema_version.unwrap_or(NEWEST_SCHEMA)))
    });
    let types: BTreeMap<String, u32> = types.collect::<Result<_, Refusal>>()?;
    let subscription = twilio.in_event_streams(|streams| streams.create_subscription(description, sink_sid, types))?;
    Ok(created(resource(&subscription)))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Filter {
    sink_sid: Option<String>,
}

pub(super) async fn list(
    State(twilio): State<Twilio>,
    uri: Uri,
    Query(filter): Query<Filter>,
    Query(query): Query<PageQuery>,
) -> Answer {
    twilio.in_event_streams(|streams| {
        let wanted = streams.subscriptions().iter().filter(|subscription| {
            let sink = filter.sink_sid.as_ref();
            sink.is_none_or(|sink| *sink == subscription.sink_sid)
        });
        Ok(page("subscriptions", &uri, &query, wanted.map(resource)))
    })
}

pub(super) async fn fetch(State(twilio): State<Twilio>, Path(sid): Path<String>) -> Answer {
    twilio.in_event_streams(|streams| Ok(ok(resource(streams.subscription(&sid)?))))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Update {
    description: Option<String>,
}

pub(super) async fn update(State(twilio): State<Twilio>, Path(sid): Path<String>, Form(form): Form<Update>) -> Answer {
    let subscription = twilio.in_event_streams(|streams| {
        streams.change_subscription(&sid, |subscription| {
            if let Some(description) = form.description {
                subscription.description = description;
            }
            Ok(())
        })
    })?;
    Ok(ok(resource(&subscription)))
}

pub(super) async fn delete(State(twilio): State<Twilio>, Path(sid): Path<String>) -> Answer {
    twilio.in_event_streams(|streams| streams.delete_subscription(&sid))?;
    Ok(deleted())
}

/// The resource `events.v1.subscription`.
fn resource(subscription: &Subscription) -> Value {
    let url = format!("{EVENTS}/v1/Subscriptions/{}", subscription.sid);
    json!({
        "account_sid": ACCOUNT_SID,
        "date_created": iso_8601(subscription.date_created),
        "date_updated": iso_8601(subscription.date_updated),
        "description": subscription.description,
        "links": { "subscribed_events": format!("{url}/SubscribedEvents") },
        "sid": subscription.sid,
        "sink_sid": subscription.sink_sid,
        "url": url,
    })
}
