//! Checks that a request is Twilio's: the signature over the URL that is registered at Twilio.

use std::sync::Arc;

use http::header::HOST;
use lambda_http::Request;
use memchr::memmem;

use super::{Content, Forbidden, Rejection, Webhook, WebhookResult, header};
use crate::aws::secrets::{Reread, RereadReason, Secret};
use crate::invocation::Invocation;
use crate::jobs::outcome::Failure;
use crate::lambda::http::requested_url;
use crate::twilio::signature::{SETTINGS_HEADER, SignedBody, SigningKey, is_valid, shared_key_id};

impl Webhook {
    /// The secret that verifies the request: the cached secret or else a fresh read.
    pub(super) async fn authenticate(
        &self,
        invocation: &Invocation,
        request: &Request,
        signature: &str,
        content: &Content<'_>,
    ) -> Result<Arc<Secret>, WebhookResult> {
        let forbidden = |reason| WebhookResult::from(Rejection::Forbidden(reason));
        let urls = self.signed_urls(request).ok_or(forbidden(Forbidden::UnknownUrl))?;
        let shared_key = shared_key(request).map_err(forbidden)?;
        let body = match content.form() {
            Some(form) => SignedBody::Form(form),
            None => SignedBody::Hashed(request.body()),
        };
        let is_key_of = |key: SigningKey<'_>| urls.iter().any(|url| is_valid(signature, key, url, body));
        let is_authentic = |secret: &Secret| match shared_key {
            Some(id) => secret
                .webhook_shared_key(id)
                .is_some_and(|key| is_key_of(SigningKey::SharedKey(key))),
            None => secret
                .auth_tokens()
                .any(|token| is_key_of(SigningKey::AuthToken(token))),
        };
        let unavailable = || WebhookResult::from(Failure::Unavailable);
        let secret = self.secrets.current(invocation).await.map_err(|_| unavailable())?;
        if is_authentic(&secret) {
            return Ok(secret);
        }
        let result = match self.secrets.reread(&secret, RereadReason::Signature, invocation).await {
            Reread::Fresh(fresh) if is_authentic(&fresh) => return Ok(fresh),
            Reread::Fresh(_) => forbidden(Forbidden::WrongSignature),
            // A newer secret may verify the signature.
            Reread::NotYet | Reread::Unusable | Reread::Unavailable => unavailable(),
        };
        // An alarm must tell Twilio's own requests from those of strangers. With a wrong auth token or URL, Twilio's
        // own are refused too.
        let names_our_account = memmem::find(request.body(), secret.account_sid.as_str().as_bytes()).is_some();
        invocation.set("signature", "wrong");
        invocation.set("namesOurAccount", names_our_account);
        Err(result)
    }

    /// The URLs that Twilio may have signed, with the query as sent. `None` if the URL isn't known.
    fn signed_urls(&self, request: &Request) -> Option<Vec<String>> {
        let url = match &self.public_url {
            Some(url) => url.clone(),
            None => requested_url(request)?,
        };
        let query = request.uri().query().filter(|query| !query.is_empty());
        let query = query.map_or_else(String::new, |query| format!("?{query}"));
        let urls = spellings(&url, header(request, HOST.as_str()));
        Some(urls.into_iter().map(|url| url + &query).collect())
    }
}

/// The id of the shared key that signed the request. `None` if an auth token signed the request.
fn shared_key(request: &Request) -> Result<Option<&str>, Forbidden> {
    match request.headers().get(SETTINGS_HEADER) {
        Some(settings) if !settings.is_empty() => {
            let id = settings.to_str().ok().and_then(shared_key_id);
            id.map(Some).ok_or(Forbidden::UnknownAlgorithm)
        }
        _ => Ok(None),
    }
}

/// The ways in which a URL may be registered at Twilio. The host is in lower case or as sent, and a root path may lack
/// its slash.
fn spellings(url: &str, sent_host: Option<&str>) -> Vec<String> {
    let (scheme, rest) = url.split_once("://").unwrap_or(("https", url));
    let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let lower = host.to_ascii_lowercase();
    let sent = sent_host.filter(|sent| sent.eq_ignore_ascii_case(host));
    let mut hosts = vec![host, &lower];
    hosts.extend(sent);
    hosts.dedup();
    let paths = match path {
        "" | "/" => vec!["/", ""],
        path => vec![path],
    };
    let urls = hosts
        .iter()
        .flat_map(|host| paths.iter().map(move |path| format!("{scheme}://{host}{path}")));
    urls.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn host_in_any_case_and_root_without_slash_are_spellings() {
        let cases: [(&str, Option<&str>, &[&str]); 5] = [
            ("https://a.example/x", None, &["https://a.example/x"]),
            (
                "https://a.example/",
                Some("a.example"),
                &["https://a.example/", "https://a.example"],
            ),
            (
                "https://A.example/X",
                Some("evil.example"),
                &["https://A.example/X", "https://a.example/X"],
            ),
            (
                "https://a.example/x",
                Some("A.Example"),
                &["https://a.example/x", "https://A.Example/x"],
            ),
            ("https://a.example", None, &["https://a.example/", "https://a.example"]),
        ];
        for (url, host, expected) in cases {
            assert_eq!(spellings(url, host), expected, "{url} {host:?}");
        }
    }
}
