//! Warm starts: an earlier answer is made to fit the problem of today, and never costs proof or quality.

use std::sync::Arc;

use caseload::model::{Allocation, Case, Officer, Problem, Termination};
use caseload::solve::verify::{Measure, price_bound};
use caseload::solve::{Budget, Options, Progress, Stage, Start, solve};
use jiff::ToSpan as _;
use proptest::prelude::*;

use crate::solve_brute::optimum;
use crate::solve_teams::{PLENTY, TODAY, Team, check, solved, teams};

/// Starts from an earlier answer, and tells what was known first.
fn warm(problem: &Problem, start: Start, budget: &Budget) -> (Allocation, Progress) {
    let options = Options { start: Some(Arc::new(start)), ..Options::default() };
    let mut first = None;
    let allocation = solve(problem, &options, budget, &mut |progress| {
        first.get_or_insert(progress);
    });
    let allocation = allocation.unwrap_or_else(|faulty| panic!("{:#?}", faulty.faults));
    (allocation, first.expect("the start is reported"))
}

/// What may happen to a team overnight.
#[derive(Clone, Copy, Debug)]
enum Change {
    NewCase,
    OfficerLeaves,
    OfficerJoins,
    LowerCap,
    HigherCap,
    CaseCloses,
}

fn changed(team: &Team, change: Change) -> Team {
    let mut team = team.clone();
    let officer = &mut team.backlog.officers[0];
    match change {
        Change::NewCase if team.backlog.pairs.is_none() => {
            team.backlog.cases.push(Case { weight_points: Some(1), ..Case::new("new".into()) });
        }
        Change::NewCase => {}
        Change::OfficerLeaves => officer.available_until = Some(TODAY.saturating_sub(1.day())),
        Change::OfficerJoins => {
            let joins = Officer { id: "new".into(), ..officer.clone() };
            team.backlog.officers.push(joins);
        }
        Change::LowerCap => officer.capacity_points = officer.capacity_points.map(|cap| cap - cap.min(1)),
        Change::HigherCap => officer.capacity_points = officer.capacity_points.map(|cap| cap + 2),
        Change::CaseCloses if team.backlog.cases.len() > 1 => {
            let closed = team.backlog.cases.remove(0).id;
            if let Some(pairs) = &mut team.backlog.pairs {
                pairs.retain(|pair| pair.case_id != closed);
            }
        }
        Change::CaseCloses => {}
    }
    team
}

fn changes() -> impl Strategy<Value = Change> {
    prop_oneof![
        Just(Change::NewCase),
        Just(Change::OfficerLeaves),
        Just(Change::OfficerJoins),
        Just(Change::LowerCap),
        Just(Change::HigherCap),
        Just(Change::CaseCloses),
    ]
}

#[test]
fn an_unchanged_problem_is_answered_at_once_and_nobody_moves() {
    check(400, &(teams(), 0..400_u64), |(team, steps)| {
        let problem = team.problem();
        let earlier = solved(&problem, &Budget::steps(steps));
        let start = Start { is_same_problem: true, ..Start::of(&problem, &earlier) };
        let (again, _) = warm(&problem, start, &Budget::default());
        prop_assert_eq!(&again.held, &earlier.held);
        prop_assert_eq!(&again.holdings, &earlier.holdings);
        prop_assert_eq!(again.evidence.step_count, 0);
        let quality = |allocation: &Allocation| (allocation.evidence.objective, allocation.evidence.bound);
        prop_assert_eq!(quality(&again), quality(&earlier));
        Ok(())
    });
}

#[test]
fn a_changed_problem_has_a_proof_at_once_and_is_solved_to_the_optimum() {
    check(400, &(teams(), changes(), 0..400_u64), |(team, change, steps)| {
        let earlier = solved(&team.problem(), &Budget::steps(steps));
        let team = changed(&team, change);
        let Ok(problem) = Problem::new(team.backlog.clone(), team.rules.clone()) else {
            return Ok(()); // a pin or a pair on whoever left
        };
        let optimum = optimum(&problem);
        let (allocation, first) = warm(&problem, Start::of(&problem, &earlier), &Budget::steps(PLENTY));
        prop_assert_eq!(first.stage, Stage::Start);
        prop_assert!(first.bound <= optimum.price && optimum.price <= first.objective, "{first:?}, {optimum:?}");
        let evidence = &allocation.evidence;
        prop_assert_eq!(evidence.objective, optimum.price, "{:?}", evidence);
        prop_assert!(evidence.bound <= optimum.price && evidence.count_bound <= optimum.children, "{evidence:?}");
        prop_assert_eq!(evidence.termination, Termination::Optimal);
        Ok(())
    });
}

#[test]
fn a_new_officer_starts_with_the_median_prices_of_the_others() {
    check(200, &(teams(), 0..400_u64), |(team, steps)| {
        let earlier = solved(&team.problem(), &Budget::steps(steps));
        let with_another = changed(&team, Change::OfficerJoins).problem();
        let start = Start::of(&with_another, &earlier);
        let mut others = start.evidence.proof.officers;
        let new = others.remove(with_another.officer_index(&"new".into()).unwrap().get());
        prop_assert_eq!(&others, &earlier.evidence.proof.officers);
        let mut points: Vec<i64> = others.iter().map(|prices| prices.point).collect();
        points.sort_unstable();
        prop_assert_eq!(new.point, points[points.len() / 2]);
        Ok(())
    });
}

#[test]
fn prices_of_another_team_altogether_prove_nothing_false() {
    check(400, &(teams(), teams(), 0..200_u64), |(team, other, steps)| {
        let earlier = solved(&other.problem(), &Budget::steps(200));
        let problem = team.problem();
        let optimum = optimum(&problem);
        let (allocation, _) = warm(&problem, Start::of(&problem, &earlier), &Budget::steps(steps));
        let evidence = &allocation.evidence;
        prop_assert!(evidence.bound <= optimum.price && optimum.price <= evidence.objective, "{evidence:?}");
        let bound = price_bound(problem.instance(), &evidence.proof, Measure::Price).unwrap();
        prop_assert_eq!(bound, evidence.price_bound);
        Ok(())
    });
}
