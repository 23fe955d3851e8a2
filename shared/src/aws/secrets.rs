//! The secret in AWS Secrets Manager: read at cold start, and again when it may have been rotated.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::config::http::HttpResponse;
use aws_sdk_secretsmanager::error::{ProvideErrorMetadata, SdkError};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::HeaderValue;
use serde::Deserialize;
use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::invocation::Invocation;
use crate::twilio::sid::AccountSid;

/// The secret is read again at most this often, so that a flood of wrong signatures costs nothing.
const BETWEEN_REREADS: Duration = Duration::from_secs(60);

/// A read that takes longer is given up: a webhook that starts cold still has to answer within Twilio's 15 s.
const READ_TIMEOUT: Duration = Duration::from_secs(3);

/// What a function requires of the secret besides the account and its auth token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Required {
    NothingElse,
    SessionApiToken,
}

/// What the secret holds, ready to use. Nothing of it can be printed.
pub struct Secret {
    /// Whose webhooks are ours.
    pub account_sid: AccountSid,
    /// The auth token, and during a rotation the next one: either may have signed a webhook.
    auth_tokens: Vec<String>,
    /// `Authorization` of requests to Twilio.
    pub twilio: HeaderValue,
    /// `Authorization` of requests to the session API; `None` where the function doesn't call it.
    pub session_api: Option<HeaderValue>,
}

/// The secret can't be used, and why: fields are named, values are not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretError {
    /// It was read, and these are its faults.
    Malformed(Vec<String>),
    /// Secrets Manager doesn't give it to us.
    Refused(String),
    /// Secrets Manager is away: reading again may help.
    Away(String),
}

impl fmt::Display for SecretError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed(faults) => write!(formatter, "{}", faults.join("; ")),
            Self::Refused(why) | Self::Away(why) => {
                write!(formatter, "SECRET_ID names a secret that can't be read: {why}")
            }
        }
    }
}

impl std::error::Error for SecretError {}

/// The secret's JSON, one object of strings.
#[derive(Deserialize)]
struct Fields {
    account_sid: Option<String>,
    auth_token: Option<String>,
    next_auth_token: Option<String>,
    api_key_sid: Option<String>,
    api_key_secret: Option<String>,
    session_api_token: Option<String>,
}

impl Secret {
    /// Reads the secret's JSON.
    ///
    /// # Errors
    /// Every field at fault.
    pub fn parse(json: &str, required: Required) -> Result<Self, SecretError> {
        let malformed = |_| SecretError::Malformed(vec!["the secret is not a JSON object of strings".to_owned()]);
        let fields: Fields = serde_json::from_str(json).map_err(malformed)?;
        let given = |field: Option<String>| field.filter(|text| !text.is_empty());
        let mut faults = Vec::new();
        let mut fault = |text: &str| faults.push(format!("the secret's {text}"));

        let account_sid = given(fields.account_sid).and_then(|text| AccountSid::parse(&text));
        let auth_token = given(fields.auth_token);
        let session_api_token = given(fields.session_api_token);
        let api_key = match (given(fields.api_key_sid), given(fields.api_key_secret)) {
            (Some(sid), Some(secret)) => Some((sid, secret)),
            (None, None) => None,
            _ => {
                fault("api_key_sid and api_key_secret must be given together");
                None
            }
        };
        if account_sid.is_none() {
            fault("account_sid must be an account's SID (AC and 32 hexadecimal digits)");
        }
        if auth_token.is_none() {
            fault("auth_token is missing");
        }
        let session_api = session_api_token.map(|token| sensitive(format!("Bearer {token}")));
        match &session_api {
            None if required == Required::SessionApiToken => fault("session_api_token is missing"),
            Some(None) => fault("session_api_token has a character that no header can hold"),
            _ => {}
        }
        match (account_sid, auth_token) {
            (Some(account_sid), Some(auth_token)) if faults.is_empty() => {
                let (user, password) = api_key.unwrap_or_else(|| (account_sid.to_string(), auth_token.clone()));
                let basic = format!("Basic {}", STANDARD.encode(format!("{user}:{password}")));
                let twilio = sensitive(basic)
                    .ok_or_else(|| SecretError::Malformed(vec!["no header can hold the credentials".to_owned()]))?;
                let auth_tokens = [Some(auth_token), given(fields.next_auth_token)]
                    .into_iter()
                    .flatten()
                    .collect();
                Ok(Self {
                    account_sid,
                    auth_tokens,
                    twilio,
                    session_api: session_api.flatten(),
                })
            }
            _ => Err(SecretError::Malformed(faults)),
        }
    }

    /// The tokens either of which may have signed a webhook.
    pub fn auth_tokens(&self) -> impl Iterator<Item = &str> {
        self.auth_tokens.iter().map(String::as_str)
    }
}

