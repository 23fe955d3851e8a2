//! Requests of API Gateway in a text form like HTTP's.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Map, Value, json};
use sha1::Sha1;
use sha2::{Digest, Sha256};

use crate::harness::{AUTH_TOKEN, SHARED_KEY};

const DOMAIN: &str = "functions.test";

const FORM: &str = "application/x-www-form-urlencoded";

/// The payload of an invocation. The first line has the method, path and query. Headers follow up to an empty line, and
/// then the body.
///
/// Some texts stand for values:
/// - `sign` as `x-twilio-signature` for the right signature
/// - `bodySHA256=hash` for the body's hash
/// - a header `base64` for a base64-encoded body
pub(super) fn payload(text: &str) -> String {
    let (head, body) = text.split_once("\n\n").unwrap_or((text, ""));
    let mut lines = head.split('\n');
    let (method, url) = lines
        .next()
        .and_then(|line| line.split_once(' '))
        .unwrap_or(("POST", "/"));
    let hash: String = Sha256::digest(body).iter().map(|byte| format!("{byte:02x}")).collect();
    let url = &url.replace("bodySHA256=hash", &format!("bodySHA256={hash}"));
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    let mut headers: Map<String, Value> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_owned(), value.into()))
        .collect();
    if headers.get("x-twilio-signature").is_some_and(|value| value == "sign") {
        let url = format!("https://{DOMAIN}{url}");
        let content_type = headers.get("content-type").and_then(Value::as_str).unwrap_or_default();
        let form = if content_type.starts_with(FORM) { body } else { "" };
        let by_shared_key = headers.contains_key("x-twilio-webhooks-signature-settings");
        headers.insert(
            "x-twilio-signature".to_owned(),
            signature(&url, form, by_shared_key).into(),
        );
    }
    let is_base64 = headers.remove("base64").is_some();
    let body = if is_base64 {
        STANDARD.encode(body)
    } else {
        body.to_owned()
    };
    let request = json!({
        "version": "2.0",
        "rawPath": path,
        "rawQueryString": query,
        "headers": headers,
        "requestContext": { "domainName": DOMAIN, "http": { "method": method, "path": path } },
        "body": body,
        "isBase64Encoded": is_base64,
    });
    request.to_string()
}

fn signature(url: &str, form: &str, by_shared_key: bool) -> String {
    let mut form: Vec<(String, String)> = form_urlencoded::parse(form.as_bytes()).into_owned().collect();
    form.sort();
    form.dedup();
    let text = form
        .iter()
        .fold(url.to_owned(), |text, (name, value)| text + name + value);
    match by_shared_key {
        true => mac::<Hmac<Sha256>>(SHARED_KEY, &text),
        false => mac::<Hmac<Sha1>>(AUTH_TOKEN, &text),
    }
}

fn mac<M: Mac + KeyInit>(key: &str, text: &str) -> String {
    let mac = M::new_from_slice(key.as_bytes()).expect("a key of any length");
    STANDARD.encode(mac.chain_update(text).finalize().into_bytes())
}
