//! The faults that a visitor injects, and the clock.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use simulator::exchange::Upstream;
use simulator::lock::lock;

use crate::page::input::Input;
use crate::page::present::Page;
use crate::page::problem::Problem;
use crate::page::record::doings::Doing;
use crate::page::record::planned::Planned;

/// The longest step of the clock.
const MAX_TIMES: usize = 100;

/// Twilio's longest timeout is a day.
const MAX_SECONDS: u64 = 24 * 60 * 60;

#[derive(Deserialize)]
pub(crate) struct NewFault {
    upstream: String,
    status: u16,
    times: usize,
}

pub(crate) async fn add(State(page): State<Page>, Input(fault): Input<NewFault>) -> Result<Json<Value>, Problem> {
    let status = match fault.status {
        412 => StatusCode::PRECONDITION_FAILED,
        429 => StatusCode::TOO_MANY_REQUESTS,
        _ => return Err(Problem::field("status", "412 or 429, please.")),
    };
    if fault.upstream != "TaskRouter" {
        return Err(Problem::field("upstream", "Only TaskRouter can be told to."));
    }
    if !(1..=MAX_TIMES).contains(&fault.times) {
        return Err(Problem::field("times", format!("From 1 to {MAX_TIMES} times, please.")));
    }
    let desk = page.desk();
    let own = Arc::clone(&desk);
    let times = if fault.times == 1 {
        "once".to_owned()
    } else {
        format!("{} times", fault.times)
    };
    let what = format!("TaskRouter is to answer {} {times}", fault.status);
    desk.act(Doing::new("you", "TaskRouter", what), async move {
        let mut planned = lock(&own.planned);
        planned.retain(|planned| planned.left().is_some());
        planned.push(Planned::add(&own.world.faults, status, fault.times));
        Ok(Json(json!({})))
    })
    .await
}

pub(crate) async fn lift(State(page): State<Page>) -> Result<Json<Value>, Problem> {
    let desk = page.desk();
    let own = Arc::clone(&desk);
    desk.act(
        Doing::new("you", "TaskRouter", "TaskRouter answers as it should again"),
        async move {
            let mut planned = lock(&own.planned);
            own.world.faults.clear();
            planned.clear();
            Ok(Json(json!({})))
        },
    )
    .await
}

#[derive(Deserialize)]
pub(crate) struct Up {
    up: bool,
}

pub(crate) async fn set_session_api(
    State(page): State<Page>,
    Input(Up { up }): Input<Up>,
) -> Result<Json<Value>, Problem> {
    let desk = page.desk();
    let own = Arc::clone(&desk);
    let what = if up {
        "The session API is back"
    } else {
        "The session API goes away"
    };
    desk.act(Doing::new("you", "session API", what), async move {
        let server = own.world.server(Upstream::SessionApi);
        let done = if up {
            server.bring_back().await
        } else {
            server.take_down().await
        };
        let broken = |error| {
            Problem::new(
                StatusCode::SERVICE_UNAVAILABLE,
                format!("The port won't be had: {error}"),
            )
        };
        done.map_err(broken)?;
        own.session_api_is_up.store(up, Ordering::Relaxed);
        Ok(Json(json!({})))
    })
    .await
}

#[derive(Deserialize)]
pub(crate) struct Seconds {
    seconds: u64,
}

pub(crate) async fn move_clock(
    State(page): State<Page>,
    Input(Seconds { seconds }): Input<Seconds>,
) -> Result<Json<Value>, Problem> {
    if !(1..=MAX_SECONDS).contains(&seconds) {
        return Err(Problem::field("seconds", "From a second to a day, please."));
    }
    let desk = page.desk();
    let own = Arc::clone(&desk);
    desk.act(
        Doing::new("you", "the clock", format!("The clock moves on by {seconds} s")),
        async move {
            own.move_clock(Duration::from_secs(seconds));
            Ok(Json(json!({})))
        },
    )
    .await
}
