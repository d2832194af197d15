//! The figures that people read: counted again from who holds what.

use std::collections::HashSet;

use crate::model::{Allocation, Case, CaseIndex, OfficerIndex, Problem};

/// Whatever is wrong with them.
pub(super) fn figure_faults(
    problem: &Problem,
    officers: &[Option<OfficerIndex>],
    allocation: &Allocation,
    faults: &mut Vec<String>,
) {
    total_faults(problem, officers, allocation, faults);
    contact_faults(problem, allocation, faults);
    caseload_faults(problem, officers, allocation, faults);
}

fn total_faults(
    problem: &Problem,
    officers: &[Option<OfficerIndex>],
    allocation: &Allocation,
    faults: &mut Vec<String>,
) {
    let totals = &allocation.totals;
    let cases = &problem.backlog().cases;
    let waiting: Vec<&Case> =
        cases.iter().zip(officers).filter(|(_, officer)| officer.is_none()).map(|(case, _)| case).collect();
    let mut children = HashSet::new();
    let mut nameless = 0;
    for case in &waiting {
        match &case.child_id {
            Some(child) => drop(children.insert(child)),
            None => nameless += 1,
        }
    }
    let left = |to_nobody: bool| {
        let leaves = |position: usize, officer: Option<OfficerIndex>| {
            let holder = problem.holder(CaseIndex::new(position));
            let derived = cases[position].derived.as_ref();
            let is_planned = derived.is_some_and(|derived| derived.planned_transfer) && officer.is_some();
            holder.is_some() && holder != officer && officer.is_none() == to_nobody && !is_planned
        };
        officers.iter().enumerate().filter(|(position, officer)| leaves(*position, **officer)).count() as i64
    };
    let figures = [
        ("cases", totals.case_count, cases.len() as i64),
        ("cases that wait", totals.waiting_count, waiting.len() as i64),
        ("cases with an officer", totals.allocated_count, (cases.len() - waiting.len()) as i64),
        ("children without an officer", totals.children_without_officer_count, children.len() as i64 + nameless),
        ("handovers", totals.handover_count, left(false)),
        ("releases", totals.release_count, left(true)),
    ];
    for (what, said, found) in figures {
        if said != found {
            faults.push(format!("{found} {what} are counted, not {said}"));
        }
    }
    if totals.children_without_officer_count < allocation.evidence.count_bound {
        faults.push(format!(
            "{} children are without an officer, fewer than the count bound {}",
            totals.children_without_officer_count, allocation.evidence.count_bound
        ));
    }
}

/// Each child has exactly one case whose officer the family turns to.
fn contact_faults(problem: &Problem, allocation: &Allocation, faults: &mut Vec<String>) {
    let held = allocation.held.iter().filter(|held| held.named_contact).map(|held| &held.case_id);
    let waiting = allocation.holdings.iter().filter(|holding| holding.named_contact).map(|holding| &holding.case_id);
    let mut named = HashSet::new();
    let mut count = 0;
    for case_id in held.chain(waiting) {
        let case = problem.case_index(case_id).map(|case| &problem.backlog().cases[case.get()]);
        match case.and_then(|case| case.child_id.as_ref()) {
            Some(child) if !named.insert(child) => faults.push(format!("case {case_id} is a second named contact")),
            _ => count += 1,
        }
    }
    if count != allocation.totals.child_count {
        faults.push(format!("{count} children have a named contact, of {}", allocation.totals.child_count));
    }
}

fn caseload_faults(
    problem: &Problem,
    officers: &[Option<OfficerIndex>],
    allocation: &Allocation,
    faults: &mut Vec<String>,
) {
    let people = &problem.backlog().officers;
    if allocation.caseloads.len() != people.len() {
        let listed = allocation.caseloads.len();
        faults.push(format!("{listed} caseloads are listed; the backlog has {} officers", people.len()));
        return;
    }
    let mut counts = vec![0_i64; people.len()];
    let mut new_counts = vec![0_i64; people.len()];
    let mut points = vec![0_i64; people.len()];
    for (position, officer) in officers.iter().enumerate() {
        let Some(officer) = officer else { continue };
        counts[officer.get()] += 1;
        new_counts[officer.get()] += i64::from(problem.holder(CaseIndex::new(position)) != Some(*officer));
    }
    for unit in problem.instance().unit_indices() {
        if let Some(officer) = officers[problem.cases_of(unit)[0].get()]
            && let Some(pair) = problem.instance().pair(unit, officer)
        {
            points[officer.get()] += i64::from(pair.weight_points);
        }
    }
    for (position, (caseload, officer)) in allocation.caseloads.iter().zip(people).enumerate() {
        let limits = &problem.instance().limits()[position];
        if caseload.officer_id != officer.id {
            faults.push(format!("the caseload of {} is where that of {} belongs", caseload.officer_id, officer.id));
            continue;
        }
        let figures = [
            ("cases", caseload.case_count, counts[position]),
            ("points", caseload.load_points, points[position]),
            ("new cases", caseload.new_case_count, new_counts[position]),
        ];
        for (what, said, found) in figures {
            if said != found {
                faults.push(format!("officer {} has {found} {what}; the caseload says {said}", officer.id));
            }
        }
        let is_over =
            limits.capacity_points.is_some_and(|cap| points[position] > cap || cap == 0 && counts[position] > 0)
                || limits.max_case_count.is_some_and(|cap| counts[position] > cap);
        if caseload.over != is_over {
            faults.push(format!("the caseload of {} is {}over a cap", officer.id, if is_over { "" } else { "not " }));
        }
    }
}
