//! An upstream over HTTP: credentials, retries, and a log entry for every try.

pub mod answer;
pub mod request;
pub mod retry;
mod retry_after;
pub mod transport;

use std::sync::Arc;
use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use tokio::time::Instant;

use crate::aws::secrets::{Reread, RereadReason, Secret, Secrets};
use crate::config::SessionAuth;
use crate::invocation::{Invocation, Step};
use answer::{Answer, CallError, Unavailable, classify, twilio_code};
use request::{Request, TryLimit};
use retry::{Backoff, Retries};
use transport::{Transport, TransportError};

/// The shortest time for a try, if that much is left.
pub(crate) const MIN_TRY: Duration = Duration::from_secs(4);

/// The longest answer that is read. The longest valid answer is a page of a hundred chat messages. Each message has 32
/// KB of text and 4 KB of attributes.
const MAX_ANSWER_BYTES: usize = 4 << 20;

/// The largest buffer reserved for an answer that announces its length.
const MAX_RESERVED_BYTES: usize = 16 << 10;

/// Twilio's id of a request, which Twilio's support can look up.
const TWILIO_REQUEST_ID: HeaderName = HeaderName::from_static("twilio-request-id");

/// An upstream and the credentials that it expects.
pub struct Upstream {
    transport: Transport,
    secrets: Arc<Secrets>,
    credentials: Credentials,
    /// Fixed headers of each request.
    headers: HeaderMap,
    retries: Retries,
}

enum Credentials {
    /// The API key or the account's auth token.
    Twilio,
    /// The token of the session API.
    SessionApi(SessionAuth),
}

impl Credentials {
    fn header(&self) -> &HeaderName {
        match self {
            Self::Twilio => &http::header::AUTHORIZATION,
            Self::SessionApi(auth) => &auth.header,
        }
    }

    /// The values in the order in which they are tried.
    fn values(&self, secret: &Secret) -> Vec<HeaderValue> {
        match self {
            Self::Twilio => secret.twilio.clone(),
            Self::SessionApi(auth) => secret.session_authorization(&auth.scheme).into_iter().collect(),
        }
    }
}

impl Upstream {
    pub fn twilio(transport: Transport, secrets: Arc<Secrets>, retries: Retries) -> Self {
        Self {
            transport,
            secrets,
            credentials: Credentials::Twilio,
            headers: HeaderMap::new(),
            retries,
        }
    }

    pub fn session_api(
        transport: Transport,
        secrets: Arc<Secrets>,
        auth: SessionAuth,
        headers: HeaderMap,
        retries: Retries,
    ) -> Self {
        Self {
            transport,
            secrets,
            credentials: Credentials::SessionApi(auth),
            headers,
            retries,
        }
    }

    /// Sends a repeatable request until `read` accepts the answer, the retries are used up or time runs out.
    ///
    /// # Errors
    /// [`CallError::Unavailable`] of the last try, if no other try is made or would fit.
    pub async fn call<T>(
        &self,
        invocation: &Invocation,
        request: &Request,
        read: impl Fn(&Answer) -> Option<T>,
    ) -> Result<T, CallError> {
        self.call_observed(invocation, request, read, |_| {}).await
    }

    /// Like [`Self::call`], and calls `observe` for each failed try even if a later try succeeds.
    ///
    /// # Errors
    /// As [`Self::call`].
    pub async fn call_observed<T>(
        &self,
        invocation: &Invocation,
        request: &Request,
        read: impl Fn(&Answer) -> Option<T>,
        observe: impl Fn(&Unavailable),
    ) -> Result<T, CallError> {
        let mut backoff = Backoff::new(self.retries);
        loop {
            let error = match self.call_once(invocation, request).await {
                Ok(answer) => match read(&answer) {
                    Some(value) => return Ok(value),
                    None => CallError::UNREADABLE,
                },
                Err(error) => error,
            };
            let CallError::Unavailable(unavailable) = &error else {
                return Err(error);
            };
            observe(unavailable);
            if backoff.pause(invocation, unavailable).await.is_err() {
                return Err(error);
            }
        }
    }

