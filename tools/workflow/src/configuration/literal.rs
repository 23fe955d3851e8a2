//! Offsets in JSON text.

/// Converts an offset in a string's value to an offset in its literal. A literal has quotes and escapes.
pub(super) fn offset_of(literal: &str, offset: usize) -> usize {
    let mut place = 1;
    let mut read = 0;
    while read < offset {
        let (written, meant) = character(&literal[place..]);
        place += written;
        read += meant;
    }
    place
}

/// The length of the first character in bytes, in the literal and in the value.
fn character(text: &str) -> (usize, usize) {
    match text.as_bytes() {
        [b'\\', b'u', ..] => match u32::from_str_radix(&text[2..6], 16).ok().and_then(char::from_u32) {
            Some(character) => (6, character.len_utf8()),
            // The first half of a surrogate pair. The other half must follow, since the string could be read.
            None => (12, 4),
        },
        [b'\\', ..] => (2, 1),
        _ => {
            let length = text.chars().next().map_or(1, char::len_utf8);
            (length, length)
        }
    }
}
