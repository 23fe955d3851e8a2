//! Twilio's webhook signature, validated as Twilio's helper libraries validate it.
//! <https://www.twilio.com/docs/usage/security#validating-requests>

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// A form's names and values, in its order.
pub type Form<'b> = [(Cow<'b, str>, Cow<'b, str>)];

/// What was signed: the URL as it is registered at Twilio, and the names and values of a form body.
pub struct Signed<'r> {
    /// Without a fragment; the query as it was sent, byte for byte.
    pub url: &'r str,
    pub form: &'r Form<'r>,
    pub body: &'r [u8],
}

impl Signed<'_> {
    /// Whether the signature is this request's by the given auth token.
    ///
    /// The URL may have been signed with or without its port. With `bodySHA256` in the query the URL alone is signed,
    /// and the body must have that hash.
    pub fn is_valid(&self, signature: &str, auth_token: &str) -> bool {
        let Ok(signature) = STANDARD.decode(signature.trim()) else {
            return false;
        };
        let parameters = match body_hash(self.url) {
            Some(hash) => {
                let actual = hex(&Sha256::digest(self.body));
                if !bool::from(actual.as_bytes().ct_eq(hash.as_bytes())) {
                    return false;
                }
                Vec::new()
            }
            None => parameters(self.form),
        };
        let Ok(keyed) = Hmac::<Sha1>::new_from_slice(auth_token.as_bytes()) else {
            return false;
        };
        let is_signed = |url: &str| {
            let mut mac = keyed.clone();
            mac.update(url.as_bytes());
            for text in &parameters {
                mac.update(text.as_bytes());
            }
            // In constant time.
            mac.verify_slice(&signature).is_ok()
        };
        is_signed(self.url) || with_or_without_port(self.url).is_some_and(|url| is_signed(&url))
    }
}

/// Names and values as they are signed: names in byte order, and for each name its distinct values, sorted.
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

/// The URL with the scheme's own port added, or with its port taken away.
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

    fn form(pairs: &[(&'static str, &'static str)]) -> Vec<(Cow<'static, str>, Cow<'static, str>)> {
        pairs
            .iter()
            .map(|(name, value)| ((*name).into(), (*value).into()))
            .collect()
    }

    fn call() -> Vec<(Cow<'static, str>, Cow<'static, str>)> {
        form(&[
            ("To", "+18005551212"),
            ("Digits", "1234"),
            ("Caller", "+14158675309"),
            ("From", "+14158675309"),
            ("CallSid", "CA1234567890ABCDE"),
        ])
    }

    fn sign(url: &str, parameters: &str, auth_token: &str) -> String {
        let mut mac = Hmac::<Sha1>::new_from_slice(auth_token.as_bytes()).unwrap();
        mac.update(format!("{url}{parameters}").as_bytes());
        STANDARD.encode(mac.finalize().into_bytes())
    }

    fn is_valid(url: &str, form: &Form<'_>, body: &[u8], signature: &str) -> bool {
        Signed { url, form, body }.is_valid(signature, "12345")
    }

    #[test]
    fn the_vector_of_every_helper_library_is_valid() {
        let signature = "RSOYDt4T1cUTdK1PDd93/VVr8B8=";
        assert!(is_valid(URL, &call(), b"", signature));
        assert!(
            !Signed {
                url: URL,
                form: &call(),
                body: b""
            }
            .is_valid(signature, "12346")
        );
        assert!(!is_valid(
            "https://mycompany.com/myapp.php?foo=1&bar=3",
            &call(),
            b"",
            signature
        ));
        assert!(!is_valid(URL, &call()[1..], b"", signature));
        for wrong in ["", "RSOYDt4T1cUTdK1PDd93/VVr8B8", "RSOYDt4T1cUTdK1PDd93/VVr8A8=", "é"] {
            assert!(!is_valid(URL, &call(), b"", wrong), "{wrong}");
        }
    }

    #[test]
    fn the_url_may_have_been_signed_with_or_without_its_port() {
        let pairs = [
            ("https://a.example/x?y", "https://a.example:443/x?y"),
            ("http://a.example/x", "http://a.example:80/x"),
            ("https://u:p@a.example/x", "https://u:p@a.example:443/x"),
            ("https://[::1]/x", "https://[::1]:443/x"),
            ("https://a.example", "https://a.example:443"),
        ];
        for (without, with) in pairs {
            for (here, signed) in [(without, with), (with, without), (with, with), (without, without)] {
                assert!(
                    is_valid(here, &[], b"", &sign(signed, "", "12345")),
                    "{here} signed as {signed}"
                );
            }
        }
    }

    #[test]
    fn a_repeated_name_counts_each_distinct_value_once_and_sorted() {
        let repeated = form(&[("b", "2"), ("a", "z"), ("a", "y"), ("a", "z")]);
        assert!(is_valid(URL, &repeated, b"", &sign(URL, "ayazb2", "12345")));
    }

    #[test]
    fn with_a_body_hash_the_url_alone_is_signed_and_the_body_must_have_it() {
        let body = b"{\"property\": \"value\", \"boolean\": true}";
        let hash = "0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620";
        let url = format!("{URL}&bodySHA256={hash}");
        let signature = sign(&url, "", "12345");
        assert!(is_valid(&url, &call(), body, &signature));
        assert!(!is_valid(&url, &call(), b"{}", &signature));
    }
}
