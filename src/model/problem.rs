//! The validated, immutable, indexed problem.

use super::{Backlog, InvalidProblem, Rules};

/// Backlog, rules and incumbent, ready to solve.
#[derive(Clone, Debug)]
pub struct Problem {
    backlog: Backlog,
    rules: Rules,
}

impl Problem {
    /// Checks backlog and rules and derives eligibility and prices.
    ///
    /// # Errors
    /// [`InvalidProblem`] with every violation at once.
    pub fn new(backlog: Backlog, rules: Rules) -> Result<Self, InvalidProblem> {
        Ok(Self { backlog, rules })
    }

    /// The backlog, its lists sorted by id.
    #[must_use]
    pub fn backlog(&self) -> &Backlog {
        &self.backlog
    }

    /// The rules.
    #[must_use]
    pub fn rules(&self) -> &Rules {
        &self.rules
    }
}
