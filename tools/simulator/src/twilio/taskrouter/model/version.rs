//! The versions by which `If-Match` tells one state of a resource from another.

use crate::twilio::refusal::Refusal;

pub(crate) fn etag(version: u64) -> String {
    format!("\"{version}\"")
}

/// `If-Match` is accepted as the ETag was sent, and without its quotes.
pub(crate) fn check_version(if_match: Option<&str>, version: u64) -> Result<(), Refusal> {
    match if_match {
        Some(tag) if tag.trim_matches('"') != version.to_string() => Err(Refusal::precondition_failed()),
        _ => Ok(()),
    }
}
