//! The signature on Twilio's webhooks, as described in <https://www.twilio.com/docs/usage/security> and
//! <https://www.twilio.com/docs/usage/webhooks/webhook-shared-keys>. This module shares no code with the functions that
//! check the signature.

use std::collections::BTreeSet;
use std::fmt::Write;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use http::{HeaderMap, HeaderName, HeaderValue};
use sha1::Sha1;
use sha2::{Digest, Sha256};

/// A key that signs webhooks in place of the auth token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SharedKey {
    /// The key's id: `webhooks_sharedkey_` and 26 characters.
    pub id: String,
    pub secret: String,
    pub algorithm: SignatureAlgorithm,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignatureAlgorithm {
    HmacSha1,
    HmacSha256,
}

impl SignatureAlgorithm {
    fn name(self) -> &'static str {
        match self {
            Self::HmacSha1 => "HMAC_SHA1",
            Self::HmacSha256 => "HMAC_SHA256",
        }
    }

    /// The value of `X-Twilio-Signature` for a form posted to `url`. The URL's fragment is not signed. A JSON body has
    /// no fields.
    pub fn signature(self, key: &str, url: &str, fields: &[(String, String)]) -> String {
        let signed = signed_text(url, fields);
        let digest = match self {
            Self::HmacSha1 => digest::<Hmac<Sha1>>(key, &signed),
            Self::HmacSha256 => digest::<Hmac<Sha256>>(key, &signed),
        };
        BASE64_STANDARD.encode(digest)
    }
}

/// The value of `X-Twilio-Signature` for a form posted to `url` and signed with the auth token.
pub fn signature(auth_token: &str, url: &str, fields: &[(String, String)]) -> String {
    SignatureAlgorithm::HmacSha1.signature(auth_token, url, fields)
}

/// The key of a webhook's signature.
#[derive(Clone, Debug)]
pub(crate) enum SigningKey {
    AuthToken(String),
    Shared(SharedKey),
}

impl SigningKey {
    /// The headers of a webhook signed with this key.
    pub(crate) fn headers(&self, url: &str, fields: &[(String, String)]) -> HeaderMap {
        let value = |text: &str| HeaderValue::from_str(text).expect("a key's id and base64 can stand in a header");
        let (signature, settings) = match self {
            Self::AuthToken(token) => (signature(token, url, fields), None),
            Self::Shared(key) => {
                let settings = format!("key={},algorithm={}", key.id, key.algorithm.name());
                (key.algorithm.signature(&key.secret, url, fields), Some(settings))
            }
        };
        let settings = settings.map(|settings| ("x-twilio-webhooks-signature-settings", settings));
        let headers = [("x-twilio-signature", signature)].into_iter().chain(settings);
        headers
            .map(|(name, text)| (HeaderName::from_static(name), value(&text)))
            .collect()
    }
}

/// The URL of a webhook with a JSON body. The fragment is left out, and the body's hash is added to the query.
pub(crate) fn url_of_json(url: &str, body: &str) -> String {
    let mut url = with_query(url, "bodySHA256=");
    for byte in Sha256::digest(body) {
        let _ = write!(url, "{byte:02x}");
    }
    url
}

/// Leaves out a URL's fragment and adds a text to the query.
pub(super) fn with_query(url: &str, query: &str) -> String {
    let (url, _) = url.split_once('#').unwrap_or((url, ""));
    let separator = if url.contains('?') { '&' } else { '?' };
    format!("{url}{separator}{query}")
}

/// Fields are signed in the byte order of their names. Each distinct value of a repeated name counts once, also in byte
/// order.
fn signed_text(url: &str, fields: &[(String, String)]) -> String {
    let (url, _) = url.split_once('#').unwrap_or((url, ""));
    let mut text = url.to_owned();
    for (name, value) in fields.iter().collect::<BTreeSet<_>>() {
        text.push_str(name);
        text.push_str(value);
    }
    text
}

fn digest<M: Mac + KeyInit>(key: &str, text: &str) -> Vec<u8> {
    let mut hmac = <M as KeyInit>::new_from_slice(key.as_bytes()).expect("HMAC takes a key of any length");
    hmac.update(text.as_bytes());
    hmac.finalize().into_bytes().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first test vector of Twilio's helper libraries.
    #[test]
    fn signature_matches_twilios_helper_libraries() {
        let fields = [
            ("To", "+18005551212"),
            ("CallSid", "CA1234567890ABCDE"),
            ("Caller", "+14158675309"),
            ("Digits", "1234"),
            ("From", "+14158675309"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()));

        let signature = signature("12345", "https://mycompany.com/myapp.php?foo=1&bar=2#rc=2", &fields);

        assert_eq!(signature, "RSOYDt4T1cUTdK1PDd93/VVr8B8=");
    }

    #[test]
    fn hash_of_a_json_body_ends_the_query() {
        let hash = "4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945";
        for (url, expected) in [
            (
                "https://a.example/sink",
                format!("https://a.example/sink?bodySHA256={hash}"),
            ),
            (
                "https://a.example/?b=1#rc=2",
                format!("https://a.example/?b=1&bodySHA256={hash}"),
            ),
        ] {
            assert_eq!(url_of_json(url, "[]"), expected);
        }
    }
}
