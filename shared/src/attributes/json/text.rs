//! A JSON text inside a string of another JSON text.

use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::escapes::{StringPiece, pieces, push_escape};

/// A JSON text that was read from a JSON string, as Twilio's products keep attributes.
///
/// A lone surrogate, which no Rust string can hold, becomes an escape with the same meaning in the inner text. A value
/// other than a string counts as the text itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JsonText(pub String);

impl<'de> Deserialize<'de> for JsonText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Box::<RawValue>::deserialize(deserializer)?;
        let raw = value.get();
        let content = raw.strip_prefix('"').and_then(|raw| raw.strip_suffix('"'));
        Ok(Self(content.map_or_else(|| raw.to_owned(), unescape)))
    }
}

fn unescape(content: &str) -> String {
    let mut text = String::with_capacity(content.len());
    for piece in pieces(content) {
        match piece {
            StringPiece::Plain(plain) => text.push_str(plain),
            StringPiece::Escaped(character) => text.push(character),
            StringPiece::Surrogate(surrogate) => push_escape(surrogate, &mut text),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inner_text_is_unescaped_once() {
        for (json, text) in [
            (r#""{\"a\":\"\\u00e9\\\"\"}""#, r#"{"a":"\u00e9\""}"#),
            (r#""{\"a\":\"\ud800\"}""#, r#"{"a":"\ud800"}"#),
            (r#""""#, ""),
            (r#"{"a":1.10}"#, r#"{"a":1.10}"#),
        ] {
            assert_eq!(serde_json::from_str::<JsonText>(json).unwrap().0, text);
        }
        assert_eq!(serde_json::from_str::<Option<JsonText>>("null").unwrap(), None);
    }
}
