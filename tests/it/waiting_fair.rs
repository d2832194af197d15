//! Nobody whose longest stay on a holding list has run out waits behind somebody less urgent: of every small team, however early
//! the search is stopped. Judged by trying swaps, with none of the code that makes or checks them.

use caseload::model::{
    Allocation, Backlog, Case, Held, HoldingReason, Officer, OfficerIndex, Problem, Rules, StayExtension, StayReason,
    Supervisor, UnitIndex,
};
use caseload::solve::Budget;
use caseload::solve::verify::{assignment_faults, faults};
use jiff::ToSpan as _;
use proptest::prelude::*;

use crate::solve_teams::{PLENTY, TODAY, Team, check, solved, teams};

/// Stays so short that many have run out.
fn short_stays() -> impl Strategy<Value = Team> {
    (teams(), 1..12_i64).prop_map(|(mut team, stay)| {
        team.rules.longest_stay_days = stay;
        team.rules.raise_waiting_prices = true;
        team
    })
}

/// The officer of every case of the problem.
fn officers(problem: &Problem, allocation: &Allocation) -> Vec<Option<OfficerIndex>> {
    let mut officers = vec![None; problem.backlog().cases.len()];
    for held in &allocation.held {
        officers[problem.case_index(&held.case_id).unwrap().get()] = problem.officer_index(&held.officer_id);
    }
    officers
}

/// The first case that waits although its stay has run out, behind a less urgent one.
fn unfair(problem: &Problem, allocation: &Allocation) -> Option<String> {
    let cases = &problem.backlog().cases;
    let before = officers(problem, allocation);
    let units: Vec<UnitIndex> = problem.instance().unit_indices().collect();
    let has_run_out = |unit: UnitIndex| {
        problem.cases_of(unit).iter().any(|case| {
            let case = &cases[case.get()];
            let since = case.waiting_since.unwrap_or(TODAY).min(TODAY);
            since + problem.rules().longest_stay_days.days() < TODAY
        })
    };
    let is_free = |unit: UnitIndex| problem.cases_of(unit).iter().all(|case| problem.holder(*case).is_none());
    let officer_of = |unit: UnitIndex| before[problem.cases_of(unit)[0].get()];
    for &waiting in units.iter().filter(|&&unit| officer_of(unit).is_none() && is_free(unit) && has_run_out(unit)) {
        for &other in &units {
            let Some(officer) = officer_of(other) else { continue };
            let is_new = problem.cases_of(other).iter().any(|case| problem.holder(*case) != Some(officer));
            // Whose stay has run out and who is free is as urgent; a case with an officer has no stay.
            if !is_new || is_free(other) && has_run_out(other) {
                continue;
            }
            let mut after = before.clone();
            let home = problem.holder(problem.cases_of(other)[0]);
            problem.cases_of(other).iter().for_each(|case| after[case.get()] = home);
            problem.cases_of(waiting).iter().for_each(|case| after[case.get()] = Some(officer));
            // Only what the swap itself may break: rules and limits, not who waits behind whom then.
            let mut found = Vec::new();
            assignment_faults(problem, &after, &mut found);
            if found.iter().all(|fault| fault.contains("which is less urgent")) {
                return Some(format!("unit {waiting:?} waits behind unit {other:?} with {officer:?}"));
            }
        }
    }
    None
}

#[test]
fn no_case_whose_stay_has_run_out_waits_behind_a_less_urgent_one() {
    check(4_000, &short_stays(), |team| {
        let problem = team.problem();
        let allocation = solved(&problem, &Budget::steps(PLENTY));
        prop_assert_eq!(unfair(&problem, &allocation), None);
        Ok(())
    });
}

#[test]
fn nor_where_the_search_was_stopped_early() {
    check(4_000, &(short_stays(), 0..40_u64), |(team, steps)| {
        let problem = team.problem();
        let allocation = solved(&problem, &Budget::steps(steps));
        prop_assert_eq!(unfair(&problem, &allocation), None);
        Ok(())
    });
}

/// Two cases for one place: one waits since long.
fn two(rules: Rules, extension: Option<StayExtension>) -> Problem {
    let case = |id: &str, weight, waited: i64| Case {
        weight_points: Some(weight),
        waiting_since: Some(TODAY - waited.days()),
        due_date: Some(TODAY + 30.days()),
        ..Case::new(id.into())
    };
    let long = Case { stay_extension: extension.map(Box::new), ..case("long", 5, 141) };
    let officers = vec![Officer { capacity_points: Some(9), ..Officer::new("o".into()) }];
    let supervisors = vec![Supervisor { id: "s".into(), areas: Vec::new(), max_holding_count: None }];
    let urgent = Case { due_date: Some(TODAY), ..case("urgent", 9, 3) };
    let backlog = Backlog { as_at: TODAY, cases: vec![long, urgent], officers, supervisors, pairs: None };
    Problem::new(backlog, rules).unwrap()
}

fn holder(allocation: &Allocation) -> &str {
    allocation.held[0].case_id.as_str()
}

#[test]
fn a_stay_that_has_run_out_comes_first_whatever_the_other_weighs() {
    let allocation = solved(&two(Rules::standard(), None), &Budget::steps(PLENTY));
    assert_eq!(holder(&allocation), "long");
    assert_eq!(allocation.holdings[0].reason, HoldingReason::DisplacedByUrgency);
    // A day less, and the heavier one is dearer to leave waiting.
    let longer = Rules { longest_stay_days: 141, ..Rules::standard() };
    assert_eq!(holder(&solved(&two(longer, None), &Budget::steps(PLENTY))), "urgent");
}

#[test]
fn an_extended_stay_has_not_run_out() {
    let until = TODAY + 7.days();
    let extension = StayExtension { until, reason: StayReason::OfficerExpected, by: "head".into() };
    let allocation = solved(&two(Rules::standard(), Some(extension.clone())), &Budget::steps(PLENTY));
    assert_eq!(holder(&allocation), "urgent");
    assert_eq!(allocation.holdings[0].longest_stay_until, until);
    assert_eq!(allocation.holdings[0].stay_extension, Some(extension));
}

#[test]
fn the_checker_finds_a_planted_violation() {
    let problem = two(Rules::standard(), None);
    let mut allocation = solved(&problem, &Budget::steps(PLENTY));
    let Held { case_id, .. } = &mut allocation.held[0];
    std::mem::swap(case_id, &mut allocation.holdings[0].case_id);
    let found = faults(&problem, &allocation);
    let planted = "the stay of case long has run out, but officer o was given case urgent, which is less urgent";
    assert_eq!(found, [planted]);
}
