//! The latest requests, events, routes and deliveries without their bodies. The newest are first.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::cause::Cause;
use crate::clock::iso_8601;
use crate::control::Control;
use crate::exchange::Exchange;
use crate::twilio::{Delivery, Event, Outcome, Routed, Sink, SinkDelivery, SinkDeliveryState};

/// The number of requests and of routes in the state.
const MOST_REQUESTS: usize = 100;

/// The number of events, of deliveries to callbacks and of deliveries to sinks. A request may cause several.
const MOST_EVENTS: usize = 400;

pub(super) fn requests(control: &Control) -> Vec<Value> {
    let exchanges = control.exchanges.latest(MOST_REQUESTS);
    exchanges
        .iter()
        .rev()
        .map(|exchange| request(control, exchange))
        .collect()
}

pub(in crate::control) fn request(control: &Control, exchange: &Exchange) -> Value {
    json!({
        "number": exchange.number,
        "micros": control.beginning.until(exchange.arrival),
        "upstream": format!("{:?}", exchange.upstream),
        "method": exchange.method.as_str(),
        "path": exchange.path,
        "query": exchange.query,
        "status": exchange.status().map(|status| status.as_u16()),
        "milliseconds": exchange.duration.map(|duration| duration.as_secs_f64() * 1e3),
        "refusal": refusal(exchange),
    })
}

/// Twilio's code and message in a refusal.
fn refusal(exchange: &Exchange) -> Option<String> {
    #[derive(Deserialize)]
    struct Refusal {
        code: u32,
        message: String,
    }
    let answer = exchange.answer.as_ref()?;
    if answer.status.as_u16() < 400 {
        return None;
    }
    let refusal: Refusal = serde_json::from_slice(&answer.body).ok()?;
    Some(format!("{}: {}", refusal.code, refusal.message))
}

pub(super) fn events(control: &Control) -> Vec<Value> {
    let latest = latest_events(control);
    latest.iter().rev().map(|own| event(control, own)).collect()
}

pub(in crate::control) fn event(control: &Control, event: &Event) -> Value {
    json!({
        "sid": event.sid,
        "micros": control.beginning.until(event.moment),
        "type": event.event_type,
        "resourceSid": event.resource_sid,
        "taskSid": event.field("TaskSid"),
        "date": iso_8601(event.date),
        "request": request_behind(event.cause),
    })
}

fn latest_events(control: &Control) -> Vec<Event> {
    let count = control.twilio.event_count();
    control.twilio.events_from(count.saturating_sub(MOST_EVENTS))
}

fn request_behind(cause: Option<Cause>) -> Option<usize> {
    match cause? {
        Cause::Exchange(number) => Some(number),
        Cause::Own(_) => None,
    }
}

pub(super) fn routes(control: &Control) -> Vec<Value> {
    let latest = control.twilio.latest_routes(MOST_REQUESTS);
    let newest_first = latest.iter().rev();
    newest_first
        .map(|(number, routed)| route(control, *number, routed))
        .collect()
}

/// A route with the first line and the deciding filter of its explanation.
pub(in crate::control) fn route(control: &Control, number: usize, routed: &Routed) -> Value {
    let text = routed.route.to_string();
    let mut lines = text.lines();
    json!({
        "number": number,
        "micros": control.beginning.until(routed.moment),
        "taskSid": routed.task_sid,
        "outcome": lines.next(),
        "reason": lines.rfind(|line| decides(line)),
        "request": request_behind(routed.cause),
    })
}

/// Whether a line of a route names the filter that decided.
fn decides(line: &str) -> bool {
    line.starts_with("default filter") || (line.starts_with("filter ") && line.contains(" matches"))
}

/// Deliveries to callbacks, and then those to sinks.
pub(super) fn deliveries(control: &Control) -> Vec<Value> {
    let twilio = &control.twilio;
    let first = twilio.delivery_count().saturating_sub(MOST_EVENTS);
    let to_callbacks = (first..).zip(twilio.deliveries_from(first));
    let mut shown: Vec<Value> = to_callbacks
        .map(|(number, own)| to_callback(control, number, &own))
        .collect();
    let first = twilio.sink_delivery_count().saturating_sub(MOST_EVENTS);
    let to_sinks = (first..).zip(twilio.sink_deliveries_from(first));
    let known = Known::of(latest_events(control), twilio.sinks());
    shown.extend(to_sinks.map(|(number, own)| to_sink(control, number, &own, &known)));
    shown.reverse();
    shown
}

pub(in crate::control) fn to_callback(control: &Control, number: usize, delivery: &Delivery) -> Value {
    let last = delivery.attempts.last().map(|attempt| &attempt.outcome);
    let state = match last {
        _ if !delivery.done => "sending",
        Some(outcome) if outcome.failure().is_none() => "delivered",
        _ => "failed",
    };
    json!({
        "number": number,
        "to": "callback",
        "micros": control.beginning.until(delivery.set_out),
        "url": delivery.url,
        "type": delivery.event_type,
        "eventSid": delivery.event_sid,
        "state": state,
        "attempts": delivery.attempts.iter().map(|attempt| outcome(&attempt.outcome)).collect::<Vec<_>>(),
    })
}

/// The events that deliveries to sinks name by their ids, and the sinks.
pub(in crate::control) struct Known {
    events: BTreeMap<String, Event>,
    sinks: Vec<Sink>,
}

impl Known {
    pub(in crate::control) fn of(events: Vec<Event>, sinks: Vec<Sink>) -> Self {
        let events = events.into_iter();
        Self {
            events: events.map(|event| (event.cloud_event_id.clone(), event)).collect(),
            sinks,
        }
    }
}

pub(in crate::control) fn to_sink(control: &Control, number: usize, delivery: &SinkDelivery, known: &Known) -> Value {
    let event = delivery.event_ids.first().and_then(|id| known.events.get(id));
    let sink = known.sinks.iter().find(|sink| sink.sid == delivery.sink_sid);
    let state = match delivery.state {
        SinkDeliveryState::Sending => "sending",
        SinkDeliveryState::Waiting(_) => "waits for a retry",
        SinkDeliveryState::Delivered => "delivered",
        SinkDeliveryState::Dropped => "dropped",
        SinkDeliveryState::GivenUp => "given up",
    };
    json!({
        "number": number,
        "to": "sink",
        "micros": event.map(|event| control.beginning.until(event.moment)),
        "url": sink.map(|sink| &sink.configuration["destination"]),
        "sinkSid": delivery.sink_sid,
        "type": delivery.event_types.join(", "),
        "eventSid": event.map(|event| &event.sid),
        "state": state,
        "attempts": delivery.attempts.iter().map(|attempt| outcome(&attempt.outcome)).collect::<Vec<_>>(),
    })
}

/// The outcome of an attempt as a status or a word.
pub(in crate::control) fn outcome(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Answered { status, .. } => status.to_string(),
        Outcome::NotConnected => "not connected".to_owned(),
        Outcome::HandshakeFailed { reason } => format!("TLS failed: {reason}"),
        Outcome::NotAnswered => "not answered".to_owned(),
    }
}
