//! The independent checker. It shares no code with the solvers and trusts nothing they say: it recomputes who holds what,
//! every limit, every price and every bound from the problem, in 128-bit integers, in one pass over the eligible pairs.
//! Nothing is stored or returned that it has not passed.

mod figures;

use std::collections::HashMap;

use crate::model::{
    Allocation, BoundSource, CaseIndex, Evidence, OfficerIndex, OfficerPrices, PROOF_SCALE, Problem, Proof, Service,
    UnitIndex,
};

/// Which of the two problems a bound is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// The price of an assignment.
    Price,
    /// The number of children without an officer: pairs cost nothing, a waiting unit costs its children.
    Children,
}

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
        evidence_faults(problem, &unit_officers, &allocation.evidence, &mut faults);
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
    named: impl Iterator<Item = (&'a crate::model::CaseId, Option<&'a crate::model::OfficerId>)>,
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

/// Rules that the assignment breaks: eligibility, groups, pins, releases and every limit, from the backlog itself.
pub fn assignment_faults(problem: &Problem, officers: &[Option<OfficerIndex>], faults: &mut Vec<String>) {
    let backlog = problem.backlog();
    let mut points = vec![0_i128; backlog.officers.len()];
    let mut counts = vec![0_i128; backlog.officers.len()];
    let mut new_counts = vec![0_i128; backlog.officers.len()];
    let mut handover_count = 0_i128;
    let explicit: Option<HashMap<_, _>> = backlog
        .pairs
        .as_ref()
        .map(|pairs| pairs.iter().map(|pair| ((&pair.case_id, &pair.officer_id), pair.weight_points)).collect());
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
        let is_handover = holder.is_some_and(|holder| holder != officer);
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
        let limits = &problem.limits()[position];
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
    if problem.handover_limit().is_some_and(|limit| handover_count > i128::from(limit)) {
        let limit = problem.handover_limit().unwrap_or_default();
        faults.push(format!("{handover_count} cases change officer; the limit is {limit}"));
    }
    for unit in problem.unit_indices() {
        let cases = problem.cases_of(unit);
        if cases.iter().any(|case| officers[case.get()] != officers[cases[0].get()]) {
            let first = &backlog.cases[cases[0].get()];
            let group = first.group_id.as_ref().map_or("", |group| group.as_str());
            faults.push(format!("group {group} is not together"));
        }
    }
}

/// The officer of every unit, read off its first case.
#[must_use]
pub fn unit_officers(problem: &Problem, officers: &[Option<OfficerIndex>]) -> Officers {
    problem.unit_indices().map(|unit| officers[problem.cases_of(unit)[0].get()]).collect()
}

/// Price of an assignment of units that keeps the rules; `None` = a unit is with an officer who may not hold it.
#[must_use]
pub fn objective(problem: &Problem, unit_officers: &[Option<OfficerIndex>]) -> Option<i128> {
    let mut loads = vec![0_i128; problem.officer_count()];
    let mut sum = 0_i128;
    for (unit, officer) in problem.unit_indices().zip(unit_officers) {
        match officer {
            Some(officer) => {
                let pair = problem.pair(unit, *officer)?;
                sum += i128::from(pair.cost);
                loads[officer.get()] += i128::from(pair.weight_points);
            }
            None => sum += i128::from(problem.unit(unit).waiting_price?),
        }
    }
    for (limits, load) in problem.limits().iter().zip(loads) {
        let mut slope = 0_i128;
        for segment in &limits.balance {
            let step = i128::from(segment.slope) - slope;
            slope += step;
            sum += step * (load - i128::from(segment.from_points)).max(0);
        }
    }
    Some(sum)
}

/// The bound that a proof gives: no allocation of this problem costs less (or leaves fewer children without an officer).
///
/// For prices p, q, r, h >= 0 of points, cases, new cases and handovers:
/// sum over units of the cheapest option at these prices, plus sum over officers of the least of f(y) - p y over
/// 0 <= y <= P, minus q K + r N, minus h H; rounded up, since objectives are integers. One pass over the pairs, in 128 bits.
///
/// # Errors
/// A sentence, where the proof has the wrong shape, a negative price, or a price on a limit that does not exist.
pub fn price_bound(problem: &Problem, proof: &Proof, measure: Measure) -> Result<i64, String> {
    let scale = i128::from(PROOF_SCALE);
    let sum = scaled_price_bound(problem, proof, measure)?;
    // Rounding up is sound because every objective is a whole number of prices.
    let rounded = sum.div_euclid(scale) + i128::from(sum.rem_euclid(scale) != 0);
    i64::try_from(rounded.max(0)).map_err(|_| format!("the proof gives a bound of {rounded}, beyond any price"))
}

