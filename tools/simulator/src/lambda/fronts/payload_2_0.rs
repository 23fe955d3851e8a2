//! A request as an event in payload format 2.0. HTTP APIs and function URLs send this format.

use axum::http::{HeaderMap, header};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

use super::headers::{clf, decoded, forwarded, is_text, joined, text, user_agent};
use super::proxy::Received;

/// The service's view of a request.
pub(super) struct Seen<'a> {
    pub(super) account_id: &'a str,
    pub(super) api_id: &'a str,
    pub(super) domain_name: &'a str,
    pub(super) domain_prefix: &'a str,
    pub(super) raw_path: &'a str,
    pub(super) route_key: &'a str,
    pub(super) stage: &'a str,
    /// Whether cookies are also among the headers.
    pub(super) keeps_cookie_header: bool,
}

/// The function sees the front's domain and HTTPS instead of the request's own `Host`.
pub(super) fn event(request: &Received, seen: &Seen<'_>) -> Value {
    let mut headers = forwarded(request, Some(seen.domain_name));
    headers.retain(|(name, _)| seen.keeps_cookie_header || *name != header::COOKIE.as_str());
    let mut event = json!({
        "version": "2.0",
        "routeKey": seen.route_key,
        "rawPath": seen.raw_path,
        "rawQueryString": request.query(),
        "headers": joined(headers),
        "requestContext": {
            "accountId": seen.account_id,
            "apiId": seen.api_id,
            "domainName": seen.domain_name,
            "domainPrefix": seen.domain_prefix,
            "http": {
                "method": request.method.as_str(),
                "path": seen.raw_path,
                "protocol": format!("{:?}", request.version),
                "sourceIp": request.source,
                "userAgent": user_agent(&request.headers),
            },
            "requestId": request.request_id,
            "routeKey": seen.route_key,
            "stage": seen.stage,
            "time": clf(request.time),
            "timeEpoch": request.time_in_milliseconds(),
        },
        "isBase64Encoded": false,
    });
    if let Some(cookies) = cookies(&request.headers) {
        event["cookies"] = cookies;
    }
    if !request.query().is_empty() {
        event["queryStringParameters"] = joined(decoded(request.query()));
    }
    if !request.body.is_empty() {
        let text = is_text(&request.headers).then(|| std::str::from_utf8(&request.body).ok());
        let text = text.flatten();
        event["isBase64Encoded"] = text.is_none().into();
        let body = text.map_or_else(|| BASE64_STANDARD.encode(&request.body), str::to_owned);
        event["body"] = body.into();
    }
    event
}

fn cookies(headers: &HeaderMap) -> Option<Value> {
    let values: Vec<String> = headers.get_all(header::COOKIE).iter().map(text).collect();
    let cookies: Vec<&str> = values.iter().flat_map(|value| value.split("; ")).collect();
    (!cookies.is_empty()).then(|| json!(cookies))
}
