//! The fields of the secret, and the credentials made of those fields.

use std::collections::HashMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::HeaderValue;
use serde::Deserialize;
use subtle::ConstantTimeEq;

use crate::config::faults::Faults;
use crate::twilio::sid::AccountSid;

/// The fields that a function requires besides the account and auth token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Required {
    NothingElse,
    SessionApiToken,
}

/// The secret, ready to use. Not printable, so that no value reaches a log.
pub struct Secret {
    pub account_sid: AccountSid,
    /// Any of these auth tokens may have signed a webhook.
    auth_tokens: Vec<String>,
    /// Values of `Authorization` for Twilio's REST API, in the order of the tries.
    pub twilio: Vec<HeaderValue>,
    webhook_shared_keys: HashMap<String, String>,
    session_api_token: Option<String>,
    action_tokens: Vec<String>,
}

#[derive(Deserialize)]
struct SecretFields {
    account_sid: Option<String>,
    auth_token: Option<String>,
    other_auth_token: Option<String>,
    next_auth_token: Option<String>,
    api_key_sid: Option<String>,
    api_key_secret: Option<String>,
    webhook_shared_keys: Option<HashMap<String, String>>,
    session_api_token: Option<String>,
    action_token: Option<String>,
    other_action_token: Option<String>,
}

impl Secret {
    /// Reads the secret's JSON.
    ///
    /// # Errors
    /// Every field at fault.
    pub fn parse(json: &str, required: Required) -> Result<Self, Vec<String>> {
        let not_an_object = |_| vec!["the secret is not a JSON object of strings".to_owned()];
        let fields: SecretFields = serde_json::from_str(json).map_err(not_an_object)?;
        let mut faults = Faults::default();
        let account_sid = faults.required(
            "the secret's account_sid",
            trimmed(&fields.account_sid),
            "an account's SID (AC and 32 hexadecimal digits)",
            AccountSid::parse,
        );
        let auth_token = faults.required("the secret's auth_token", trimmed(&fields.auth_token), "a token", owned);
        let others = [&fields.other_auth_token, &fields.next_auth_token];
        let auth_tokens: Vec<String> = auth_token
            .into_iter()
            .chain(others.into_iter().filter_map(|field| trimmed(field)).map(str::to_owned))
            .collect();
        let twilio = account_sid.as_ref().and_then(|account| {
            let users = match (trimmed(&fields.api_key_sid), trimmed(&fields.api_key_secret)) {
                (Some(sid), Some(secret)) => vec![(sid, secret)],
                (None, None) => auth_tokens
                    .iter()
                    .map(|token| (account.as_str(), token.as_str()))
                    .collect(),
                _ => {
                    faults.push("the secret's api_key_sid and api_key_secret must be given together");
                    return None;
                }
            };
            Some(
                users
                    .into_iter()
                    .map(|(user, password)| basic(&format!("{user}:{password}")))
                    .collect(),
            )
        });
        let session_api_token = match (trimmed(&fields.session_api_token), required) {
            (None, Required::NothingElse) => None,
            (token, _) => faults.required(
                "the secret's session_api_token",
                token,
                "a token of visible ASCII characters",
                |token| HeaderValue::from_str(token).ok().map(|_| token.to_owned()),
            ),
        };
        let tokens = [&fields.action_token, &fields.other_action_token];
        let secret = account_sid.zip(twilio).map(|(account_sid, twilio)| Self {
            account_sid,
            auth_tokens,
            twilio,
            webhook_shared_keys: fields.webhook_shared_keys.unwrap_or_default(),
            session_api_token,
            action_tokens: tokens
                .into_iter()
                .filter_map(|field| trimmed(field))
                .map(str::to_owned)
                .collect(),
        });
        faults.finish(secret)
    }

    /// Any of these auth tokens may have signed a webhook.
    pub fn auth_tokens(&self) -> impl Iterator<Item = &str> {
        self.auth_tokens.iter().map(String::as_str)
    }

    /// The shared key with this id, for webhooks signed by a shared key.
    pub fn webhook_shared_key(&self, id: &str) -> Option<&str> {
        let key = self.webhook_shared_keys.get(id)?.trim();
        // Anyone can sign with an empty key.
        (!key.is_empty()).then_some(key)
    }

    /// The value of the session API's authorization header.
    pub fn session_authorization(&self, scheme: &str) -> Option<HeaderValue> {
        let token = self.session_api_token.as_deref()?;
        match scheme {
            "" => sensitive(token.to_owned()),
            _ if scheme.eq_ignore_ascii_case("basic") => Some(basic(token)),
            scheme => sensitive(format!("{scheme} {token}")),
        }
    }

