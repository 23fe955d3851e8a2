//! The escapes of JSON strings, and the lone surrogates that only they can write.

use std::borrow::Cow;

/// The content of a JSON string with its escapes as `JSON.stringify` writes them: only `"`, `\`, control characters
/// and lone surrogates escaped. Two contents are the same string exactly if this gives the same text.
pub fn normalise(content: &str) -> Cow<'_, str> {
    if !content.contains('\\') {
        return Cow::Borrowed(content);
    }
    let mut normal = String::with_capacity(content.len());
    for unit in units(content) {
        match unit {
            Ok(character) => push_character(character, &mut normal),
            Err(surrogate) => push_escape(surrogate, &mut normal),
        }
    }
    Cow::Owned(normal)
}

/// A text as the content of a JSON string, escaped as [`normalise`] does.
pub fn escape(text: &str) -> String {
    let mut content = String::with_capacity(text.len());
    for character in text.chars() {
        push_character(character, &mut content);
    }
    content
}

/// How many UTF-16 code units a character takes in a JSON string as [`escape`] writes it.
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

/// The characters of a JSON string's content; `Err` is a lone surrogate.
pub(super) fn units(content: &str) -> impl Iterator<Item = Result<char, u16>> {
    char::decode_utf16(code_units(content)).map(|unit| unit.map_err(|error| error.unpaired_surrogate()))
}

/// The UTF-16 code units that a JSON string's content stands for.
fn code_units(content: &str) -> impl Iterator<Item = u16> {
    let mut characters = content.chars();
    let mut low = None;
    std::iter::from_fn(move || {
        if let Some(unit) = low.take() {
            return Some(unit);
        }
        let character = match characters.next()? {
            '\\' => match characters.next()? {
                'b' => '\u{8}',
                't' => '\t',
                'n' => '\n',
                'f' => '\u{c}',
                'r' => '\r',
                'u' => {
                    let digits = characters.as_str().get(..4)?;
                    characters = characters.as_str()[4..].chars();
                    return u16::from_str_radix(digits, 16).ok();
                }
                quoted => quoted,
            },
            plain => plain,
        };
        let mut buffer = [0; 2];
        let encoded = character.encode_utf16(&mut buffer);
        low = encoded.get(1).copied();
        encoded.first().copied()
    })
}