fn sensitive(text: String) -> Option<HeaderValue> {
    let mut value = HeaderValue::try_from(text).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// What came of reading the secret again.
pub enum Reread {
    /// A secret to try again with.
    Fresh(Arc<Secret>),
    /// There is no other one: it was read again less than a minute ago, or what is there now is no good.
    NoOther,
    /// Secrets Manager is away, or was less than a minute ago: whether there is another one can't be told.
    Away,
}

struct LastReread {
    at: Instant,
    was_away: bool,
}

/// The secret as it was last read, and the way to read it again.
pub struct Secrets {
    client: Client,
    secret_id: String,
    required: Required,
    current: RwLock<Arc<Secret>>,
    /// The first read doesn't count, so that a rotation right after it is noticed.
    last_reread: Mutex<Option<LastReread>>,
}

impl Secrets {
    /// Reads the secret for the first time.
    ///
    /// # Errors
    /// If it can't be read, or not be used.
    pub async fn read(client: Client, secret_id: &str, required: Required) -> Result<Self, SecretError> {
        let secret = fetch(&client, secret_id, required, READ_TIMEOUT).await?;
        Ok(Self {
            client,
            secret_id: secret_id.to_owned(),
            required,
            current: RwLock::new(Arc::new(secret)),
            last_reread: Mutex::new(None),
        })
    }

    /// The secret as it was last read.
    pub fn current(&self) -> Arc<Secret> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Reads the secret again after `used` was not accepted, unless that has been done.
    pub async fn reread(&self, used: &Arc<Secret>, invocation: &Invocation) -> Reread {
        let mut last_reread = self.last_reread.lock().await;
        let current = self.current();
        if !Arc::ptr_eq(&current, used) {
            return Reread::Fresh(current);
        }
        match &*last_reread {
            Some(last) if last.at.elapsed() < BETWEEN_REREADS && last.was_away => return Reread::Away,
            Some(last) if last.at.elapsed() < BETWEEN_REREADS => return Reread::NoOther,
            _ => {}
        }
        let started = Instant::now();
        let limit = READ_TIMEOUT.min(invocation.remaining());
        let fetched = fetch(&self.client, &self.secret_id, self.required, limit).await;
        *last_reread = Some(LastReread {
            at: started,
            was_away: matches!(fetched, Err(SecretError::Away(_))),
        });
        let answer = fetched
            .as_ref()
            .err()
            .map_or("read again".to_owned(), SecretError::to_string);
        invocation.step("read secret", started, answer);
        match fetched {
            Ok(secret) => {
                let secret = Arc::new(secret);
                *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&secret);
                Reread::Fresh(secret)
            }
            Err(SecretError::Away(_)) => Reread::Away,
            Err(SecretError::Malformed(_) | SecretError::Refused(_)) => Reread::NoOther,
        }
    }
}

async fn fetch(client: &Client, id: &str, required: Required, limit: Duration) -> Result<Secret, SecretError> {
    // In a box of its own, or every request to an upstream would have room for it, and be moved with that.
    let request = Box::pin(client.get_secret_value().secret_id(id).send());
    match tokio::time::timeout(limit, request).await {
        Err(_) => Err(SecretError::Away(format!("no answer within {} s", limit.as_secs()))),
        Ok(Err(error)) => Err(unreadable(&error)),
        Ok(Ok(answer)) => match answer.secret_string() {
            Some(json) => Secret::parse(json, required),
            None if answer.secret_binary().is_some() => Err(SecretError::Refused("it is binary, not text".to_owned())),
            // Secrets Manager gives one or the other.
            None => Err(SecretError::Away("an answer without a secret".to_owned())),
        },
    }
}

/// What went wrong, in a word: the error's own text may quote the answer, and with it the secret.
fn unreadable<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>) -> SecretError {
    match error {
        SdkError::ServiceError(answer) => {
            let code = answer.err().code().unwrap_or("refused").to_owned();
            let status = answer.raw().status();
            // By its code, or where something on the way is, by its status.
            let is_busy = ["Throttl", "TooMany", "LimitExceeded", "Internal"]
                .iter()
                .any(|it| code.contains(it))
                || matches!(status.as_u16(), 408 | 429);
            // An answer that is good but for its text is a proxy's, or cut off.
            match status.is_server_error() || status.is_success() || is_busy {
                true => SecretError::Away(code),
                false => SecretError::Refused(code),
            }
        }
        SdkError::ConstructionFailure(_) => {
            SecretError::Refused("the request can't be made (is there a region, are there credentials?)".to_owned())
        }
        SdkError::TimeoutError(_) => SecretError::Away("time-out".to_owned()),
        SdkError::DispatchFailure(_) => SecretError::Away("no connection, or no credentials".to_owned()),
        _ => SecretError::Away("an unreadable answer".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACCOUNT: &str = "AC00000000000000000000000000000001";

    fn parse(json: &str) -> Result<Secret, SecretError> {
        Secret::parse(json, Required::SessionApiToken)
    }

    #[test]
    fn requests_to_twilio_carry_the_api_key_if_there_is_one() {
        let json = format!(r#"{{"account_sid":"{ACCOUNT}","auth_token":"t","session_api_token":"s"}}"#);
        let secret = parse(&json).ok().unwrap();
        assert_eq!(
            secret.twilio,
            format!("Basic {}", STANDARD.encode(format!("{ACCOUNT}:t")))
        );
        assert_eq!(secret.session_api.as_ref().unwrap(), "Bearer s");
        assert_eq!(secret.auth_tokens().collect::<Vec<_>>(), ["t"]);
        assert_eq!(format!("{:?}", secret.twilio), "Sensitive");

        let json = format!(
            r#"{{"account_sid":"{ACCOUNT}","auth_token":"t","next_auth_token":"n","api_key_sid":"SK1","api_key_secret":"k","session_api_token":"s"}}"#
        );
        let secret = parse(&json).ok().unwrap();
        assert_eq!(secret.twilio, format!("Basic {}", STANDARD.encode("SK1:k")));
        assert_eq!(secret.auth_tokens().collect::<Vec<_>>(), ["t", "n"]);
    }

    #[test]
    fn every_field_at_fault_is_named_and_no_value_is() {
        let error = parse(r#"{"account_sid":"hunter2","api_key_sid":"hunter2"}"#)
            .err()
            .unwrap()
            .to_string();
        for field in ["account_sid", "auth_token", "api_key_secret", "session_api_token"] {
            assert!(error.contains(field), "{field}: {error}");
        }
        assert!(!error.contains("hunter2"), "{error}");
        for json in ["", "[]", "hunter2", r#"{"account_sid":7}"#] {
            assert!(parse(json).is_err(), "{json}");
        }
    }
}
