//! Headers and query parameters of events.

use std::collections::BTreeMap;

use axum::http::{HeaderMap, HeaderValue, header};
use serde_json::Value;
use time::OffsetDateTime;

use super::proxy::Received;
use crate::identity;

/// The pairs of a map that may repeat a name.
pub(super) type Pairs = Vec<(String, String)>;

/// A request's headers, with lower-case names and the headers that every front adds. `host` replaces the request's own
/// `Host`, if given.
pub(super) fn forwarded(request: &Received, host: Option<&str>) -> Pairs {
    let mut added = vec![
        ("x-amzn-trace-id", identity::trace_id(request.time.unix_timestamp())),
        ("x-forwarded-for", request.source.to_string()),
        ("x-forwarded-port", "443".to_owned()),
        ("x-forwarded-proto", "https".to_owned()),
    ];
    added.extend(host.map(|host| ("host", host.to_owned())));
    let given = request.headers.iter();
    let given = given.filter(|(name, _)| added.iter().all(|(added, _)| *name != added));
    let given: Pairs = given.map(|(name, value)| (name.to_string(), text(value))).collect();
    let added = added.into_iter().map(|(name, value)| (name.to_owned(), value));
    given.into_iter().chain(added).collect()
}

/// One member per name, with repeated values joined by commas.
pub(super) fn joined(pairs: Pairs) -> Value {
    object(pairs, |values| Value::from(values.join(",")))
}

/// One member per name, with its last value.
pub(super) fn last(pairs: Pairs) -> Value {
    object(pairs, |mut values| values.pop().into())
}

/// One member per name, with a list of its values.
pub(super) fn lists(pairs: Pairs) -> Value {
    object(pairs, Value::from)
}

fn object(pairs: Pairs, value: impl Fn(Vec<String>) -> Value) -> Value {
    let mut members: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, value) in pairs {
        members.entry(name).or_default().push(value);
    }
    let members = members.into_iter().map(|(name, values)| (name, value(values)));
    members.collect::<serde_json::Map<_, _>>().into()
}

/// The decoded parameters of a query.
pub(super) fn decoded(query: &str) -> Pairs {
    form_urlencoded::parse(query.as_bytes()).into_owned().collect()
}

/// Whether a body is of a type that is passed on as text. All other types, including forms, are base64-encoded.
pub(super) fn is_text(headers: &HeaderMap) -> bool {
    let content_type = headers.get(header::CONTENT_TYPE).map(text).unwrap_or_default();
    let essence = content_type.split(';').next().unwrap_or_default();
    let essence = essence.trim().to_ascii_lowercase();
    essence.starts_with("text/")
        || matches!(
            &*essence,
            "application/json" | "application/javascript" | "application/xml"
        )
}

pub(super) fn user_agent(headers: &HeaderMap) -> String {
    headers.get(header::USER_AGENT).map(text).unwrap_or_default()
}

pub(super) fn text(value: &HeaderValue) -> String {
    String::from_utf8_lossy(value.as_bytes()).into_owned()
}

/// `22/Nov/2026:09:00:00 +0000`
pub(super) fn clf(time: OffsetDateTime) -> String {
    let (day, month, year) = (time.day(), time.month().to_string(), time.year());
    let (hour, minute, second) = time.to_hms();
    format!("{day:02}/{month:.3}/{year}:{hour:02}:{minute:02}:{second:02} +0000")
}
