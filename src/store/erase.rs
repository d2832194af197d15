//! Taking a token out of what is kept: everywhere the same tombstone stands in its place.

use std::sync::Arc;

use super::assignment::{AssignmentVersion, Proposal};
use super::ids::Version;
use super::input::{Action, Call, Input, Made};
use crate::model::{Allocation, Backlog, Case, CaseId, ChildId, Note, Pair};

/// A token that stands for a person or their case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Token {
    /// Of a case.
    Case(CaseId),
    /// Of a child.
    Child(ChildId),
}

/// How many records a token is in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mentions {
    /// Versions.
    pub version_count: u64,
    /// Proposals.
    pub proposal_count: u64,
}

impl Mentions {
    /// It is nowhere.
    #[must_use]
    pub fn is_none(self) -> bool {
        self == Self::default()
    }
}

/// Puts the tombstone in the token's place, wherever it is in a version. False = it is not there, and nothing has changed.
pub(super) fn erase_in_version(assignment: &mut AssignmentVersion, token: &Token, tombstone: &str) -> bool {
    let mut eraser = Eraser { token, tombstone, is_found: false };
    eraser.allocation(&mut assignment.allocation);
    eraser.input(&mut assignment.input);
    for pin in &mut assignment.pins {
        eraser.case_id(&mut pin.case_id);
    }
    assignment.pins.sort_by(|a, b| a.case_id.cmp(&b.case_id));
    assignment.erased_count += u32::from(eraser.is_found);
    eraser.is_found
}

/// The same in a proposal.
pub(super) fn erase_in_proposal(proposal: &mut Proposal, token: &Token, tombstone: &str) -> bool {
    let mut eraser = Eraser { token, tombstone, is_found: false };
    eraser.allocation(&mut proposal.allocation);
    eraser.input(&mut proposal.input);
    for case_id in &mut proposal.closed_case_ids {
        eraser.case_id(case_id);
    }
    proposal.erased_count += u32::from(eraser.is_found);
    eraser.is_found
}

/// The proposal was made from a version before this one (`None` = the team has none): it can no longer become current.
pub(super) fn is_older(proposal: &Proposal, newest: Option<Version>) -> bool {
    newest.is_none() || proposal.base_version < newest
}

struct Eraser<'a> {
    token: &'a Token,
    tombstone: &'a str,
    is_found: bool,
}

impl Eraser<'_> {
    fn case_id(&mut self, id: &mut CaseId) {
        if matches!(self.token, Token::Case(token) if token == id) {
            *id = CaseId::new(self.tombstone);
            self.is_found = true;
        }
    }

    fn child_id(&mut self, id: &mut ChildId) {
        if matches!(self.token, Token::Child(token) if token == id) {
            *id = ChildId::new(self.tombstone);
            self.is_found = true;
        }
    }

    /// Its lists stay sorted by case id.
    fn allocation(&mut self, allocation: &mut Arc<Allocation>) {
        if let Token::Child(_) = self.token {
            // Nothing in an answer names a child.
            return;
        }
        let allocation = Arc::make_mut(allocation);
        for held in &mut allocation.held {
            self.case_id(&mut held.case_id);
        }
        for holding in &mut allocation.holdings {
            self.case_id(&mut holding.case_id);
        }
        for change in &mut allocation.changes {
            self.case_id(&mut change.case_id);
        }
        for note in &mut allocation.notes {
            match note {
                Note::UndatedCases { case_ids, .. } | Note::UnbarredCases { case_ids } => {
                    case_ids.iter_mut().for_each(|case_id| self.case_id(case_id));
                    case_ids.sort();
                }
                Note::DefaultCaseCap { .. }
                | Note::WeighedByCatalogue { .. }
                | Note::StaysRunOut { .. }
                | Note::PeakOverCap { .. }
                | Note::OldExtract { .. }
                | Note::RaisedWaitingPrices { .. }
                | Note::SplitGroup { .. }
                | Note::RaisedHandoverLimit { .. }
                | Note::DepartedOfficers { .. }
                | Note::UncoveredArea { .. } => {}
            }
        }
        allocation.held.sort_by(|a, b| a.case_id.cmp(&b.case_id));
        allocation.holdings.sort_by(|a, b| a.case_id.cmp(&b.case_id));
        allocation.changes.sort_by(|a, b| a.case_id.cmp(&b.case_id));
    }

    fn input(&mut self, input: &mut Option<Arc<Input>>) {
        let Some(input) = input else { return };
        let input = Arc::make_mut(input);
        let Backlog { as_at: _, cases, officers: _, supervisors: _, pairs } = &mut input.backlog;
        self.cases(cases);
        cases.sort_by(|a, b| a.id.cmp(&b.id));
        if let Some(pairs) = pairs {
            self.pairs(pairs);
        }
        match &mut input.made {
            Made::Called(Call { as_at: _, action }) => match action {
                Action::Assign { cases, pairs } => {
                    self.cases(cases);
                    self.pairs(pairs);
                }
                Action::Reassign { case_id, .. } => self.case_id(case_id),
                Action::Close { case_ids } => case_ids.iter_mut().for_each(|case_id| self.case_id(case_id)),
                Action::Erase { tombstone: _ } => {}
            },
            // Officers by position, and prices.
            Made::Solved { seed: _, gap_limit_bits: _, start: _ } => {}
        }
    }

    fn cases(&mut self, cases: &mut [Case]) {
        for case in cases {
            self.case_id(&mut case.id);
            if let Some(child_id) = &mut case.child_id {
                self.child_id(child_id);
            }
        }
    }

    fn pairs(&mut self, pairs: &mut [Pair]) {
        for pair in pairs {
            self.case_id(&mut pair.case_id);
        }
    }
}
