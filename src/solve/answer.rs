//! From choices to an answer in ids: who holds what, what waits and why, with whom, until when.

use std::collections::{HashMap, HashSet};

use jiff::{ToSpan as _, civil::Date};

use super::{
    reasons::Reasons,
    state::{Choice, State},
};
use crate::model::{
    Allocation, Case, CaseIndex, Caseload, Change, ChangeReason, Code, Evidence, Held, Holding, OfficerIndex, Problem,
    Service, SupervisorHoldings, SupervisorId, Totals,
};

/// The allocation that these choices are, with what is known of its quality.
pub(super) fn allocation(problem: &Problem, state: &State<'_>, evidence: Evidence) -> Allocation {
    let backlog = problem.backlog();
    let reasons = Reasons::new(problem, state);
    let owners = Owners::new(problem);
    let mut held = Vec::new();
    let mut holdings = Vec::new();
    let mut changes = Vec::new();
    let mut new_case_counts = vec![0_i64; problem.instance().officer_count()];
    for (position, (unit, officer)) in officers_of_cases(problem, state).into_iter().enumerate() {
        let index = CaseIndex::new(position);
        let case = &backlog.cases[position];
        match officer {
            Some(officer) => {
                let keeps = problem.holder(index) == Some(officer);
                new_case_counts[officer.get()] += i64::from(!keeps);
                held.push(Held {
                    case_id: case.id.clone(),
                    officer_id: backlog.officers[officer.get()].id.clone(),
                    since: if keeps { case.held_since } else { Some(backlog.as_at) },
                });
            }
            None => holdings.push(holding(problem, case, reasons.of(unit), owners.of(case))),
        }
        changes.extend(change(problem, index, officer));
    }
    let caseloads = caseloads(problem, state, &new_case_counts);
    let supervisors = supervisors(problem, &holdings);
    let totals = totals(problem, &holdings, &changes, &caseloads);
    Allocation {
        as_at: backlog.as_at,
        rules_version: problem.rules().version.clone(),
        held,
        holdings,
        caseloads,
        supervisors,
        changes,
        totals,
        evidence,
        notes: problem.notes().to_vec(),
        has_default_supervisor: problem.has_default_supervisor(),
    }
}

/// The unit of every case, and the officer who holds it.
fn officers_of_cases(problem: &Problem, state: &State<'_>) -> Vec<(crate::model::UnitIndex, Option<OfficerIndex>)> {
    let mut officers = vec![None; problem.backlog().cases.len()];
    for unit in problem.instance().unit_indices() {
        let officer = state.pair_of(unit).map(|pair| pair.officer);
        for case in problem.cases_of(unit) {
            officers[case.get()] = Some((unit, officer));
        }
    }
    officers.into_iter().map(|entry| entry.expect("every case is in exactly one unit")).collect()
}

fn holding(
    problem: &Problem,
    case: &Case,
    reason: crate::model::HoldingReason,
    supervisor_id: Option<&SupervisorId>,
) -> Holding {
    let as_at = problem.backlog().as_at;
    let rules = problem.rules();
    let waiting_since = case.waiting_since.map_or(as_at, |since| since.min(as_at));
    let longest_stay_until = later(waiting_since, rules.longest_stay_days);
    // A supervisor looks again before the longest stay ends; when it has ended, today.
    let check_by = later(as_at, rules.check_by_days).min(longest_stay_until).max(as_at);
    Holding {
        case_id: case.id.clone(),
        reason,
        supervisor_id: supervisor_id.cloned(),
        waiting_since,
        check_by,
        longest_stay_until,
    }
}

fn later(date: Date, days: i64) -> Date {
    date.saturating_add(days.days())
}

/// Who owns a case while it waits: the supervisor of its area, else of its last officer, else the default one.
struct Owners<'a> {
    of_area: HashMap<&'a Code, &'a SupervisorId>,
    of_officer: HashMap<&'a crate::model::OfficerId, &'a SupervisorId>,
    default: Option<&'a SupervisorId>,
}

impl<'a> Owners<'a> {
    fn new(problem: &'a Problem) -> Self {
        let backlog = problem.backlog();
        let of_area = backlog
            .supervisors
            .iter()
            .flat_map(|supervisor| supervisor.areas.iter().map(move |area| (area, &supervisor.id)))
            .collect();
        let of_officer = backlog
            .officers
            .iter()
            .filter_map(|officer| Some((&officer.id, officer.supervisor_id.as_ref()?)))
            .collect();
        let default = backlog.supervisors.iter().find(|supervisor| supervisor.areas.is_empty());
        Self { of_area, of_officer, default: default.map(|supervisor| &supervisor.id) }
    }

