//! From choices to an answer in ids: who holds what, what waits and why, with whom, until when.

use std::collections::{HashMap, HashSet};

use jiff::{ToSpan as _, civil::Date};

use super::{
    peak,
    reasons::Reasons,
    state::{Choice, State},
};
use crate::model::{
    Allocation, Case, CaseIndex, Caseload, Change, ChangeReason, Evidence, Held, Holding, INTAKE_DAYS, OfficerIndex,
    Owners, Peak, Problem, Service, SupervisorHoldings, SupervisorId, Totals, named_contacts,
};

/// The allocation that these choices are, with what is known of its quality.
pub(super) fn allocation(problem: &Problem, state: &State<'_>, evidence: Evidence) -> Allocation {
    let backlog = problem.backlog();
    let reasons = Reasons::new(problem, state);
    let owners = Owners::new(backlog);
    let contacts = named_contacts(&backlog.cases);
    let mut held = Vec::new();
    let mut holdings = Vec::new();
    let mut changes = Vec::new();
    let mut new_case_counts = vec![0_i64; problem.instance().officer_count()];
    let of_cases = officers_of_cases(problem, state);
    for (position, &(unit, officer)) in of_cases.iter().enumerate() {
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
                    due_date: case.due_date,
                    named_contact: contacts[position],
                });
            }
            None => holdings.push(Holding {
                named_contact: contacts[position],
                ..holding(problem, index, reasons.of(unit), owners.of(case))
            }),
        }
        changes.extend(change(problem, index, officer));
    }
    let officers: Vec<Option<OfficerIndex>> = of_cases.iter().map(|(_, officer)| *officer).collect();
    let loads: Vec<i64> =
        (0..backlog.officers.len()).map(|officer| state.load(OfficerIndex::new(officer)).points).collect();
    let peaks = peak::peaks(problem, &officers, &loads);
    let mut notes = problem.notes().to_vec();
    notes.extend(peak::notes(problem, &peaks));
    let mut caseloads = caseloads(problem, state, &new_case_counts, &peaks);
    for (caseload, days) in caseloads.iter_mut().zip(former_intake(problem, &officers)) {
        caseload.former_intake = days;
    }
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
        notes,
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
    index: CaseIndex,
    reason: crate::model::HoldingReason,
    supervisor_id: Option<&SupervisorId>,
) -> Holding {
    let as_at = problem.backlog().as_at;
    let case = &problem.backlog().cases[index.get()];
    let rules = problem.rules();
    let waiting_since = case.waiting_since.map_or(as_at, |since| since.min(as_at));
    let longest_stay_until = problem.longest_stay_until(index);
    // A supervisor looks again before the longest stay ends; when it has ended, today.
    let check_by = later(as_at, rules.check_by_days).min(longest_stay_until).max(as_at);
    Holding {
        case_id: case.id.clone(),
        reason,
        supervisor_id: supervisor_id.cloned(),
        waiting_since,
        check_by,
        longest_stay_until,
        stay_extension: case.stay_extension.as_deref().cloned(),
        due_date: case.due_date,
        named_contact: false,
    }
}

fn later(date: Date, days: i64) -> Date {
    date.saturating_add(days.days())
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
        (Some(_), Some(_)) if officer.is_some() && problem.is_planned_transfer(index) => ChangeReason::PlannedTransfer,
        (Some(_), Some(_)) if case.required_officer_id.is_some() => ChangeReason::Required,
        (Some(_), Some(_)) if officer.is_some() => ChangeReason::Handover,
        (Some(_), Some(_)) => ChangeReason::Released,
    };
    Some(Change { case_id: case.id.clone(), from_officer_id: case.current_officer_id.clone(), to_officer_id, reason })
}

/// Of each officer the days within the intake window on which they were given cases that they no longer hold: those known
/// before, and those of cases that leave them now.
fn former_intake(problem: &Problem, officers: &[Option<OfficerIndex>]) -> Vec<Vec<Date>> {
    let backlog = problem.backlog();
    let window_start = backlog.as_at.saturating_sub(INTAKE_DAYS.days());
    let mut days: Vec<Vec<Date>> = backlog.officers.iter().map(|officer| officer.former_intake.clone()).collect();
    for (position, officer) in officers.iter().enumerate() {
        let holder = problem.holder(CaseIndex::new(position));
        if let (Some(holder), Some(since)) = (holder, backlog.cases[position].held_since)
            && *officer != Some(holder)
        {
            days[holder.get()].push(since);
        }
    }
    for days in &mut days {
        days.retain(|day| *day > window_start);
        days.sort_unstable();
    }
    days
}

fn caseloads(problem: &Problem, state: &State<'_>, new_case_counts: &[i64], peaks: &[Option<Peak>]) -> Vec<Caseload> {
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
                over: limits.capacity_points.is_some_and(|cap| load.points > cap || cap == 0 && load.cases > 0)
                    || limits.max_case_count.is_some_and(|cap| load.cases > cap),
                peak: peaks[position],
                former_intake: Vec::new(),
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
