//! The validated, immutable, indexed problem: backlog, rules and incumbent, ready to solve. Behind [`Problem::new`]
//! nobody validates again.
//!
//! Sets: units i (a case, or a group of cases that stays together), officers j, eligible pairs (i, j). For a unit
//! everything is summed over its cases. The objective and its constraints are in ARCHITECTURE.md, "The problem".

mod check;
mod instance;
mod limits;
mod owners;
mod pairs;
mod people;
mod units;
mod waiting;

use super::{Backlog, CaseIndex, InvalidProblem, Note, OfficerIndex, Rules, UnitIndex};

pub use check::token_problem;
pub use instance::{EligiblePair, Instance, Unit};
pub use limits::{BalanceSegment, INTAKE_DAYS, Limits};
pub use owners::Owners;
pub use people::service_on;
pub use units::Anchor;

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
    instance: Instance,
    /// Cases of the units, one unit after the other.
    unit_cases: Vec<CaseIndex>,
    /// Cases of unit i: `case_starts[i]..case_starts[i + 1]`.
    case_starts: Vec<usize>,
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
        let people = people::People::new(backlog, &rules);
        let mut notes = people::uncovered_areas(&people);
        let mut grouping = units::group(&people, &mut notes);
        let mut finder = pairs::Finder::new(&people, &rules);
        let limits = limits::limits(&people, &rules, &finder, &grouping, &mut notes);
        finder.split_too_big(&mut grouping, &limits, &mut notes);
        let units::Grouping { units: drafts, unit_cases, .. } = grouping;
        let mut instance = Instance::new(limits, None);
        let mut children = units::Children::new();
        let mut case_starts = vec![0];
        let mut pairs = Vec::new();
        let (mut raised_count, mut run_out_count, mut pinned_handover_count) = (0, 0, 0);
        for draft in &drafts {
            let cases = &unit_cases[draft.case_range()];
            finder.pairs_of(draft, cases, &mut pairs);
            let waiting = waiting::waiting(&people, &rules, draft.anchor, cases, &pairs);
            run_out_count += if waiting.stay_is_over { i64::from(draft.case_count) } else { 0 };
            let unit = Unit {
                case_count: draft.case_count,
                child_count: children.count(&people, cases),
                anchor: draft.anchor,
                waiting_price: waiting.price,
                release_count: waiting.release_count,
                stay_is_over: waiting.stay_is_over,
            };
            if waiting.is_raised {
                raised_count += i64::from(unit.case_count);
            }
            if unit.is_pinned() {
                pinned_handover_count += i64::from(pairs[0].handover_count);
            }
            instance.push(unit, &pairs);
            case_starts.push(draft.case_range().end);
        }
        drop(drafts);
        if run_out_count > 0 {
            instance.put_first_whose_stay_is_over();
            notes.push(Note::StaysRunOut { case_count: run_out_count });
        }
        waiting::notes(&people, &rules, raised_count, &mut notes);
        instance.set_handover_limit(rules.handover_limit.map(|limit| {
            if limit < pinned_handover_count {
                notes.push(Note::RaisedHandoverLimit { handover_limit: limit, pinned_handover_count });
            }
            limit.max(pinned_handover_count)
        }));
        let people::People { backlog, service, holders, .. } = people;
        let problem = Self { backlog, rules, service, holders, instance, unit_cases, case_starts, notes };
        check::prices_fit(&problem.instance)?;
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

    /// Units, eligible pairs and limits.
    #[must_use]
    pub fn instance(&self) -> &Instance {
        &self.instance
    }

    /// The cases of a unit.
    #[must_use]
    pub fn cases_of(&self, unit: UnitIndex) -> &[CaseIndex] {
        &self.unit_cases[self.case_starts[unit.get()]..self.case_starts[unit.get() + 1]]
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

    /// With what else the reader of an answer should know, first.
    #[must_use]
    pub fn with_notes(mut self, mut notes: Vec<Note>) -> Self {
        notes.append(&mut self.notes);
        self.notes = notes;
        self
    }

    /// Last day on which a case may stay on a holding list, an extension counted.
    #[must_use]
    pub fn longest_stay_until(&self, case: CaseIndex) -> jiff::civil::Date {
        waiting::longest_stay_until(&self.backlog.cases[case.get()], &self.rules, self.backlog.as_at)
    }

    /// Moving the case from its holder to another officer is planned work, no handover.
    #[must_use]
    pub fn is_planned_transfer(&self, case: CaseIndex) -> bool {
        people::is_planned_transfer(&self.backlog.cases[case.get()])
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

#[cfg(test)]
mod tests;
