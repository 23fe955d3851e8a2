//! Requests to the webhooks, as sent by Twilio or by a forger.

use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;

use super::Trial;
use crate::aws::Stack;
use crate::client::cause;
use crate::credentials::Signing;

/// The timeout includes a cold start.
const TIMEOUT: Duration = Duration::from_secs(20);

/// Each webhook's output, and the parameter that may name its public URL instead.
const WEBHOOKS: [(&str, &str); 2] = [
    ("TaskEventsUrl", "TaskEventsPublicUrl"),
    ("AutoCloseUrl", "AutoClosePublicUrl"),
];

pub(super) async fn trials(http: &reqwest::Client, stack: &Stack, signing: Option<&Signing>) -> Vec<Trial> {
    let mut trials = Vec::new();
    for (output, public) in WEBHOOKS {
        let public = stack.parameters.get(public).filter(|url| !url.is_empty());
        let Some(url) = public.or_else(|| stack.outputs.get(output)) else {
            continue;
        };
        if let Some(signing) = signing {
            trials.push(signed(http, stack, url, signing).await);
        }
        trials.push(forged(http, stack, url).await);
    }
    if trials.is_empty() {
        let failure = "The stack has no output TaskEventsUrl: is it flex-handoff's?".to_owned();
        trials.push(Trial::new("the stack has a webhook", Some(failure)));
    }
    trials
}

async fn signed(http: &reqwest::Client, stack: &Stack, url: &str, signing: &Signing) -> Trial {
    let event = event(stack, &signing.account_sid);
    let signature = signature(&signing.auth_token, url, &event);
    let failure = match post(http, url, &event, &signature).await {
        Ok(204) => None,
        Ok(403 | 503) => Some(
            "It took Twilio's signature for a wrong one. Either auth_token in the secret is another account's, or a proxy or a \
             custom domain stands before the API: then deploy with its URL as the public URL."
                .to_owned(),
        ),
        Ok(status) => Some(format!("It answered {status}. Look at its log.")),
        Err(cause) => Some(format!("{cause}. Is the URL right, and is the stack in this region?")),
    };
    Trial::new(format!("{url} takes an event that Twilio signed"), failure)
}

async fn forged(http: &reqwest::Client, stack: &Stack, url: &str) -> Trial {
    let event = event(stack, "AC00000000000000000000000000000000");
    let failure = match post(http, url, &event, "Zm9yZ2VkIGJ5IGNvbm5lY3Qgc20=").await {
        // The second wrong signature within a minute gets 503.
        Ok(403 | 503) => None,
        Ok(status) => Some(format!(
            "It answered {status} to a request that Twilio didn't sign: anybody could send it events. Is something else at this \
             URL?"
        )),
        Err(cause) => Some(format!("{cause}. Is the URL right, and is the stack in this region?")),
    };
    Trial::new(format!("{url} refuses an event that Twilio didn't sign"), failure)
}

/// An event without a task, for which there is nothing to do.
fn event(stack: &Stack, account_sid: &str) -> Vec<(&'static str, String)> {
    let workspace = stack.parameters.get("WorkspaceSid").cloned().unwrap_or_default();
    vec![
        ("AccountSid", account_sid.to_owned()),
        ("EventDescription", "connect smoke".to_owned()),
        ("EventType", "workspace.updated".to_owned()),
        ("ResourceSid", workspace.clone()),
        ("ResourceType", "workspace".to_owned()),
        ("WorkspaceSid", workspace),
    ]
}

/// Twilio's signature of the URL with each name and value in the order of the names.
fn signature(auth_token: &str, url: &str, event: &[(&str, String)]) -> String {
    let mut sorted: Vec<&(&str, String)> = event.iter().collect();
    sorted.sort();
    let parameters: String = sorted.iter().map(|(name, value)| format!("{name}{value}")).collect();
    let mut mac = Hmac::<Sha1>::new_from_slice(auth_token.as_bytes()).expect("HMAC takes a key of any length");
    mac.update(format!("{url}{parameters}").as_bytes());
    BASE64_STANDARD.encode(mac.finalize().into_bytes())
}

async fn post(http: &reqwest::Client, url: &str, event: &[(&str, String)], signature: &str) -> Result<u16, String> {
    let body = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(event)
        .finish();
    let request = http.post(url).timeout(TIMEOUT).body(body);
    let request = request.header("Content-Type", "application/x-www-form-urlencoded");
    let answer = request.header("X-Twilio-Signature", signature).send().await;
    Ok(answer.map_err(|error| cause(&error))?.status().as_u16())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_is_that_of_every_helper_library() {
        let event = [
            ("To", "+18005551212".to_owned()),
            ("CallSid", "CA1234567890ABCDE".to_owned()),
            ("Caller", "+14158675309".to_owned()),
            ("Digits", "1234".to_owned()),
            ("From", "+14158675309".to_owned()),
        ];
        let signature = signature("12345", "https://mycompany.com/myapp.php?foo=1&bar=2", &event);
        assert_eq!(signature, "RSOYDt4T1cUTdK1PDd93/VVr8B8=");
    }
}
