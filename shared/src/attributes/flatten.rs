//! Flattens a task's attributes into a session's custom data: `customer.name` becomes `flex_customer_name`.
//!
//! The session API takes only strings, numbers and booleans, and merges them key by key.

use std::borrow::{Borrow, Cow};
use std::collections::BTreeSet;
use std::hash::{Hash, Hasher};

use foldhash::fast::RandomState;
use indexmap::IndexSet;

use crate::attributes::Attributes;
use crate::attributes::json::{Kind, Value, escape, quote};

/// The first part of every key.
const PREFIX: &str = "flex";

/// The keys that this project sets itself. An attribute never makes a key with such a name.
const RESERVED_KEYS: [&str; 6] = [
    "flex_task_sid",
    "flex_conversation_sid",
    "flex_reservation_sid",
    "flex_resolved",
    "flex_resolved_task_sid",
    "flex_resolved_timestamp",
];

/// The longest custom data that is accepted, in bytes. TaskRouter's 4,096 characters of attributes give about half of
/// this at worst. The worst attributes are an object with 340 members whose name has 2,000 characters of three bytes
/// each.
const MAX_BYTES: usize = 4 << 20;

/// The usual length of a member. There is room for this many keys from the start.
const BYTES_OF_A_MEMBER: usize = 24;

/// The custom data would be over 4 MiB. No task within TaskRouter's limits gives that much.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the attributes flatten to more than 4 MiB")]
pub struct TooMuchData;

/// Custom data for a session: keys and scalar JSON values in the order of the attributes.
#[derive(Debug, Clone, Default)]
pub struct CustomData {
    /// The hash is seeded. For short keys this hash is faster than the standard library's.
    entries: IndexSet<Entry, RandomState>,
    /// The keys that more than one attribute flattened to.
    collisions: BTreeSet<String>,
}

/// A member of the custom data. Two entries are equal if their keys are equal.
#[derive(Debug, Clone)]
struct Entry {
    /// The member's JSON in a single text, which takes a single allocation. The text is the quoted key, a colon and the
    /// value. The key is the content of a JSON string with normalised escapes. The value is a JSON string, number or
    /// boolean.
    json: String,
    key_length: usize,
    levels: usize,
}

impl Entry {
    fn new(key: &str, value: &str, levels: usize) -> Self {
        let mut json = String::with_capacity(key.len() + value.len() + r#""":"#.len());
        for part in ["\"", key, "\":", value] {
            json.push_str(part);
        }
        Self {
            json,
            key_length: key.len(),
            levels,
        }
    }

    fn key(&self) -> &str {
        &self.json[1..][..self.key_length]
    }

    fn value(&self) -> &str {
        &self.json[self.key_length + r#""":"#.len()..]
    }
}

impl PartialEq for Entry {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for Entry {}

impl Hash for Entry {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key().hash(state);
    }
}

impl Borrow<str> for Entry {
    fn borrow(&self) -> &str {
        self.key()
    }
}

/// Flattens a task's attributes.
///
/// Strings, numbers and booleans are copied as written. An array becomes its compact JSON text. Null becomes the empty
/// string, and an empty object nothing. If two attributes flatten to the same key, the path with fewer levels wins. At
/// the same depth the later path wins.
///
/// # Errors
/// [`TooMuchData`] if the custom data would be longer than 4 MiB.
pub fn flatten(attributes: &Attributes<'_>) -> Result<CustomData, TooMuchData> {
    let mut data = CustomData::default();
    data.entries.reserve(attributes.root().raw().len() / BYTES_OF_A_MEMBER);
    // Counts every visited key, and so also keys that collide.
    let mut bytes = 0;
    let mut path = String::from(PREFIX);
    // The objects on the current path: the members left in each, and the length of the path to the object.
    let mut open = vec![(attributes.root().members().into_iter(), path.len())];
    while let Some((members, path_length)) = open.last_mut() {
        let Some((name, value)) = members.next() else {
            open.pop();
            continue;
        };
        path.truncate(*path_length);
        path.push('_');
        path.push_str(&name);
        if value.kind() == Kind::Object {
            open.push((value.members().into_iter(), path.len()));
            continue;
        }
        let scalar = scalar(value);
        bytes += path.len() + scalar.len();
        if bytes > MAX_BYTES {
            return Err(TooMuchData);
        }
        if !RESERVED_KEYS.contains(&path.as_str()) {
            data.insert(Entry::new(&path, &scalar, open.len()));
        }
    }
    Ok(data)
}

fn scalar<'t>(value: Value<'_, 't>) -> Cow<'t, str> {
    match value.kind() {
        Kind::Array => quote(&value.compact()).into(),
        Kind::Null => "\"\"".into(),
        _ => value.raw().into(),
    }
}

impl CustomData {
    /// Sets a string of this project's own beside the flattened attributes.
    pub fn set(&mut self, key: &str, text: &str) {
        self.insert(Entry::new(&escape(key), &quote(text), 0));
    }

    /// Sets a JSON value under a key with normalised escapes.
    pub fn set_raw(&mut self, key: &str, value: &str) {
        self.insert(Entry::new(key, value, 0));
    }

    /// The keys that more than one attribute flattened to. Keys may be logged, and values never.
    pub fn collisions(&self) -> impl Iterator<Item = &str> {
        self.keys().filter(|key| self.collisions.contains(*key))
    }

    /// Keeps only the entries whose key the predicate accepts.
    pub fn retain(&mut self, keep: impl Fn(&str) -> bool) {
        self.entries.retain(|entry| keep(entry.key()));
    }

    /// The keys of `written` that are missing in this data, in the order of `written`.
    pub fn missing_from<'w>(&self, written: &'w CustomData) -> impl Iterator<Item = &'w str> {
        written.keys().filter(|key| !self.entries.contains(*key))
    }

