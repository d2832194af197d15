//! A fresh extract against the current assignment: who is in one and not in the other, and the calls that would mend it.
//!
//! This is what finds a child whom nobody looks for: a case that was opened and never sent, or an officer who left with cases.

use std::collections::{BTreeMap, HashMap};

use jiff::civil::Date;

use super::{Scheduler, error::AllocateError};
use crate::{
    model::{Allocation, Backlog, Case, CaseId, ChildId, Officer, OfficerId},
    store::{TeamId, Version},
};

/// The kind of case of which a child has one at most, in the stage catalogue.
const PLAN: &str = "plan";

/// One thing in which extract and assignment differ, or by which the extract contradicts itself. In the order in which they
/// are told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Difference {
    /// Open in the extract, not in the assignment: nobody has it.
    NotAssigned {
        /// The case.
        case_id: CaseId,
        /// Its child, if given.
        child_id: Option<ChildId>,
    },
    /// In the assignment, not in the extract: closed, or lost by the extract.
    NotInExtract {
        /// The case.
        case_id: CaseId,
        /// Who holds it; `None` = it waits.
        officer_id: Option<OfficerId>,
    },
    /// The officer who holds it in the assignment has left: is not in the extract, or no longer in service on its day.
    OfficerLeft {
        /// The case.
        case_id: CaseId,
        /// The officer.
        officer_id: OfficerId,
    },
    /// The extract names another officer than the assignment.
    OtherOfficer {
        /// The case.
        case_id: CaseId,
        /// Who holds it in the assignment; `None` = it waits.
        assigned_officer_id: Option<OfficerId>,
        /// Who holds it in the extract.
        extract_officer_id: OfficerId,
    },
    /// The extract has the case more than once.
    DuplicateCase {
        /// The case.
        case_id: CaseId,
        /// How often.
        count: usize,
    },
    /// The extract has more than one plan case of a child.
    SeveralPlans {
        /// The child.
        child_id: ChildId,
        /// Its plan cases, by id.
        case_ids: Vec<CaseId>,
    },
}

impl Difference {
    /// The code used in files: `not_assigned`.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotAssigned { .. } => "not_assigned",
            Self::NotInExtract { .. } => "not_in_extract",
            Self::OfficerLeft { .. } => "officer_left",
            Self::OtherOfficer { .. } => "other_officer",
            Self::DuplicateCase { .. } => "duplicate_case",
            Self::SeveralPlans { .. } => "several_plans",
        }
    }

    /// What it means, and what to do.
    #[must_use]
    pub fn sentence(&self) -> String {
        match self {
            Self::NotAssigned { .. } => "Nobody has this case: assign it.".to_owned(),
            Self::NotInExtract { officer_id: Some(_), .. } => {
                "An officer holds this case, and the extract does not know it: close it, or find out why it is missing."
                    .to_owned()
            }
            Self::NotInExtract { officer_id: None, .. } => {
                "This case waits, and the extract does not know it: close it, or find out why it is missing.".to_owned()
            }
            Self::OfficerLeft { .. } => {
                "The officer who holds this case is not in service: allocate again, or reassign it.".to_owned()
            }
            Self::OtherOfficer { .. } => {
                "Extract and assignment name different officers: reassign it, or correct the casework system."
                    .to_owned()
            }
            Self::DuplicateCase { count, .. } => {
                format!("The extract has this case {count} times: correct the casework system.")
            }
            Self::SeveralPlans { case_ids, .. } => format!(
                "The extract has {} plan cases of this child: correct the casework system, and close those that are wrong.",
                case_ids.len()
            ),
        }
    }
}

/// What extract and assignment differ in, and what would mend it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reconciliation {
    /// The version of the assignment.
    pub version: Version,
    /// By kind, then by case or child.
    pub differences: Vec<Difference>,
    /// What to send to `AssignCases`: the cases that nobody has, by id.
    pub assign_case_ids: Vec<CaseId>,
    /// What to send to `CloseCases`: the cases that the extract does not have, by id.
    pub close_case_ids: Vec<CaseId>,
}

impl Scheduler {
    /// Compares a fresh extract with the team's current assignment. Changes nothing.
    ///
    /// # Errors
    /// [`AllocateError::UnknownTeam`], [`AllocateError::TooMany`], and those of the store.
    pub async fn reconcile(&self, team_id: &TeamId, extract: &Backlog) -> Result<Reconciliation, AllocateError> {
        let pairs = extract.pairs.as_ref().map_or(0, Vec::len);
        self.limits().check_size(extract.cases.len(), extract.officers.len(), pairs)?;
        let current = self.assignment(team_id, None).await?;
        let differences = differences(&current.allocation, extract);
        let mut assign_case_ids = Vec::new();
        let mut close_case_ids = Vec::new();
        for difference in &differences {
            match difference {
                Difference::NotAssigned { case_id, .. } => assign_case_ids.push(case_id.clone()),
                Difference::NotInExtract { case_id, .. } => close_case_ids.push(case_id.clone()),
                Difference::OfficerLeft { .. }
                | Difference::OtherOfficer { .. }
                | Difference::DuplicateCase { .. }
                | Difference::SeveralPlans { .. } => {}
            }
        }
        Ok(Reconciliation { version: current.version(), differences, assign_case_ids, close_case_ids })
    }
}

