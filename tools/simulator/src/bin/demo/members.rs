//! A JSON object as it is written: its members in their order, each value as its own text.

use std::fmt;

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use serde_json::value::RawValue;

/// Names and the JSON text of their values. A name that is given twice has its last value, in the first one's place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Members(Vec<(String, String)>);

impl Members {
    pub(crate) fn parse(text: &str) -> serde_json::Result<Self> {
        serde_json::from_str(text)
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.iter().find(|(member, _)| *member == name).map(|(_, value)| value)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn set(&mut self, name: &str, value: String) {
        match self.0.iter_mut().find(|(member, _)| member == name) {
            Some((_, old)) => *old = value,
            None => self.0.push((name.to_owned(), value)),
        }
    }

    /// The others than those of these names.
    pub(crate) fn without(&self, names: &[&str]) -> Self {
        Self(
            self.0
                .iter()
                .filter(|(name, _)| !names.contains(&name.as_str()))
                .cloned()
                .collect(),
        )
    }

    /// Those of these names.
    pub(crate) fn only(&self, names: &[&str]) -> Self {
        Self(
            self.0
                .iter()
                .filter(|(name, _)| names.contains(&name.as_str()))
                .cloned()
                .collect(),
        )
    }

    /// The object's text.
    pub(crate) fn text(&self) -> String {
        let members: Vec<String> = self
            .iter()
            .map(|(name, value)| format!("{}:{value}", Value::from(name)))
            .collect();
        format!("{{{}}}", members.join(","))
    }
}

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;

        impl<'de> Visitor<'de> for Object {
            type Value = Members;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut members = Members::default();
                while let Some((name, value)) = map.next_entry::<String, Box<RawValue>>()? {
                    members.set(&name, value.get().to_owned());
                }
                Ok(members)
            }
        }

        deserializer.deserialize_map(Object)
    }
}

/// A value's text without white space, and with no more escapes in its strings than JSON wants. Numbers keep their own
/// digits.
pub(crate) fn compact(value: &str) -> String {
    rewritten(value, ",", ":")
}

/// As [`compact`], with spaces where a reader likes them and a line may end.
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
