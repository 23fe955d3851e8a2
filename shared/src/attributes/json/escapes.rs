//! The escapes of JSON strings, and the lone surrogates that only an escape can write.

use std::borrow::Cow;

use memchr::memchr;

/// The content of a JSON string with escapes in the style of `JSON.stringify`: only `"`, `\`, control characters and
/// lone surrogates are escaped. Two contents are the same string exactly if their results are equal.
pub fn normalise(content: &str) -> Cow<'_, str> {
    if memchr(b'\\', content.as_bytes()).is_none() {
        return Cow::Borrowed(content);
    }
    let mut normal = String::with_capacity(content.len());
    for piece in pieces(content) {
        match piece {
            // An unescaped piece needs no escape.
            StringPiece::Plain(text) => normal.push_str(text),
            StringPiece::Escaped(character) => push_character(character, &mut normal),
            StringPiece::Surrogate(surrogate) => push_escape(surrogate, &mut normal),
        }
    }
    Cow::Owned(normal)
}

/// A text as the content of a JSON string, escaped as in [`normalise`].
pub fn escape(text: &str) -> String {
    let mut content = String::with_capacity(text.len());
    push_escaped(text, &mut content);
    content
}

/// A text as a JSON string with quotes.
pub fn quote(text: &str) -> String {
    let mut string = String::with_capacity(text.len() + 2);
    string.push('"');
    push_escaped(text, &mut string);
    string.push('"');
    string
}

fn push_escaped(text: &str, content: &mut String) {
    let mut copied = 0;
    for (at, byte) in text.bytes().enumerate() {
        // Every escaped byte is ASCII and not a part of another character.
        if matches!(byte, b'"' | b'\\' | 0..=0x1f) {
            content.push_str(&text[copied..at]);
            push_character(char::from(byte), content);
            copied = at + 1;
        }
    }
    content.push_str(&text[copied..]);
}

/// How many UTF-16 code units a character takes in a JSON string as written by [`escape`].
pub fn escaped_units(character: char) -> usize {
    match character {
        '"' | '\\' | '\u{8}' | '\t' | '\n' | '\u{c}' | '\r' => 2,
        '\0'..='\u{1f}' => 6,
        _ => character.len_utf16(),
    }
}

fn push_character(character: char, content: &mut String) {
    match character {
        '"' => content.push_str("\\\""),
        '\\' => content.push_str("\\\\"),
        '\u{8}' => content.push_str("\\b"),
        '\t' => content.push_str("\\t"),
        '\n' => content.push_str("\\n"),
        '\u{c}' => content.push_str("\\f"),
        '\r' => content.push_str("\\r"),
        '\0'..='\u{1f}' => push_escape(character as u16, content),
        _ => content.push(character),
    }
}

pub(super) fn push_escape(unit: u16, content: &mut String) {
    content.push_str(&format!("\\u{unit:04x}"));
}

/// A piece of a JSON string's content.
pub(super) enum StringPiece<'t> {
    Plain(&'t str),
    Escaped(char),
    /// A lone surrogate.
    Surrogate(u16),
}

/// The characters of a JSON string's content, piece by piece.
pub(super) fn pieces(content: &str) -> impl Iterator<Item = StringPiece<'_>> {
    let mut rest = content;
    std::iter::from_fn(move || {
        let Some(escape) = rest.strip_prefix('\\') else {
            let (plain, behind) = rest.split_at(memchr(b'\\', rest.as_bytes()).unwrap_or(rest.len()));
            rest = behind;
            return (!plain.is_empty()).then_some(StringPiece::Plain(plain));
        };
        let mut characters = escape.chars();
        let character = match characters.next()? {
            'b' => '\u{8}',
            't' => '\t',
            'n' => '\n',
            'f' => '\u{c}',
            'r' => '\r',
            'u' => {
                let (piece, behind) = code_point(rest)?;
                rest = behind;
                return Some(piece);
            }
            quoted => quoted,
        };
        rest = characters.as_str();
        Some(StringPiece::Escaped(character))
    })
}

/// The character of the `\u` at the start of a text, and the text after. A pair of surrogates counts as a single
/// character.
fn code_point(text: &str) -> Option<(StringPiece<'_>, &str)> {
    let (unit, behind) = code_unit(text)?;
    if let Some(character) = char::from_u32(unit.into()) {
        return Some((StringPiece::Escaped(character), behind));
    }
    let pair = code_unit(behind).and_then(|(low, behind)| {
        let character = char::decode_utf16([unit, low]).next()?.ok()?;
        Some((StringPiece::Escaped(character), behind))
    });
    Some(pair.unwrap_or((StringPiece::Surrogate(unit), behind)))
}

/// The UTF-16 code unit of the `\u` at the start of a text, and the text after.
fn code_unit(text: &str) -> Option<(u16, &str)> {
    let (digits, behind) = text.strip_prefix("\\u")?.split_at_checked(4)?;
    Some((u16::from_str_radix(digits, 16).ok()?, behind))
}
