//! JSON kept as text. A document knows the place of each value and keeps the bytes.
//!
//! Numbers keep their digits. Strings keep their escapes, even of a lone surrogate, which no Rust string can hold.
//! Untouched parts keep their bytes. Nothing here recurses, so no depth of nesting exhausts the stack.

mod escapes;
mod text;

use std::borrow::Cow;

use foldhash::fast::RandomState;
use indexmap::IndexMap;
use memchr::memchr2;
use serde_json::value::RawValue;

use escapes::{StringPiece, pieces};
pub use escapes::{escape, escaped_units, normalise, quote};
pub use text::JsonText;

/// A JSON text and the places of all its values, outermost first.
pub struct Document<'t> {
    text: &'t str,
    nodes: Vec<Node>,
}

/// A value: its place in the text, its name if it is a member, and the index past its last descendant.
///
/// 24 bytes. Even a text of nothing but brackets takes no more than 24 bytes for each bracket.
struct Node {
    start: u32,
    end: u32,
    /// The text between the quotes of the member's name. Empty and at 0 for a value without a name.
    name_start: u32,
    name_end: u32,
    next: u32,
    kind: Kind,
}

/// The kind of a JSON value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Object,
    Array,
    String,
    Number,
    Boolean,
    Null,
}

/// The text is not JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotJson;

/// Real texts have a value every twenty bytes or so. A text with more values takes more memory as needed.
const BYTES_A_VALUE: usize = 16;

/// One value of a [`Document`].
#[derive(Clone, Copy)]
pub struct Value<'d, 't> {
    document: &'d Document<'t>,
    index: usize,
}

/// The members of an object by their normalised names, in their order. The hash is seeded. For short names this hash is
/// faster than the standard library's.
pub type Members<'d, 't> = IndexMap<Cow<'t, str>, Value<'d, 't>, RandomState>;

impl<'t> Document<'t> {
    /// Reads a JSON text as defined in RFC 8259: a single value, with optional white space around it.
    ///
    /// # Errors
    /// If the text isn't JSON or has 4 GiB or more. The error doesn't say where, since the text may be private.
    pub fn parse(text: &'t str) -> Result<Self, NotJson> {
        if u32::try_from(text.len()).is_err() {
            return Err(NotJson);
        }
        // The scan below relies on this check. The scan looks only at the bytes that separate the values.
        serde_json::from_str::<&RawValue>(text).map_err(|_| NotJson)?;
        Ok(Self {
            text,
            nodes: scan(text),
        })
    }

    /// The outermost value.
    pub fn root(&self) -> Value<'_, 't> {
        Value {
            document: self,
            index: 0,
        }
    }

    /// The whole text with the white space around the value.
    pub fn text(&self) -> &'t str {
        self.text
    }
}

/// A place in a text or among its values. [`Document::parse`] has checked that the text is short enough.
fn place(index: usize) -> u32 {
    index as u32
}

/// Finds all values of a text that is known to be JSON.
fn scan(text: &str) -> Vec<Node> {
    let bytes = text.as_bytes();
    let mut nodes: Vec<Node> = Vec::with_capacity(bytes.len() / BYTES_A_VALUE);
    let mut open: Vec<usize> = Vec::new();
    // The name of the member whose value comes next.
    let mut name: Option<(usize, usize)> = None;
    let mut at = 0;
    while at < bytes.len() {
        let start = at;
        let kind = match bytes[at] {
            b'}' | b']' => {
                at += 1;
                if let Some(container) = open.pop() {
                    nodes[container].end = place(at);
                    nodes[container].next = place(nodes.len());
                }
                continue;
            }
            b'"' => {
                at = end_of_string(bytes, at);
                let in_object = open
                    .last()
                    .is_some_and(|&container| nodes[container].kind == Kind::Object);
                if in_object && name.is_none() {
                    name = Some((start + 1, at - 1));
                    continue;
                }
                Kind::String
            }
            b'{' => Kind::Object,
            b'[' => Kind::Array,
            b't' | b'f' => Kind::Boolean,
            b'n' => Kind::Null,
            b'-' | b'0'..=b'9' => Kind::Number,
            _ => {
                at += 1;
                continue;
            }
        };
        match kind {
            Kind::Object | Kind::Array => {
                at += 1;
                open.push(nodes.len());
            }
            Kind::String => {}
            Kind::Number | Kind::Boolean | Kind::Null => {
                let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'+' | b'.');
                at += bytes[at..].iter().take_while(|byte| is_part(byte)).count();
            }
        }
        let (name_start, name_end) = name.take().unwrap_or_default();
        nodes.push(Node {
            start: place(start),
            end: place(at),
            name_start: place(name_start),
            name_end: place(name_end),
            next: place(nodes.len() + 1),
            kind,
        });
    }
    nodes
}

