//! The validated, immutable, indexed problem: backlog, rules and incumbent, ready to solve. Behind [`Problem::new`]
//! nobody validates again.
//!
//! Sets: units i (a case, or a group of cases that stays together), officers j, eligible pairs (i, j). For a unit
//! everything is summed over its cases. The objective and its constraints are in ARCHITECTURE.md, "The problem".

mod check;
mod limits;
mod pairs;
mod people;
mod units;
mod waiting;

use std::ops::Range;

use super::{Backlog, CaseIndex, InvalidProblem, Note, OfficerIndex, Rules, UnitIndex};

pub use check::token_problem;
pub use limits::{BalanceSegment, Limits};
pub use units::{Anchor, Unit};

/// An officer who may hold a unit, with everything that this costs. 24 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EligiblePair {
    /// Price, handover included, >= 0.
    pub cost: i64,
    /// The officer.
    pub officer: OfficerIndex,
    /// Points the unit weighs with this officer.
    pub weight_points: u32,
    /// Cases of the unit that would be new to the officer.
    pub new_case_count: u32,
    /// Cases of the unit that leave another officer who stays.
    pub handover_count: u32,
}

/// Why an officer may be given new cases, or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    /// In service.
    In,
    /// Away for less than 6 weeks: keeps the caseload, takes no new case.
    ShortAbsence,
    /// Not there: their cases need another officer.
    Out,
}

/// Backlog, rules and incumbent, ready to solve. Lists are sorted by id, so the order of the input does not matter.
#[derive(Clone, Debug)]
pub struct Problem {
    /// Cases, officers and supervisors sorted by id; every reference resolves.
    backlog: Backlog,
    rules: Rules,
    /// One entry an officer.
    service: Vec<Service>,
    /// The officer who holds a case today, stays and is not barred from it; one entry a case.
    holders: Vec<Option<OfficerIndex>>,
    units: Vec<Unit>,
    /// Cases of the units, one unit after the other.
    unit_cases: Vec<CaseIndex>,
    /// Pairs of unit i: `pair_starts[i]..pair_starts[i + 1]`, by officer.
    pair_starts: Vec<usize>,
    pairs: Vec<EligiblePair>,
    limits: Vec<Limits>,
    handover_limit: Option<i64>,
    notes: Vec<Note>,
}

