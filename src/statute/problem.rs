//! From a backlog as it was sent to a problem that can be solved: what the catalogue says of its cases, then the gate.

use super::{Catalogue, Holidays, resolve::resolve};
use crate::model::{Backlog, InvalidProblem, Problem, Rules};

/// What says when things are due, and what cases weigh by that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statute {
    /// The stages and clocks.
    pub catalogue: Catalogue,
    /// The days on which nobody works.
    pub holidays: Holidays,
}

impl Statute {
    /// What the catalogue says, its bank holidays too.
    #[must_use]
    pub fn of(catalogue: Catalogue) -> Self {
        Self { holidays: catalogue.holidays(), catalogue }
    }

    /// The problem that backlog and rules are as at the backlog's day, with what its answers should note. O(cases + pairs).
    ///
    /// # Errors
    /// Everything that is wrong with the backlog, in the order of the input.
    pub fn problem(&self, mut backlog: Backlog, rules: Rules) -> Result<Problem, InvalidProblem> {
        let resolved = resolve(&mut backlog, &self.catalogue, &self.holidays);
        let mut violations = resolved.violations;
        match Problem::new(backlog, rules) {
            Ok(problem) if violations.is_empty() => return Ok(problem.with_notes(resolved.notes)),
            Ok(_) => {}
            Err(error) => violations.extend(error.violations),
        }
        violations.sort_by_key(|violation| (violation.place.part, violation.place.position));
        Err(InvalidProblem { violations })
    }
}
