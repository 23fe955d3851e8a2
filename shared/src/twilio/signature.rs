//! Twilio's webhook signature, validated as in Twilio's helper libraries.
//! <https://www.twilio.com/docs/usage/security#validating-requests>

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// A form's names and values in their order.
pub type Form<'b> = [(Cow<'b, str>, Cow<'b, str>)];

/// The key that signs webhooks.
#[derive(Clone, Copy)]
pub enum SigningKey<'k> {
    /// An auth token of the account, with HMAC-SHA1.
    AuthToken(&'k str),
    /// A shared key, with HMAC-SHA256.
    /// <https://www.twilio.com/docs/usage/webhooks/webhook-shared-keys>
    SharedKey(&'k str),
}

/// The body of a request. A signature covers a form and any other body in different ways.
#[derive(Clone, Copy)]
pub enum SignedBody<'r> {
    /// A form. Its names and values are signed after the URL.
    Form(&'r Form<'r>),
    /// Any other body. Only the URL is signed, and its `bodySHA256` is the body's hash.
    Hashed(&'r [u8]),
}

/// The header that names the key and the algorithm of a signature.
pub const SETTINGS_HEADER: &str = "x-twilio-webhooks-signature-settings";

/// The id of the shared key in the value of [`SETTINGS_HEADER`]. `None` if there is no id or the algorithm isn't
/// HMAC-SHA256.
pub fn shared_key_id(settings: &str) -> Option<&str> {
    let value = |name: &str| {
        let pairs = settings.split(',').filter_map(|pair| pair.split_once('='));
        let mut named = pairs.filter(|(key, _)| key.trim() == name);
        named.next().map(|(_, value)| value.trim())
    };
    let id = value("key").filter(|id| !id.is_empty())?;
    value("algorithm")?.eq_ignore_ascii_case("HMAC_SHA256").then_some(id)
}

/// Whether a signature is valid for a key, a URL and a body.
///
/// The URL has no fragment. Its query is byte for byte as sent. Twilio may have signed the URL with or without its
/// port.
pub fn is_valid(signature: &str, key: SigningKey<'_>, url: &str, body: SignedBody<'_>) -> bool {
    let Ok(signature) = STANDARD.decode(signature.trim()) else {
        return false;
    };
    let parameters = match body {
        SignedBody::Form(form) => parameters(form),
        SignedBody::Hashed(body) => {
            let actual = hex(&Sha256::digest(body));
            if !body_hash(url).is_some_and(|hash| actual.as_bytes().ct_eq(hash.as_bytes()).into()) {
                return false;
            }
            Vec::new()
        }
    };
    let is_signed = |url: &str| match key {
        SigningKey::AuthToken(token) => has_mac::<Hmac<Sha1>>(token, url, &parameters, &signature),
        SigningKey::SharedKey(key) => has_mac::<Hmac<Sha256>>(key, url, &parameters, &signature),
    };
    is_signed(url) || with_or_without_port(url).is_some_and(|url| is_signed(&url))
}

/// Whether a signature is the MAC of a URL and parameters. Compares in constant time.
fn has_mac<M: Mac + KeyInit>(key: &str, url: &str, parameters: &[&str], signature: &[u8]) -> bool {
    let Ok(mut mac) = M::new_from_slice(key.as_bytes()) else {
        return false;
    };
    mac.update(url.as_bytes());
    for text in parameters {
        mac.update(text.as_bytes());
    }
    mac.verify_slice(signature).is_ok()
}

/// Names and values as signed. The names are in byte order, and each name has its distinct values in order.
fn parameters<'f>(form: &'f Form<'_>) -> Vec<&'f str> {
    let mut sorted: Vec<_> = form.iter().collect();
    sorted.sort_unstable();
    sorted.dedup();
    sorted
        .into_iter()
        .flat_map(|(name, value)| [&**name, &**value])
        .collect()
}

/// The value of the query's `bodySHA256`.
fn body_hash(url: &str) -> Option<String> {
    let (_, query) = url.split_once('?')?;
    form_urlencoded::parse(query.as_bytes())
        .find(|(name, _)| name == "bodySHA256")
        .map(|(_, hash)| hash.into_owned())
}

/// The URL with the scheme's default port added, or with its port removed.
fn with_or_without_port(url: &str) -> Option<String> {
    let (scheme, rest) = url.split_once("://")?;
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let host_start = authority.rfind('@').map_or(0, |at| at + 1);
    // An IPv6 host has colons within its brackets.
    let after_host = host_start + authority[host_start..].rfind(']').unwrap_or(0);
    Some(match authority[after_host..].find(':') {
        Some(colon) => format!("{scheme}://{}{path}", &authority[..after_host + colon]),
        None => format!(
            "{scheme}://{authority}:{}{path}",
            if scheme == "http" { 80 } else { 443 }
        ),
    })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const URL: &str = "https://mycompany.com/myapp.php?foo=1&bar=2";

    /// The first example of every helper library.
    const CALL: [(&str, &str); 5] = [
        ("To", "+18005551212"),
        ("Digits", "1234"),
        ("Caller", "+14158675309"),
        ("From", "+14158675309"),
        ("CallSid", "CA1234567890ABCDE"),
    ];

    fn form(pairs: &[(&'static str, &'static str)]) -> Vec<(Cow<'static, str>, Cow<'static, str>)> {
        pairs
            .iter()
            .map(|(name, value)| ((*name).into(), (*value).into()))
            .collect()
    }

    fn mac<M: Mac + KeyInit>(text: &str, key: &str) -> String {
        let mut mac = M::new_from_slice(key.as_bytes()).unwrap();
        mac.update(text.as_bytes());
        STANDARD.encode(mac.finalize().into_bytes())
    }

    fn sign(text: &str) -> String {
        mac::<Hmac<Sha1>>(text, "12345")
    }

    fn is_authentic(url: &str, body: SignedBody<'_>, signature: &str) -> bool {
        is_valid(signature, SigningKey::AuthToken("12345"), url, body)
    }

    #[test]
    fn example_of_every_helper_library_is_valid() {
        let signature = "RSOYDt4T1cUTdK1PDd93/VVr8B8=";
        let call = form(&CALL);
        let body = SignedBody::Form(&call);
        assert!(is_authentic(URL, body, signature));
        assert!(!is_valid(signature, SigningKey::AuthToken("12346"), URL, body));
        assert!(!is_valid(signature, SigningKey::SharedKey("12345"), URL, body));
        assert!(!is_authentic(
            "https://mycompany.com/myapp.php?foo=1&bar=3",
            body,
            signature
        ));
        assert!(!is_authentic(URL, SignedBody::Form(&call[1..]), signature));
        for wrong in ["", "RSOYDt4T1cUTdK1PDd93/VVr8B8", "RSOYDt4T1cUTdK1PDd93/VVr8A8=", "é"] {
            assert!(!is_authentic(URL, body, wrong), "{wrong}");
        }
    }

    #[test]
    fn shared_key_signs_the_same_text_with_sha256() {
        let call = form(&CALL);
        let text = format!("{URL}CallSidCA1234567890ABCDECaller+14158675309Digits1234From+14158675309To+18005551212");
        let signature = mac::<Hmac<Sha256>>(&text, "12345");
        for (key, expected) in [
            (SigningKey::SharedKey("12345"), true),
            (SigningKey::SharedKey("12346"), false),
            (SigningKey::AuthToken("12345"), false),
        ] {
            assert_eq!(is_valid(&signature, key, URL, SignedBody::Form(&call)), expected);
        }
    }

    #[test]
    fn settings_name_a_key_and_its_algorithm() {
        for (settings, id) in [
            (
                "key=webhooks_sharedkey_1,algorithm=HMAC_SHA256",
                Some("webhooks_sharedkey_1"),
            ),
            (" algorithm = hmac_sha256 , key = a=b ", Some("a=b")),
            ("key=a,key=b,algorithm=HMAC_SHA256", Some("a")),
            ("key=a,algorithm=HMAC_SHA1", None),
            ("key=a,algorithm=", None),
            ("key=a", None),
            ("key=,algorithm=HMAC_SHA256", None),
            ("algorithm=HMAC_SHA256", None),
            ("", None),
        ] {
            assert_eq!(shared_key_id(settings), id, "{settings}");
        }
    }

    #[test]
    fn url_may_be_signed_with_or_without_its_port() {
        let pairs = [
            ("https://a.example/x?y", "https://a.example:443/x?y"),
            ("http://a.example/x", "http://a.example:80/x"),
            ("https://u:p@a.example/x", "https://u:p@a.example:443/x"),
            ("https://[::1]/x", "https://[::1]:443/x"),
            ("https://a.example", "https://a.example:443"),
        ];
        for (without, with) in pairs {
            for (here, signed) in [(without, with), (with, without), (with, with), (without, without)] {
                let is_authentic = is_authentic(here, SignedBody::Form(&[]), &sign(signed));
                assert!(is_authentic, "{here} signed as {signed}");
            }
        }
    }

    #[test]
    fn repeated_name_counts_each_distinct_value_once_and_sorted() {
        let repeated = form(&[("b", "2"), ("a", "z"), ("a", "y"), ("a", "z")]);
        let signature = sign(&format!("{URL}ayazb2"));
        assert!(is_authentic(URL, SignedBody::Form(&repeated), &signature));
    }

    #[test]
    fn hash_in_the_query_covers_any_body_but_a_form() {
        let body = b"{\"property\": \"value\", \"boolean\": true}";
        let hash = "0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620";
        let url = format!("{URL}&bodySHA256={hash}");
        let signature = sign(&url);
        assert!(is_authentic(&url, SignedBody::Hashed(body), &signature));
        assert!(!is_authentic(&url, SignedBody::Hashed(b"{}"), &signature));
        assert!(!is_authentic(URL, SignedBody::Hashed(body), &sign(URL)), "no hash");
        let parameters = form(&[("a", "1")]);
        assert!(!is_authentic(&url, SignedBody::Form(&parameters), &signature));
        assert!(is_authentic(
            &url,
            SignedBody::Form(&parameters),
            &sign(&format!("{url}a1"))
        ));
    }
}
