//! A task's attributes as a session's custom data: `customer.name` becomes `flex_customer_name`.
//!
//! The session API takes strings, numbers and booleans only, and merges key by key.

use std::borrow::Cow;
use std::hash::BuildHasher;
use std::ops::Range;

use hashbrown::{DefaultHashBuilder, HashTable};

use crate::attributes::Attributes;
use crate::attributes::json::{Kind, Value, escape, quote};

/// What is put before every name.
const PREFIX: &str = "flex";

/// The empty string, in JSON.
const EMPTY: &str = "\"\"";

/// Custom data of more bytes than this is refused. TaskRouter's 4,096 characters of attributes give about half of it at
/// their worst: an object with a name of 2,000 characters of three bytes, and 340 members in it.
const MAX_BYTES: usize = 4 << 20;

/// Real attributes have a value each thirty bytes or so, and joined names make them about twice as long. Where there are
/// more, room is made as they come.
const BYTES_AN_ENTRY: usize = 32;

/// The custom data would be over 4 MiB: no task that TaskRouter allows gives so much.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooMuch;

/// Custom data for a session: names and scalar JSON values, in the order in which they came.
#[derive(Debug, Clone, Default)]
pub struct CustomData {
    entries: Vec<Entry>,
    /// The names and values of all entries, one behind the other, so that there is no piece of memory for each.
    texts: String,
    /// Where among the entries a name is.
    places: HashTable<usize>,
    hasher: DefaultHashBuilder,
    /// Names to which two attributes flatten, each once, in the order in which they were met.
    collisions: Vec<String>,
}

/// Name and value as they stand among the texts.
#[derive(Debug, Clone)]
struct Entry {
    /// Content of a JSON string, escapes normalised.
    name: Range<usize>,
    /// A JSON string, number or boolean.
    value: Range<usize>,
    levels: usize,
    has_collided: bool,
}

/// Flattens a task's attributes.
///
/// Strings, numbers and booleans stand as they are written; an array is its compact JSON text; null is the empty
/// string; an empty object is nothing. Of two attributes with one flattened name the one with fewer levels wins, and
/// at the same number of levels the later one.
///
/// # Errors
/// [`TooMuch`] if the custom data would be out of proportion.
pub fn flatten(attributes: &Attributes<'_>) -> Result<CustomData, TooMuch> {
    let mut data = CustomData::with_room_for(attributes.text().len());
    // Of all names, those of one name too: each is gone through.
    let mut bytes = 0;
    let mut path = String::from(PREFIX);
    // The objects that the path leads through: what is left of each, and how much of the path is its own.
    let mut open = vec![(attributes.root().members().into_iter(), path.len())];
    while let Some((members, own)) = open.last_mut() {
        let Some((name, value)) = members.next() else {
            open.pop();
            continue;
        };
        path.truncate(*own);
        path.push('_');
        path.push_str(&name);
        if value.kind() == Kind::Object {
            open.push((value.members().into_iter(), path.len()));
            continue;
        }
        let scalar = scalar(value);
        bytes += path.len() + scalar.len();
        if bytes > MAX_BYTES {
            return Err(TooMuch);
        }
        data.insert(&path, &scalar, open.len());
    }
    Ok(data)
}

fn scalar<'t>(value: Value<'_, 't>) -> Cow<'t, str> {
    match value.kind() {
        Kind::Array => quote(&value.compact()).into(),
        Kind::Null => EMPTY.into(),
        _ => value.raw().into(),
    }
}

impl CustomData {
    fn with_room_for(bytes: usize) -> Self {
        Self {
            entries: Vec::with_capacity(bytes / BYTES_AN_ENTRY),
            texts: String::with_capacity(bytes * 2),
            places: HashTable::with_capacity(bytes / BYTES_AN_ENTRY),
            ..Self::default()
        }
    }

    /// Sets a string beside the flattened attributes; it wins over an attribute of the same flattened name.
    pub fn set(&mut self, name: &str, text: &str) {
        self.insert(&escape(name), &quote(text), 0);
    }

    /// The names to which more than one attribute flattened. Names are logged, values never.
    pub fn collisions(&self) -> &[String] {
        &self.collisions
    }

    /// What to write so that the session holds this, when `written` is what was written to it before: this, and the
    /// empty string for each name that has since gone (the session API can't remove one).
    pub fn after(mut self, written: &CustomData) -> CustomData {
        for entry in &written.entries {
            let name = written.text(&entry.name);
            if self.value(name).is_none() {
                self.insert(name, EMPTY, 0);
            }
        }
        self
    }

    /// Whether both say the same, in whatever order.
    pub fn agrees_with(&self, other: &CustomData) -> bool {
        let agrees = |entry: &Entry| other.value(self.text(&entry.name)) == Some(self.text(&entry.value));
        self.entries.len() == other.entries.len() && self.entries.iter().all(agrees)
    }

    /// The JSON value of a name.
    pub fn value(&self, name: &str) -> Option<&str> {
        let place = self.place(name, self.hasher.hash_one(name))?;
        Some(self.text(&self.entries[place].value))
    }

