//! The independent checker. It shares no code with the solvers and trusts nothing they say: it recomputes who holds what,
//! every limit, every price and every bound from the problem, in 128-bit integers, in one pass over the eligible pairs.
//! Nothing is stored or returned that it has not passed.

mod figures;
mod proof;
mod stays;

pub use proof::{
    InvalidProof, Measure, gap_items, identity_fault, objective, price_bound, rounded_bound, scaled_price_bound,
};

use std::collections::{HashMap, HashSet};

use crate::model::{
    Allocation, Backlog, BoundSource, CaseId, CaseIndex, Evidence, Instance, OfficerId, OfficerIndex, Pair, Problem,
    Service,
};

/// Who has which case, position by position; `None` = it waits.
pub type Officers = Vec<Option<OfficerIndex>>;

/// Everything wrong with an allocation of this problem, a sentence each; none = it may be returned.
#[must_use]
pub fn faults(problem: &Problem, allocation: &Allocation) -> Vec<String> {
    let mut faults = Vec::new();
    let Some(officers) = officers_of(problem, allocation, &mut faults) else { return faults };
    assignment_faults(problem, &officers, &mut faults);
    if faults.is_empty() {
        let unit_officers = unit_officers(problem, &officers);
        evidence_faults(
            problem.instance(),
            &unit_officers,
            &allocation.evidence,
            &|officer| officer_id(problem, officer),
            &mut faults,
        );
        figures::figure_faults(problem, &officers, allocation, &mut faults);
    }
    faults
}

/// The officer of every case; every case must be named exactly once, held or waiting.
fn officers_of(problem: &Problem, allocation: &Allocation, faults: &mut Vec<String>) -> Option<Officers> {
    let held = allocation.held.iter().map(|held| (&held.case_id, Some(&held.officer_id)));
    let waiting = allocation.holdings.iter().map(|holding| (&holding.case_id, None));
    read_officers(problem, held.chain(waiting), faults)
}

/// Resolves named cases and officers. A case that is not named, or named twice, is a fault.
pub fn read_officers<'a>(
    problem: &Problem,
    named: impl Iterator<Item = (&'a CaseId, Option<&'a OfficerId>)>,
    faults: &mut Vec<String>,
) -> Option<Officers> {
    let before = faults.len();
    let cases = &problem.backlog().cases;
    let mut officers: Vec<Option<Option<OfficerIndex>>> = vec![None; cases.len()];
    for (case_id, officer_id) in named {
        let Some(case) = problem.case_index(case_id) else {
            faults.push(format!("case {case_id} is in the answer but not in the backlog"));
            continue;
        };
        let officer = match officer_id {
            None => None,
            Some(officer_id) => match problem.officer_index(officer_id) {
                Some(officer) => Some(officer),
                None => {
                    faults.push(format!("case {case_id} is with officer {officer_id}, who is not in the backlog"));
                    continue;
                }
            },
        };
        if officers[case.get()].replace(officer).is_some() {
            faults.push(format!("case {case_id} is in the answer twice"));
        }
    }
    for (case, officer) in cases.iter().zip(&officers) {
        if officer.is_none() && faults.len() == before {
            faults.push(format!("case {} is neither with an officer nor on the holding list", case.id));
        }
    }
    if faults.len() > before {
        return None;
    }
    officers.into_iter().collect()
}

