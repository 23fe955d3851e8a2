//! The AI platform's session API.
//!
//! The API merges keys, so writing a session twice does no harm.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::Value;
use tokio::time::Instant;
use url::Url;

use crate::attributes::flatten::CustomData;
use crate::config::SessionSettings;
use crate::invocation::Invocation;
use crate::twilio::sid::TaskSid;
use crate::upstream::Upstream;
use crate::upstream::answer::{Answer, CallError, Unavailable};
use crate::upstream::request::{Body, Request, TryLimit};
use crate::upstream::retry::Bounds;

/// How long the session API counts as unavailable after a failure, unless it names a time.
const OUTAGE: Bounds = Bounds {
    first: Duration::from_secs(2),
    longest: Duration::from_secs(120),
};

/// The longest `Retry-After` that counts. A message can't be delayed longer.
const MAX_OUTAGE: Duration = Duration::from_secs(900);

pub struct SessionApi {
    upstream: Upstream,
    outage: Mutex<Outage>,
}

/// The latest writes that failed in a row because the session API was unavailable.
#[derive(Default)]
struct Outage {
    failures: u32,
    until: Option<Instant>,
}

impl SessionApi {
    pub fn new(upstream: Upstream) -> Self {
        Self {
            upstream,
            outage: Mutex::default(),
        }
    }

    /// How long the session API still counts as unavailable after a failed write.
    pub fn unavailable_for(&self) -> Option<Duration> {
        let left = self.outage().until?.saturating_duration_since(Instant::now());
        (!left.is_zero()).then_some(left)
    }

    fn outage(&self) -> MutexGuard<'_, Outage> {
        self.outage.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Merges custom data into the session at a URL. `observe` is called for each failed try.
    ///
    /// # Errors
    /// As [`Upstream::call`].
    pub async fn write(
        &self,
        invocation: &Invocation,
        settings: &SessionSettings,
        session_url: &Url,
        data: &CustomData,
        observe: impl Fn(&Unavailable),
    ) -> Result<(), CallError> {
        let body = settings.body_key.wrap(data.to_json());
        let request = write_request(settings, session_url, body);
        let written = self.upstream.call_observed(invocation, &request, |_| Some(()), observe);
        let written = written.await;
        self.record(&written);
        written
    }

    fn record(&self, written: &Result<(), CallError>) {
        let mut outage = self.outage();
        let Err(CallError::Unavailable(unavailable)) = written else {
            *outage = Outage::default();
            return;
        };
        let length = unavailable.retry_after.unwrap_or_else(|| OUTAGE.bound(outage.failures));
        outage.failures += 1;
        outage.until = Some(Instant::now() + length.min(MAX_OUTAGE));
    }

    /// The task that the session at a URL was last written for. `None` if the session API doesn't say.
    ///
    /// # Errors
    /// [`CallError::Unauthorized`] and [`CallError::Unavailable`]. Any other error counts as not saying.
    pub async fn task_of(
        &self,
        invocation: &Invocation,
        settings: &SessionSettings,
        session_url: &Url,
    ) -> Result<Option<TaskSid>, CallError> {
        let request = Request::get("read session", session_url.clone());
        let read = |answer: &Answer| Some(answer.json::<Value>());
        match self.upstream.call(invocation, &request, read).await {
            Ok(session) => Ok(session.and_then(|session| task_in(&session, settings))),
            Err(error @ (CallError::Unauthorized | CallError::Unavailable(_))) => Err(error),
            Err(CallError::NotFound | CallError::PreconditionFailed | CallError::Refused { .. }) => Ok(None),
        }
    }

    /// Merges a JSON object into the session at a URL.
    ///
    /// # Errors
    /// As [`Upstream::call`].
    pub async fn write_body(
        &self,
        invocation: &Invocation,
        settings: &SessionSettings,
        session_url: &Url,
        body: String,
    ) -> Result<(), CallError> {
        let request = write_request(settings, session_url, body);
        self.upstream.call(invocation, &request, |_| Some(())).await
    }
}

fn write_request(settings: &SessionSettings, session_url: &Url, body: String) -> Request {
    Request {
        method: settings.method.clone(),
        body: Body::Json(body),
        // The session API may carry out an abandoned write later, even after a newer write.
        try_limit: TryLimit::Whole,
        ..Request::get("write session", session_url.clone())
    }
}

/// The task that a session's custom data names.
fn task_in(session: &Value, settings: &SessionSettings) -> Option<TaskSid> {
    let custom_data = settings
        .body_key
        .names()
        .try_fold(session, |value, name| value.get(name))?;
    TaskSid::parse(custom_data.get("flex_task_sid")?.as_str()?)
}
