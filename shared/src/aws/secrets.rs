//! Reads the secret from AWS Secrets Manager at cold start, and again when it may have been rotated.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::config::http::HttpResponse;
use aws_sdk_secretsmanager::error::{ProvideErrorMetadata, SdkError};
use tokio::sync::Mutex;
use tokio::time::Instant;

pub use super::secret::{Required, Secret};
use crate::invocation::{Invocation, Step};

/// A longer read is given up. A webhook that starts cold still has to answer within Twilio's 15 s.
pub(crate) const READ_TIMEOUT: Duration = Duration::from_secs(3);

/// The secret can't be used. The texts name fields and never hold a value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    /// The secret was read and has these faults.
    #[error("{}", .0.join("; "))]
    Malformed(Vec<String>),
    /// Secrets Manager refuses to return the secret.
    #[error("SECRET_ID names a secret that can't be read: {0}")]
    Refused(String),
    /// Secrets Manager is unavailable. Reading again may help.
    #[error("the secret can't be read now: {0}")]
    Unavailable(String),
}

/// The event after which the secret is read again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RereadReason {
    /// A webhook's signature doesn't verify. Anyone can send such a request, so the secret is read at most once a
    /// minute.
    Signature,
    /// An action's token isn't known. Anyone can send such a request too.
    ActionToken,
    /// A 401 from an upstream. Nobody can forge this.
    Unauthorized,
}

impl RereadReason {
    /// The shortest time between two reads for this reason.
    fn interval(self) -> Duration {
        match self {
            Self::Signature | Self::ActionToken => Duration::from_secs(60),
            Self::Unauthorized => Duration::from_secs(5),
        }
    }
}

/// The result of reading the secret again.
pub enum Reread {
    /// A secret that has been read since.
    Fresh(Arc<Secret>),
    /// The secret is now malformed, or Secrets Manager refuses to return the secret.
    Unusable,
    /// The secret was read a moment ago, so the next read isn't allowed yet.
    NotYet,
    /// Secrets Manager is unavailable.
    Unavailable,
}

/// No secret has been read yet, since Secrets Manager is unavailable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoSecret;

/// The secret as last read, and the means to read again.
pub struct Secrets {
    client: Client,
    secret_id: String,
    required: Required,
    /// `None` until the first successful read.
    current: RwLock<Option<Arc<Secret>>>,
    /// The last reads for each reason. Held during a read, so that no two reads are under way.
    rereads: Mutex<Vec<(RereadReason, Instant)>>,
}

impl Secrets {
    /// Reads the secret for the first time. If Secrets Manager is unavailable, the first invocation reads the secret.
    ///
    /// # Errors
    /// If the secret is malformed or Secrets Manager refuses to return the secret.
    pub async fn open(client: Client, secret_id: &str, required: Required) -> Result<Self, SecretError> {
        let current = match fetch(&client, secret_id, required, READ_TIMEOUT).await {
            Ok(secret) => Some(Arc::new(secret)),
            Err(SecretError::Unavailable(_)) => None,
            Err(error) => return Err(error),
        };
        Ok(Self {
            client,
            secret_id: secret_id.to_owned(),
            required,
            current: RwLock::new(current),
            rereads: Mutex::default(),
        })
    }

    /// The secret as last read. If there was no read yet, reads the secret now.
    ///
    /// # Errors
    /// If the secret can't be read now either.
    pub async fn current(&self, invocation: &Invocation) -> Result<Arc<Secret>, NoSecret> {
        if let Some(secret) = self.cached() {
            return Ok(secret);
        }
        let _only_one_reads = self.rereads.lock().await;
        match self.cached() {
            Some(secret) => Ok(secret),
            None => self.fetch(invocation).await.map_err(|_| NoSecret),
        }
    }

    fn cached(&self) -> Option<Arc<Secret>> {
        self.current.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Reads the secret again after `used` was not accepted, unless another read came first.
    pub async fn reread(&self, used: &Arc<Secret>, reason: RereadReason, invocation: &Invocation) -> Reread {
        let mut rereads = self.rereads.lock().await;
        match self.cached() {
            Some(current) if !Arc::ptr_eq(&current, used) => return Reread::Fresh(current),
            _ => {}
        }
        let is_too_early = |(of, at): &(RereadReason, Instant)| *of == reason && at.elapsed() < reason.interval();
        if rereads.iter().any(is_too_early) {
            return Reread::NotYet;
        }
        rereads.retain(|(of, _)| *of != reason);
        rereads.push((reason, Instant::now()));
        match self.fetch(invocation).await {
            Ok(secret) => Reread::Fresh(secret),
            Err(SecretError::Unavailable(_)) => Reread::Unavailable,
            Err(SecretError::Malformed(_) | SecretError::Refused(_)) => Reread::Unusable,
        }
    }

    async fn fetch(&self, invocation: &Invocation) -> Result<Arc<Secret>, SecretError> {
        let step = Step::new("read secret", Instant::now());
        let limit = READ_TIMEOUT.min(invocation.remaining());
        let fetched = fetch(&self.client, &self.secret_id, self.required, limit).await;
        invocation.step(match &fetched {
            Ok(_) => step.with_status(200),
            Err(error) => step.with_status(error.to_string()),
        });
        let secret = Arc::new(fetched?);
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&secret));
        Ok(secret)
    }
}

async fn fetch(client: &Client, id: &str, required: Required, limit: Duration) -> Result<Secret, SecretError> {
    // Boxed, since otherwise every future that may send an upstream request would hold the SDK's large future.
    let request = Box::pin(client.get_secret_value().secret_id(id).send());
    match tokio::time::timeout(limit, request).await {
        Err(_) => Err(SecretError::Unavailable(format!(
            "no answer within {} s",
            limit.as_secs()
        ))),
        Ok(Err(error)) => Err(unreadable(&error)),
        Ok(Ok(answer)) => match answer.secret_string() {
            Some(json) => Secret::parse(json, required).map_err(SecretError::Malformed),
            None if answer.secret_binary().is_some() => Err(SecretError::Refused("it is binary, not text".to_owned())),
            // Secrets Manager returns a string or a binary, so another server on the way sent this answer.
            None => Err(SecretError::Unavailable("an answer without a secret".to_owned())),
        },
    }
}

/// The reason for a failed read in a few words. The SDK error's own text may quote the answer, and the answer holds the
/// secret.
fn unreadable<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>) -> SecretError {
    match error {
        SdkError::ServiceError(answer) => {
            let status = answer.raw().status();
            let code = match answer.err().code() {
                Some(code) => code.to_owned(),
                None => format!("status {}", status.as_u16()),
            };
            let is_busy = ["Throttl", "TooMany", "LimitExceeded", "Internal"]
                .iter()
                .any(|busy| code.contains(busy))
                || matches!(status.as_u16(), 408 | 429);
            // An unreadable answer with a 2xx status comes from a proxy or is cut off.
            match status.is_server_error() || status.is_success() || is_busy {
                true => SecretError::Unavailable(code),
                false => SecretError::Refused(code),
            }
        }
        SdkError::ConstructionFailure(_) => {
            SecretError::Refused("the request can't be made (is there a region, are there credentials?)".to_owned())
        }
        SdkError::TimeoutError(_) => SecretError::Unavailable("timeout".to_owned()),
        SdkError::DispatchFailure(_) => SecretError::Unavailable("no connection, or no credentials".to_owned()),
        _ => SecretError::Unavailable("an unreadable answer".to_owned()),
    }
}