/// What an extract and an assignment differ in. An extract without officers says nothing of who has left.
/// O(cases log cases + officers).
#[must_use]
pub fn differences(current: &Allocation, extract: &Backlog) -> Vec<Difference> {
    let held = current.held.iter().map(|held| (&held.case_id, Some(&held.officer_id)));
    let waiting = current.holdings.iter().map(|holding| (&holding.case_id, None));
    let holders: BTreeMap<&CaseId, Option<&OfficerId>> = held.chain(waiting).collect();
    let mut open: BTreeMap<&CaseId, (&Case, usize)> = BTreeMap::new();
    for case in &extract.cases {
        open.entry(&case.id).or_insert((case, 0)).1 += 1;
    }
    let mut found = Vec::new();
    found.extend(
        open.values()
            .filter(|(case, _)| !holders.contains_key(&case.id))
            .map(|(case, _)| Difference::NotAssigned { case_id: case.id.clone(), child_id: case.child_id.clone() }),
    );
    found.extend(holders.iter().filter(|(case_id, _)| !open.contains_key(*case_id)).map(|(case_id, officer_id)| {
        Difference::NotInExtract { case_id: (*case_id).clone(), officer_id: officer_id.cloned() }
    }));
    found.extend(left(&holders, &open, extract));
    found.extend(elsewhere(&holders, &open));
    found.extend(
        open.values()
            .filter(|(_, count)| *count > 1)
            .map(|&(case, count)| Difference::DuplicateCase { case_id: case.id.clone(), count }),
    );
    found.extend(several_plans(&open));
    found
}

/// Cases that are still open, and with officers who have left.
fn left(
    holders: &BTreeMap<&CaseId, Option<&OfficerId>>,
    open: &BTreeMap<&CaseId, (&Case, usize)>,
    extract: &Backlog,
) -> Vec<Difference> {
    if extract.officers.is_empty() {
        return Vec::new();
    }
    let officers: HashMap<&OfficerId, &Officer> =
        extract.officers.iter().map(|officer| (&officer.id, officer)).collect();
    let has_left = |officer_id: &OfficerId| {
        officers.get(officer_id).is_none_or(|officer| has_ended(officer.available_until, extract.as_at))
    };
    let open = holders.iter().filter(|(case_id, _)| open.contains_key(*case_id));
    let with_left = open.filter_map(|(case_id, officer_id)| Some((*case_id, (*officer_id)?)));
    with_left
        .filter(|(_, officer_id)| has_left(officer_id))
        .map(|(case_id, officer_id)| Difference::OfficerLeft {
            case_id: case_id.clone(),
            officer_id: officer_id.clone(),
        })
        .collect()
}

fn has_ended(until: Option<Date>, as_at: Date) -> bool {
    until.is_some_and(|until| until < as_at)
}

/// Cases of which the extract names another officer.
fn elsewhere(
    holders: &BTreeMap<&CaseId, Option<&OfficerId>>,
    open: &BTreeMap<&CaseId, (&Case, usize)>,
) -> Vec<Difference> {
    let named = open.values().filter_map(|(case, _)| Some((case, case.current_officer_id.as_ref()?)));
    let other = named.filter_map(|(case, officer_id)| {
        let assigned = *holders.get(&case.id)?;
        (assigned != Some(officer_id)).then(|| Difference::OtherOfficer {
            case_id: case.id.clone(),
            assigned_officer_id: assigned.cloned(),
            extract_officer_id: officer_id.clone(),
        })
    });
    other.collect()
}

fn several_plans(open: &BTreeMap<&CaseId, (&Case, usize)>) -> Vec<Difference> {
    let mut plans: BTreeMap<&ChildId, Vec<CaseId>> = BTreeMap::new();
    for (case, _) in open.values() {
        if let (Some(child_id), Some(PLAN)) = (&case.child_id, case.kind.as_ref().map(|kind| kind.as_str())) {
            plans.entry(child_id).or_default().push(case.id.clone());
        }
    }
    plans
        .into_iter()
        .filter(|(_, case_ids)| case_ids.len() > 1)
        .map(|(child_id, case_ids)| Difference::SeveralPlans { child_id: child_id.clone(), case_ids })
        .collect()
}
