//! Sinks.

use axum::extract::{Path, State};
use http::Uri;
use serde::Deserialize;
use serde_json::{Value, json};

use super::answer::{Answer, EVENTS, created, deleted, ok, page};
use crate::clock::iso_8601;
use crate::twilio::account::Twilio;
use crate::twilio::event_streams::{Sink, SinkType};
use crate::twilio::page::PageQuery;
use crate::twilio::parameters::{Flag, Form, Query, required};
use crate::twilio::refusal::Refusal;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Create {
    description: Option<String>,
    sink_configuration: Option<String>,
    sink_type: Option<String>,
}

pub(super) async fn create(State(twilio): State<Twilio>, Form(form): Form<Create>) -> Answer {
    let description = required("Description", form.description)?;
    let configuration = required("SinkConfiguration", form.sink_configuration)?;
    let name = required("SinkType", form.sink_type)?;
    let sink_type = SinkType::ALL.into_iter().find(|sink_type| sink_type.name() == name);
    let sink_type = sink_type.ok_or_else(|| Refusal::invalid(format!("SinkType {name} is unknown")))?;
    let configuration = serde_json::from_str(&configuration).unwrap_or_default();
    let sink = twilio.in_event_streams(|streams| streams.create_sink(description, sink_type, configuration))?;
    Ok(created(resource(&sink)))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Filter {
    in_use: Option<Flag>,
    status: Option<String>,
}

pub(super) async fn list(
    State(twilio): State<Twilio>,
    uri: Uri,
    Query(filter): Query<Filter>,
    Query(query): Query<PageQuery>,
) -> Answer {
    twilio.in_event_streams(|streams| {
        let is_used = |sink: &Sink| streams.subscriptions().iter().any(|own| own.sink_sid == sink.sid);
        let wanted = streams.sinks().iter().filter(|sink| {
            filter.in_use.is_none_or(|Flag(wanted)| is_used(sink) == wanted)
                && filter
                    .status
                    .as_ref()
                    .is_none_or(|status| status == sink.sink_type.status())
        });
        Ok(page("sinks", &uri, &query, wanted.map(resource)))
    })
}

pub(super) async fn fetch(State(twilio): State<Twilio>, Path(sid): Path<String>) -> Answer {
    twilio.in_event_streams(|streams| Ok(ok(resource(streams.sink(&sid)?))))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Update {
    description: Option<String>,
}

pub(super) async fn update(State(twilio): State<Twilio>, Path(sid): Path<String>, Form(form): Form<Update>) -> Answer {
    let description = required("Description", form.description)?;
    let sink = twilio.in_event_streams(|streams| streams.describe_sink(&sid, description))?;
    Ok(ok(resource(&sink)))
}

pub(super) async fn delete(State(twilio): State<Twilio>, Path(sid): Path<String>) -> Answer {
    twilio.in_event_streams(|streams| streams.delete_sink(&sid))?;
    Ok(deleted())
}

pub(super) async fn test(State(twilio): State<Twilio>, Path(sid): Path<String>) -> Answer {
    twilio.test_sink(&sid)?;
    Ok(created(json!({ "result": "submitted" })))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Validate {
    test_id: Option<String>,
}

pub(super) async fn validate(
    State(twilio): State<Twilio>,
    Path(sid): Path<String>,
    Form(form): Form<Validate>,
) -> Answer {
    let test_id = required("TestId", form.test_id)?;
    twilio.in_event_streams(|streams| {
        let sink = streams.sink(&sid)?;
        let result = if streams.was_tested(&sink.sid, &test_id) {
            "valid"
        } else {
            "invalid"
        };
        Ok(created(json!({ "result": result })))
    })
}

/// The resource `events.v1.sink`.
fn resource(sink: &Sink) -> Value {
    let url = format!("{EVENTS}/v1/Sinks/{}", sink.sid);
    json!({
        "date_created": iso_8601(sink.date_created),
        "date_updated": iso_8601(sink.date_updated),
        "description": sink.description,
        "links": { "sink_test": format!("{url}/Test"), "sink_validate": format!("{url}/Validate") },
        "sid": sink.sid,
        "sink_configuration": sink.configuration,
        "sink_type": sink.sink_type.name(),
        "status": sink.sink_type.status(),
        "url": url,
    })
}
