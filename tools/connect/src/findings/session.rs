//! The session API as shown by a probe.

use super::{Finding, Id};
use crate::session_probe::ProbeResult;

pub(super) fn finding(probe: &ProbeResult) -> Option<Finding> {
    match probe {
        ProbeResult::Stored | ProbeResult::NotRead { .. } => None,
        ProbeResult::Refused { status } => Some(Finding::new(
            Id::SessionRefused,
            format!("The session API refused to store a key in the session: it answered with status {status}."),
            match status {
                401 | 403 => {
                    "The token or the way in which it is sent is wrong. Check SESSION_API_TOKEN (or session_api_token in \
                     the secret), and what the platform's documentation says of --session-auth-header and \
                     --session-auth-scheme."
                }
                404 => {
                    "The API knows no such session, or no such URL. Check that the session named by --probe-session is \
                     there, and compare --session-url with the platform's documentation."
                }
                405 => "The API wants another method: try --session-method PUT or POST.",
                _ => {
                    "The API is there, but doesn't like the request. Compare --session-method, --session-body-key and \
                     --session-headers with the platform's documentation."
                }
            },
        )),
        ProbeResult::NotStored { key } => Some(Finding::new(
            Id::SessionNotStored,
            format!(
                "The session API answered that all is well, but the key {key} isn't in the session afterwards. It ignores \
                 what it doesn't know, so the AI would never see what is on the task.",
            ),
            "The keys go to the wrong place in the body. Look up in the platform's documentation where a session keeps its \
             own data, and give that path as --session-body-key (empty for the body itself); deploy with the same value. If \
             the platform doesn't let this method change that data, try --session-method PUT or POST, or another \
             --session-url.",
        )),
    }
}
