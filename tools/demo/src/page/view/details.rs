//! All details of one timeline entry.

use axum::Json;
use axum::extract::{Path, State};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde::Serialize;
use serde_json::{Value, json};
use simulator::curl;
use simulator::exchange::{Exchange, header_texts};
use simulator::lambda::Invoked;
use simulator::twilio::{Delivery, Outcome};

use super::entry::Id;
use super::timeline;
use crate::page::present::Page;
use crate::page::problem::Problem;
use crate::page::record::desk::Desk;
use crate::page::site;
use crate::play::wires;

#[derive(Serialize)]
struct Side {
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    headers: Vec<(String, String)>,
    body: String,
}

pub(crate) async fn details(State(page): State<Page>, Path(id): Path<usize>) -> Result<Json<Value>, Problem> {
    let desk = page.desk();
    let details = match Id::of_number(id) {
        Id::Action(place) => of_action(&desk, place),
        Id::Event(place) => desk
            .world
            .twilio
            .events()
            .get(place)
            .map(|event| json!({ "fields": event.fields })),
        Id::Delivery(place) => desk
            .world
            .twilio
            .deliveries()
            .get(place)
            .map(|delivery| of_delivery(&desk, delivery)),
        Id::Invocation(place) => desk
            .world
            .lambda
            .invocations()
            .get(place)
            .map(|invoked| of_invocation(&desk, invoked)),
        Id::Request(place) => desk
            .world
            .exchanges
            .all()
            .get(place)
            .map(|exchange| of_request(&desk, exchange)),
    };
    details.map(Json).ok_or_else(site::not_found)
}

fn of_action(desk: &Desk, place: usize) -> Option<Value> {
    let done = desk.doings.all().into_iter().nth(place)?;
    let answer = match &done.ended {
        None => "under way",
        Some((_, None)) => "done",
        Some((_, Some(problem))) => problem.message(),
    };
    let fields = [
        ("who", &*done.doing.who),
        ("what", &done.doing.what),
        ("at", done.doing.to),
        ("answer", answer),
    ];
    Some(json!({ "fields": fields }))
}

/// The form that the function got, its answer, and its log lines.
fn of_delivery(desk: &Desk, delivery: &Delivery) -> Value {
    let events = desk.world.twilio.events();
    let event = events.iter().find(|event| event.sid == delivery.event_sid);
    let token = event.map(|event| event.idempotency_token.as_str());
    let mut invocations = desk.world.lambda.invocations();
    invocations.retain(|invoked| {
        let payload = timeline::json(&invoked.payload);
        invoked.function == wires::function(delivery)
            && payload["headers"]["i-twilio-idempotency-token"].as_str() == token
    });
    let request = invocations.first().map(|invoked| {
        let payload = timeline::json(&invoked.payload);
        let headers = payload["headers"].as_object().cloned().unwrap_or_default();
        Side {
            status: None,
            headers: headers
                .iter()
                .map(|(name, value)| (name.clone(), plain(value)))
                .collect(),
            body: body(&payload),
        }
    });
    let answer = delivery.attempts.last().map(|attempt| match &attempt.outcome {
        Outcome::Answered { status, body } => json!({ "status": status, "headers": [], "body": body }),
        Outcome::NotConnected => json!({ "headers": [], "body": "No connection was made." }),
        Outcome::HandshakeFailed { reason } => json!({ "headers": [], "body": format!("TLS failed: {reason}.") }),
        Outcome::NotAnswered => json!({ "headers": [], "body": "No answer came." }),
    });
    let log: Vec<String> = invocations.iter().flat_map(|invoked| log_of(desk, invoked)).collect();
    json!({ "request": request, "answer": answer, "log": log })
}

fn of_invocation(desk: &Desk, invoked: &Invoked) -> Value {
    let answer = invoked
        .ended
        .as_ref()
        .map(|ended| json!({ "body": String::from_utf8_lossy(&ended.payload) }));
    json!({
        "request": { "body": String::from_utf8_lossy(&invoked.payload) },
        "answer": answer,
        "log": log_of(desk, invoked),
    })
}

fn of_request(desk: &Desk, exchange: &Exchange) -> Value {
    let request = Side {
        status: None,
        headers: header_texts(&exchange.headers),
        body: exchange.text(),
    };
    let answer = exchange.answer.as_ref().map(|answer| Side {
        status: Some(answer.status.as_u16()),
        headers: header_texts(&answer.headers),
        body: answer.text(),
    });
    let token = desk.world.twilio.credentials().auth_token;
    let command = curl::command(exchange, &desk.together.url(), &token);
    json!({ "request": request, "answer": answer, "curl": command })
}

/// The log lines of an invocation.
fn log_of(desk: &Desk, invoked: &Invoked) -> Vec<String> {
    let mut lines = desk.world.lambda.logs(&invoked.function);
    lines.retain(|line| line.contains(&invoked.request_id));
    lines
}

/// API Gateway encodes a body unless its media type is text. A form's isn't.
fn body(payload: &Value) -> String {
    let body = plain(&payload["body"]);
    match payload["isBase64Encoded"] == true {
        true => BASE64_STANDARD
            .decode(&body)
            .map_or(body, |bytes| String::from_utf8_lossy(&bytes).into_owned()),
        false => body,
    }
}

/// A string as it is, any other value as JSON.
fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
