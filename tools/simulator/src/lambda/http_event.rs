//! A request as API Gateway's event: payload format 2.0.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html>

use std::collections::BTreeMap;
use std::net::IpAddr;

use crate::identity::{self, ACCOUNT_ID};
use axum::http::{HeaderMap, HeaderName, Method, header, request};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};
use time::OffsetDateTime;

/// The event for one request. Each path has a route for POST and one for other methods. The stage is `$default`, which
/// doesn't appear in paths.
pub(super) fn payload(
    request: &request::Parts,
    body: &[u8],
    domain_name: &str,
    source: IpAddr,
    request_id: &str,
) -> Vec<u8> {
    let now = OffsetDateTime::now_utc();
    let path = request.uri.path();
    let query = request.uri.query().unwrap_or_default();
    let method = if request.method == Method::POST { "POST" } else { "ANY" };
    let route_key = format!("{method} {path}");
    let api_id = domain_name.split('.').next().unwrap_or_default();
    let user_agent = request.headers.get(header::USER_AGENT).map(text);
    let mut event = json!({
        "version": "2.0",
        "routeKey": route_key,
        "rawPath": path,
        "rawQueryString": query,
        "headers": headers(&request.headers, domain_name, source, now),
        "requestContext": {
            "accountId": ACCOUNT_ID,
            "apiId": api_id,
            "domainName": domain_name,
            "domainPrefix": api_id,
            "http": {
                "method": request.method.as_str(),
                "path": path,
                "protocol": format!("{:?}", request.version),
                "sourceIp": source,
                "userAgent": user_agent.unwrap_or_default(),
            },
            "requestId": request_id,
            "routeKey": route_key,
            "stage": "$default",
            "time": clf(now),
            "timeEpoch": now.unix_timestamp_nanos() / 1_000_000,
        },
        "isBase64Encoded": false,
    });
    if let Some(cookies) = cookies(&request.headers) {
        event["cookies"] = cookies;
    }
    if !query.is_empty() {
        let parameters = form_urlencoded::parse(query.as_bytes());
        event["queryStringParameters"] =
            joined(parameters.map(|(name, value)| (name.into_owned(), value.into_owned())));
    }
    if !body.is_empty() {
        let text = is_text(&request.headers)
            .then(|| std::str::from_utf8(body).ok())
            .flatten();
        event["isBase64Encoded"] = text.is_none().into();
        event["body"] = text.map_or_else(|| BASE64_STANDARD.encode(body), str::to_owned).into();
    }
    event.to_string().into_bytes()
}

/// Headers with lower-case names and the gateway's additions: the function sees the gateway's domain and HTTPS, not the
/// request's own `Host`. Cookies are left out, as they have a field of their own.
fn headers(given: &HeaderMap, domain_name: &str, source: IpAddr, now: OffsetDateTime) -> Value {
    let added = [
        ("host", domain_name.to_owned()),
        ("x-amzn-trace-id", identity::trace_id(now.unix_timestamp())),
        ("x-forwarded-for", source.to_string()),
        ("x-forwarded-port", "443".to_owned()),
        ("x-forwarded-proto", "https".to_owned()),
    ];
    let kept = |name: &HeaderName| *name != header::COOKIE && added.iter().all(|(added, _)| name != added);
    let given = given
        .iter()
        .filter(|(name, _)| kept(name))
        .map(|(name, value)| (name.to_string(), text(value)));
    joined(given.chain(added.clone().map(|(name, value)| (name.to_owned(), value))))
}

fn cookies(headers: &HeaderMap) -> Option<Value> {
    let values: Vec<String> = headers.get_all(header::COOKIE).iter().map(text).collect();
    let cookies: Vec<&str> = values.iter().flat_map(|value| value.split("; ")).collect();
    (!cookies.is_empty()).then(|| json!(cookies))
}

/// One member per name, with repeated values joined by commas.
fn joined(pairs: impl Iterator<Item = (String, String)>) -> Value {
    let mut members: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, value) in pairs {
        members.entry(name).or_default().push(value);
    }
    members
        .into_iter()
        .map(|(name, values)| (name, Value::from(values.join(","))))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

/// Whether API Gateway passes a body on as text. All other types, including forms, are base64-encoded.
fn is_text(headers: &HeaderMap) -> bool {
    let content_type = headers.get(header::CONTENT_TYPE).map(text).unwrap_or_default();
    let essence = content_type
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    essence.starts_with("text/")
        || matches!(
            &*essence,
            "application/json" | "application/javascript" | "application/xml"
        )
}

fn text(value: &axum::http::HeaderValue) -> String {
    String::from_utf8_lossy(value.as_bytes()).into_owned()
}

/// `22/Nov/2026:09:00:00 +0000`
fn clf(time: OffsetDateTime) -> String {
    let (day, month, year) = (time.day(), time.month().to_string(), time.year());
    let (hour, minute, second) = time.to_hms();
    format!("{day:02}/{month:.3}/{year}:{hour:02}:{minute:02}:{second:02} +0000")
}
