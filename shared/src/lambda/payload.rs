//! What a function is invoked with.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

/// The payload of an invocation, or nothing where it isn't what it should be: so that this, too, is answered in our own
/// words and leaves a line in the log.
pub struct Payload<T>(pub Option<T>);

impl<'de, T: DeserializeOwned> Deserialize<'de> for Payload<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let json = Box::<RawValue>::deserialize(deserializer).ok();
        Ok(Self(json.and_then(|json| serde_json::from_str(json.get()).ok())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_as_expected_is_nothing_and_no_error() {
        let read = |json: &str| serde_json::from_str::<Payload<Vec<u8>>>(json).unwrap().0;
        assert_eq!(read("[1,2]"), Some(vec![1, 2]));
        assert_eq!(read("{}"), None);
        assert_eq!(read("null"), None);
    }
}
