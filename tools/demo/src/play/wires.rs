//! Short descriptions of events and requests.

use std::time::Duration;

use http::{Method, StatusCode};
use simulator::exchange::{Exchange, Upstream};
use simulator::twilio::{Delivery, Outcome};

/// An event of TaskRouter with the answer of each function.
pub(crate) struct Event {
    sid: String,
    pub(crate) event_type: String,
    pub(crate) answers: String,
}

/// A request of a function, or several requests that look the same.
pub(crate) struct Request {
    pub(crate) upstream: &'static str,
    /// The method and path.
    pub(crate) target: String,
    /// The status, the count and the longest time until the answer.
    pub(crate) outcome: String,
}

/// The events in their order.
pub(crate) fn events(deliveries: &[Delivery]) -> Vec<Event> {
    let mut events: Vec<Event> = Vec::new();
    for delivery in deliveries {
        let answer = format!("{} {}", function(delivery), answer(delivery));
        match events.iter_mut().find(|event| event.sid == delivery.event_sid) {
            Some(event) => event.answers = format!("{}, {answer}", event.answers),
            None => events.push(Event {
                sid: delivery.event_sid.clone(),
                event_type: delivery.event_type.clone(),
                answers: answer,
            }),
        }
    }
    events
}

/// A delivery with an answer other than 204.
pub(crate) fn refused(delivery: &Delivery) -> Option<String> {
    let answer = answer(delivery);
    (answer != "204").then(|| format!("{} answered {} with {answer}", function(delivery), delivery.event_type))
}

/// The requests in the order in which each kind first occurred.
pub(crate) fn requests(exchanges: &[Exchange]) -> Vec<Request> {
    let mut kinds: Vec<(String, Vec<&Exchange>)> = Vec::new();
    for exchange in exchanges {
        let kind = format!("{:?} {} {:?}", exchange.upstream, target(exchange), exchange.status());
        match kinds.iter_mut().find(|(other, _)| *other == kind) {
            Some((_, alike)) => alike.push(exchange),
            None => kinds.push((kind, vec![exchange])),
        }
    }
    kinds.iter().map(|(_, alike)| request(alike)).collect()
}

/// Explanations of requests that only look like mistakes.
pub(crate) fn remarks(exchanges: &[Exchange]) -> Vec<&'static str> {
    let has = |is_it: fn(&Exchange) -> bool| exchanges.iter().any(is_it);
    let is_412 = |exchange: &Exchange| exchange.status() == Some(StatusCode::PRECONDITION_FAILED);
    let cases = [
        (
            has(|exchange| exchange.method == Method::HEAD),
            "HEAD, 401: a cold start opens its connections with a request that needs no credentials.",
        ),
        (
            has(|exchange| exchange.upstream == Upstream::SecretsManager),
            "Secrets Manager: a cold start reads the secret once.",
        ),
        (
            has(is_412),
            "412: somebody else changed the task first, so the function read it again, and decided anew.",
        ),
    ];
    cases
        .into_iter()
        .filter(|(occurred, _)| *occurred)
        .map(|(_, remark)| remark)
        .collect()
}

fn request(alike: &[&Exchange]) -> Request {
    let first = alike[0];
    let status = first
        .status()
        .map_or_else(|| "—".to_owned(), |status| status.as_u16().to_string());
    let times = if alike.len() > 1 {
        format!("×{}", alike.len())
    } else {
        String::new()
    };
    let longest = alike
        .iter()
        .filter_map(|exchange| exchange.duration)
        .max()
        .unwrap_or(Duration::ZERO);
    Request {
        upstream: upstream(first.upstream),
        target: target(first),
        outcome: format!("{status} {times:<3}{:5.1} ms", longest.as_secs_f64() * 1e3),
    }
}

fn upstream(upstream: Upstream) -> &'static str {
    match upstream {
        Upstream::TaskRouter => "TaskRouter",
        Upstream::Conversations => "Conversations",
        Upstream::EventStreams => "Event Streams",
        Upstream::Flex => "Flex",
        Upstream::SessionApi => "session API",
        Upstream::SecretsManager => "Secrets Manager",
        Upstream::Sqs => "SQS",
    }
}

/// The method and the shortened path.
fn target(exchange: &Exchange) -> String {
    format!("{:<5} {}", exchange.method.as_str(), short_path(&exchange.path))
}

/// A path without its common start. SIDs are shortened to their last four digits.
pub(crate) fn short_path(path: &str) -> String {
    let below = |collection: &str| path.strip_prefix(collection).and_then(|path| path.split_once('/'));
    let below = below("/v1/Workspaces/").or_else(|| below("/v1/Interactions/"));
    let rest = below.map(|(_, rest)| rest).or_else(|| path.strip_prefix("/v1/"));
    let path = rest.map_or_else(|| path.to_owned(), |rest| format!("…/{rest}"));
    path.split('/').map(short_sid).collect::<Vec<_>>().join("/")
}

/// `WT0123…cdef` for a SID. Any other text is returned unchanged.
fn short_sid(part: &str) -> String {
    let is_sid = part.len() == 34 && part.is_char_boundary(2) && part[2..].bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_sid {
        format!("{}…{}", &part[..2], &part[30..])
    } else {
        part.to_owned()
    }
}

/// The function that an event was delivered to, from the last part of its callback's path.
pub(crate) fn function(delivery: &Delivery) -> &str {
    let url = delivery.url.split('#').next().unwrap_or_default();
    url.rsplit('/').next().unwrap_or_default()
}

fn answer(delivery: &Delivery) -> String {
    match delivery.attempts.last().map(|attempt| &attempt.outcome) {
        Some(Outcome::Answered { status, .. }) => status.to_string(),
        Some(Outcome::NotConnected) => "not connected".to_owned(),
        Some(Outcome::HandshakeFailed { reason }) => format!("TLS failed: {reason}"),
        Some(Outcome::NotAnswered) | None => "no answer".to_owned(),
    }
}