    fn of(&self, case: &Case) -> Option<&'a SupervisorId> {
        let by_area = case.area.as_ref().and_then(|area| self.of_area.get(area).copied());
        let by_officer = || case.current_officer_id.as_ref().and_then(|id| self.of_officer.get(id).copied());
        by_area.or_else(by_officer).or(self.default)
    }
}

fn change(problem: &Problem, index: CaseIndex, officer: Option<OfficerIndex>) -> Option<Change> {
    let backlog = problem.backlog();
    let case = &backlog.cases[index.get()];
    let to_officer_id = officer.map(|officer| backlog.officers[officer.get()].id.clone());
    if case.current_officer_id == to_officer_id {
        return None;
    }
    let reason = match (&case.current_officer_id, problem.holder(index)) {
        (None, _) => ChangeReason::FirstOfficer,
        (Some(current), None) => {
            let left = problem.officer_index(current).is_none_or(|officer| problem.service(officer) == Service::Out);
            if left { ChangeReason::OfficerLeft } else { ChangeReason::OfficerBarred }
        }
        (Some(_), Some(_)) if case.required_officer_id.is_some() => ChangeReason::Required,
        (Some(_), Some(_)) if officer.is_some() => ChangeReason::Handover,
        (Some(_), Some(_)) => ChangeReason::Released,
    };
    Some(Change { case_id: case.id.clone(), from_officer_id: case.current_officer_id.clone(), to_officer_id, reason })
}

fn caseloads(problem: &Problem, state: &State<'_>, new_case_counts: &[i64]) -> Vec<Caseload> {
    let rows = problem.backlog().officers.iter().zip(problem.instance().limits()).zip(new_case_counts);
    rows.enumerate()
        .map(|(position, ((officer, limits), &new_case_count))| {
            let load = state.load(OfficerIndex::new(position));
            Caseload {
                officer_id: officer.id.clone(),
                supervisor_id: officer.supervisor_id.clone(),
                case_count: load.cases,
                load_points: load.points,
                capacity_points: limits.capacity_points,
                max_case_count: limits.max_case_count,
                new_case_count,
                over: limits.capacity_points.is_some_and(|cap| load.points > cap)
                    || limits.max_case_count.is_some_and(|cap| load.cases > cap),
            }
        })
        .collect()
}

fn supervisors(problem: &Problem, holdings: &[Holding]) -> Vec<SupervisorHoldings> {
    let mut counts: HashMap<&SupervisorId, i64> = HashMap::new();
    for holding in holdings {
        if let Some(supervisor) = &holding.supervisor_id {
            *counts.entry(supervisor).or_default() += 1;
        }
    }
    problem
        .backlog()
        .supervisors
        .iter()
        .map(|supervisor| SupervisorHoldings {
            supervisor_id: supervisor.id.clone(),
            holding_count: counts.get(&supervisor.id).copied().unwrap_or(0),
            max_holding_count: supervisor.max_holding_count,
        })
        .collect()
}

fn totals(problem: &Problem, holdings: &[Holding], changes: &[Change], caseloads: &[Caseload]) -> Totals {
    let cases = &problem.backlog().cases;
    let children = |cases: &mut dyn Iterator<Item = &Case>| -> i64 {
        let mut named = HashSet::new();
        cases.filter(|case| case.child_id.as_ref().is_none_or(|child| named.insert(child))).count() as i64
    };
    let waiting = |holding: &Holding| {
        let case = problem.case_index(&holding.case_id).expect("a waiting case is one of the problem's");
        &cases[case.get()]
    };
    let of_reason = |reason| changes.iter().filter(|change| change.reason == reason).count() as i64;
    let required_handovers = changes
        .iter()
        .filter(|change| change.reason == ChangeReason::Required && change.from_officer_id.is_some())
        .count() as i64;
    Totals {
        case_count: cases.len() as i64,
        allocated_count: (cases.len() - holdings.len()) as i64,
        waiting_count: holdings.len() as i64,
        child_count: children(&mut cases.iter()),
        children_without_officer_count: children(&mut holdings.iter().map(waiting)),
        handover_count: of_reason(ChangeReason::Handover) + required_handovers,
        release_count: of_reason(ChangeReason::Released),
        undated_case_count: cases.iter().filter(|case| case.due_date.is_none()).count() as i64,
        over_cap_officer_count: caseloads.iter().filter(|caseload| caseload.over).count() as i64,
    }
}

/// Number of units that wait.
pub(super) fn waiting_units(state: &State<'_>) -> usize {
    state.choices().iter().filter(|&&choice| choice == Choice::Waits).count()
}