/// Rules that the assignment breaks: eligibility, groups, pins, releases, every limit, and who waits behind whom, from the
/// backlog itself.
pub fn assignment_faults(problem: &Problem, officers: &[Option<OfficerIndex>], faults: &mut Vec<String>) {
    let before = faults.len();
    let backlog = problem.backlog();
    let mut points = vec![0_i128; backlog.officers.len()];
    let mut counts = vec![0_i128; backlog.officers.len()];
    let mut new_counts = vec![0_i128; backlog.officers.len()];
    let mut handover_count = 0_i128;
    let explicit = backlog.pairs.as_ref().map(|pairs| explicit_weights(backlog, officers, pairs));
    for (position, (case, officer)) in backlog.cases.iter().zip(officers).enumerate() {
        let holder = problem.holder(CaseIndex::new(position));
        let Some(officer) = *officer else {
            if holder.is_some() {
                handover_count += 1;
                if !problem.rules().release_to_holding {
                    faults.push(format!("case {} left an officer who stays for the holding list", case.id));
                }
            }
            if case.pinned || case.required_officer_id.is_some() {
                faults.push(format!("case {} is pinned but waits", case.id));
            }
            continue;
        };
        let person = &backlog.officers[officer.get()];
        let pin = case.required_officer_id.as_ref().or(case.current_officer_id.as_ref().filter(|_| case.pinned));
        let is_planned = case.derived.as_ref().is_some_and(|derived| derived.planned_transfer);
        let is_handover = holder.is_some_and(|holder| holder != officer) && !is_planned;
        handover_count += i128::from(is_handover);
        if pin.is_some_and(|pin| *pin != person.id) {
            faults.push(format!("case {} is pinned but with officer {}", case.id, person.id));
        }
        if case.barred_officer_ids.contains(&person.id) {
            faults.push(format!("case {} is with officer {}, who is barred from it", case.id, person.id));
        }
        let may_stay = holder == Some(officer) || pin.is_some();
        match problem.service(officer) {
            Service::In => {}
            Service::ShortAbsence if may_stay => {}
            Service::ShortAbsence | Service::Out => {
                faults.push(format!("case {} is with officer {}, who is not in service", case.id, person.id));
            }
        }
        let stated_weight = match &explicit {
            Some(explicit) => match explicit.get(&(&case.id, &person.id)) {
                Some(weight) => weight.or(case.weight_points),
                None => {
                    faults.push(format!("case {} is with officer {}, but there is no such pair", case.id, person.id));
                    continue;
                }
            },
            None => {
                let covers =
                    person.areas.is_empty() || case.area.as_ref().is_none_or(|area| person.areas.contains(area));
                let is_skilled = case.skills.iter().all(|skill| person.skills.contains(skill));
                if !(may_stay || covers && is_skilled) {
                    faults
                        .push(format!("case {} is with officer {}, who lacks its area or a skill", case.id, person.id));
                }
                case.weight_points
            }
        };
        let handover_points = if is_handover { problem.rules().handover_points } else { 0 };
        points[officer.get()] += i128::from(stated_weight.unwrap_or(1) + handover_points);
        counts[officer.get()] += 1;
        new_counts[officer.get()] += i128::from(holder != Some(officer));
    }
    for (position, person) in backlog.officers.iter().enumerate() {
        let limits = &problem.instance().limits()[position];
        let mut over = |what: &str, found: i128, limit: Option<i64>| {
            if limit.is_some_and(|limit| found > i128::from(limit)) {
                let limit = limit.unwrap_or_default();
                faults.push(format!("officer {} has {found} {what}; the limit is {limit}", person.id));
            }
        };
        over("points", points[position], limits.load_limit);
        over("cases", counts[position], limits.case_limit);
        over("new cases", new_counts[position], limits.intake_limit);
    }
    if problem.instance().handover_limit().is_some_and(|limit| handover_count > i128::from(limit)) {
        let limit = problem.instance().handover_limit().unwrap_or_default();
        faults.push(format!("{handover_count} cases change officer; the limit is {limit}"));
    }
    for unit in problem.instance().unit_indices() {
        let cases = problem.cases_of(unit);
        if cases.iter().any(|case| officers[case.get()] != officers[cases[0].get()]) {
            let first = &backlog.cases[cases[0].get()];
            let group = first.group_id.as_ref().map_or("", |group| group.as_str());
            faults.push(format!("group {group} is not together"));
        }
    }
    if faults.len() == before {
        stays::stay_faults(problem, &unit_officers(problem, officers), faults);
    }
}

/// The stated weights of the pairs that the assignment uses: a small share of all pairs.
fn explicit_weights<'a>(
    backlog: &'a Backlog,
    officers: &[Option<OfficerIndex>],
    pairs: &'a [Pair],
) -> HashMap<(&'a CaseId, &'a OfficerId), Option<i64>> {
    let used: HashSet<_> = backlog
        .cases
        .iter()
        .zip(officers)
        .filter_map(|(case, officer)| Some((&case.id, &backlog.officers[officer.as_ref()?.get()].id)))
        .collect();
    let names = pairs.iter().map(|pair| ((&pair.case_id, &pair.officer_id), pair.weight_points));
    names.filter(|(pair, _)| used.contains(pair)).collect()
}

/// The officer of every unit, read off its first case.
#[must_use]
pub fn unit_officers(problem: &Problem, officers: &[Option<OfficerIndex>]) -> Officers {
    problem.instance().unit_indices().map(|unit| officers[problem.cases_of(unit)[0].get()]).collect()
}

