//! Names in expressions: `routing.levels.billing`, `object.array[2]`.

use std::fmt;
use std::str::FromStr;

use serde_json::Value;

use super::{Kind, Lexer, ParseError};

/// A dotted and indexed name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path {
    segments: Vec<Segment>,
}

/// One step of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Segment {
    /// A member of an object.
    Name(String),
    /// An element of an array, from 0.
    Index(usize),
}

impl Path {
    /// A path begins with a name, which only the lexer can tell from an operator.
    pub(super) fn new(segments: Vec<Segment>) -> Self {
        Self { segments }
    }

    /// Its steps; the first is a name.
    pub(crate) fn segments(&self) -> &[Segment] {
        &self.segments
    }

    /// The name that it begins with.
    pub(crate) fn first(&self) -> Option<&str> {
        self.segments.first()?.name()
    }

    /// The steps behind a prefix, such as `task`.
    pub(crate) fn behind(&self, prefix: &str) -> Option<&[Segment]> {
        match self.segments.split_first() {
            Some((Segment::Name(name), rest)) if name == prefix && !rest.is_empty() => Some(rest),
            _ => None,
        }
    }
}

impl FromStr for Path {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let mut lexer = Lexer::new(text);
        let first = lexer.next()?;
        let Kind::Path(path) = first.kind else {
            let expected = "a name, such as task.worker_sid";
            return Err(ParseError::new(text, first.start, expected, first.to_string()));
        };
        match lexer.next()? {
            end if end.kind == Kind::End => Ok(path),
            other => Err(ParseError::new(text, other.start, "the end", other.to_string())),
        }
    }
}

impl Segment {
    pub(crate) fn name(&self) -> Option<&str> {
        match self {
            Segment::Name(name) => Some(name),
            Segment::Index(_) => None,
        }
    }
}

impl fmt::Display for Path {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, segment) in self.segments.iter().enumerate() {
            match segment {
                Segment::Name(name) if place == 0 => formatter.write_str(name)?,
                Segment::Name(name) => write!(formatter, ".{name}")?,
                Segment::Index(index) => write!(formatter, "[{index}]")?,
            }
        }
        Ok(())
    }
}

/// The value that the steps lead to.
pub(crate) fn find<'v>(value: &'v Value, segments: &[Segment]) -> Option<&'v Value> {
    segments.iter().try_fold(value, |value, segment| match segment {
        Segment::Name(name) => value.as_object()?.get(name),
        Segment::Index(index) => value.as_array()?.get(*index),
    })
}
