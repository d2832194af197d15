//! What is wrong with a question, all at once: each by the path of its field, as gRPC's `BadRequest` wants it.

use std::fmt;

use crate::{model::InvalidProblem, solve::FaultyAnswer};

/// A field that cannot be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadEntry {
    /// Where: `demand[0].per_week`.
    pub path: String,
    /// A sentence without the path: the value, the limit, what to do.
    pub message: String,
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unanswerable {
    /// The question itself.
    #[error("the question cannot be answered: {}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Invalid(Vec<BadEntry>),
    /// The backlog.
    #[error(transparent)]
    Problem(#[from] InvalidProblem),
    /// A defect.
    #[error(transparent)]
    Faulty(#[from] FaultyAnswer),
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