/// Everything wrong with an assignment of an instance's units, and with what is said of its quality, a sentence each.
#[must_use]
pub fn instance_faults(
    instance: &Instance,
    unit_officers: &[Option<OfficerIndex>],
    evidence: &Evidence,
) -> Vec<String> {
    let mut faults = Vec::new();
    let name = |officer: OfficerIndex| format!("number {}", officer.get() + 1);
    limit_faults(instance, unit_officers, &mut faults);
    evidence_faults(instance, unit_officers, evidence, &name, &mut faults);
    faults
}

/// Limits that an assignment of units breaks, by the instance's own numbers.
fn limit_faults(instance: &Instance, unit_officers: &[Option<OfficerIndex>], faults: &mut Vec<String>) {
    let mut used = vec![[0_i128; 3]; instance.officer_count()];
    let mut handovers = 0_i128;
    for (unit_index, officer) in instance.unit_indices().zip(unit_officers) {
        let unit = instance.unit(unit_index);
        match officer.and_then(|officer| instance.pair(unit_index, officer)) {
            Some(pair) => {
                let more = [pair.weight_points, unit.case_count, pair.new_case_count];
                used[pair.officer.get()].iter_mut().zip(more).for_each(|(sum, more)| *sum += i128::from(more));
                handovers += i128::from(pair.handover_count);
            }
            None => handovers += i128::from(unit.release_count),
        }
    }
    for (position, (limits, used)) in instance.limits().iter().zip(used).enumerate() {
        let limits = [("points", limits.load_limit), ("cases", limits.case_limit), ("new cases", limits.intake_limit)];
        for ((what, limit), found) in limits.into_iter().zip(used) {
            if let Some(limit) = limit
                && found > i128::from(limit)
            {
                faults.push(format!("officer number {} has {found} {what}; the limit is {limit}", position + 1));
            }
        }
    }
    if let Some(limit) = instance.handover_limit()
        && handovers > i128::from(limit)
    {
        faults.push(format!("{handovers} cases change officer; the limit is {limit}"));
    }
}

/// Whatever is wrong with what an answer says of its quality.
fn evidence_faults(
    instance: &Instance,
    unit_officers: &[Option<OfficerIndex>],
    evidence: &Evidence,
    name: &dyn Fn(OfficerIndex) -> String,
    faults: &mut Vec<String>,
) {
    match objective(instance, unit_officers) {
        None => faults.push("a unit is with an officer who may not hold it, or waits though it may not".to_owned()),
        Some(found) if found != i128::from(evidence.objective) => {
            faults.push(format!("the objective is {found}, not {}", evidence.objective));
        }
        Some(_) => {}
    }
    bound_faults_named(instance, evidence, name, faults);
    if let Some(fault) = identity_fault(instance, unit_officers, &evidence.proof, &evidence.gap_items) {
        faults.push(fault);
    }
}

/// Whatever is wrong with the bounds alone.
pub fn bound_faults(problem: &Problem, evidence: &Evidence, faults: &mut Vec<String>) {
    bound_faults_named(problem.instance(), evidence, &|officer| officer_id(problem, officer), faults);
}

fn officer_id(problem: &Problem, officer: OfficerIndex) -> String {
    problem.backlog().officers[officer.get()].id.to_string()
}

fn bound_faults_named(
    instance: &Instance,
    evidence: &Evidence,
    name: &dyn Fn(OfficerIndex) -> String,
    faults: &mut Vec<String>,
) {
    match price_bound(instance, &evidence.proof, Measure::Price) {
        Ok(bound) if bound == evidence.price_bound => {}
        Ok(bound) => faults.push(format!("the proof gives a price bound of {bound}, not {}", evidence.price_bound)),
        Err(fault) => faults.push(fault.sentence(name)),
    }
    match price_bound(instance, &evidence.count_proof, Measure::Children) {
        Ok(bound) if bound == evidence.count_bound => {}
        Ok(bound) => faults.push(format!("the proof gives a count bound of {bound}, not {}", evidence.count_bound)),
        Err(fault) => faults.push(fault.sentence(name)),
    }
    if evidence.bound < evidence.price_bound {
        faults.push(format!("the bound {} is below the price bound {}", evidence.bound, evidence.price_bound));
    }
    if evidence.bound_source == BoundSource::Prices && evidence.bound != evidence.price_bound {
        faults.push(format!("the bound {} is said to be the price bound {}", evidence.bound, evidence.price_bound));
    }
    if evidence.bound > evidence.objective {
        faults.push(format!("the bound {} is above the objective {}", evidence.bound, evidence.objective));
    }
}
