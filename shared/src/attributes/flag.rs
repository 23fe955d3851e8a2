//! Sets an attribute to true and keeps every other byte.

use crate::attributes::Attributes;
use crate::attributes::handoff::{AttributesTooLarge, MAX_UNITS};
use crate::attributes::json::escape;
use crate::attributes::shorten::units;
use crate::attributes::splice::splice;

/// The attributes with the named attribute set to `true`. `None` if the attribute is `true` already.
///
/// # Errors
/// [`AttributesTooLarge`] if the result would be longer than [`MAX_UNITS`].
pub fn set_true(attributes: &Attributes<'_>, name: &str) -> Result<Option<String>, AttributesTooLarge> {
    let name = escape(name);
    if attributes
        .root()
        .member(&name)
        .is_some_and(|value| value.raw() == "true")
    {
        return Ok(None);
    }
    let merged = splice(attributes, &[(&name, "true".to_owned())]);
    match units(&merged) {
        0..=MAX_UNITS => Ok(Some(merged)),
        _ => Err(AttributesTooLarge),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(name: &str, text: &str) -> Result<Option<String>, AttributesTooLarge> {
        set_true(&Attributes::parse(text).unwrap(), name)
    }

    #[test]
    fn only_the_named_attribute_changes() {
        for (before, after) in [
            ("{}", r#"{"done":true}"#),
            (r#" { "n" : 1.10 } "#, r#" { "n" : 1.10,"done":true } "#),
            (r#"{"done":"true","x":{"done":0}}"#, r#"{"done":true,"x":{"done":0}}"#),
            (
                r#"{"done":true,"d\u006fne":false}"#,
                r#"{"done":true,"d\u006fne":true}"#,
            ),
        ] {
            assert_eq!(set("done", before), Ok(Some(after.to_owned())));
            assert_eq!(set("done", after), Ok(None));
        }
        assert_eq!(set("a\"b", "{}"), Ok(Some(r#"{"a\"b":true}"#.to_owned())));
    }

    #[test]
    fn attributes_that_leave_no_room_are_an_error() {
        let filler = |length| format!(r#"{{"a":"{}"}}"#, "x".repeat(length));
        let longest = MAX_UNITS - r#"{"a":"","done":true}"#.len();
        assert!(set("done", &filler(longest)).is_ok());
        assert_eq!(set("done", &filler(longest + 1)), Err(AttributesTooLarge));
    }
}
