//! A rule broken by a field of a request or file: where, which value, and what to do.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The list of a backlog that a violation points into.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Part {
    /// `backlog` itself.
    Backlog,
    /// `backlog.cases`.
    Cases,
    /// `backlog.officers`.
    Officers,
    /// `backlog.supervisors`.
    Supervisors,
    /// `backlog.pairs`.
    Pairs,
    /// `rules`.
    Rules,
}

/// Where a violation is: a field of one entry of one list, by position as the caller sent it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The list.
    pub part: Part,
    /// Position in the list, from 0, in the order the caller sent; `None` = the list as a whole.
    pub position: Option<usize>,
    /// Field name; empty = the entry as a whole.
    pub field: &'static str,
}

impl fmt::Display for Place {
    /// The path as gRPC's `BadRequest` wants it: `backlog.cases[3].weight_points`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.part {
            Part::Backlog => "backlog",
            Part::Cases => "backlog.cases",
            Part::Officers => "backlog.officers",
            Part::Supervisors => "backlog.supervisors",
            Part::Pairs => "backlog.pairs",
            Part::Rules => "rules",
        })?;
        if let Some(position) = self.position {
            write!(f, "[{position}]")?;
        }
        if !self.field.is_empty() {
            write!(f, ".{}", self.field)?;
        }
        Ok(())
    }
}

/// One broken rule. The message names the value, the limit and what to do.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Violation {
    /// Where.
    pub place: Place,
    /// The value found, as text; empty where a value is missing.
    pub value: String,
    /// A sentence without the path.
    pub message: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.message)
    }
}

/// A backlog that cannot be solved as it stands: every violation at once, in the order of the input.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{} in the backlog; the first: {}", counted(violations.len()), violations[0])]
pub struct InvalidProblem {
    /// At least one violation.
    pub violations: Vec<Violation>,
}

fn counted(count: usize) -> String {
    if count == 1 { "1 violation".to_owned() } else { format!("{count} violations") }
}
