//! Attributes: JSON objects stored as text.

use std::collections::BTreeMap;

use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::twilio::refusal::Refusal;

/// Refuses a text that is not a JSON object.
pub(crate) fn check_object(name: &str, text: &str) -> Result<(), Refusal> {
    // Read as raw text, since a number may exceed Rust's types and a string may hold half a surrogate pair.
    match serde_json::from_str::<&RawValue>(text) {
        Ok(json) if json.get().starts_with('{') => Ok(()),
        Ok(_) => Err(Refusal::invalid(format!("{name} is not a JSON object"))),
        Err(error) => Err(Refusal::invalid(format!("{name} is not JSON: {error}"))),
    }
}

/// The object for expressions. Members that Rust can't represent are left out.
pub(crate) fn object(text: &str) -> Value {
    let members: BTreeMap<String, &RawValue> = serde_json::from_str(text).unwrap_or_default();
    let readable = members
        .into_iter()
        .filter_map(|(name, member)| Some((name, serde_json::from_str(member.get()).ok()?)));
    Value::Object(readable.collect::<Map<_, _>>())
}