    /// Whether both hold the same keys and values in any order.
    pub fn agrees_with(&self, other: &CustomData) -> bool {
        let agrees = |entry: &Entry| other.value(entry.key()) == Some(entry.value());
        self.entries.len() == other.entries.len() && self.entries.iter().all(agrees)
    }

    /// The JSON value of a key.
    pub fn value(&self, key: &str) -> Option<&str> {
        self.entries.get(key).map(Entry::value)
    }

    /// The JSON object.
    pub fn to_json(&self) -> String {
        let length = |entry: &Entry| entry.json.len() + ",".len();
        let mut json = String::with_capacity(self.entries.iter().map(length).sum::<usize>() + "{}".len());
        for entry in &self.entries {
            json.push(if json.is_empty() { '{' } else { ',' });
            json.push_str(&entry.json);
        }
        json.push_str(if json.is_empty() { "{}" } else { "}" });
        json
    }

    fn keys(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(Entry::key)
    }

    fn insert(&mut self, entry: Entry) {
        let levels = entry.levels;
        let Some(earlier) = self.entries.replace(entry) else {
            return;
        };
        self.collisions.insert(earlier.key().to_owned());
        if earlier.levels < levels {
            self.entries.replace(earlier);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flattened(text: &str) -> String {
        flatten(&Attributes::parse(text).unwrap()).unwrap().to_json()
    }

    #[test]
    fn flattening_follows_every_rule() {
        let rules = [
            (r#"{"order_id": 7}"#, r#"{"flex_order_id":7}"#),
            (
                r#"{"customer": {"name": "Ana", "address": {"city": "Oslo"}}}"#,
                r#"{"flex_customer_name":"Ana","flex_customer_address_city":"Oslo"}"#,
            ),
            (
                r#"{"a":1.10,"b":12345678901234567890,"c":1e400,"d":-0.0,"e":true,"f":false,"g":""}"#,
                r#"{"flex_a":1.10,"flex_b":12345678901234567890,"flex_c":1e400,"flex_d":-0.0,"flex_e":true,"flex_f":false,"flex_g":""}"#,
            ),
            (
                r#"{"tags": [ "a", {"b" : [1.0, null]}, "\u00e9\/" ]}"#,
                r#"{"flex_tags":"[\"a\",{\"b\":[1.0,null]},\"é/\"]"}"#,
            ),
            (
                r#"{"none": [], "nothing": null, "empty": {}, "deep": {"empty": {}}}"#,
                r#"{"flex_none":"[]","flex_nothing":""}"#,
            ),
            (
                r#"{"Ünï code":{"a-b.c":1},"":{"":2}}"#,
                r#"{"flex_Ünï code_a-b.c":1,"flex__":2}"#,
            ),
            (r#"{"a":{"x":1},"b":2,"a":{"y":3}}"#, r#"{"flex_a_y":3,"flex_b":2}"#),
            (
                r#"{"lone":"\ud800","\udfff":1}"#,
                r#"{"flex_lone":"\ud800","flex_\udfff":1}"#,
            ),
            (r#"{"quote\"d":"a\"b"}"#, r#"{"flex_quote\"d":"a\"b"}"#),
            (r#"{}"#, r#"{}"#),
        ];
        for (attributes, custom_data) in rules {
            assert_eq!(flattened(attributes), custom_data, "{attributes}");
        }
    }

    #[test]
    fn shorter_path_wins_a_shared_key_then_the_later() {
        assert_eq!(flattened(r#"{"a_b":1,"a":{"b":2}}"#), r#"{"flex_a_b":1}"#);
        assert_eq!(flattened(r#"{"a":{"b":2},"a_b":1}"#), r#"{"flex_a_b":1}"#);
        assert_eq!(flattened(r#"{"a":{"b_c":1},"a_b":{"c":2}}"#), r#"{"flex_a_b_c":2}"#);
        assert_eq!(flattened(r#"{"a_b":{"c":2},"a":{"b_c":1}}"#), r#"{"flex_a_b_c":1}"#);
        let data = flatten(&Attributes::parse(r#"{"a_b":1,"a":{"b":2},"x":3}"#).unwrap()).unwrap();
        assert_eq!(data.collisions().collect::<Vec<_>>(), ["flex_a_b"]);
    }

    #[test]
    fn attribute_never_makes_a_reserved_key() {
        let mut data =
            flatten(&Attributes::parse(r#"{"task_sid":"spoofed","task":{"sid":1},"resolved":true,"a":1}"#).unwrap())
                .unwrap();
        assert_eq!(data.to_json(), r#"{"flex_a":1}"#);
        data.set("flex_task_sid", "WT1");
        assert_eq!(data.to_json(), r#"{"flex_a":1,"flex_task_sid":"WT1"}"#);
        assert_eq!(data.collisions().count(), 0);
    }

    #[test]
    fn data_agrees_in_any_order_and_names_missing_keys() {
        let read = |text| flatten(&Attributes::parse(text).unwrap()).unwrap();
        let written = read(r#"{"a":1,"b":2}"#);
        let mut now = read(r#"{"b":2,"c":3}"#);
        assert_eq!(now.missing_from(&written).collect::<Vec<_>>(), ["flex_a"]);
        assert!(!now.agrees_with(&written));
        now.set_raw("flex_a", "1");
        now.retain(|key| key != "flex_c");
        assert!(now.agrees_with(&written));
    }

    #[test]
    fn largest_task_of_taskrouter_is_flattened() {
        let members: Vec<String> = (0..340).map(|index| format!("\"{:x}\":1", index)).collect();
        let worst = format!("{{\"{}\":{{{}}}}}", "中".repeat(1500), members.join(","));
        assert!(crate::attributes::shorten::units(&worst) <= crate::attributes::handoff::MAX_UNITS);
        assert_eq!(
            flatten(&Attributes::parse(&worst).unwrap()).map(|data| data.entries.len()),
            Ok(340)
        );
    }

    #[test]
    fn hundred_thousand_collisions_are_flattened() {
        let pairs: Vec<String> = (0..100_000).map(|n| format!(r#""{n}_":1,"{n}":{{"":2}}"#)).collect();
        let data = flatten(&Attributes::parse(&format!("{{{}}}", pairs.join(","))).unwrap()).unwrap();
        assert_eq!((data.entries.len(), data.collisions().count()), (100_000, 100_000));
    }

    #[test]
    fn deep_nesting_with_long_paths_is_refused() {
        let deep = format!("{}1{}", r#"{"":1,"a":"#.repeat(20_000), "}".repeat(20_000));
        assert_eq!(flatten(&Attributes::parse(&deep).unwrap()).err(), Some(TooMuchData));
    }
}
