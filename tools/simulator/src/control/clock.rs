//! The clock.

use std::time::Duration;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use serde::{Deserialize, Serialize};

use super::{Control, Refused};
use crate::clock::iso_8601_with_milliseconds;

/// The largest step: ten years.
const MOST_SECONDS: f64 = 10.0 * 366.0 * 86_400.0;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Advance {
    advance_seconds: f64,
}

/// The simulated time, and the seconds by which it is ahead of the system's.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Time {
    now: String,
    ahead_seconds: f64,
}

pub(super) async fn fetch(State(control): State<Control>) -> Json<Time> {
    Json(Time {
        now: iso_8601_with_milliseconds(control.clock.now()),
        ahead_seconds: control.clock.ahead().as_secs_f64(),
    })
}

/// Moves the clock forward. When the answer is sent, everything in TaskRouter that is due by then has happened.
pub(super) async fn advance(State(control): State<Control>, body: Bytes) -> Result<Json<Time>, Refused> {
    let Advance { advance_seconds } = serde_json::from_slice(&body)
        .map_err(|error| Refused(format!("expected {{\"advanceSeconds\": 60}}: {error}")))?;
    if !(0.0..=MOST_SECONDS).contains(&advance_seconds) {
        return Err(Refused(format!("advanceSeconds is not from 0 to {MOST_SECONDS}")));
    }
    control.clock.advance(Duration::from_secs_f64(advance_seconds));
    control.twilio.catch_up();
    Ok(fetch(State(control)).await)
}