    /// Sends a request once. If the credentials were not accepted, sends the request again with other credentials.
    ///
    /// # Errors
    /// Any answer other than 2xx.
    pub async fn call_once(&self, invocation: &Invocation, request: &Request) -> Result<Answer, CallError> {
        let unavailable = || CallError::Unavailable(Unavailable::default());
        let secret = self.secrets.current(invocation).await.map_err(|_| unavailable())?;
        let answer = self.try_credentials(invocation, request, &secret).await;
        if answer.as_ref().err() != Some(&CallError::Unauthorized) {
            return answer;
        }
        match self
            .secrets
            .reread(&secret, RereadReason::Unauthorized, invocation)
            .await
        {
            Reread::Fresh(fresh) => self.try_credentials(invocation, request, &fresh).await,
            Reread::Unusable => answer,
            // A newer secret may exist.
            Reread::NotYet | Reread::Unavailable => Err(unavailable()),
        }
    }

    async fn try_credentials(
        &self,
        invocation: &Invocation,
        request: &Request,
        secret: &Secret,
    ) -> Result<Answer, CallError> {
        let mut answer = Err(CallError::Unauthorized);
        for value in self.credentials.values(secret) {
            answer = self.attempt(invocation, request, value).await;
            if answer.as_ref().err() != Some(&CallError::Unauthorized) {
                break;
            }
        }
        answer
    }

    async fn attempt(
        &self,
        invocation: &Invocation,
        request: &Request,
        credentials: HeaderValue,
    ) -> Result<Answer, CallError> {
        let mut headers = self.headers.clone();
        headers.insert(self.credentials.header(), credentials);
        let sent = request.to_send(invocation.request_id(), headers);
        let mut step = Step::new(request.step, Instant::now());
        let limit = try_limit(request.try_limit, invocation.remaining());
        let answer = tokio::time::timeout(limit, self.exchange(sent)).await;
        let answer = match answer.unwrap_or(Err(TransportError::Timeout)) {
            Ok((status, headers, body)) => {
                step.status = status.as_u16().into();
                if status.is_client_error() {
                    step.code = twilio_code(&body);
                    let id = headers.get(TWILIO_REQUEST_ID).and_then(|id| id.to_str().ok());
                    step.twilio_request_id = id.map(str::to_owned);
                }
                classify(status, &headers, body, || invocation.now().into())
            }
            Err(error) => {
                step.status = error.to_string().into();
                Err(error.into())
            }
        };
        invocation.step(step);
        answer
    }

    async fn exchange(&self, request: reqwest::Request) -> Result<(StatusCode, HeaderMap, Vec<u8>), TransportError> {
        let mut answer = self.transport.send(request).await?;
        let announced = answer.content_length().and_then(|bytes| usize::try_from(bytes).ok());
        let mut body = Vec::with_capacity(announced.unwrap_or_default().min(MAX_RESERVED_BYTES));
        while let Some(chunk) = answer.chunk().await? {
            body.extend_from_slice(&chunk);
            if body.len() > MAX_ANSWER_BYTES {
                // The truncated body can't be parsed, so the answer counts as unreadable.
                break;
            }
        }
        Ok((answer.status(), std::mem::take(answer.headers_mut()), body))
    }
}

/// Half of the time left, but at least [`MIN_TRY`].
fn try_limit(limit: TryLimit, remaining: Duration) -> Duration {
    match limit {
        TryLimit::Share => (remaining / 2).max(MIN_TRY).min(remaining),
        TryLimit::Whole => remaining,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_try_gets_a_share_of_the_time() {
        let cases = [
            (TryLimit::Share, 20, 10),
            (TryLimit::Share, 6, 4),
            (TryLimit::Share, 3, 3),
            (TryLimit::Whole, 20, 20),
        ];
        for (limit, remaining, expected) in cases {
            let limit = try_limit(limit, Duration::from_secs(remaining));
            assert_eq!(limit, Duration::from_secs(expected), "{remaining} s");
        }
    }
}
