//! The parts of a configuration's JSON and their positions.
//!
//! Each part is kept as its own text and read one level at a time. The text also gives the part's position. Unread
//! parts may therefore be nested to any depth.

use std::collections::BTreeMap;
use std::str::FromStr;
use std::time::Duration;

use serde_json::value::RawValue;

use super::error::ConfigurationError;
use super::literal;
use crate::expression::ParseError;
use crate::position::{Position, beginning, offset_of_error};

/// A part of the document.
pub(super) struct Field<'t> {
    document: &'t str,
    pointer: String,
    /// The part's text as a slice of the document.
    json: &'t str,
}

/// An object in the document.
pub(super) struct Object<'t> {
    field: Field<'t>,
    /// The last of several members with the same name counts. Most readers of JSON do the same.
    members: BTreeMap<String, &'t RawValue>,
}

impl<'t> Object<'t> {
    pub(super) fn document(text: &'t str) -> Result<Self, ConfigurationError> {
        let root = Field {
            document: text,
            pointer: String::new(),
            json: text,
        };
        let json = serde_json::from_str::<&RawValue>(text).map_err(|error| ConfigurationError {
            pointer: None,
            ..root.unreadable(&error)
        })?;
        let json = json.get();
        Field { json, ..root }.object()
    }

    pub(super) fn object(&self, name: &str) -> Result<Option<Self>, ConfigurationError> {
        self.member(&[name]).map(Field::object).transpose()
    }

    /// The objects in an array. Empty if there is no array.
    pub(super) fn objects(&self, name: &str) -> Result<Vec<Self>, ConfigurationError> {
        match self.member(&[name]) {
            Some(member) => member.elements()?.into_iter().map(Field::object).collect(),
            None => Ok(Vec::new()),
        }
    }

    /// The text of a member that is a non-blank string.
    pub(super) fn text(&self, names: &[&str]) -> Result<Option<String>, ConfigurationError> {
        match self.member(names) {
            Some(member) => Ok(Some(member.text()?).filter(|text| !text.trim().is_empty())),
            None => Ok(None),
        }
    }

    /// The parsed text of a member that is a non-blank string.
    pub(super) fn parsed<T: FromStr<Err = ParseError>>(&self, name: &str) -> Result<Option<T>, ConfigurationError> {
        let (Some(text), Some(member)) = (self.text(&[name])?, self.member(&[name])) else {
            return Ok(None);
        };
        text.parse().map(Some).map_err(|error: ParseError| {
            let message = format!("expected {}, found {}", error.expected, error.found);
            member.error(literal::offset_of(member.json, error.offset), message)
        })
    }

    /// A number or a string that contains a number.
    pub(super) fn whole_number(&self, name: &str) -> Result<Option<i64>, ConfigurationError> {
        let Some(member) = self.member(&[name]) else {
            return Ok(None);
        };
        let number = match member.json.starts_with('"') {
            true => member.text()?,
            false => member.json.to_owned(),
        };
        match number.trim() {
            "" => Ok(None),
            number => number.parse().map(Some).map_err(|_| member.is_not("a whole number")),
        }
    }

    /// "Must be a positive integer."
    pub(super) fn seconds(&self, name: &str) -> Result<Option<Duration>, ConfigurationError> {
        let Some(number) = self.whole_number(name)? else {
            return Ok(None);
        };
        match u32::try_from(number) {
            Ok(seconds @ 1..) => Ok(Some(Duration::from_secs(seconds.into()))),
            _ => Err(self.lacks(name, "a positive number of seconds")),
        }
    }

    /// Refuses a member whose name is another spelling of an absent member, such as `taskRouting` or `target`. Only
    /// `names` are known here.
    pub(super) fn check_names(&self, names: &[&str]) -> Result<(), ConfigurationError> {
        for found in self.members.keys().filter(|found| !names.contains(&found.as_str())) {
            let meant = names.iter().find(|name| is_like(found, name));
            if let (Some(meant), Some(member)) = (meant, self.member(&[found]))
                && !self.members.contains_key(*meant)
            {
                return Err(member.error(0, format!("\"{found}\" is unknown here, \"{meant}\" may be meant")));
            }
        }
        Ok(())
    }

