//! Names in expressions: `routing.levels.billing`, `object.array[2]`.

use std::fmt;

use serde_json::Value;

/// A dotted and indexed name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path {
    segments: Vec<Segment>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Segment {
    /// A member of an object.
    Name(String),
    /// The index of an array's element.
    Index(usize),
}

impl Path {
    /// A path begins with a name. Only the lexer can tell such a name from an operator.
    pub(crate) fn new(segments: Vec<Segment>) -> Self {
        Self { segments }
    }

    /// The first segment is a name.
    pub(crate) fn segments(&self) -> &[Segment] {
        &self.segments
    }

    /// The first name.
    pub(crate) fn first(&self) -> Option<&str> {
        self.segments.first()?.name()
    }

    /// The segments after a prefix, such as `task`.
    pub(crate) fn behind(&self, prefix: &str) -> Option<&[Segment]> {
        match self.segments.split_first() {
            Some((Segment::Name(name), rest)) if name == prefix && !rest.is_empty() => Some(rest),
            _ => None,
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

/// The value at the end of the segments.
pub(crate) fn find<'v>(value: &'v Value, segments: &[Segment]) -> Option<&'v Value> {
    segments.iter().try_fold(value, |value, segment| match segment {
        Segment::Name(name) => value.as_object()?.get(name),
        Segment::Index(index) => value.as_array()?.get(*index),
    })
}
