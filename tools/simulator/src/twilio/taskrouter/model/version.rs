//! Versions and ETags of resources.

use crate::twilio::refusal::Refusal;

pub(crate) fn etag(version: u64) -> String {
    format!("\"{version}\"")
}

/// Checks `If-Match`. The ETag's quotes are optional.
pub(crate) fn check_version(if_match: Option<&str>, version: u64) -> Result<(), Refusal> {
    match if_match {
        Some(tag) if tag.trim_matches('"') != version.to_string() => Err(Refusal::precondition_failed()),
        _ => Ok(()),
    }
}
