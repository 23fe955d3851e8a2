//! The faults that the functions' next requests meet.

use http::{Method, StatusCode};
use serde::Serialize;
use serde_json::json;
use simulator::exchange::{Answer, Upstream};
use simulator::fault::{Effect, Fault, Faults, Struck};

/// An answer that TaskRouter gives in place of its own.
pub(crate) struct Planned {
    status: u16,
    times: usize,
    struck: Struck,
}

/// The faults that are left, as the page shows them.
#[derive(Serialize)]
pub(crate) struct Left {
    upstream: &'static str,
    status: u16,
    left: usize,
}

impl Planned {
    /// The next requests fail with this status; with 412, which only a write can get, the next writes. Requests that
    /// open a connection don't count, nor do the page's own actions, which don't use the network.
    pub(crate) fn add(faults: &Faults, status: StatusCode, times: usize) -> Self {
        let fault = Fault::at(Upstream::TaskRouter)
            .path(|path| path.starts_with("/v1/"))
            .times(times)
            .before(Effect::Answer(answer(status)));
        let fault = match status {
            StatusCode::PRECONDITION_FAILED => fault.method(Method::POST),
            _ => fault,
        };
        Self {
            status: status.as_u16(),
            times,
            struck: faults.add(fault),
        }
    }

    /// `None` if no fault is left.
    pub(crate) fn left(&self) -> Option<Left> {
        let left = self.times.saturating_sub(self.struck.count());
        (left > 0).then_some(Left {
            upstream: "TaskRouter",
            status: self.status,
            left,
        })
    }
}

/// The words of Twilio's error.
fn answer(status: StatusCode) -> Answer {
    let (code, message) = match status {
        StatusCode::PRECONDITION_FAILED => (20412, "Precondition failed: the resource has another ETag"),
        _ => (20429, "Too Many Requests"),
    };
    let body = json!({
        "code": code,
        "message": message,
        "more_info": format!("https://www.twilio.com/docs/errors/{code}"),
        "status": status.as_u16(),
    });
    Answer::status(status.as_u16())
        .header("content-type", "application/json")
        .body(body.to_string())
}