/// The same bound before rounding, in units of 1/2^16; it may be below 0.
///
/// # Errors
/// As [`price_bound`].
pub fn scaled_price_bound(problem: &Problem, proof: &Proof, measure: Measure) -> Result<i128, String> {
    if proof.officers.len() != problem.officer_count() {
        return Err(format!(
            "the proof has prices of {} officers; the backlog has {}",
            proof.officers.len(),
            problem.officer_count()
        ));
    }
    let mut sum = 0_i128;
    for (position, (prices, limits)) in proof.officers.iter().zip(problem.limits()).enumerate() {
        let OfficerPrices { point, case, new_case } = *prices;
        let priced = [
            ("point", point, limits.load_limit),
            ("case", case, limits.case_limit),
            ("new case", new_case, limits.intake_limit),
        ];
        for (what, price, limit) in priced {
            let officer = &problem.backlog().officers[position].id;
            if price < 0 {
                return Err(format!(
                    "the proof's price of a {what} of officer {officer} is {price}; prices are 0 or more"
                ));
            }
            if price > 0 && limit.is_none() {
                return Err(format!("the proof has a price of a {what} of officer {officer}, who has no such limit"));
            }
        }
        sum += least_of_balance(limits, i128::from(point), measure);
        sum -= i128::from(case) * i128::from(limits.case_limit.unwrap_or(0));
        sum -= i128::from(new_case) * i128::from(limits.intake_limit.unwrap_or(0));
    }
    if proof.handover < 0 || (proof.handover > 0 && problem.handover_limit().is_none()) {
        return Err(format!("the proof's price of a handover is {}, which no limit explains", proof.handover));
    }
    sum -= i128::from(proof.handover) * i128::from(problem.handover_limit().unwrap_or(0));
    for unit in problem.unit_indices() {
        let options = option_prices(problem, proof, measure, unit);
        sum += options.min().ok_or_else(|| format!("unit {} has no option", unit.get()))?;
    }
    Ok(sum)
}

/// Price, at the proof's prices, of everything that may happen to a unit: each pair, then waiting.
fn option_prices<'a>(
    problem: &'a Problem,
    proof: &'a Proof,
    measure: Measure,
    unit_index: UnitIndex,
) -> impl Iterator<Item = i128> + 'a {
    let unit = problem.unit(unit_index);
    let scale = i128::from(PROOF_SCALE);
    let waiting = unit.waiting_price.map(|price| {
        let price = match measure {
            Measure::Price => price,
            Measure::Children => i64::from(unit.child_count),
        };
        scale * i128::from(price) + i128::from(proof.handover) * i128::from(unit.release_count)
    });
    let pairs = problem.pairs(unit_index).iter().map(move |pair| {
        let prices = &proof.officers[pair.officer.get()];
        let cost = match measure {
            Measure::Price => pair.cost,
            Measure::Children => 0,
        };
        scale * i128::from(cost)
            + i128::from(prices.point) * i128::from(pair.weight_points)
            + i128::from(prices.case) * i128::from(unit.case_count)
            + i128::from(prices.new_case) * i128::from(pair.new_case_count)
            + i128::from(proof.handover) * i128::from(pair.handover_count)
    });
    pairs.chain(waiting)
}

/// Least of f(y) - p y over 0 <= y <= P, which a convex f takes at a kink or an end.
fn least_of_balance(limits: &crate::model::Limits, point_price: i128, measure: Measure) -> i128 {
    let Some(limit) = limits.load_limit.or(limits.balance.last().map(|segment| segment.from_points)) else { return 0 };
    let scale = i128::from(PROOF_SCALE);
    let balance = |load: i64| match measure {
        Measure::Price => scale * i128::from(limits.balance_price(load)),
        Measure::Children => 0,
    };
    let kinks = limits.balance.iter().map(|segment| segment.from_points.clamp(0, limit));
    kinks
        .chain([0, limit])
        .map(|load| balance(load) - point_price * i128::from(load))
        .min()
        .expect("at least the two ends")
}

