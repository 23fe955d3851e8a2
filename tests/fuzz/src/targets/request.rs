//! API Gateway's requests, in a text form like HTTP's.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Map, Value, json};
use sha1::Sha1;

use crate::harness::AUTH_TOKEN;

const DOMAIN: &str = "functions.test";

/// The payload of an invocation: method, path and query in the first line, then headers up to an empty line, then the
/// body.
///
/// The value `sign` of `x-twilio-signature` stands for the right signature, and a header `base64` for a base64-encoded
/// body.
pub(super) fn payload(text: &str) -> String {
    let (head, body) = text.split_once("\n\n").unwrap_or((text, ""));
    let mut lines = head.split('\n');
    let (method, url) = lines
        .next()
        .and_then(|line| line.split_once(' '))
        .unwrap_or(("POST", "/"));
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    let mut headers: Map<String, Value> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_owned(), value.into()))
        .collect();
    if headers.get("x-twilio-signature").is_some_and(|value| value == "sign") {
        let url = format!("https://{DOMAIN}{url}");
        headers.insert("x-twilio-signature".to_owned(), signature(&url, body).into());
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

fn signature(url: &str, body: &str) -> String {
    let mut form: Vec<(String, String)> = form_urlencoded::parse(body.as_bytes()).into_owned().collect();
    form.sort();
    form.dedup();
    let mut mac = Hmac::<Sha1>::new_from_slice(AUTH_TOKEN.as_bytes()).expect("a key of any length");
    mac.update(url.as_bytes());
    if !url.contains("bodySHA256=") {
        form.iter()
            .flat_map(|(name, value)| [name, value])
            .for_each(|text| mac.update(text.as_bytes()));
    }
    STANDARD.encode(mac.finalize().into_bytes())
}
