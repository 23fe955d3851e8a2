//! Writes a key to a session and checks that the key is there.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::{Map, Value, json};
use thiserror::Error;
use url::Url;

use crate::client::{cause, host};
use crate::options::{Removed, SessionMethod, SessionOptions};

const TIMEOUT: Duration = Duration::from_secs(15);

/// The probe's key, unless the session's keys are limited to others.
const KEY: &str = "flex_connect_probe";

/// The probe's result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ProbeResult {
    /// The key was stored.
    Stored,
    /// The API refused to write the key.
    Refused { status: u16 },
    /// The API reported a successful write, but the key isn't there.
    NotStored { key: String },
    /// The API doesn't let the session be read.
    NotRead { status: u16 },
}

/// The reason why the session API couldn't be probed.
#[derive(Debug, Error)]
pub(crate) enum ProbeError {
    /// An option is missing or no key can be written without harm.
    #[error("the session API can't be probed: {0}")]
    Unusable(&'static str),
    /// There was no answer, or an answer that invites a retry.
    #[error("the session API is unavailable: {0}")]
    Unavailable(String),
}

/// Probes the session in the options. Returns `None` if they name no session.
pub(crate) async fn probe(
    http: &reqwest::Client,
    options: &SessionOptions,
    token: Option<&str>,
) -> Result<Option<ProbeResult>, ProbeError> {
    let Some(id) = &options.probe else {
        return Ok(None);
    };
    let session_url = options.url.as_ref().ok_or(ProbeError::Unusable("give --session-url"))?;
    let fill = |name: &str| (name == "session_id").then(|| id.clone());
    let url = session_url.fill(fill).ok_or(ProbeError::Unusable(
        "its URL needs a task or a conversation, and the probe has none, or the session's id can't stand in a URL",
    ))?;
    let token = token.ok_or(ProbeError::Unusable("set SESSION_API_TOKEN"))?;
    let key = probe_key(options.keys.as_deref()).ok_or(ProbeError::Unusable(
        "--session-keys allows no key that isn't a real one: add flex_connect_probe to it",
    ))?;
    let session = Session {
        http,
        options,
        token,
        url,
    };
    session.probe(&key).await.map(Some)
}

struct Session<'a> {
    http: &'a reqwest::Client,
    options: &'a SessionOptions,
    token: &'a str,
    url: Url,
}

impl Session<'_> {
    async fn probe(&self, key: &str) -> Result<ProbeResult, ProbeError> {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let value = format!("probe-{}", since_epoch.as_millis());
        let (status, _) = self.exchange(self.write(key, &json!(value))).await?;
        if !status.is_success() {
            return Ok(ProbeResult::Refused {
                status: status.as_u16(),
            });
        }
        let (status, body) = self.exchange(self.request(Method::GET)).await?;
        if !status.is_success() {
            return Ok(ProbeResult::NotRead {
                status: status.as_u16(),
            });
        }
        let session: Value = serde_json::from_slice(&body).unwrap_or_default();
        let stored = at(&session, &self.options.body_key).and_then(|keys| keys.get(key));
        let result = match stored {
            Some(stored) if *stored == json!(value) => ProbeResult::Stored,
            _ => ProbeResult::NotStored { key: key.to_owned() },
        };
        if result == ProbeResult::Stored {
            let blank = match self.options.removed {
                Removed::Blank => json!(""),
                Removed::Null => Value::Null,
            };
            // The write worked before. If this write fails, a worthless key stays behind.
            let _ = self.exchange(self.write(key, &blank)).await;
        }
        Ok(result)
    }

    fn write(&self, key: &str, value: &Value) -> RequestBuilder {
        let method = match self.options.method {
            SessionMethod::Patch => Method::PATCH,
            SessionMethod::Put => Method::PUT,
            SessionMethod::Post => Method::POST,
        };
        let body = body(&self.options.body_key, key, value);
        self.request(method)
            .header("Content-Type", "application/json")
            .body(body.to_string())
    }

    fn request(&self, method: Method) -> RequestBuilder {
        let request = self.http.request(method, self.url.clone()).timeout(TIMEOUT);
        let request = match self.options.auth_scheme.as_str() {
            "" => request.header(&self.options.auth_header, self.token),
            "Basic" => {
                let (user, password) = self.token.split_once(':').unwrap_or((self.token, ""));
                request.basic_auth(user, Some(password))
            }
            scheme => request.header(&self.options.auth_header, format!("{scheme} {}", self.token)),
        };
        let lines = self.options.headers.as_deref().unwrap_or_default().lines();
        let headers = lines.filter_map(|line| line.split_once(':'));
        headers.fold(request, |request, (name, value)| {
            request.header(name.trim(), value.trim())
        })
    }

    async fn exchange(&self, request: RequestBuilder) -> Result<(StatusCode, Vec<u8>), ProbeError> {
        let unavailable = |error: reqwest::Error| ProbeError::Unavailable(cause(&error));
        let answer = request.send().await.map_err(unavailable)?;
        let status = answer.status();
        let may_pass = matches!(status.as_u16(), 408 | 409 | 425 | 429) || status.is_server_error();
        if may_pass {
            return Err(ProbeError::Unavailable(format!(
                "{} answered with status {}",
                host(&self.url),
                status.as_u16()
            )));
        }
        let body = answer.bytes().await.map_err(unavailable)?;
        Ok((status, body.to_vec()))
    }
}

