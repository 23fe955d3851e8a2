//! A session's custom data: strings, numbers and booleans by name. Values keep their digits and escapes.

use std::fmt;

use serde::de::{Error, MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

/// Names in the order of their first write, with the JSON text of their values.
#[derive(Clone, Debug, Default)]
pub struct CustomData(Vec<(String, Box<RawValue>)>);

impl CustomData {
    pub fn get(&self, name: &str) -> Option<&str> {
        self.iter().find(|(key, _)| *key == name).map(|(_, value)| value)
    }

    /// All names with the JSON text of their values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.get()))
    }

    /// Sets the names in `patch` and keeps all others.
    pub(super) fn merge(&mut self, patch: Self) {
        for (name, value) in patch.0 {
            match self.0.iter_mut().find(|(key, _)| *key == name) {
                Some((_, old)) => *old = value,
                None => self.0.push((name, value)),
            }
        }
    }
}

/// Equal if the names and texts are the same, in the same order.
impl PartialEq for CustomData {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Serialize for CustomData {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in &self.0 {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for CustomData {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Entries)
    }
}

struct Entries;

impl<'de> Visitor<'de> for Entries {
    type Value = CustomData;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object of strings, numbers and booleans")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<CustomData, A::Error> {
        let mut data = CustomData::default();
        while let Some((name, value)) = map.next_entry::<String, Box<RawValue>>()? {
            if value.get().starts_with(['{', '[', 'n']) {
                return Err(A::Error::custom(format!(
                    "custom_data.{name} must be a string, a number or a boolean"
                )));
            }
            data.merge(CustomData(vec![(name, value)]));
        }
        Ok(data)
    }
}