impl Problem {
    /// Checks backlog and rules, forms units, and derives eligibility, limits and prices.
    ///
    /// Time and memory are linear in cases, officers and eligible pairs; pairs are found by looking up each distinct
    /// combination of area and skills once, never by testing all cases against all officers.
    ///
    /// # Errors
    /// [`InvalidProblem`] with every violation at once, by position as the caller sent it.
    pub fn new(backlog: Backlog, rules: Rules) -> Result<Self, InvalidProblem> {
        check::check(&backlog, &rules)?;
        let people = people::People::new(backlog);
        let mut notes = people::uncovered_areas(&people);
        let mut grouping = units::group(&people, &mut notes);
        let finder = pairs::Finder::new(&people, &rules);
        let limits = limits::limits(&people, &rules, &finder, &grouping, &mut notes);
        let pairs = finder.pairs(&mut grouping, &limits, &mut notes);
        let units::Grouping { mut units, unit_cases, .. } = grouping;
        waiting::price(&people, &rules, &mut units, &unit_cases, &pairs, &mut notes);
        let pinned_handover_count = pinned_handovers(&units, &pairs);
        let handover_limit = rules.handover_limit.map(|limit| {
            if limit < pinned_handover_count {
                notes.push(Note::RaisedHandoverLimit { handover_limit: limit, pinned_handover_count });
            }
            limit.max(pinned_handover_count)
        });
        let people::People { backlog, service, holders, .. } = people;
        let problem = Self {
            backlog,
            rules,
            service,
            holders,
            units,
            unit_cases,
            pair_starts: pairs.starts,
            pairs: pairs.pairs,
            limits,
            handover_limit,
            notes,
        };
        check::prices_fit(&problem)?;
        Ok(problem)
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

    /// The units.
    #[must_use]
    pub fn units(&self) -> &[Unit] {
        &self.units
    }

    /// Every unit's index.
    pub fn unit_indices(&self) -> impl Iterator<Item = UnitIndex> + use<> {
        (0..self.units.len()).map(UnitIndex::new)
    }

    /// The unit.
    #[must_use]
    pub fn unit(&self, unit: UnitIndex) -> &Unit {
        &self.units[unit.get()]
    }

    /// The cases of a unit.
    #[must_use]
    pub fn cases_of(&self, unit: UnitIndex) -> &[CaseIndex] {
        &self.unit_cases[self.units[unit.get()].case_range()]
    }

    /// The officers who may hold a unit, by officer.
    #[must_use]
    pub fn pairs(&self, unit: UnitIndex) -> &[EligiblePair] {
        &self.pairs[self.pair_range(unit)]
    }

    /// The pair of a unit with an officer, if the officer may hold it. O(log pairs).
    #[must_use]
    pub fn pair(&self, unit: UnitIndex, officer: OfficerIndex) -> Option<&EligiblePair> {
        let pairs = self.pairs(unit);
        pairs.binary_search_by_key(&officer, |pair| pair.officer).ok().map(|position| &pairs[position])
    }

    /// Positions of a unit's pairs among all pairs.
    #[must_use]
    pub fn pair_range(&self, unit: UnitIndex) -> Range<usize> {
        self.pair_starts[unit.get()]..self.pair_starts[unit.get() + 1]
    }

    /// Number of eligible pairs.
    #[must_use]
    pub fn pair_count(&self) -> usize {
        self.pairs.len()
    }

    /// Limits and balance price, one entry an officer.
    #[must_use]
    pub fn limits(&self) -> &[Limits] {
        &self.limits
    }

    /// Number of officers.
    #[must_use]
    pub fn officer_count(&self) -> usize {
        self.limits.len()
    }

    /// Most handovers and releases; `None` = no limit.
    #[must_use]
    pub fn handover_limit(&self) -> Option<i64> {
        self.handover_limit
    }

    /// The officer who holds a case today, stays, and is not barred from it.
    #[must_use]
    pub fn holder(&self, case: CaseIndex) -> Option<OfficerIndex> {
        self.holders[case.get()]
    }

    /// Whether an officer is in service on the day of the allocation.
    #[must_use]
    pub fn service(&self, officer: OfficerIndex) -> Service {
        self.service[officer.get()]
    }

    /// Position of an officer by id. O(log officers).
    #[must_use]
    pub fn officer_index(&self, id: &super::OfficerId) -> Option<OfficerIndex> {
        self.backlog.officers.binary_search_by(|officer| officer.id.cmp(id)).ok().map(OfficerIndex::new)
    }

    /// Position of a case by id. O(log cases).
    #[must_use]
    pub fn case_index(&self, id: &super::CaseId) -> Option<CaseIndex> {
        self.backlog.cases.binary_search_by(|case| case.id.cmp(id)).ok().map(CaseIndex::new)
    }

    /// Assumptions made and wishes that could not be met.
    #[must_use]
    pub fn notes(&self) -> &[Note] {
        &self.notes
    }

    /// Someone owns every waiting case: there is a supervisor without areas.
    #[must_use]
    pub fn has_default_supervisor(&self) -> bool {
        self.backlog.supervisors.iter().any(|supervisor| supervisor.areas.is_empty())
    }
}

fn pinned_handovers(units: &[Unit], pairs: &pairs::Pairs) -> i64 {
    units
        .iter()
        .zip(pairs.starts.windows(2))
        .filter(|(unit, _)| unit.is_pinned())
        .map(|(_, bounds)| i64::from(pairs.pairs[bounds[0]].handover_count))
        .sum()
}

#[cfg(test)]
mod tests;
