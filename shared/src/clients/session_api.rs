//! The client of the AI platform's session API.
//!
//! The session API merges keys: writing a session twice is the same as writing it once.

use url::Url;

use crate::attributes::flatten::CustomData;
use crate::config::SessionSettings;
use crate::invocation::Invocation;
use crate::upstream::Upstream;
use crate::upstream::answer::CallError;
use crate::upstream::request::{Body, Request, TryLimit};

pub struct SessionApi {
    upstream: Upstream,
}

impl SessionApi {
    pub fn new(upstream: Upstream) -> Self {
        Self { upstream }
    }

    /// Merges custom data into that of the session at a URL.
    ///
    /// # Errors
    /// As [`Upstream::call`].
    pub async fn write(
        &self,
        invocation: &Invocation,
        settings: &SessionSettings,
        session_url: &Url,
        data: &CustomData,
    ) -> Result<(), CallError> {
        let body = settings.body_key.wrap(data.to_json());
        self.write_body(invocation, settings, session_url, body).await
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
        let request = Request {
            method: settings.method.clone(),
            body: Body::Json(body),
            // The session API may carry out a write that was given up here, after a later one.
            try_limit: TryLimit::Whole,
            ..Request::get("write session", session_url.clone())
        };
        self.upstream.call(invocation, &request, |_| Some(())).await
    }
}
