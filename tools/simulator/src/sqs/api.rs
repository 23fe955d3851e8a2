//! SQS's JSON protocol: a single address, with the operation in a header.
//! <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_Operations.html>

use std::ops::RangeInclusive;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use http::header::AUTHORIZATION;
use http::{HeaderMap, StatusCode};
use md5::{Digest, Md5};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::batch::{Batch, each};
use super::queue::{Message, is_receipt};
use super::refusal::{Refusal, answer};
use super::request::Request;
use super::service::{MAX_RECEIVED, Sqs, queue_arn, queue_url};

/// The longest message: 1 MiB.
const MAX_BODY: usize = 1024 * 1024;

const DELAYS: RangeInclusive<u64> = 0..=900;
const VISIBILITY_TIMEOUTS: RangeInclusive<u64> = 0..=43_200;
const WAITS: RangeInclusive<u64> = 0..=20;

pub(super) fn router(sqs: Sqs) -> Router {
    Router::new().route("/", post(call)).with_state(sqs)
}

async fn call(State(sqs): State<Sqs>, headers: HeaderMap, body: Bytes) -> Response {
    match operate(&sqs, &headers, &body).await {
        Ok(value) => answer(StatusCode::OK, value),
        Err(refusal) => refusal.into_response(),
    }
}

async fn operate(sqs: &Sqs, headers: &HeaderMap, body: &[u8]) -> Result<Value, Refusal> {
    let header = |name: &str| {
        headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    };
    if !is_signed_for_sqs(header(AUTHORIZATION.as_str())) {
        return Err(Refusal::Unsigned);
    }
    match header("x-amz-target").strip_prefix("AmazonSQS.").unwrap_or_default() {
        "SendMessage" => read(body).and_then(|request| send(sqs, request)),
        "SendMessageBatch" => read(body).and_then(|batch| send_batch(sqs, batch)),
        "ReceiveMessage" => receive(sqs, read(body)?).await,
        "DeleteMessage" => read(body).and_then(|request| delete(sqs, request)),
        "DeleteMessageBatch" => {
            read(body).and_then(|batch| each(batch, |queue, entry| delete(sqs, Request::new(queue, entry))))
        }
        "ChangeMessageVisibility" => read(body).and_then(|request| change_visibility(sqs, request)),
        "ChangeMessageVisibilityBatch" => {
            read(body).and_then(|batch| each(batch, |queue, entry| change_visibility(sqs, Request::new(queue, entry))))
        }
        "GetQueueAttributes" => read(body).and_then(|request| attributes(sqs, &request)),
        "GetQueueUrl" => read(body).and_then(|request| url(sqs, &request)),
        _ => Err(Refusal::UnknownOperation),
    }
}

/// Whether the request has a signature for SQS. The signature itself is not checked.
fn is_signed_for_sqs(authorization: &str) -> bool {
    authorization.starts_with("AWS4-HMAC-SHA256 ") && authorization.contains("/sqs/aws4_request")
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    serde_json::from_slice(body).map_err(|error| Refusal::Unreadable(error.to_string()))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Send {
    message_body: String,
    delay_seconds: Option<u64>,
    message_attributes: Option<Map<String, Value>>,
}

fn send(sqs: &Sqs, request: Request<Send>) -> Result<Value, Refusal> {
    let queue = request.queue().to_owned();
    let Send {
        message_body: body,
        delay_seconds,
        message_attributes,
    } = request.parameters;
    let delay = seconds("DelaySeconds", delay_seconds.unwrap_or_default(), DELAYS)?;
    if body.is_empty() || body.len() > MAX_BODY {
        return Err(Refusal::InvalidParameter(format!(
            "MessageBody must have 1 to {MAX_BODY} bytes"
        )));
    }
    if !body.chars().all(is_allowed) {
        return Err(Refusal::InvalidContents);
    }
    if message_attributes.is_some_and(|attributes| !attributes.is_empty()) {
        return Err(Refusal::InvalidParameter(
            "Message attributes are not simulated".to_owned(),
        ));
    }
    let sent = sqs.put(&queue, body, delay).ok_or(Refusal::NoSuchQueue)?;
    Ok(json!({ "MessageId": sent.id, "MD5OfMessageBody": md5(&sent.body) }))
}

/// The characters of XML 1.0, as the older protocol requires.
fn is_allowed(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..)
}

