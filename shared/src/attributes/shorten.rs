//! Shortens a text for its readers.

use unicode_segmentation::UnicodeSegmentation;

pub const ELLIPSIS: char = '…';

/// A cut moves back to the end of a word that is at most this many characters away.
const NEAR: usize = 24;

/// The length of a text in UTF-16 code units, which Twilio counts.
pub fn units(text: &str) -> usize {
    // A character takes two units if UTF-8 takes four bytes. The first of these bytes is 11110xxx.
    let is_beyond = |byte: &u8| *byte >= 0b1111_0000;
    text.chars().count() + text.bytes().filter(is_beyond).count()
}

/// The start of a text, cut to at most `limit` with the `…` at the end.
///
/// `measure` gives the size of a character. The ellipsis has size 1. The cut is at the end of a word if such an end is
/// near. No cut splits a grapheme cluster, which a reader sees as a single character.
pub fn shorten(text: &str, limit: usize, measure: impl Fn(char) -> usize) -> String {
    let mut used = 1;
    let mut end = 0;
    let mut word_end = 0;
    for (at, cluster) in text.grapheme_indices(true) {
        if cluster.starts_with(char::is_whitespace) {
            word_end = at;
        }
        used += cluster.chars().map(&measure).sum::<usize>();
        if used > limit {
            break;
        }
        end = at + cluster.len();
    }
    let is_near = word_end > 0 && text[word_end..end].chars().count() <= NEAR;
    let start = &text[..if is_near { word_end } else { end }];
    format!("{}{ELLIPSIS}", start.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_cut_at_a_word_and_never_within_a_cluster() {
        let cases = [
            ("one two three", 9, "one two…"),
            ("one two three", 8, "one two…"),
            ("one two three", 7, "one…"),
            ("one two three", 4, "one…"),
            ("one two three", 3, "on…"),
            (
                "one, then a word of more than twenty-four",
                40,
                "one, then a word of more than…",
            ),
            ("one abcdefghijklmnopqrstuvwxyz", 28, "one…"),
            (
                "one abcdefghijklmnopqrstuvwxyzabcdef",
                33,
                "one abcdefghijklmnopqrstuvwxyzab…",
            ),
            ("一二三四五", 4, "一二三…"),
            ("a👨‍👩‍👧‍👦", 6, "a…"),
            ("a🇩🇪", 4, "a…"),
            ("a👍🏽", 4, "a…"),
            ("aक्षि", 3, "a…"),
            ("ae\u{301}", 3, "a…"),
            ("aน้ำ", 3, "a…"),
        ];
        for (text, limit, shortened) in cases {
            assert_eq!(shorten(text, limit, char::len_utf16), shortened, "{text} {limit}");
        }
    }
}
