//! A handoff as it is often written, for comparison with the deployed function. It reads the task, adds the six
//! attributes and writes all of them back, posts a note, and rejects the reservation. It checks no version of the task,
//! and doesn't look for what an earlier run did.

use std::fmt::Display;

use form_urlencoded::Serializer;
use http::StatusCode;
use http::header::CONTENT_TYPE;
use serde_json::{Value, json};
use simulator::loopback;
use simulator::twilio::sids::{ACCOUNT_SID, WORKSPACE_SID};

use super::problem::Problem;
use super::record::desk::{Desk, present_action};
use super::record::handoffs::Request;
use super::view::attributes::members;
use super::view::entry;
use super::view::people::NOTE_AUTHOR;

/// The name in the timeline.
pub(crate) const NAME: &str = "naive handoff";

pub(crate) async fn hand_off(desk: &Desk, task_sid: &str, request: &Request) -> Result<Value, Problem> {
    let twilio = Twilio(desk);
    let task_path = format!("/v1/Workspaces/{WORKSPACE_SID}/Tasks/{task_sid}");
    let task = twilio.send(&task_path, None).await?;
    let mut attributes = members(task["attributes"].as_str().unwrap_or_default())?;
    let reasons = &request.reasons;
    for (name, value) in [
        ("handedOff", json!(true)),
        ("handoffReason", json!(reasons.reason)),
        ("handoffSummary", json!(reasons.summary)),
        ("handoffSentiment", json!(reasons.sentiment)),
        ("handoffLanguage", json!(reasons.language)),
        ("handoffTimestamp", json!(entry::text(desk.now()))),
    ] {
        attributes.set(name, value.to_string());
    }
    let attributes = attributes.text();
    twilio.send(&task_path, Some(&[("Attributes", &attributes)])).await?;
    if let Some(conversation_sid) = &request.conversation_sid {
        let body = format!(
            "Handed off by the AI agent\n\n{}\n\nReason: {}",
            reasons.summary, reasons.reason
        );
        let mark = json!({ "handoff": { "taskSid": task_sid } }).to_string();
        let note = [("Author", NOTE_AUTHOR), ("Body", &body), ("Attributes", &mark)];
        let messages = format!("/v1/Conversations/{conversation_sid}/Messages");
        twilio.send(&messages, Some(&note)).await?;
    }
    if let Some(reservation_sid) = &request.reservation_sid {
        let reservation = format!("{task_path}/Reservations/{reservation_sid}");
        twilio
            .send(&reservation, Some(&[("ReservationStatus", "rejected")]))
            .await?;
    }
    let done = |is_done: bool, result| if is_done { result } else { "none" };
    Ok(json!({
        "attributes": "overwritten",
        "reservation": done(request.reservation_sid.is_some(), "rejected"),
        "note": done(request.conversation_sid.is_some(), "posted"),
    }))
}

/// Twilio's API, over the network.
struct Twilio<'d>(&'d Desk);

impl Twilio<'_> {
    /// Sends a GET, or a POST of this form.
    async fn send(&self, path: &str, form: Option<&[(&str, &str)]>) -> Result<Value, Problem> {
        let (client, url) = (loopback::client(), format!("{}{path}", self.0.together.url()));
        let request = match form {
            None => client.get(url),
            Some(fields) => client
                .post(url)
                .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
                .body(Serializer::new(String::new()).extend_pairs(fields).finish()),
        };
        let mut request = request
            .basic_auth(ACCOUNT_SID, Some(self.0.world.twilio.credentials().auth_token))
            .header("user-agent", format!("flex-handoff/comparison ({NAME})"));
        if let Some(number) = present_action() {
            request = request.header("x-request-id", format!("action-{number}"));
        }
        let answer = request.send().await.map_err(unanswered)?;
        let status = answer.status();
        let answer: Value = serde_json::from_slice(&answer.bytes().await.map_err(unanswered)?).unwrap_or_default();
        if status.is_success() {
            return Ok(answer);
        }
        let message = answer["message"].as_str().unwrap_or_default();
        Err(Problem::conflict(format!("Twilio refuses ({status}): {message}")))
    }
}

fn unanswered(error: impl Display) -> Problem {
    Problem::new(StatusCode::BAD_GATEWAY, format!("Twilio didn't answer: {error}"))
}