/// The body of a write, with the key in the object at a dotted path.
fn body(path: &str, key: &str, value: &Value) -> Value {
    let keys = Value::Object(Map::from_iter([(key.to_owned(), value.clone())]));
    let names = path.split('.').filter(|name| !name.is_empty());
    names.rev().fold(keys, |inner, name| {
        Value::Object(Map::from_iter([(name.to_owned(), inner)]))
    })
}

fn at<'v>(session: &'v Value, path: &str) -> Option<&'v Value> {
    let mut names = path.split('.').filter(|name| !name.is_empty());
    names.try_fold(session, |value, name| value.get(name))
}

/// A key that may be written and that isn't a real key.
fn probe_key(allowed: Option<&str>) -> Option<String> {
    let Some(allowed) = allowed.map(str::trim).filter(|allowed| !allowed.is_empty()) else {
        return Some(KEY.to_owned());
    };
    let patterns: Vec<&str> = allowed.split(',').map(str::trim).collect();
    let allows_ours = |pattern: &&str| match pattern.strip_suffix('*') {
        Some(prefix) => KEY.starts_with(prefix),
        None => *pattern == KEY,
    };
    if patterns.iter().any(allows_ours) {
        return Some(KEY.to_owned());
    }
    let wildcard = patterns.iter().find_map(|pattern| pattern.strip_suffix('*'))?;
    Some(format!("{wildcard}connect_probe"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_stands_at_the_dotted_path() {
        for (path, expected) in [
            ("custom_data", json!({"custom_data": {"k": 1}})),
            ("a.b", json!({"a": {"b": {"k": 1}}})),
            ("", json!({"k": 1})),
        ] {
            assert_eq!(body(path, "k", &json!(1)), expected);
            assert_eq!(at(&expected, path).and_then(|keys| keys.get("k")), Some(&json!(1)));
        }
    }

    #[test]
    fn a_probe_key_is_allowed_and_no_real_one() {
        for (allowed, expected) in [
            (None, Some(KEY)),
            (Some(""), Some(KEY)),
            (Some("flex_task_sid, flex_*"), Some(KEY)),
            (Some("flex_connect_probe"), Some(KEY)),
            (Some("flex_customer_*"), Some("flex_customer_connect_probe")),
            (Some("flex_task_sid,flex_order"), None),
        ] {
            assert_eq!(probe_key(allowed).as_deref(), expected, "{allowed:?}");
        }
    }
}
