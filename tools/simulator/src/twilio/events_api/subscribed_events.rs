//! The types of events of a subscription.

use axum::extract::{Path, State};
use http::Uri;
use serde::Deserialize;
use serde_json::{Value, json};

use super::answer::{Answer, EVENTS, created, deleted, ok, page};
use crate::twilio::account::Twilio;
use crate::twilio::event_streams::{NEWEST_SCHEMA, Subscription};
use crate::twilio::page::PageQuery;
use crate::twilio::parameters::{Form, Query, required};
use crate::twilio::refusal::Refusal;
use crate::twilio::sids::ACCOUNT_SID;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Create {
    r#type: Option<String>,
    schema_version: Option<u32>,
}

pub(super) async fn create(
    State(twilio): State<Twilio>,
    Path(subscription): Path<String>,
    Form(form): Form<Create>,
) -> Answer {
    let name = required("Type", form.r#type)?;
    let changed = twilio.in_event_streams(|streams| {
        streams.change_subscription(&subscription, |subscription| {
            let version = form.schema_version.unwrap_or(NEWEST_SCHEMA);
            subscription.types.insert(name.clone(), version);
            Ok(())
        })
    })?;
    Ok(created(resource(&changed, &name)?))
}

pub(super) async fn list(
    State(twilio): State<Twilio>,
    Path(subscription): Path<String>,
    uri: Uri,
    Query(query): Query<PageQuery>,
) -> Answer {
    twilio.in_event_streams(|streams| {
        let subscription = streams.subscription(&subscription)?;
        let types = subscription.types.keys().map(|name| resource(subscription, name));
        let types: Vec<Value> = types.collect::<Result<_, _>>()?;
        Ok(page("types", &uri, &query, types.into_iter()))
    })
}

pub(super) async fn fetch(State(twilio): State<Twilio>, Path((subscription, name)): Path<(String, String)>) -> Answer {
    twilio.in_event_streams(|streams| Ok(ok(resource(streams.subscription(&subscription)?, &name)?)))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Update {
    schema_version: Option<u32>,
}

pub(super) async fn update(
    State(twilio): State<Twilio>,
    Path((subscription, name)): Path<(String, String)>,
    Form(form): Form<Update>,
) -> Answer {
    let changed = twilio.in_event_streams(|streams| {
        streams.change_subscription(&subscription, |subscription| {
            let sid = subscription.sid.clone();
            let version = subscription
                .types
                .get_mut(&name)
                .ok_or_else(|| not_subscribed(&sid, &name))?;
            *version = form.schema_version.unwrap_or(*version);
            Ok(())
        })
    })?;
    Ok(ok(resource(&changed, &name)?))
}

pub(super) async fn delete(State(twilio): State<Twilio>, Path((subscription, name)): Path<(String, String)>) -> Answer {
    twilio.in_event_streams(|streams| {
        streams.change_subscription(&subscription, |subscription| {
            let removed = subscription.types.remove(&name);
            removed
                .map(drop)
                .ok_or_else(|| not_subscribed(&subscription.sid, &name))
        })
    })?;
    Ok(deleted())
}

/// The resource `events.v1.subscription.subscribed_event`.
fn resource(subscription: &Subscription, name: &str) -> Result<Value, Refusal> {
    let version = subscription.types.get(name);
    let version = version.ok_or_else(|| not_subscribed(&subscription.sid, name))?;
    Ok(json!({
        "account_sid": ACCOUNT_SID,
        "schema_version": version,
        "subscription_sid": subscription.sid,
        "type": name,
        "url": format!("{EVENTS}{}", path(&subscription.sid, name)),
    }))
}

fn path(subscription: &str, name: &str) -> String {
    format!("/v1/Subscriptions/{subscription}/SubscribedEvents/{name}")
}

fn not_subscribed(subscription: &str, name: &str) -> Refusal {
    Refusal::not_found(&path(subscription, name))
}
