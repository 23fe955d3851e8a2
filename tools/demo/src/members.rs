//! A JSON object that keeps the order of its members and the text of each value.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

/// Names and the JSON text of their values. A repeated name keeps its first place and takes its last value.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(transparent)]
pub(crate) struct Members(IndexMap<String, Box<RawValue>>);

impl Members {
    pub(crate) fn parse(text: &str) -> serde_json::Result<Self> {
        serde_json::from_str(text)
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(|value| value.get())
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.get()))
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Sets a member to a JSON text.
    pub(crate) fn set(&mut self, name: &str, value: String) {
        let value = RawValue::from_string(value).expect("the value is JSON");
        self.0.insert(name.to_owned(), value);
    }

    /// The members without these.
    pub(crate) fn without(&self, names: &[&str]) -> Self {
        let mut others = self.clone();
        others.0.retain(|name, _| !names.contains(&name.as_str()));
        others
    }

    /// The members with these names.
    pub(crate) fn only(&self, names: &[&str]) -> Self {
        let mut members = self.clone();
        members.0.retain(|name, _| names.contains(&name.as_str()));
        members
    }

    /// The object's text.
    pub(crate) fn text(&self) -> String {
        serde_json::to_string(self).expect("names and JSON texts can be serialised")
    }
}

/// A value's text without white space and unnecessary escapes. Numbers keep their own digits.
pub(crate) fn compact(value: &str) -> String {
    rewritten(value, ",", ":")
}

/// The same text as [`compact`], but with spaces where a line may break.
pub(crate) fn spaced(value: &str) -> String {
    rewritten(value, ", ", ": ")
}

fn rewritten(value: &str, comma: &str, colon: &str) -> String {
    if let Ok(members) = Members::parse(value) {
        let member = |(name, value)| format!("{}{colon}{}", Value::from(name), rewritten(value, comma, colon));
        return format!("{{{}}}", members.iter().map(member).collect::<Vec<_>>().join(comma));
    }
    if let Ok(elements) = serde_json::from_str::<Vec<&RawValue>>(value) {
        let element = |element: &&RawValue| rewritten(element.get(), comma, colon);
        return format!("[{}]", elements.iter().map(element).collect::<Vec<_>>().join(comma));
    }
    serde_json::from_str::<String>(value).map_or_else(|_| value.to_owned(), |text| Value::from(text).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_keeps_its_order_its_digits_and_the_last_of_two_values() {
        let members = Members::parse(r#"{"b": 1.10, "a": [1, 2], "b": 1e400}"#).expect("it is an object");
        assert_eq!(members.text(), r#"{"b":1e400,"a":[1, 2]}"#);
        assert_eq!(members.without(&["b"]).text(), r#"{"a":[1, 2]}"#);
    }

    #[test]
    fn compact_text_has_no_white_space_and_no_needless_escapes() {
        assert_eq!(
            compact(r#"{ "a" : [ 1.10 , "\u00e9 \n" , { } ] , "b" : null }"#),
            r#"{"a":[1.10,"é \n",{}],"b":null}"#
        );
    }
}
