//! A task's attributes: the JSON object that TaskRouter keeps on a task as a string.

pub mod flag;
pub mod flatten;
pub mod handoff;
pub mod json;
pub mod shorten;
mod splice;

use std::fmt;

use serde_json::value::RawValue;

use crate::attributes::json::{Document, Kind, Value, escape};

/// The attributes of a task with every byte as read.
pub struct Attributes<'t> {
    document: Document<'t>,
}

/// The attributes are not a JSON object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unreadable;

impl fmt::Display for Unreadable {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the attributes are not a JSON object")
    }
}

impl std::error::Error for Unreadable {}

/// Whether [`Attributes::parse`] takes a text.
pub fn is_object(text: &str) -> bool {
    serde_json::from_str::<&RawValue>(text).is_ok_and(|value| value.get().starts_with('{'))
}

impl<'t> Attributes<'t> {
    /// Reads a task's attributes.
    ///
    /// # Errors
    /// If the text is not a JSON object. The error doesn't say where, since the text is customer data.
    pub fn parse(text: &'t str) -> Result<Self, Unreadable> {
        let document = Document::parse(text).map_err(|_| Unreadable)?;
        match document.root().kind() {
            Kind::Object => Ok(Self { document }),
            _ => Err(Unreadable),
        }
    }

    pub fn text(&self) -> &'t str {
        self.document.text()
    }

    pub fn root(&self) -> Value<'_, 't> {
        self.document.root()
    }

    /// The text of a string attribute at the top level.
    pub fn string(&self, name: &str) -> Option<String> {
        self.root().string(&escape(name))
    }

    /// An identifier at a dotted path: a non-empty string, or a number with its own digits.
    pub fn identifier(&self, dotted_path: &str) -> Option<String> {
        let value = dotted_path
            .split('.')
            .try_fold(self.root(), |value, name| value.member(&escape(name)))?;
        match value.kind() {
            Kind::String => value.as_string().filter(|text| !text.is_empty()),
            Kind::Number => Some(value.raw().to_owned()),
            _ => None,
        }
    }

    /// The text with an attribute added or replaced. Every other attribute keeps its place and its bytes.
    pub fn with(&self, member: (&str, String)) -> String {
        splice::splice(self, &[member])
    }

    /// Whether `handedOff` is the JSON value `true`. As in a workflow's expression, the string `"true"` doesn't count.
    pub fn handed_off(&self) -> bool {
        self.root()
            .member("handedOff")
            .is_some_and(|value| value.raw() == "true")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_object_is_attributes() {
        for text in [
            "",
            " ",
            "null",
            "[]",
            "7",
            "\"{}\"",
            "{",
            "{}{}",
            "{\"a\":}",
            "\u{feff}{}",
        ] {
            assert_eq!(Attributes::parse(text).err(), Some(Unreadable), "{text}");
            assert!(!is_object(text), "{text}");
        }
        assert_eq!(
            Attributes::parse(" {} ").map(|attributes| attributes.text()),
            Ok(" {} ")
        );
        assert!(is_object(" {} "));
    }

    #[test]
    fn an_identifier_is_a_string_with_something_in_it_or_a_number() {
        let text = r#"{"a":{"b":"x","n":12345678901234567890,"e":"","t":true},"a.b":"other"}"#;
        let attributes = Attributes::parse(text).unwrap();
        let found = ["a.b", "a.n", "a.e", "a.t", "a", "a.b.c", "missing"].map(|path| attributes.identifier(path));
        assert_eq!(found[0].as_deref(), Some("x"));
        assert_eq!(found[1].as_deref(), Some("12345678901234567890"));
        assert_eq!(found[2..], [None, None, None, None, None]);
    }

    #[test]
    fn handed_off_is_true_and_nothing_like_it() {
        let handed_off = |text| Attributes::parse(text).unwrap().handed_off();
        assert!(handed_off(r#"{"handedOff": true}"#));
        assert!(handed_off(r#"{"handedOff": false, "handed\u004fff": true}"#));
        for text in [
            r#"{}"#,
            r#"{"handedOff":"true"}"#,
            r#"{"handedOff":1}"#,
            r#"{"handedOff":true,"handedOff":false}"#,
        ] {
            assert!(!handed_off(text), "{text}");
        }
    }
}