/// Whatever is wrong with what an allocation says of its quality.
fn evidence_faults(
    problem: &Problem,
    unit_officers: &[Option<OfficerIndex>],
    evidence: &Evidence,
    faults: &mut Vec<String>,
) {
    match objective(problem, unit_officers) {
        None => faults.push("a unit is with an officer who may not hold it, or waits though it may not".to_owned()),
        Some(found) if found != i128::from(evidence.objective) => {
            faults.push(format!("the objective is {found}, not {}", evidence.objective));
        }
        Some(_) => {}
    }
    bound_faults(problem, evidence, faults);
    if let Some(fault) = identity_fault(problem, unit_officers, &evidence.proof) {
        faults.push(fault);
    }
}

/// Whatever is wrong with the bounds alone.
pub fn bound_faults(problem: &Problem, evidence: &Evidence, faults: &mut Vec<String>) {
    match price_bound(problem, &evidence.proof, Measure::Price) {
        Ok(bound) if bound == evidence.price_bound => {}
        Ok(bound) => faults.push(format!("the proof gives a price bound of {bound}, not {}", evidence.price_bound)),
        Err(fault) => faults.push(fault),
    }
    match price_bound(problem, &evidence.count_proof, Measure::Children) {
        Ok(bound) if bound == evidence.count_bound => {}
        Ok(bound) => faults.push(format!("the proof gives a count bound of {bound}, not {}", evidence.count_bound)),
        Err(fault) => faults.push(fault),
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

/// objective - price bound (before rounding) = regrets of the chosen options + prices times the slack of case count,
/// intake and handovers + sum over officers of f(L) - p L - min over y of (f(y) - p y). Each term is >= 0.
fn identity_fault(problem: &Problem, unit_officers: &[Option<OfficerIndex>], proof: &Proof) -> Option<String> {
    let scale = i128::from(PROOF_SCALE);
    if proof.officers.len() != problem.officer_count() {
        return None; // reported by `bound_faults`
    }
    let mut points = vec![0_i64; problem.officer_count()];
    let mut counts = vec![0_i64; problem.officer_count()];
    let mut new_counts = vec![0_i64; problem.officer_count()];
    let (mut handovers, mut terms, mut bound) = (0_i64, 0_i128, 0_i128);
    for (unit_index, officer) in problem.unit_indices().zip(unit_officers) {
        let unit = problem.unit(unit_index);
        let least = option_prices(problem, proof, Measure::Price, unit_index).min()?;
        let position = match officer {
            Some(officer) => problem.pairs(unit_index).iter().position(|pair| pair.officer == *officer)?,
            None => problem.pairs(unit_index).len(),
        };
        let chosen = option_prices(problem, proof, Measure::Price, unit_index).nth(position)?;
        terms += chosen - least;
        bound += least;
        match officer {
            Some(officer) => {
                let pair = &problem.pairs(unit_index)[position];
                points[officer.get()] += i64::from(pair.weight_points);
                counts[officer.get()] += i64::from(unit.case_count);
                new_counts[officer.get()] += i64::from(pair.new_case_count);
                handovers += i64::from(pair.handover_count);
            }
            None => handovers += i64::from(unit.release_count),
        }
    }
    for (position, limits) in problem.limits().iter().enumerate() {
        let prices = &proof.officers[position];
        let least = least_of_balance(limits, i128::from(prices.point), Measure::Price);
        let load = points[position];
        terms += scale * i128::from(limits.balance_price(load)) - i128::from(prices.point) * i128::from(load) - least;
        terms += i128::from(prices.case) * i128::from(limits.case_limit.unwrap_or(0) - counts[position]);
        terms += i128::from(prices.new_case) * i128::from(limits.intake_limit.unwrap_or(0) - new_counts[position]);
        bound += least - i128::from(prices.case) * i128::from(limits.case_limit.unwrap_or(0));
        bound -= i128::from(prices.new_case) * i128::from(limits.intake_limit.unwrap_or(0));
    }
    let handover_limit = i128::from(problem.handover_limit().unwrap_or(0));
    terms += i128::from(proof.handover) * (handover_limit - i128::from(handovers));
    bound -= i128::from(proof.handover) * handover_limit;
    let difference = scale * objective(problem, unit_officers)? - bound;
    (difference != terms)
        .then(|| format!("objective - bound is {difference}/65536, but its terms add up to {terms}/65536"))
}
