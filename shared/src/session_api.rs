//! The client of the AI platform's session API.
//!
//! That `PATCH` takes `custom_data` and merges it key by key is this project's contract with that API.

use http::Method;

use crate::flatten::CustomData;
use crate::invocation::Invocation;
use crate::upstream::{Body, CallError, Request, Upstream};

/// The client.
pub struct SessionApi {
    upstream: Upstream,
}

impl SessionApi {
    /// The client.
    pub fn new(upstream: Upstream) -> Self {
        Self { upstream }
    }

    /// Merges custom data into that of the session at a URL. Doing it twice is doing it once.
    ///
    /// # Errors
    /// As [`Upstream::call`].
    pub async fn write(&self, invocation: &Invocation, session_url: &str, data: &CustomData) -> Result<(), CallError> {
        let request = Request {
            step: "write session",
            method: Method::PATCH,
            url: session_url.to_owned(),
            if_match: None,
            body: Body::Json(format!("{{\"custom_data\":{}}}", data.to_json())),
        };
        self.upstream.call(invocation, &request, |_| Some(())).await
    }
}
