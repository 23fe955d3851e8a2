//! The details of a request, an event, a route or a delivery. `entry` has the same members as in the state.

use axum::Json;
use axum::extract::{Path, State};
use http::header::HOST;
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};

use super::Control;
use super::state::record::{self, Known, outcome};
use crate::clock::iso_8601_with_milliseconds;
use crate::curl;
use crate::exchange::header_texts;
use crate::twilio::Outcome;

/// The details, or 404 if the record has no such entry.
type Found = Result<Json<Value>, (StatusCode, &'static str)>;

fn found(details: Option<Value>) -> Found {
    let forgotten = "There is no such entry. The simulator keeps only the latest entries, and a reset removes all.\n";
    details.map(Json).ok_or((StatusCode::NOT_FOUND, forgotten))
}

pub(super) async fn request(State(control): State<Control>, Path(number): Path<usize>, own: HeaderMap) -> Found {
    let host = own.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    found(control.exchanges.get(number).map(|exchange| {
        let token = control.twilio.credentials().auth_token;
        let answer = exchange.answer.as_ref().map(|answer| {
            json!({
                "status": answer.status.as_u16(),
                "headers": header_texts(&answer.headers),
                "body": answer.text(),
            })
        });
        json!({
            "entry": record::request(&control, &exchange),
            "request": {"headers": header_texts(&exchange.headers), "body": exchange.text()},
            "answer": answer,
            "applied": exchange.applied,
            "curl": curl::command(&exchange, &format!("http://{host}"), &token),
        })
    }))
}

pub(super) async fn event(State(control): State<Control>, Path(sid): Path<String>) -> Found {
    let event = control.twilio.events().into_iter().rfind(|event| event.sid == sid);
    found(event.map(|event| {
        json!({
            "entry": record::event(&control, &event),
            "fields": event.fields,
            "idempotencyToken": event.idempotency_token,
            "cloudEventId": event.cloud_event_id,
        })
    }))
}

pub(super) async fn route(State(control): State<Control>, Path(number): Path<usize>) -> Found {
    let mut routes = control.twilio.routes_from(number).into_iter();
    let routed = routes.next().filter(|(own, _)| *own == number);
    found(routed.map(|(_, routed)| {
        json!({
            "entry": record::route(&control, number, &routed),
            "route": routed.route.to_string(),
        })
    }))
}

pub(super) async fn callback_delivery(State(control): State<Control>, Path(number): Path<usize>) -> Found {
    let delivery = control.twilio.deliveries_from(number).into_iter().next();
    found(delivery.map(|delivery| {
        let attempts = delivery.attempts.iter();
        let attempts = attempts.map(|attempt| self::attempt(&attempt.outcome, attempt.duration));
        json!({
            "entry": record::to_callback(&control, number, &delivery),
            "time": iso_8601_with_milliseconds(delivery.time),
            "attempts": attempts.collect::<Vec<_>>(),
        })
    }))
}

pub(super) async fn sink_delivery(State(control): State<Control>, Path(number): Path<usize>) -> Found {
    let delivery = control.twilio.sink_deliveries_from(number).into_iter().next();
    found(delivery.map(|delivery| {
        let known = Known::of(control.twilio.events(), control.twilio.sinks());
        let attempts = delivery.attempts.iter();
        let attempts = attempts.map(|attempt| self::attempt(&attempt.outcome, attempt.duration));
        json!({
            "entry": record::to_sink(&control, number, &delivery, &known),
            "time": iso_8601_with_milliseconds(delivery.published),
            "eventIds": delivery.event_ids,
            "attempts": attempts.collect::<Vec<_>>(),
        })
    }))
}

fn attempt(own: &Outcome, duration: std::time::Duration) -> Value {
    let body = match own {
        Outcome::Answered { body, .. } => Some(body),
        Outcome::NotConnected | Outcome::HandshakeFailed { .. } | Outcome::NotAnswered => None,
    };
    json!({"outcome": outcome(own), "milliseconds": duration.as_secs_f64() * 1e3, "body": body})
}