/// The index past the closing quote of the string that opens at `at`.
fn end_of_string(bytes: &[u8], mut at: usize) -> usize {
    at += 1;
    while let Some(plain) = memchr2(b'"', b'\\', &bytes[at..]) {
        at += plain;
        if bytes[at] == b'"' {
            break;
        }
        at += 2;
    }
    at + 1
}

impl<'d, 't> Value<'d, 't> {
    pub fn kind(self) -> Kind {
        self.node().kind
    }

    /// The value as it stands in the text.
    pub fn raw(self) -> &'t str {
        &self.document.text[self.range()]
    }

    /// The range of the value in the text.
    pub fn range(self) -> std::ops::Range<usize> {
        self.node().start as usize..self.node().end as usize
    }

    /// The member's name with normalised escapes, as in [`normalise`]. Empty if the value isn't a member.
    pub fn name(self) -> Cow<'t, str> {
        normalise(self.raw_name())
    }

    /// Whether [`Self::name`] equals this name.
    fn is_named(self, name: &str) -> bool {
        let raw = self.raw_name();
        // An escape is never shorter than its character.
        raw == name || raw.len() >= name.len() && raw.contains('\\') && normalise(raw) == name
    }

    /// The elements of an array, or the members of an object with every repetition of a name.
    pub fn children(self) -> impl Iterator<Item = Self> {
        let document = self.document;
        let end = self.node().next as usize;
        let mut index = self.index + 1;
        std::iter::from_fn(move || {
            let child = (index < end).then_some(Value { document, index })?;
            index = child.node().next as usize;
            Some(child)
        })
    }

    /// The members of an object. A repeated name has its last value in its first place, as in `JSON.parse`.
    pub fn members(self) -> Members<'d, 't> {
        let mut members = Members::with_capacity_and_hasher(self.children().count(), RandomState::default());
        members.extend(self.children().map(|child| (child.name(), child)));
        members
    }

    /// The member of an object by its name, which is written as in [`normalise`]. Of a repeated name the last member.
    pub fn member(self, name: &str) -> Option<Self> {
        if self.kind() != Kind::Object {
            return None;
        }
        self.children().filter(|child| child.is_named(name)).last()
    }

    /// The text of the member of that name, if it is a string.
    pub fn string(self, name: &str) -> Option<String> {
        self.member(name)?.as_string()
    }

    /// The text of a string. `None` for another kind, or if the string has a lone surrogate.
    pub fn as_string(self) -> Option<String> {
        serde_json::from_str(self.raw()).ok()
    }

    /// The text of a string with U+FFFD for each lone surrogate. `None` for another kind.
    pub fn as_string_lossy(self) -> Option<String> {
        let content = self.content()?;
        let mut text = String::with_capacity(content.len());
        for piece in pieces(content) {
            match piece {
                StringPiece::Plain(plain) => text.push_str(plain),
                StringPiece::Escaped(character) => text.push(character),
                StringPiece::Surrogate(_) => text.push(char::REPLACEMENT_CHARACTER),
            }
        }
        Some(text)
    }

    /// The value without white space, with normalised escapes and without repeated names. This is the result of
    /// `JSON.stringify(JSON.parse(…))`, except that no number is rounded and no name moves.
    pub fn compact(self) -> String {
        enum Todo<'d, 't> {
            Value(Value<'d, 't>),
            Name(Cow<'t, str>),
            Text(&'static str),
        }
        let mut compact = String::with_capacity(self.raw().len());
        let mut todo = vec![Todo::Value(self)];
        while let Some(next) = todo.pop() {
            let value = match next {
                Todo::Value(value) => value,
                Todo::Name(name) => {
                    compact.push('"');
                    compact.push_str(&name);
                    compact.push_str("\":");
                    continue;
                }
                Todo::Text(text) => {
                    compact.push_str(text);
                    continue;
                }
            };
            let first = todo.len();
            match value.kind() {
                Kind::Object => {
                    compact.push('{');
                    for (place, (name, member)) in value.members().into_iter().enumerate() {
                        todo.push(Todo::Text(if place == 0 { "" } else { "," }));
                        todo.push(Todo::Name(name));
                        todo.push(Todo::Value(member));
                    }
                    todo.push(Todo::Text("}"));
                }
                Kind::Array => {
                    compact.push('[');
                    for (place, element) in value.children().enumerate() {
                        todo.push(Todo::Text(if place == 0 { "" } else { "," }));
                        todo.push(Todo::Value(element));
                    }
                    todo.push(Todo::Text("]"));
                }
                Kind::String => {
                    compact.push('"');
                    compact.push_str(&normalise(value.content().unwrap_or_default()));
                    compact.push('"');
                }
                Kind::Number | Kind::Boolean | Kind::Null => compact.push_str(value.raw()),
            }
            todo[first..].reverse();
        }
        compact
    }

    /// The text between the quotes of a string.
    fn content(self) -> Option<&'t str> {
        let raw = self.raw();
        (self.kind() == Kind::String).then(|| &raw[1..raw.len() - 1])
    }

    /// The member's name as it stands in the text.
    fn raw_name(self) -> &'t str {
        let node = self.node();
        &self.document.text[node.name_start as usize..node.name_end as usize]
    }

    fn node(self) -> &'d Node {
        &self.document.nodes[self.index]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compact(text: &str) -> String {
        Document::parse(text).unwrap().root().compact()
    }

    #[test]
    fn compact_text_drops_white_space_and_keeps_digits() {
        assert_eq!(
            compact(" [ 1.10 , 12345678901234567890,\n1e400, -0 , true , null ] "),
            { "[1.10,12345678901234567890,1e400,-0,true,null]" }
        );
        assert_eq!(compact(r#"[[], {}, [{ "a" : [ ] }]]"#), r#"[[],{},[{"a":[]}]]"#);
    }

    #[test]
    fn compact_text_normalises_escapes_and_keeps_lone_surrogates() {
        assert_eq!(
            compact(r#"["\u0041\/\u00e9", "\ud83d\ude00", "\uD83D", "\u0001\b\"\\"]"#),
            { r#"["A/é","😀","\ud83d","\u0001\b\"\\"]"# }
        );
    }

    #[test]
    fn a_repeated_name_has_its_last_value_in_its_first_place() {
        assert_eq!(
            compact(r#"[{"a":1,"b":2,"\u0061":{"c":3,"c":4}}]"#),
            r#"[{"a":{"c":4},"b":2}]"#
        );
    }

    #[test]
    fn a_member_is_found_whatever_way_its_name_is_escaped() {
        let document = Document::parse(r#"{"x":{"handedOff":1},"hand\u0065dOff":2}"#).unwrap();
        assert_eq!(document.root().member("handedOff").map(Value::raw), Some("2"));
        assert_eq!(document.root().member("handed").map(Value::raw), None);
    }

    #[test]
    fn lone_surrogate_is_replaced_or_makes_no_string() {
        let document = Document::parse(r#""a\ud800b""#).unwrap();
        assert_eq!(document.root().as_string_lossy().as_deref(), Some("a\u{fffd}b"));
        assert_eq!(document.root().as_string(), None);
    }

    #[test]
    fn a_hundred_thousand_levels_are_no_danger() {
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        assert_eq!(compact(&deep), deep);
        assert!(Document::parse(&deep[1..]).is_err());
    }
}
