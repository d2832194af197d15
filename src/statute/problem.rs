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
    /// The problem that backlog and rules are as at the backlog's day, with what its answers should note. O(cases + pairs).
    ///
    /// # Errors
    /// Everything that is wrong with the backlog, in the order of the input.
    pub fn problem(&self, mut backlog: Backlog, rules: Rules) -> Result<Problem, InvalidProblem> {
        let resolved = resolve(&mut backlog, &self.catalogue, &self.holidays);
        let mut violations = resolved.violations;
        let problem = Problem::new(backlog, rules);
        if violations.is_empty() {
            return problem.map(|problem| problem.with_notes(resolved.notes));
        }
        violations.extend(problem.err().map(|error| error.violations).unwrap_or_default());
        violations.sort_by_key(|violation| (violation.place.part, violation.place.position));
        Err(InvalidProblem { violations })
    }
}
