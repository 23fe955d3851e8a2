//! The fuzzer's dictionary in libFuzzer's format, with a quoted word on each line.

use std::fs;
use std::path::Path;

/// Reads the words. The escapes are `\"`, `\\` and `\x` with two digits.
pub(crate) fn read(file: &Path) -> Vec<Vec<u8>> {
    let text = fs::read_to_string(file).expect("there is a dictionary");
    let lines = text.lines().filter(|line| line.starts_with('"'));
    lines.map(|line| unescaped(&line[1..line.len() - 1])).collect()
}

fn unescaped(word: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = word.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match (byte, byte == b'\\') {
            (_, true) => match rest.next() {
                Some(b'x') => {
                    let digits: Vec<u8> = rest.by_ref().take(2).collect();
                    let digits = String::from_utf8(digits).expect("two digits");
                    u8::from_str_radix(&digits, 16).expect("two digits")
                }
                other => other.expect("something is escaped"),
            },
            (byte, false) => byte,
        });
    }
    bytes
}
