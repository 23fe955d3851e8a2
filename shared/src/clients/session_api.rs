//! The client of the AI platform's session API.
//!
//! That `PATCH` takes `custom_data` and merges it key by key is this project's contract with that API.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use http::Method;
use tokio::time::Instant;
use url::Url;

use crate::attributes::flatten::CustomData;
use crate::invocation::Invocation;
use crate::upstream::{Body, CallError, Request, Upstream};

/// How long to leave the session API alone that has had too many requests and doesn't say for how long. It counts them
/// by the minute, and may well count those that it refuses: whoever goes on asking would then never be let in.
const BUSY: Duration = Duration::from_secs(10);

/// It is asked once a minute, whatever it says.
const LONGEST_BUSY: Duration = Duration::from_secs(60);

const STEP: &str = "write session";

/// What to do where the session API has had too many requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhenBusy {
    /// Ask again for as long as there is time.
    Insist,
    /// Give up at once, and for a while before asking: there is a queue.
    GiveUp,
}

/// The client.
pub struct SessionApi {
    upstream: Upstream,
    when_busy: WhenBusy,
    busy_until: Mutex<Option<Instant>>,
}

impl SessionApi {
    /// The client.
    pub fn new(upstream: Upstream, when_busy: WhenBusy) -> Self {
        let upstream = match when_busy {
            WhenBusy::Insist => upstream,
            WhenBusy::GiveUp => upstream.giving_up_when_busy(),
        };
        Self {
            upstream,
            when_busy,
            busy_until: Mutex::default(),
        }
    }

    /// Merges custom data into that of the session at a URL. Doing it twice is doing it once.
    ///
    /// # Errors
    /// As [`Upstream::call`].
    pub async fn write(&self, invocation: &Invocation, session_url: &Url, data: &CustomData) -> Result<(), CallError> {
        if let Some(busy_for) = self.busy_for() {
            invocation.step(STEP, Instant::now(), "not asked, it was busy");
            return Err(CallError::Away {
                maybe_done: false,
                busy: true,
                retry_after: Some(busy_for),
            });
        }
        let request = Request {
            step: STEP,
            method: Method::PATCH,
            url: session_url.clone(),
            if_match: None,
            body: Body::Json(format!("{{\"custom_data\":{}}}", data.to_json())),
        };
        let written = self.upstream.call(invocation, &request, |_| Some(())).await;
        if let (
            Err(CallError::Away {
                busy: true,
                retry_after,
                ..
            }),
            WhenBusy::GiveUp,
        ) = (&written, self.when_busy)
        {
            let busy_for = retry_after.unwrap_or(BUSY).min(LONGEST_BUSY);
            *self.busy_until.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now() + busy_for);
        }
        written
    }

    /// For how long it is not asked, since it has had too many requests, if it has.
    pub fn busy_for(&self) -> Option<Duration> {
        let busy_until = *self.busy_until.lock().unwrap_or_else(PoisonError::into_inner);
        let busy_for = busy_until?.saturating_duration_since(Instant::now());
        (!busy_for.is_zero()).then_some(busy_for)
    }
}
