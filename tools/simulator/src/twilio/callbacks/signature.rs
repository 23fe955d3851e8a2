//! The signature on Twilio's callbacks, as described in <https://www.twilio.com/docs/usage/security>. It shares no code
//! with the functions that check it.

use std::collections::BTreeSet;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;

/// The value of `X-Twilio-Signature` for a form posted to `url`, without the URL's fragment.
pub fn signature(auth_token: &str, url: &str, fields: &[(String, String)]) -> String {
    let mut hmac = Hmac::<Sha1>::new_from_slice(auth_token.as_bytes()).expect("HMAC takes a key of any length");
    let (url, _) = url.split_once('#').unwrap_or((url, ""));
    hmac.update(url.as_bytes());
    // Fields are signed in the byte order of their names. Each distinct value of a repeated name counts once, in byte
    // order too.
    for (name, value) in fields.iter().collect::<BTreeSet<_>>() {
        hmac.update(name.as_bytes());
        hmac.update(value.as_bytes());
    }
    BASE64_STANDARD.encode(hmac.finalize().into_bytes())
}

#[cfg(test)]
mod tests {
    use super::signature;

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
}