    /// Refuses an object that has none of these members. A null member counts.
    pub(super) fn check_has_one_of(&self, names: &[&str]) -> Result<(), ConfigurationError> {
        if names.iter().any(|name| self.members.contains_key(*name)) {
            return Ok(());
        }
        let names: Vec<String> = names.iter().map(|name| format!("\"{name}\"")).collect();
        Err(self
            .field
            .error(0, format!("expected {}, found neither", names.join(" or "))))
    }

    /// The error for a missing or wrong member.
    pub(super) fn lacks(&self, name: &str, expected: &str) -> ConfigurationError {
        match self.member(&[name]) {
            Some(member) => member.is_not(expected),
            None => self
                .field
                .error(0, format!("expected {expected} as \"{name}\", found none")),
        }
    }

    /// The first of these members that is not null.
    fn member(&self, names: &[&str]) -> Option<Field<'t>> {
        let mut members = names
            .iter()
            .filter_map(|name| Some((name, self.members.get(*name)?.get())));
        let (name, json) = members.find(|(_, json)| *json != "null")?;
        Some(Field {
            document: self.field.document,
            pointer: format!("{}/{name}", self.field.pointer),
            json,
        })
    }
}

/// Whether two names differ only in case, underscores or an `s` at the end.
fn is_like(found: &str, name: &str) -> bool {
    let bare = |name: &str| name.replace('_', "").to_lowercase().trim_end_matches('s').to_owned();
    bare(found) == bare(name)
}

impl<'t> Field<'t> {
    fn object(self) -> Result<Object<'t>, ConfigurationError> {
        if !self.json.starts_with('{') {
            return Err(self.is_not("an object"));
        }
        let members = serde_json::from_str(self.json).map_err(|error| self.unreadable(&error))?;
        Ok(Object { field: self, members })
    }

    fn elements(&self) -> Result<Vec<Self>, ConfigurationError> {
        if !self.json.starts_with('[') {
            return Err(self.is_not("an array"));
        }
        let elements: Vec<&RawValue> = serde_json::from_str(self.json).map_err(|error| self.unreadable(&error))?;
        let element = |(index, element): (usize, &'t RawValue)| Self {
            document: self.document,
            pointer: format!("{}/{index}", self.pointer),
            json: element.get(),
        };
        Ok(elements.into_iter().enumerate().map(element).collect())
    }

    fn text(&self) -> Result<String, ConfigurationError> {
        if !self.json.starts_with('"') {
            return Err(self.is_not("a string"));
        }
        serde_json::from_str(self.json).map_err(|error| self.unreadable(&error))
    }

    fn is_not(&self, expected: &str) -> ConfigurationError {
        let found = match self.json.as_bytes().first() {
            Some(b'{') => "an object".to_owned(),
            Some(b'[') => "an array".to_owned(),
            _ => beginning(self.json),
        };
        self.error(0, format!("expected {expected}, found {found}"))
    }

    /// The error for text that is not JSON or for a string with half a surrogate pair.
    fn unreadable(&self, error: &serde_json::Error) -> ConfigurationError {
        let text = error.to_string();
        let place = format!(" at line {} column {}", error.line(), error.column());
        let message = text.strip_suffix(&place).unwrap_or(&text);
        self.error(offset_of_error(self.json, error), format!("not JSON: {message}"))
    }

    fn error(&self, offset: usize, message: String) -> ConfigurationError {
        let start = self.json.as_ptr().addr() - self.document.as_ptr().addr();
        ConfigurationError {
            pointer: Some(self.pointer.clone()),
            position: Position::new(self.document, start + offset),
            message,
        }
    }
}
