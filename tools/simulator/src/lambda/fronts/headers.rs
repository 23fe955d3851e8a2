//! Headers and query parameters of events.

use std::collections::BTreeMap;

use axum::http::{HeaderMap, HeaderValue, header};
use serde_json::Value;
use time::OffsetDateTime;

use super::proxy::Received;
use crate::identity;

/// Pairs of names and values. A name may repeat.
pub(super) type Pairs = Vec<(String, String)>;

/// A request's headers with lower-case names, plus the headers that every front adds. `host`, if given, replaces the
/// request's own `Host`.
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

/// A member per name. Repeated values are joined by commas.
pub(super) fn joined(pairs: Pairs) -> Value {
    object(pairs, |values| Value::from(values.join(",")))
}

/// A member per name, with the last value.
pub(super) fn last(pairs: Pairs) -> Value {
    object(pairs, |mut values| values.pop().into())
}

/// A member per name, with a list of the values.
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

/// Whether the type of a body is passed on as text. All other types are base64-encoded, forms too.
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