    /// Whether a bearer token is among the HTTPS actions' tokens. Compares in constant time.
    pub fn accepts_action_token(&self, token: &str) -> bool {
        let equal = |known: &String| bool::from(known.as_bytes().ct_eq(token.as_bytes()));
        self.action_tokens.iter().any(equal)
    }
}

fn trimmed(field: &Option<String>) -> Option<&str> {
    field.as_deref().map(str::trim).filter(|text| !text.is_empty())
}

fn owned(text: &str) -> Option<String> {
    Some(text.to_owned())
}

/// HTTP basic authentication with `user:password`.
fn basic(user_and_password: &str) -> HeaderValue {
    let value = format!("Basic {}", STANDARD.encode(user_and_password));
    // Base64 has only characters that a header can hold.
    sensitive(value).unwrap_or_else(|| HeaderValue::from_static("Basic"))
}

fn sensitive(text: String) -> Option<HeaderValue> {
    let mut value = HeaderValue::try_from(text).ok()?;
    value.set_sensitive(true);
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACCOUNT: &str = "AC00000000000000000000000000000001";

    fn parse(more: &str) -> Result<Secret, Vec<String>> {
        let json = format!(r#"{{"account_sid":"{ACCOUNT}","auth_token":" t\n","session_api_token":"s"{more}}}"#);
        Secret::parse(&json, Required::SessionApiToken)
    }

    fn twilio(secret: &Secret) -> Vec<&str> {
        secret.twilio.iter().map(|value| value.to_str().unwrap()).collect()
    }

    fn encoded(text: &str) -> String {
        format!("Basic {}", STANDARD.encode(text))
    }

    #[test]
    fn rest_calls_use_the_api_key_or_each_auth_token() {
        let secret = parse("").ok().unwrap();
        assert_eq!(twilio(&secret), [encoded(&format!("{ACCOUNT}:t"))]);
        assert_eq!(secret.auth_tokens().collect::<Vec<_>>(), ["t"]);
        assert_eq!(format!("{:?}", secret.twilio), "[Sensitive]");

        for name in ["other_auth_token", "next_auth_token"] {
            let secret = parse(&format!(r#","{name}":"n""#)).ok().unwrap();
            assert_eq!(
                twilio(&secret),
                [encoded(&format!("{ACCOUNT}:t")), encoded(&format!("{ACCOUNT}:n"))]
            );
            assert_eq!(secret.auth_tokens().collect::<Vec<_>>(), ["t", "n"]);
        }

        let secret = parse(r#","other_auth_token":"n","api_key_sid":"SK1","api_key_secret":"k""#)
            .ok()
            .unwrap();
        assert_eq!(twilio(&secret), [encoded("SK1:k")]);
        assert_eq!(secret.auth_tokens().collect::<Vec<_>>(), ["t", "n"]);
    }

    #[test]
    fn session_token_follows_its_scheme() {
        let secret = parse("").ok().unwrap();
        for (scheme, expected) in [
            ("Bearer", "Bearer s".to_owned()),
            ("", "s".to_owned()),
            ("Token", "Token s".to_owned()),
            ("Basic", encoded("s")),
        ] {
            let value = secret.session_authorization(scheme).unwrap();
            assert_eq!(value, expected, "{scheme}");
            assert_eq!(format!("{value:?}"), "Sensitive");
        }
    }

    #[test]
    fn either_action_token_is_accepted() {
        let secret = parse(r#","action_token":"one","other_action_token":"two""#)
            .ok()
            .unwrap();
        assert_eq!(
            ["one", "two", "three", ""].map(|token| secret.accepts_action_token(token)),
            [true, true, false, false]
        );
        assert!(!parse("").ok().unwrap().accepts_action_token(""));
    }

    #[test]
    fn every_field_at_fault_is_named_and_no_value_is() {
        let faults = Secret::parse(
            r#"{"account_sid":"hunter2","session_api_token":"hunter2\n\u0001x"}"#,
            Required::SessionApiToken,
        );
        let expected = [
            "the secret's account_sid is malformed: it must be an account's SID (AC and 32 hexadecimal digits)",
            "the secret's auth_token is missing: it must be a token",
            "the secret's session_api_token is malformed: it must be a token of visible ASCII characters",
        ];
        assert_eq!(faults.err().unwrap(), expected);
        let faults = parse(r#","api_key_sid":"hunter2""#).err().unwrap();
        assert_eq!(
            faults,
            ["the secret's api_key_sid and api_key_secret must be given together"]
        );
        for json in ["", "[]", "hunter2", r#"{"account_sid":7}"#] {
            let faults = Secret::parse(json, Required::NothingElse).err().unwrap();
            assert_eq!(faults, ["the secret is not a JSON object of strings"], "{json}");
        }
    }
}
