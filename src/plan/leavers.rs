//! Officers give notice: who takes their cases, the urgent ones first, what cannot be covered, and which skills get scarce.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use jiff::civil::Date;
use serde::Serialize;

use super::{
    Given,
    adjust::{Adjustment, adjusted},
    refused::Unanswerable,
    scenario::{Comparison, Evaluated, Scenario},
};
use crate::{
    model::{Allocation, Backlog, CaseId, Code, HoldingReason, OfficerId, Service, service_on},
    solve::{Budget, Options},
};

/// A skill that fewer officers have is scarce.
pub const SCARCE_BELOW: usize = 3;

/// A case that a leaver held.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LeftBehind {
    /// The case.
    pub case_id: CaseId,
    /// The leaver.
    pub from_officer_id: OfficerId,
    /// Who takes it; `None` = nobody can.
    pub to_officer_id: Option<OfficerId>,
    /// Why nobody does.
    pub reason: Option<HoldingReason>,
    /// Its nearest due date; `None` = unknown, which counts as due today.
    pub due_date: Option<Date>,
}

/// A skill that few have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ScarceSkill {
    /// The skill.
    pub skill: Code,
    /// Officers in service who have it, fewer than 3.
    pub officer_ids: Vec<OfficerId>,
    /// Open cases that need it.
    pub case_count: i64,
}

/// The answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeaverDrill {
    /// The team as it is, and without them.
    pub compared: [Evaluated; 2],
    /// Their cases, the most urgent first.
    pub left_behind: Vec<LeftBehind>,
    /// Skills that some case needs and fewer than 3 officers would have.
    pub scarce_skills: Vec<ScarceSkill>,
}

/// Allocates with these officers and without them. Each search has the budget's steps, the first at most half of its time.
///
/// # Errors
/// [`Unanswerable`]; paths are `officer_ids[1]`.
pub fn leaver_drill(
    given: &Given,
    leavers: &[OfficerId],
    options: &Options,
    budget: &Budget,
) -> Result<LeaverDrill, Unanswerable> {
    let scenarios = [Scenario {
        name: format!("{} of them gone", leavers.len()),
        adjustments: vec![Adjustment::OfficersLeave(leavers.to_vec())],
        split_by_areas: Vec::new(),
    }];
    let mut comparison = Comparison::new(given, &scenarios, options.seed).map_err(|error| match error {
        Unanswerable::Invalid(mut faults) => {
            for fault in &mut faults {
                let number = fault.path.strip_prefix("scenarios[0].adjustments[0].officers_leave").unwrap_or_default();
                fault.path = format!("officer_ids{number}");
            }
            Unanswerable::Invalid(faults)
        }
        error => error,
    })?;
    let as_it_is = comparison.run_baseline(options, &budget.share(2))?;
    let without = comparison.run(0, options, budget)?;
    let backlog = adjusted(given, &scenarios[0].adjustments, options.seed).map_err(Unanswerable::Invalid)?.problem()?;
    let backlog = backlog.backlog();
    Ok(LeaverDrill {
        left_behind: left_behind(backlog, &without.allocations[0], leavers),
        scarce_skills: scarce_skills(backlog),
        compared: [as_it_is, without],
    })
}

/// What becomes of the cases of these officers, by due date. O(cases).
fn left_behind(backlog: &Backlog, allocation: &Allocation, leavers: &[OfficerId]) -> Vec<LeftBehind> {
    let leavers: HashSet<&OfficerId> = leavers.iter().collect();
    let held: BTreeMap<&CaseId, &OfficerId> =
        allocation.held.iter().map(|held| (&held.case_id, &held.officer_id)).collect();
    let reasons: BTreeMap<&CaseId, HoldingReason> =
        allocation.holdings.iter().map(|holding| (&holding.case_id, holding.reason)).collect();
    let dues = allocation.held.iter().map(|held| (&held.case_id, held.due_date));
    let dues: BTreeMap<&CaseId, Option<Date>> =
        dues.chain(allocation.holdings.iter().map(|holding| (&holding.case_id, holding.due_date))).collect();
    let mut found: Vec<LeftBehind> = backlog
        .cases
        .iter()
        .filter_map(|case| {
            let from = case.current_officer_id.as_ref().filter(|officer_id| leavers.contains(officer_id))?;
            Some(LeftBehind {
                case_id: case.id.clone(),
                from_officer_id: from.clone(),
                to_officer_id: held.get(&case.id).map(|officer_id| (*officer_id).clone()),
                reason: reasons.get(&case.id).copied(),
                due_date: dues.get(&case.id).copied().flatten(),
            })
        })
        .collect();
    // Without a date first: it counts as due today.
    found.sort_by(|a, b| (a.due_date, &a.case_id).cmp(&(b.due_date, &b.case_id)));
    found
}

/// Skills that some case needs and fewer than 3 officers in service have. O(cases + officers).
fn scarce_skills(backlog: &Backlog) -> Vec<ScarceSkill> {
    let mut needed: BTreeMap<&Code, i64> = BTreeMap::new();
    for skill in backlog.cases.iter().flat_map(|case| case.skills.iter().collect::<BTreeSet<_>>()) {
        *needed.entry(skill).or_default() += 1;
    }
    let in_service = || backlog.officers.iter().filter(|officer| service_on(officer, backlog.as_at) != Service::Out);
    needed
        .into_iter()
        .map(|(skill, case_count)| ScarceSkill {
            skill: skill.clone(),
            officer_ids: in_service()
                .filter(|officer| officer.skills.contains(skill))
                .map(|officer| officer.id.clone())
                .collect(),
            case_count,
        })
        .filter(|found| found.officer_ids.len() < SCARCE_BELOW)
        .collect()
}
