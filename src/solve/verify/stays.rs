//! Nobody whose longest stay on a holding list has run out waits behind somebody less urgent: looked for anew, from dates.
//!
//! Less urgent is whoever's own stay has not run out: how long a case may stay is what its stage says of its urgency. The rule is
//! broken where an officer who may take the waiting unit was given a less urgent one by this very allocation, and would have
//! room for the waiting one, under every limit, if that one were on the holding list (or back with who holds it today).

use jiff::{ToSpan as _, civil::Date};

use crate::model::{CaseIndex, EligiblePair, OfficerIndex, Problem, UnitIndex};

/// Points, cases and new cases.
type Use = [i128; 3];

/// Whatever breaks the rule, by the officer of every unit, whose limits are kept. None where the rules do not raise waiting
/// prices: then prices alone decide. O(waiting units that have run out x their pairs x units given to an officer).
pub(super) fn stay_faults(problem: &Problem, unit_officers: &[Option<OfficerIndex>], faults: &mut Vec<String>) {
    if !problem.rules().raise_waiting_prices {
        return;
    }
    let instance = problem.instance();
    let has_run_out: Vec<bool> = instance.unit_indices().map(|unit| has_run_out(problem, unit)).collect();
    for (unit, &found) in instance.unit_indices().zip(&has_run_out) {
        if instance.unit(unit).stay_is_over != found {
            let case = &problem.backlog().cases[problem.cases_of(unit)[0].get()];
            faults.push(format!("the longest stay of case {} is misjudged", case.id));
        }
    }
    let mut used: Vec<Use> = vec![[0; 3]; instance.officer_count()];
    let mut handovers = 0_i128;
    let mut given: Vec<Vec<(UnitIndex, EligiblePair)>> = vec![Vec::new(); instance.officer_count()];
    for unit in instance.unit_indices() {
        let Some(pair) = unit_officers[unit.get()].and_then(|officer| instance.pair(unit, officer)) else {
            handovers += i128::from(instance.unit(unit).release_count);
            continue;
        };
        let officer = pair.officer.get();
        used[officer].iter_mut().zip(use_of(problem, unit, &pair)).for_each(|(sum, more)| *sum += more);
        handovers += i128::from(pair.handover_count);
        let cases = problem.cases_of(unit);
        let is_new = cases.iter().any(|case| problem.holder(*case) != Some(pair.officer));
        if is_new && !cases.iter().any(|case| is_pinned(problem, *case)) && !has_run_out[unit.get()] {
            given[officer].push((unit, pair));
        }
    }
    for unit in instance.unit_indices().filter(|unit| has_run_out[unit.get()] && unit_officers[unit.get()].is_none()) {
        let behind = instance.pairs(unit).find_map(|pair| {
            let mut others = given[pair.officer.get()].iter();
            let other =
                others.find(|(other, its)| would_fit(problem, &used, handovers, (unit, &pair), (*other, its)))?;
            Some((pair.officer, other.0))
        });
        if let Some((officer, other)) = behind {
            let case = |unit: UnitIndex| &problem.backlog().cases[problem.cases_of(unit)[0].get()].id;
            let officer = &problem.backlog().officers[officer.get()].id;
            faults.push(format!(
                "the stay of case {} has run out, but officer {officer} was given case {}, which is less urgent",
                case(unit),
                case(other)
            ));
        }
    }
}

/// Nobody holds the unit, and a case of it should have left the holding list before today.
fn has_run_out(problem: &Problem, unit: UnitIndex) -> bool {
    let cases = problem.cases_of(unit);
    let is_free = cases.iter().all(|case| problem.holder(*case).is_none() && !is_pinned(problem, *case));
    is_free && cases.iter().any(|case| last_day(problem, *case) < problem.backlog().as_at)
}

fn last_day(problem: &Problem, case: CaseIndex) -> Date {
    let case = &problem.backlog().cases[case.get()];
    let as_at = problem.backlog().as_at;
    let by_rules =
        || case.waiting_since.unwrap_or(as_at).min(as_at).saturating_add(problem.rules().longest_stay_days.days());
    let last = case.derived.as_ref().and_then(|derived| derived.longest_stay_until).unwrap_or_else(by_rules);
    match &case.stay_extension {
        Some(extension) => last.max(extension.until),
        None => last,
    }
}

fn is_pinned(problem: &Problem, case: CaseIndex) -> bool {
    let case = &problem.backlog().cases[case.get()];
    case.pinned || case.required_officer_id.is_some()
}

fn use_of(problem: &Problem, unit: UnitIndex, pair: &EligiblePair) -> Use {
    [pair.weight_points, problem.instance().unit(unit).case_count, pair.new_case_count].map(i128::from)
}

fn is_within(problem: &Problem, officer: OfficerIndex, used: Use) -> bool {
    let limits = &problem.instance().limits()[officer.get()];
    let limits = [limits.load_limit, limits.case_limit, limits.intake_limit];
    limits.into_iter().zip(used).all(|(limit, used)| limit.is_none_or(|limit| used <= i128::from(limit)))
}

/// With the other unit gone, to the holding list or home, the waiting one would have room.
fn would_fit(
    problem: &Problem,
    used: &[Use],
    handovers: i128,
    (unit, pair): (UnitIndex, &EligiblePair),
    (other, its): (UnitIndex, &EligiblePair),
) -> bool {
    let instance = problem.instance();
    let mut then = used[pair.officer.get()];
    let (more, less) = (use_of(problem, unit, pair), use_of(problem, other, its));
    then.iter_mut().zip(more).zip(less).for_each(|((sum, more), less)| *sum += more - less);
    if !is_within(problem, pair.officer, then) {
        return false;
    }
    let gone = match problem.instance().unit(other).anchor.officer() {
        None => 0,
        Some(holder) => {
            let Some(home) = instance.pair(other, holder) else { return false };
            let mut then = used[holder.get()];
            then.iter_mut().zip(use_of(problem, other, &home)).for_each(|(sum, more)| *sum += more);
            if !is_within(problem, holder, then) {
                return false;
            }
            i128::from(home.handover_count)
        }
    };
    let change = i128::from(pair.handover_count) - i128::from(instance.unit(unit).release_count) + gone
        - i128::from(its.handover_count);
    change < 0 || instance.handover_limit().is_none_or(|limit| handovers + change <= i128::from(limit))
}