    /// The JSON object.
    pub fn to_json(&self) -> String {
        let mut json = String::with_capacity(self.texts.len() + self.entries.len() * r#""":,"#.len() + "{}".len());
        for entry in &self.entries {
            json.push(if json.is_empty() { '{' } else { ',' });
            for part in ["\"", self.text(&entry.name), "\":", self.text(&entry.value)] {
                json.push_str(part);
            }
        }
        json.push_str(if json.is_empty() { "{}" } else { "}" });
        json
    }

    fn text(&self, range: &Range<usize>) -> &str {
        &self.texts[range.clone()]
    }

    fn place(&self, name: &str, hash: u64) -> Option<usize> {
        let is_named = |&place: &usize| self.text(&self.entries[place].name) == name;
        self.places.find(hash, is_named).copied()
    }

    fn insert(&mut self, name: &str, value: &str, levels: usize) {
        let value = self.keep(value);
        let hash = self.hasher.hash_one(name);
        match self.place(name, hash) {
            None => {
                let name = self.keep(name);
                self.entries.push(Entry {
                    name,
                    value,
                    levels,
                    has_collided: false,
                });
                let hash_at = |&place: &usize| self.hasher.hash_one(&self.texts[self.entries[place].name.clone()]);
                self.places.insert_unique(hash, self.entries.len() - 1, hash_at);
            }
            Some(place) => {
                let entry = &mut self.entries[place];
                if !std::mem::replace(&mut entry.has_collided, true) {
                    self.collisions.push(name.to_owned());
                }
                if levels <= entry.levels {
                    (entry.value, entry.levels) = (value, levels);
                }
            }
        }
    }

    fn keep(&mut self, text: &str) -> Range<usize> {
        let start = self.texts.len();
        self.texts.push_str(text);
        start..self.texts.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flattened(text: &str) -> String {
        flatten(&Attributes::parse(text).unwrap()).unwrap().to_json()
    }

    #[test]
    fn every_rule_of_flattening_holds() {
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
    fn of_two_paths_with_one_name_the_shorter_wins_and_then_the_later() {
        assert_eq!(flattened(r#"{"a_b":1,"a":{"b":2}}"#), r#"{"flex_a_b":1}"#);
        assert_eq!(flattened(r#"{"a":{"b":2},"a_b":1}"#), r#"{"flex_a_b":1}"#);
        assert_eq!(flattened(r#"{"a":{"b_c":1},"a_b":{"c":2}}"#), r#"{"flex_a_b_c":2}"#);
        assert_eq!(flattened(r#"{"a_b":{"c":2},"a":{"b_c":1}}"#), r#"{"flex_a_b_c":1}"#);
        let data = flatten(&Attributes::parse(r#"{"a_b":1,"a":{"b":2},"x":3}"#).unwrap()).unwrap();
        assert_eq!(data.collisions(), ["flex_a_b"]);
    }

    #[test]
    fn what_is_set_beside_the_attributes_wins_over_them() {
        let mut data = flatten(&Attributes::parse(r#"{"task_sid":"spoofed","a":1}"#).unwrap()).unwrap();
        data.set("flex_task_sid", "WT1");
        assert_eq!(data.to_json(), r#"{"flex_task_sid":"WT1","flex_a":1}"#);
        assert_eq!(data.collisions(), ["flex_task_sid"]);
    }

    #[test]
    fn a_name_that_was_written_and_has_gone_is_emptied() {
        let read = |text| flatten(&Attributes::parse(text).unwrap()).unwrap();
        let written = read(r#"{"a":1,"b":2}"#);
        let now = read(r#"{"b":2,"c":3}"#).after(&written);
        assert_eq!(now.to_json(), r#"{"flex_b":2,"flex_c":3,"flex_a":""}"#);
        assert!(!now.agrees_with(&written));
        assert!(read(r#"{"c":3,"b":2}"#).after(&now).agrees_with(&now));
    }

    #[test]
    fn the_worst_that_taskrouter_allows_is_flattened() {
        let members: Vec<String> = (0..340).map(|index| format!("\"{:x}\":1", index)).collect();
        let worst = format!("{{\"{}\":{{{}}}}}", "中".repeat(1500), members.join(","));
        assert!(crate::attributes::handoff::units(&worst) <= crate::attributes::handoff::MAX_UNITS);
        assert_eq!(
            flatten(&Attributes::parse(&worst).unwrap()).map(|data| data.entries.len()),
            Ok(340)
        );
    }

    #[test]
    fn a_hundred_thousand_collisions_are_no_danger() {
        let pairs: Vec<String> = (0..100_000).map(|n| format!(r#""{n}_":1,"{n}":{{"":2}}"#)).collect();
        let data = flatten(&Attributes::parse(&format!("{{{}}}", pairs.join(","))).unwrap()).unwrap();
        assert_eq!((data.entries.len(), data.collisions().len()), (100_000, 100_000));
    }

    #[test]
    fn nesting_that_would_multiply_the_text_is_refused() {
        let deep = format!("{}1{}", r#"{"":1,"a":"#.repeat(20_000), "}".repeat(20_000));
        assert_eq!(flatten(&Attributes::parse(&deep).unwrap()).err(), Some(TooMuch));
    }
}
