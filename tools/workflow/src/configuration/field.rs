//! The members of a configuration's JSON, each with where it stands.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde_json::Value;

use crate::expression::ParseError;

/// The text is not a workflow's configuration.
#[derive(Debug)]
pub enum ConfigurationError {
    /// It is not JSON; the error has the line and the column.
    Json(serde_json::Error),
    /// A member is not what it has to be.
    Member {
        /// Where it stands, such as `task_routing.filters[0].targets[1].timeout`.
        place: String,
        /// What it has to be.
        expected: &'static str,
        /// What it is.
        found: String,
    },
    /// A member is not the expression, the order or the name that it has to be.
    Expression {
        /// Where it stands.
        place: String,
        /// Where in it the error is.
        error: ParseError,
    },
}

/// A part of the document, and where it stands.
#[derive(Clone)]
pub(super) struct Field<'v> {
    place: String,
    value: &'v Value,
}

impl<'v> Field<'v> {
    pub(super) fn document(value: &'v Value) -> Result<Self, ConfigurationError> {
        let place = String::new();
        Self { place, value }.checked(Value::is_object, "an object")
    }

    pub(super) fn object(&self, names: &[&str]) -> Result<Option<Self>, ConfigurationError> {
        let member = self.member(names);
        member
            .map(|member| member.checked(Value::is_object, "an object"))
            .transpose()
    }

    /// The objects in an array; none if there is no array.
    pub(super) fn elements(&self, name: &str) -> Result<Vec<Self>, ConfigurationError> {
        let Some(member) = self.member(&[name]) else {
            return Ok(Vec::new());
        };
        let elements = member.value.as_array().ok_or_else(|| member.is_not("an array"))?;
        let element = |(index, value)| Self {
            place: format!("{}[{index}]", member.place),
            value,
        };
        let elements = elements.iter().enumerate().map(element);
        elements
            .map(|element| element.checked(Value::is_object, "an object"))
            .collect()
    }

    /// A string with something in it.
    pub(super) fn text(&self, names: &[&str]) -> Result<Option<&'v str>, ConfigurationError> {
        let Some(member) = self.member(names) else {
            return Ok(None);
        };
        let text = member.value.as_str().ok_or_else(|| member.is_not("a string"))?;
        Ok(Some(text).filter(|text| !text.trim().is_empty()))
    }

    /// What a string with something in it says.
    pub(super) fn parsed<T: FromStr<Err = ParseError>>(&self, name: &str) -> Result<Option<T>, ConfigurationError> {
        let Some(text) = self.text(&[name])? else {
            return Ok(None);
        };
        text.parse().map(Some).map_err(|error| ConfigurationError::Expression {
            place: self.place_of(name),
            error,
        })
    }

    /// A number, or a string that is one.
    pub(super) fn whole_number(&self, name: &str) -> Result<Option<i64>, ConfigurationError> {
        let Some(member) = self.member(&[name]) else {
            return Ok(None);
        };
        let number = match member.value {
            Value::String(text) if text.trim().is_empty() => return Ok(None),
            Value::String(text) => text.trim().parse().ok(),
            value => value.as_i64(),
        };
        number.map(Some).ok_or_else(|| member.is_not("a whole number"))
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

    /// The first of the members by these names that is there and not null.
    fn member(&self, names: &[&str]) -> Option<Self> {
        let members = names.iter().filter_map(|name| Some((*name, self.value.get(name)?)));
        let (name, value) = members.into_iter().find(|(_, value)| !value.is_null())?;
        let place = self.place_of(name);
        Some(Self { place, value })
    }

    fn place_of(&self, name: &str) -> String {
        match self.place.as_str() {
            "" => name.to_owned(),
            place => format!("{place}.{name}"),
        }
    }

    fn checked(self, is_right: fn(&Value) -> bool, expected: &'static str) -> Result<Self, ConfigurationError> {
        match is_right(self.value) {
            true => Ok(self),
            false => Err(self.is_not(expected)),
        }
    }

    /// The error that a member is missing, or not what it has to be.
    pub(super) fn lacks(&self, name: &str, expected: &'static str) -> ConfigurationError {
        ConfigurationError::Member {
            place: self.place_of(name),
            expected,
            found: self.value.get(name).map_or("nothing".to_owned(), Value::to_string),
        }
    }

    fn is_not(&self, expected: &'static str) -> ConfigurationError {
        ConfigurationError::Member {
            place: self.place.clone(),
            expected,
            found: self.value.to_string(),
        }
    }
}

impl fmt::Display for ConfigurationError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Json(error) => write!(formatter, "not JSON: {error}"),
            Self::Member { place, expected, found } if place.is_empty() => {
                write!(formatter, "expected {expected}, found {found}")
            }
            Self::Member { place, expected, found } => write!(formatter, "{place}: expected {expected}, found {found}"),
            Self::Expression { place, error } => write!(formatter, "{place}: {error}"),
        }
    }
}

impl std::error::Error for ConfigurationError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Json(error) => Some(error),
            Self::Member { .. } => None,
            Self::Expression { error, .. } => Some(error),
        }
    }
}
