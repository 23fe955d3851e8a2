//! The JSON objects that callers store as text: attributes.

use std::collections::BTreeMap;

use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::twilio::refusal::Refusal;

/// Refuses what is not the text of a JSON object.
pub(crate) fn check_object(name: &str, text: &str) -> Result<(), Refusal> {
    // As raw text: a number may be larger than any of Rust's, a string may hold half of a surrogate pair.
    match serde_json::from_str::<&RawValue>(text) {
        Ok(json) if json.get().starts_with('{') => Ok(()),
        Ok(_) => Err(Refusal::invalid(format!("{name} is not a JSON object"))),
        Err(error) => Err(Refusal::invalid(format!("{name} is not JSON: {error}"))),
    }
}

/// An object as expressions see it: without the members that no Rust value holds.
pub(crate) fn object(text: &str) -> Value {
    let members: BTreeMap<String, &RawValue> = serde_json::from_str(text).unwrap_or_default();
    let readable = members
        .into_iter()
        .filter_map(|(name, member)| Some((name, serde_json::from_str(member.get()).ok()?)));
    Value::Object(readable.collect::<Map<_, _>>())
}
