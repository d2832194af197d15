//! What is wrong with a question, all at once: each by the path of its field, as gRPC's `BadRequest` wants it.

use std::fmt;

/// A field that cannot be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadEntry {
    /// Where: `demand[0].per_week`.
    pub path: String,
    /// A sentence without the path: the value, the limit, what to do.
    pub message: String,
}

impl BadEntry {
    pub(super) fn new(path: impl Into<String>, message: impl Into<String>) -> Self {
        Self { path: path.into(), message: message.into() }
    }

    /// With the path of what it is part of before its own.
    pub(super) fn within(self, path: &str) -> Self {
        Self { path: format!("{path}.{}", self.path), ..self }
    }

    /// Wrong unless the number is within these limits.
    pub(super) fn unless_within(
        found: &mut Vec<Self>,
        path: impl Into<String>,
        number: i64,
        range: std::ops::RangeInclusive<i64>,
    ) {
        if !range.contains(&number) {
            let (first, last) = range.into_inner();
            found.push(Self::new(path, format!("is {number}; must be {first} to {last}")));
        }
    }
}

impl fmt::Display for BadEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path, self.message)
    }
}