fn send_batch(sqs: &Sqs, batch: Request<Batch<Send>>) -> Result<Value, Refusal> {
    let lengths = batch.parameters.requests().map(|entry| entry.message_body.len());
    match lengths.sum::<usize>() > MAX_BODY {
        true => Err(Refusal::BatchTooLong),
        false => each(batch, |queue, entry| send(sqs, Request::new(queue, entry))),
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Receive {
    max_number_of_messages: Option<usize>,
    visibility_timeout: Option<u64>,
    wait_time_seconds: Option<u64>,
    #[serde(default, alias = "AttributeNames")]
    message_system_attribute_names: Vec<String>,
}

async fn receive(sqs: &Sqs, request: Request<Receive>) -> Result<Value, Refusal> {
    let limit = request.parameters.max_number_of_messages.unwrap_or(1);
    if !(1..=MAX_RECEIVED).contains(&limit) {
        return Err(out_of_range("MaxNumberOfMessages"));
    }
    let hidden_for = request.parameters.visibility_timeout;
    let hidden_for = hidden_for
        .map(|timeout| seconds("VisibilityTimeout", timeout, VISIBILITY_TIMEOUTS))
        .transpose()?;
    let wait = request.parameters.wait_time_seconds.unwrap_or_default();
    let wait = seconds("WaitTimeSeconds", wait, WAITS)?;
    let received = sqs.receive_within(request.queue(), limit, hidden_for, wait).await;
    let received = received.ok_or(Refusal::NoSuchQueue)?;
    let names = &request.parameters.message_system_attribute_names;
    let messages: Vec<Value> = received
        .iter()
        .map(|message| {
            let mut value = json!({
                "MessageId": message.id,
                "ReceiptHandle": message.receipt_handle,
                "Body": message.body,
                "MD5OfBody": md5(&message.body),
            });
            let mut attributes = system_attributes(message);
            attributes.retain(|attribute, _| is_named(names, attribute));
            if !attributes.is_empty() {
                value["Attributes"] = attributes.into();
            }
            value
        })
        .collect();
    Ok(json!({ "Messages": messages }))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Delete {
    receipt_handle: String,
}

fn delete(sqs: &Sqs, request: Request<Delete>) -> Result<Value, Refusal> {
    check_receipt(&request.parameters.receipt_handle)?;
    let deleted = sqs.delete(request.queue(), &request.parameters.receipt_handle);
    deleted.map(|()| json!({})).ok_or(Refusal::NoSuchQueue)
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ChangeVisibility {
    receipt_handle: String,
    visibility_timeout: u64,
}

fn change_visibility(sqs: &Sqs, request: Request<ChangeVisibility>) -> Result<Value, Refusal> {
    check_receipt(&request.parameters.receipt_handle)?;
    let hidden_for = seconds(
        "VisibilityTimeout",
        request.parameters.visibility_timeout,
        VISIBILITY_TIMEOUTS,
    )?;
    let hidden = sqs.change_visibility(request.queue(), &request.parameters.receipt_handle, hidden_for);
    match hidden.ok_or(Refusal::NoSuchQueue)? {
        Ok(()) => Ok(json!({})),
        Err(_) => Err(Refusal::NotInFlight),
    }
}

fn check_receipt(receipt_handle: &str) -> Result<(), Refusal> {
    match is_receipt(receipt_handle) {
        true => Ok(()),
        false => Err(Refusal::NotAReceipt),
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Attributes {
    #[serde(default)]
    attribute_names: Vec<String>,
}

fn attributes(sqs: &Sqs, request: &Request<Attributes>) -> Result<Value, Refusal> {
    let name = request.queue();
    let all = sqs.with(name, |queue, now| {
        let [visible, in_flight, delayed] = queue.counts(now);
        let settings = &queue.settings;
        let redrive = settings.redrive.as_ref().map(|redrive| {
            let target = queue_arn(&redrive.dead_letter_queue);
            json!({ "deadLetterTargetArn": target, "maxReceiveCount": redrive.max_receive_count }).to_string()
        });
        [
            ("ApproximateNumberOfMessages", Some(visible.to_string())),
            ("ApproximateNumberOfMessagesDelayed", Some(delayed.to_string())),
            ("ApproximateNumberOfMessagesNotVisible", Some(in_flight.to_string())),
            ("MessageRetentionPeriod", Some(settings.retention.as_secs().to_string())),
            ("QueueArn", Some(queue_arn(name))),
            ("RedrivePolicy", redrive),
            (
                "VisibilityTimeout",
                Some(settings.visibility_timeout.as_secs().to_string()),
            ),
        ]
    });
    let names = &request.parameters.attribute_names;
    let all = all.ok_or(Refusal::NoSuchQueue)?.into_iter();
    let wanted = all.filter(|(name, _)| is_named(names, name));
    let attributes: Map<String, Value> = wanted
        .filter_map(|(name, value)| Some((name.to_owned(), value?.into())))
        .collect();
    Ok(json!({ "Attributes": attributes }))
}

fn is_named(names: &[String], attribute: &str) -> bool {
    names.iter().any(|name| name == "All" || name == attribute)
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Named {
    queue_name: String,
}

fn url(sqs: &Sqs, request: &Named) -> Result<Value, Refusal> {
    let url = sqs.with(&request.queue_name, |_, _| queue_url(&request.queue_name));
    Ok(json!({ "QueueUrl": url.ok_or(Refusal::NoSuchQueue)? }))
}

fn seconds(name: &str, seconds: u64, allowed: RangeInclusive<u64>) -> Result<Duration, Refusal> {
    match allowed.contains(&seconds) {
        true => Ok(Duration::from_secs(seconds)),
        false => Err(out_of_range(name)),
    }
}

fn out_of_range(name: &str) -> Refusal {
    Refusal::InvalidParameter(format!("The value of the parameter {name} is out of range"))
}

/// The system attributes of a received message.
pub(crate) fn system_attributes(message: &Message) -> Map<String, Value> {
    let milliseconds = |time: time::OffsetDateTime| (time.unix_timestamp_nanos() / 1_000_000).to_string();
    let attributes = [
        (
            "ApproximateFirstReceiveTimestamp",
            message.first_received.map(milliseconds).into(),
        ),
        ("ApproximateReceiveCount", message.receive_count.to_string().into()),
        ("SenderId", "AROAEXAMPLE:a-function".into()),
        ("SentTimestamp", milliseconds(message.sent).into()),
    ];
    attributes
        .map(|(name, value)| (name.to_owned(), value))
        .into_iter()
        .collect()
}

/// The MD5 of a message's body in hexadecimal. Some SDKs check the value.
pub(crate) fn md5(body: &str) -> String {
    Md5::digest(body).iter().map(|byte| format!("{byte:02x}")).collect()
}
