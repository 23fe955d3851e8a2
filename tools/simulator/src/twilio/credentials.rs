//! The credentials for Twilio's REST API and the keys that sign webhooks.

use std::collections::BTreeMap;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use http::HeaderMap;
use http::header::AUTHORIZATION;

use super::callbacks::{SharedKey, SigningKey};
use super::refusal::Refusal;
use super::sids::{ACCOUNT_SID, API_KEY_SID};

/// The account's tokens and keys.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// Signs webhooks if there is no shared key. Together with the account's SID, also gives access to the REST API.
    pub auth_token: String,
    /// The API keys' secrets by SID.
    pub api_keys: BTreeMap<String, String>,
    /// Signs all webhooks, like a default Rule of the Webhooks configuration API.
    pub shared_key: Option<SharedKey>,
}

impl Default for Credentials {
    /// An auth token and the API key [`API_KEY_SID`].
    fn default() -> Self {
        Self {
            auth_token: "an-auth-token-of-no-real-account".to_owned(),
            api_keys: BTreeMap::from([(API_KEY_SID.to_owned(), "a-secret-of-no-real-api-key".to_owned())]),
            shared_key: None,
        }
    }
}

impl Credentials {
    pub(super) fn signing_key(&self) -> SigningKey {
        match &self.shared_key {
            Some(key) => SigningKey::Shared(key.clone()),
            None => SigningKey::AuthToken(self.auth_token.clone()),
        }
    }

    /// Admits a request with the account's SID and auth token, or an API key's SID and secret.
    pub(crate) fn check(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        let (user, password) = basic(headers).ok_or_else(Refusal::unauthenticated)?;
        let known = if user == ACCOUNT_SID {
            password == self.auth_token
        } else {
            self.api_keys.get(&user) == Some(&password)
        };
        if known { Ok(()) } else { Err(Refusal::unauthenticated()) }
    }
}

fn basic(headers: &HeaderMap) -> Option<(String, String)> {
    let value = headers.get(AUTHORIZATION)?.to_str().ok()?.strip_prefix("Basic ")?;
    let text = String::from_utf8(BASE64_STANDARD.decode(value).ok()?).ok()?;
    let (user, password) = text.split_once(':')?;
    Some((user.to_owned(), password.to_owned()))
}
