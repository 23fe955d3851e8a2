//! Faults.

use std::time::Duration;

use axum::body::Bytes;
use axum::extract::State;
use http::StatusCode;
use serde::Deserialize;
use serde_json::Value;

use super::{Control, Refused};
use crate::exchange::{Answer, Upstream};
use crate::fault::{Effect, Fault};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Rule {
    upstream: Upstream,
    method: Option<String>,
    path_ends_with: Option<String>,
    path_contains: Option<String>,
    #[serde(default)]
    skip: usize,
    /// By default once.
    times: Option<usize>,
    before: Option<RuleEffect>,
    after: Option<RuleEffect>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", deny_unknown_fields)]
enum RuleEffect {
    Answer {
        status: u16,
        #[serde(default)]
        code: u32,
        #[serde(default)]
        message: String,
        retry_after: Option<String>,
    },
    DelayMs(u64),
    Late(usize),
    Hang,
    Reset,
    WeakEtag,
    SetMember {
        name: String,
        value: Value,
    },
}

/// `POST` with the fault's JSON.
pub(super) async fn add(State(control): State<Control>, body: Bytes) -> Result<StatusCode, Refused> {
    control.faults.add(fault(&body).map_err(Refused)?);
    Ok(StatusCode::NO_CONTENT)
}

/// `DELETE` removes all faults.
pub(super) async fn clear(State(control): State<Control>) -> StatusCode {
    control.faults.clear();
    StatusCode::NO_CONTENT
}

fn fault(body: &[u8]) -> Result<Fault, String> {
    let rule: Rule = serde_json::from_slice(body).map_err(|error| error.to_string())?;
    let mut fault = Fault::at(rule.upstream)
        .label(String::from_utf8_lossy(body))
        .skip(rule.skip)
        .times(rule.times.unwrap_or(1));
    if let Some(method) = rule.method {
        fault = fault.method(method.parse().map_err(|_| format!("{method} is no method"))?);
    }
    if rule.path_ends_with.is_some() || rule.path_contains.is_some() {
        let (end, part) = (
            rule.path_ends_with.unwrap_or_default(),
            rule.path_contains.unwrap_or_default(),
        );
        fault = fault.path(move |path| path.ends_with(&end) && path.contains(&part));
    }
    if let Some(before) = rule.before {
        fault = fault.before(before.effect()?);
    }
    if let Some(after) = rule.after {
        fault = fault.after(after.effect()?);
    }
    Ok(fault)
}

impl RuleEffect {
    fn effect(self) -> Result<Effect, String> {
        Ok(match self {
            Self::Answer { status, .. } if !(200..=599).contains(&status) => {
                return Err(format!("{status} is no status from 200 to 599"));
            }
            Self::Answer {
                status,
                code,
                message,
                retry_after,
            } => {
                let answer = Answer::refusal(status, code, &message);
                Effect::Answer(match retry_after {
                    Some(value) if value.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ') => {
                        answer.header("retry-after", &value)
                    }
                    Some(value) => return Err(format!("{value} can't stand in a header")),
                    None => answer,
                })
            }
            Self::DelayMs(delay) => Effect::Delay(Duration::from_millis(delay)),
            Self::Late(requests) => Effect::Late(requests),
            Self::Hang => Effect::Hang,
            Self::Reset => Effect::Reset,
            Self::WeakEtag => Effect::weak_etag(),
            Self::SetMember { name, value } => Effect::set_member(&name, value),
        })
    }
}
