//! What a budget does: it stops a solve anywhere, and whatever it leaves is complete, valid, and no better for less.

use caseload::generate::{CaseworkOptions, casework};
use caseload::model::{Allocation, BoundSource, Problem, Rules, Termination};
use caseload::solve::{Budget, Options, Progress, Stage, busy_exact_searches, solve};
use jiff::civil::date;
use proptest::prelude::*;

use crate::solve_teams::{check, solved, teams};

/// Abstract casework, short of capacity, so that there is something to search for.
fn casework_of(cases: usize, officers: usize, seed: u64) -> Problem {
    let options = CaseworkOptions { cases, officers, ratio_percent: 95, seed, as_at: date(2025, 6, 2) };
    Problem::new(casework(&options).unwrap(), Rules::plain()).unwrap()
}

/// Solves, and gives every report of progress to `watch`.
fn watched(problem: &Problem, options: &Options, budget: &Budget, mut watch: impl FnMut(Progress)) -> Allocation {
    solve(problem, options, budget, &mut watch).unwrap()
}

#[test]
fn stopped_before_the_start_it_still_gives_everyone_an_answer() {
    let problem = casework_of(300, 12, 1);
    for (is_out_of_time, termination) in [(false, Termination::Interrupted), (true, Termination::TimeLimit)] {
        let budget = Budget::default();
        if is_out_of_time {
            budget.time_is_up();
        } else {
            budget.interrupt();
        }
        let allocation = solved(&problem, &budget);
        assert_eq!(allocation.held.len() + allocation.holdings.len(), 300);
        assert!(allocation.held.len() > 200, "the greedy answer fills the officers");
        assert_eq!(allocation.evidence.termination, termination);
        assert_eq!(allocation.evidence.step_count, 0);
    }
}

#[test]
fn every_step_limit_gives_a_valid_answer_and_more_steps_never_a_worse_one() {
    let problem = casework_of(80, 5, 2);
    let mut before = i64::MAX;
    for limit in (0..60).chain((60..1_600).step_by(35)) {
        let evidence = solved(&problem, &Budget::steps(limit)).evidence;
        assert!(evidence.step_count <= limit);
        assert!(evidence.objective <= before, "{} after {limit} steps, {before} after fewer", evidence.objective);
        before = evidence.objective;
    }
}

#[test]
fn tiny_teams_are_never_worse_for_more_steps() {
    check(60, &(teams(), 1..200_u64), |(team, stride)| {
        let problem = team.problem();
        let objective = |steps| solved(&problem, &Budget::steps(steps)).evidence.objective;
        let objectives: Vec<i64> = (0..10).map(|number| objective(number * stride)).collect();
        prop_assert!(objectives.is_sorted_by(|a, b| a >= b), "{objectives:?}");
        Ok(())
    });
}

#[test]
fn a_step_limit_is_named_as_the_end() {
    let evidence = solved(&casework_of(200, 8, 3), &Budget::steps(5)).evidence;
    assert_eq!((evidence.termination, evidence.step_count), (Termination::StepLimit, 5));
}

#[test]
fn a_gap_that_is_good_enough_ends_the_search() {
    let problem = casework_of(200, 8, 4);
    let options = Options { gap_limit: 0.2, ..Options::default() };
    let evidence = watched(&problem, &options, &Budget::steps(1_000_000), |_| {}).evidence;
    assert_eq!(evidence.termination, Termination::GapReached, "{evidence:?}");
    assert!(evidence.gap() <= 0.2 && evidence.objective > evidence.bound);
}

#[test]
fn progress_only_gets_better_and_ends_where_the_answer_is() {
    let problem = casework_of(200, 8, 5);
    let mut reports: Vec<Progress> = Vec::new();
    let evidence =
        watched(&problem, &Options::default(), &Budget::steps(3_000), |progress| reports.push(progress)).evidence;
    for pair in reports.windows(2) {
        let [before, after] = pair else { unreachable!("windows of two") };
        assert!(after.objective <= before.objective, "{before:?}, then {after:?}");
        assert!(after.bound >= before.bound, "{before:?}, then {after:?}");
        assert!(after.step_count >= before.step_count, "{before:?}, then {after:?}");
    }
    let last = reports.last().unwrap();
    assert!(reports.iter().all(|report| report.bound <= evidence.objective));
    assert!(evidence.objective <= last.objective && evidence.bound >= last.bound, "{last:?}, then {evidence:?}");
    for stage in [Stage::Greedy, Stage::Prices, Stage::Improve, Stage::Milp] {
        assert!(reports.iter().any(|report| report.stage == stage), "{stage:?} was not reported");
    }
}

#[test]
fn a_stop_during_a_call_to_highs_ends_the_solve_and_is_recorded_for_the_replay() {
    let problem = casework_of(400, 12, 6);
    let budget = Budget::default();
    // With one thread the search waits for HiGHS as soon as it has told that exact search began.
    let options = Options { threads: 1, ..Options::default() };
    let first = watched(&problem, &options, &budget, |progress| {
        if progress.stage == Stage::Milp {
            budget.time_is_up();
        }
    });
    let evidence = &first.evidence;
    assert_eq!(evidence.cut_calls.len(), 1, "the stop that cut it off is the last thing that happened");
    let replay = Budget { cut_calls: evidence.cut_calls.clone(), ..Budget::steps(evidence.step_count) };
    let mut second = solved(&problem, &replay);
    // The clock stopped the first, the step limit its replay; all else is the same.
    assert_eq!(second.evidence.termination, Termination::StepLimit);
    second.evidence.termination = Termination::TimeLimit;
    assert_eq!(first, second);
    // HiGHS goes on with the call that was cut off; this process must not end before it, or its destructors crash.
    while busy_exact_searches() > 0 {
        std::thread::yield_now();
    }
}

#[test]
fn a_call_that_the_time_limit_ends_in_highs_itself_counts_as_cut_off() {
    let problem = casework_of(400, 12, 6);
    let budget = Budget { step_limit: Some(2_000), ..Budget::default() };
    // The past: HiGHS has no time at all, but nobody raises the flag.
    budget.deadline.set(std::time::Instant::now());
    let first = watched(&problem, &Options { threads: 1, ..Options::default() }, &budget, |_| {});
    assert!(!first.evidence.cut_calls.is_empty(), "{:?}", first.evidence);
    let replay = Budget { cut_calls: first.evidence.cut_calls.clone(), ..Budget::steps(first.evidence.step_count) };
    assert_eq!(first, solved(&problem, &replay));
}

#[test]
fn the_number_of_threads_changes_nothing_where_threads_are_used() {
    // Enough pairs that a scan is shared.
    let problem = casework_of(3_000, 120, 8);
    assert!(problem.instance().pair_count() > 60_000, "{} pairs", problem.instance().pair_count());
    let of_threads =
        |threads| watched(&problem, &Options { threads, ..Options::default() }, &Budget::steps(120), |_| {});
    assert_eq!(of_threads(1), of_threads(5));
}

#[test]
fn calls_that_were_cut_off_in_the_solve_to_replay_give_nothing_again() {
    let problem = casework_of(200, 8, 7);
    let whole = Budget { cut_calls: (0..1_000).collect(), ..Budget::steps(1_500) };
    let evidence = solved(&problem, &whole).evidence;
    assert_eq!(evidence.bound_source, BoundSource::Prices);
    assert!(!evidence.cut_calls.is_empty(), "exact search was tried");
    assert!(evidence.cut_calls.iter().copied().eq(0..evidence.cut_calls.len() as u32));
}
