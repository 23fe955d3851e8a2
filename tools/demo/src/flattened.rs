//! Works out a session's custom data from a task's attributes, independently of the functions' code.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::members::{Members, compact};

/// Keys and JSON texts. For example, `customer.name` becomes `flex_customer_name`.
pub(crate) fn flattened(attributes: &Members) -> BTreeMap<String, String> {
    let mut leaves = Vec::new();
    collect(&mut leaves, "flex", 1, attributes);
    // If two paths have the same key, the path with fewer levels wins, and then the later path. So the winner is
    // written last.
    leaves.sort_by_key(|leaf| std::cmp::Reverse(leaf.level));
    leaves.into_iter().map(|leaf| (leaf.name, leaf.value)).collect()
}

struct Leaf {
    level: usize,
    name: String,
    value: String,
}

fn collect(leaves: &mut Vec<Leaf>, path: &str, level: usize, object: &Members) {
    for (name, value) in object.iter() {
        let name = format!("{path}_{name}");
        if let Ok(members) = Members::parse(value) {
            collect(leaves, &name, level + 1, &members);
            continue;
        }
        let value = match value.as_bytes() {
            b"null" => "\"\"".to_owned(),
            [b'[', ..] => Value::from(compact(value)).to_string(),
            _ => compact(value),
        };
        leaves.push(Leaf { level, name, value });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nested_names_are_joined_and_arrays_are_text() {
        let attributes = r#"{"a": {"b": 1.10, "c": {}}, "d": [1, {"e": "f"}], "g": null, "h": true}"#;
        let expected = [
            ("flex_a_b", "1.10"),
            ("flex_d", r#""[1,{\"e\":\"f\"}]""#),
            ("flex_g", "\"\""),
            ("flex_h", "true"),
        ];
        assert_eq!(
            flattened_text(attributes),
            BTreeMap::from(expected.map(|(name, value)| (name.to_owned(), value.to_owned())))
        );
    }

    #[test]
    fn of_two_with_one_name_the_shallower_wins_and_then_the_later() {
        assert_eq!(flattened_text(r#"{"a_b": 1, "a": {"b": 2}}"#)["flex_a_b"], "1");
        assert_eq!(
            flattened_text(r#"{"a_b": {"c": 1}, "a": {"b_c": 2}}"#)["flex_a_b_c"],
            "2"
        );
    }

    fn flattened_text(attributes: &str) -> BTreeMap<String, String> {
        flattened(&Members::parse(attributes).expect("it is an object"))
    }
}
