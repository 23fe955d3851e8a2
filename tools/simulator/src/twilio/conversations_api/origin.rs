//! The header by which a request causes webhooks.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use http::request::Parts;

use crate::twilio::conversations::Origin;

/// "Requests bearing this header will yield webhooks to the configured Post-Event webhook target"
/// (<https://www.twilio.com/docs/conversations/conversations-webhooks>).
impl<S: Send + Sync> FromRequestParts<S> for Origin {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        let header = parts.headers.get("x-twilio-webhook-enabled");
        let webhooks = header.is_some_and(|value| value == "true");
        Ok(Self::Api { webhooks })
    }
}
