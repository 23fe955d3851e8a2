//! Changes some attributes of a task. All other attributes keep their place and bytes.

use std::ops::Range;

use crate::attributes::Attributes;
use crate::attributes::json::Value;

/// The object with the named members replaced in their places. Missing members are added at the end. Of a repeated name
/// the last value is replaced, since that value counts.
pub(super) fn splice(attributes: &Attributes<'_>, members: &[(&str, String)]) -> String {
    let start = attributes.root().range().start + 1;
    let mut end = start;
    let mut places = vec![None; members.len()];
    for child in attributes.root().children() {
        let name = child.name();
        if let Some(member) = members.iter().position(|(member, _)| *member == name) {
            places[member] = Some(child.range());
        }
        end = child.range().end;
    }
    let mut replaced: Vec<(Range<usize>, &str)> = Vec::new();
    let mut added = String::new();
    for ((name, value), place) in members.iter().zip(places) {
        match place {
            Some(place) => replaced.push((place, value)),
            None => {
                let is_first = end == start && added.is_empty();
                added.extend([if is_first { "" } else { "," }, "\"", name, "\":", value]);
            }
        }
    }
    replaced.push((end..end, &added));
    replaced.sort_by_key(|(range, _)| (range.start, range.end));
    replace(attributes.text(), replaced)
}

/// The object with the named members as in an earlier version of the object: with their earlier values, or removed.
pub(super) fn restore(attributes: &Attributes<'_>, before: &Attributes<'_>, names: &[&str]) -> String {
    let root = attributes.root();
    let mut replaced: Vec<(Range<usize>, &str)> = Vec::new();
    let mut previous_end = root.range().start + 1;
    let mut is_first = true;
    for child in root.children() {
        let name = child.name();
        let own = names.iter().find(|own| **own == name && is_last(root, child, own));
        let earlier = own.map(|own| before.root().member(own).map(Value::raw));
        match earlier {
            Some(Some(earlier)) => replaced.push((child.range(), earlier)),
            Some(None) => replaced.push((previous_end..child.range().end, "")),
            None => {}
        }
        if earlier != Some(None) {
            // The members before the first remaining member are removed. So is the comma after them.
            let comma = attributes.text()[previous_end..child.range().start].find(',');
            if let Some(comma) = comma.filter(|_| is_first && previous_end > root.range().start + 1) {
                replaced.push((previous_end..previous_end + comma + 1, ""));
            }
            is_first = false;
        }
        previous_end = child.range().end;
    }
    replaced.sort_by_key(|(range, _)| (range.start, range.end));
    replace(attributes.text(), replaced)
}

fn is_last(root: Value<'_, '_>, child: Value<'_, '_>, name: &str) -> bool {
    root.member(name).is_some_and(|last| last.range() == child.range())
}

/// The text with these ranges replaced. The ranges are in order and apart.
fn replace(text: &str, ranges: Vec<(Range<usize>, &str)>) -> String {
    let mut replaced = String::with_capacity(text.len());
    let mut copied = 0;
    for (range, value) in ranges {
        replaced.push_str(&text[copied..range.start]);
        replaced.push_str(value);
        copied = range.end;
    }
    replaced.push_str(&text[copied..]);
    replaced
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Attributes<'_> {
        Attributes::parse(text).unwrap()
    }

    #[test]
    fn restoring_undoes_splicing_byte_for_byte() {
        let members = [("a", "1".to_owned()), ("b", r#""x""#.to_owned())];
        for before in [
            "{}",
            " { } ",
            r#"{"c":1.10}"#,
            r#"{ "c" : [ 1,2 ] , "a" : null }"#,
            r#"{"b":{"a":1},"\u0061" : 7,"c":0,"a":"old" } "#,
            r#"{"a":1,"b":"x"}"#,
        ] {
            let spliced = splice(&parse(before), &members);
            assert_eq!(restore(&parse(&spliced), &parse(before), &["a", "b"]), before);
        }
    }

    #[test]
    fn restoring_keeps_what_others_have_changed() {
        let cases = [
            (r#"{"a":1,"n":[ 2 ],"b":"x"}"#, "{}", r#"{"n":[ 2 ]}"#),
            (r#"{ "a":1 , "b":"x" , "n":2 , "m":3}"#, "{}", r#"{ "n":2 , "m":3}"#),
            (r#"{"n":2,"a":1,"b":"x"}"#, r#"{"b":0,"n":1}"#, r#"{"n":2,"b":0}"#),
            (r#"{"b":"x","n":2}"#, r#"{"a":7}"#, r#"{"n":2}"#),
            ("{ }", r#"{"a":7}"#, "{ }"),
        ];
        for (current, before, restored) in cases {
            assert_eq!(
                restore(&parse(current), &parse(before), &["a", "b"]),
                restored,
                "{current}"
            );
        }
    }
}
