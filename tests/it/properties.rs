//! What is true of every team: the proof never claims too much, the answer keeps the rules, nothing is arbitrary.

use std::collections::{BTreeMap, BTreeSet};

use caseload::model::{
    Allocation, Backlog, Case, HoldingReason, Officer, OfficerPrices, PROOF_SCALE, Pair, Problem, Proof, Rules,
    Termination,
};
use caseload::solve::verify::{Measure, faults, price_bound};
use caseload::solve::{Budget, Options, solve};
use jiff::ToSpan as _;
use proptest::collection::vec;
use proptest::prelude::*;

use crate::solve_brute::{balance_price, optimum};
use crate::solve_teams::{PLENTY, TODAY, Team, check, solved, teams};

/// Prices for every limit that exists, in 2^-16ths: `numbers` in turn, 0 where there is no limit.
fn proof(problem: &Problem, numbers: &[i64]) -> Proof {
    let mut numbers = numbers.iter().copied().cycle();
    let mut price = |limit: Option<i64>| limit.map_or(0, |_| numbers.next().unwrap_or(0));
    let officers = problem
        .instance()
        .limits()
        .iter()
        .map(|limits| OfficerPrices {
            point: price(limits.load_limit),
            case: price(limits.case_limit),
            new_case: price(limits.intake_limit),
        })
        .collect();
    Proof { officers, handover: price(problem.instance().handover_limit()) }
}

/// Any price >= 0: none, of the size of a price here, tiny, or enormous.
fn price() -> impl Strategy<Value = i64> {
    prop_oneof![
        3 => Just(0),
        4 => 0..60 * PROOF_SCALE,
        2 => (0..60_i64).prop_map(|price| price * PROOF_SCALE),
        1 => 0..PROOF_SCALE,
        1 => 0..1_i64 << 40,
    ]
}

#[test]
fn no_prices_whatever_prove_more_than_is_true() {
    check(3_000, &(teams(), vec(price(), 13)), |(team, numbers)| {
        let problem = team.problem();
        let optimum = optimum(&problem);
        let proof = proof(&problem, &numbers);
        let bound = price_bound(problem.instance(), &proof, Measure::Price).unwrap();
        prop_assert!(bound <= optimum.price, "bound {bound} is above the optimum {optimum:?} with {proof:?}");
        let bound = price_bound(problem.instance(), &proof, Measure::Children).unwrap();
        prop_assert!(bound <= optimum.children, "count bound {bound} is above {optimum:?} with {proof:?}");
        Ok(())
    });
}

#[test]
fn no_prices_near_the_best_ones_prove_more_than_is_true() {
    let nudge = || prop_oneof![2 => Just(0), 2 => -3..=3_i64, 3 => -PROOF_SCALE..=PROOF_SCALE];
    check(300, &(teams(), vec(nudge(), 13)), |(team, nudges)| {
        let problem = team.problem();
        let optimum = optimum(&problem);
        let evidence = team.solve().evidence;
        for (measure, best, true_least) in [
            (Measure::Price, &evidence.proof, optimum.price),
            (Measure::Children, &evidence.count_proof, optimum.children),
        ] {
            let nudged = proof(&problem, &nudges);
            let sum = |a: i64, b: i64| (a + b).max(0);
            let officers = best.officers.iter().zip(&nudged.officers);
            let proof = Proof {
                officers: officers
                    .map(|(a, b)| OfficerPrices {
                        point: sum(a.point, b.point),
                        case: sum(a.case, b.case),
                        new_case: sum(a.new_case, b.new_case),
                    })
                    .collect(),
                handover: sum(best.handover, nudged.handover),
            };
            let bound = price_bound(problem.instance(), &proof, measure).unwrap();
            prop_assert!(bound <= true_least, "{measure:?}: bound {bound} is above {true_least} with {proof:?}");
        }
        Ok(())
    });
}

#[test]
fn bounds_hold_and_tiny_teams_reach_the_optimum() {
    check(600, &teams(), |team| {
        let problem = team.problem();
        let optimum = optimum(&problem);
        let allocation = team.solve();
        let evidence = &allocation.evidence;
        prop_assert!(evidence.price_bound <= optimum.price, "{evidence:?} against {optimum:?}");
        prop_assert!(evidence.bound <= optimum.price, "{evidence:?} against {optimum:?}");
        prop_assert!(evidence.count_bound <= optimum.children, "{evidence:?} against {optimum:?}");
        prop_assert_eq!(evidence.objective, optimum.price, "{:?}", evidence);
        prop_assert_eq!(evidence.termination, Termination::Optimal, "{:?}", evidence);
        Ok(())
    });
}

/// `solved` fails where the checker finds a fault.
#[test]
fn ten_thousand_proofs_pass_and_none_could_claim_one_more() {
    check(10_000, &(teams(), 0..60_u64), |(team, steps)| {
        let problem = team.problem();
        let mut allocation = solved(&problem, &Budget::steps(steps));
        allocation.evidence.price_bound += 1;
        allocation.evidence.bound = allocation.evidence.bound.max(allocation.evidence.price_bound);
        let found = faults(&problem, &allocation);
        prop_assert!(found.iter().any(|fault| fault.starts_with("the proof gives a price bound of")), "{found:?}");
        Ok(())
    });
}

#[test]
fn stopped_anywhere_the_answer_is_valid_and_the_bounds_hold() {
    check(300, &(teams(), 0..2_000_u64), |(team, steps)| {
        let problem = team.problem();
        let optimum = optimum(&problem);
        let evidence = solved(&problem, &Budget::steps(steps)).evidence;
        prop_assert!(evidence.bound <= optimum.price && optimum.price <= evidence.objective, "{evidence:?}");
        prop_assert!(evidence.count_bound <= optimum.children, "{evidence:?} against {optimum:?}");
        if evidence.termination == Termination::Optimal {
            prop_assert_eq!(evidence.objective, optimum.price);
        }
        Ok(())
    });
}

#[test]
fn the_order_of_the_input_does_not_matter() {
    let shuffled = teams().prop_flat_map(|team| {
        let backlog = team.backlog.clone();
        let lists = (
            Just(backlog.cases).prop_shuffle(),
            Just(backlog.officers).prop_shuffle(),
            Just(backlog.supervisors).prop_shuffle(),
            Just(backlog.pairs.clone().unwrap_or_default()).prop_shuffle(),
        );
        (Just(team), lists)
    });
    check(200, &shuffled, |(team, (cases, officers, supervisors, pairs))| {
        let pairs = team.backlog.pairs.as_ref().map(|_| pairs);
        let other = Team {
            backlog: Backlog { as_at: team.backlog.as_at, cases, officers, supervisors, pairs },
            rules: team.rules.clone(),
        };
        prop_assert_eq!(team.solve(), other.solve());
        Ok(())
    });
}

#[test]
fn the_same_input_seed_and_steps_give_the_same_answer_on_any_number_of_threads() {
    check(100, &(teams(), 0..1_500_u64, any::<u64>()), |(team, steps, seed)| {
        let problem = team.problem();
        let budget = Budget::steps(steps);
        let of_threads = |threads| {
            let options = Options { seed, threads, ..Options::default() };
            solve(&problem, &options, &budget, &mut |_| {}).unwrap()
        };
        let first = of_threads(1);
        prop_assert_eq!(&first, &of_threads(1));
        prop_assert_eq!(&first, &of_threads(3));
        Ok(())
    });
}

#[test]
fn recorded_steps_and_cut_calls_replay_the_answer() {
    check(150, &(teams(), 0..2_000_u64, vec(0..4_u32, 0..4)), |(team, steps, cut_calls)| {
        let problem = team.problem();
        let first = solved(&problem, &Budget { cut_calls, ..Budget::steps(steps) });
        let evidence = &first.evidence;
        let replay = Budget { cut_calls: evidence.cut_calls.clone(), ..Budget::steps(evidence.step_count) };
        prop_assert_eq!(&first, &solved(&problem, &replay));
        Ok(())
    });
}

#[test]
fn an_answer_that_a_stop_brought_about_is_replayed_by_its_steps() {
    check(300, &(teams(), 0..12_usize, 0..3_usize), |(team, event, threads)| {
        let problem = team.problem();
        let budget = Budget::default();
        let mut events = 0;
        let options = Options { threads: threads + 1, ..Options::default() };
        let stopped = solve(&problem, &options, &budget, &mut |_| {
            if events == event {
                budget.time_is_up();
            }
            events += 1;
        });
        let mut first = stopped.unwrap();
        let replay = Budget { cut_calls: first.evidence.cut_calls.clone(), ..Budget::steps(first.evidence.step_count) };
        let second = solved(&problem, &replay);
        // The clock stopped the one, the step limit the other, if it was not over by then.
        first.evidence.termination = second.evidence.termination;
        prop_assert_eq!(&first, &second);
        Ok(())
    });
}

#[test]
fn with_more_capacity_the_optimum_does_not_rise() {
    check(600, &(teams(), vec(0..4_i64, 12)), |(team, more)| {
        let problem = team.problem();
        let mut larger = team.clone();
        for (officer, more) in larger.backlog.officers.iter_mut().zip(more.chunks(3)) {
            officer.capacity_points = officer.capacity_points.map(|cap| cap + more[0]);
            officer.max_case_count = officer.max_case_count.map(|cap| cap + more[1]);
            officer.intake_limit = officer.intake_limit.map(|limit| limit + more[2]);
        }
        let larger = larger.problem();
        // A group that now fits whole is kept together: that is another problem.
        prop_assume!(problem.instance().units() == larger.instance().units());
        prop_assert!(optimum(&larger).price <= optimum(&problem).price);
        Ok(())
    });
}

/// The officer who holds the case today, stays, and is not barred, by the words of the rules.
fn stays(team: &Team, position: usize) -> Option<usize> {
    let case = &team.backlog.cases[position];
    let current = case.current_officer_id.as_ref()?;
    let officer = team.backlog.officers.iter().position(|officer| officer.id == *current)?;
    let dates = &team.backlog.officers[officer];
    let is_gone = dates.available_until.is_some_and(|last| last < TODAY)
        || dates.available_from.is_some_and(|first| first >= TODAY + 42.days());
    (!is_gone && !case.barred_officer_ids.contains(current)).then_some(officer)
}

/// The officer of each case after the allocation, in the order of the backlog.
fn officers_after(team: &Team, allocation: &Allocation) -> Vec<Option<usize>> {
    let of_case: BTreeMap<&str, &str> =
        allocation.held.iter().map(|held| (held.case_id.as_str(), held.officer_id.as_str())).collect();
    let position = |id: &str| team.backlog.officers.iter().position(|officer| officer.id.as_str() == id);
    team.backlog.cases.iter().map(|case| position(of_case.get(case.id.as_str())?)).collect()
}

fn pin(team: &Team, position: usize) -> bool {
    let case = &team.backlog.cases[position];
    case.pinned || case.required_officer_id.is_some()
}

#[test]
fn nobody_leaves_an_officer_who_stays_for_the_holding_list_unless_the_rules_say_so() {
    check(400, &teams(), |team| {
        prop_assume!(!team.rules.release_to_holding);
        let after = officers_after(&team, &team.solve());
        for (position, officer) in after.iter().enumerate() {
            prop_assert!(officer.is_some() || stays(&team, position).is_none(), "case {position} was released");
        }
        Ok(())
    });
}

#[test]
fn no_cap_is_newly_broken() {
    check(600, &teams(), |team| {
        let allocation = team.solve();
        let after = officers_after(&team, &allocation);
        for (number, officer) in team.backlog.officers.iter().enumerate() {
            let theirs: Vec<usize> = (0..after.len()).filter(|&case| after[case] == Some(number)).collect();
            let load: i64 = theirs.iter().map(|&case| weight(&team, case, number)).sum();
            let max = officer
                .max_case_count
                .or(officer.capacity_points.is_none().then_some(team.rules.default_max_case_count));
            let is_over = officer.capacity_points.is_some_and(|cap| load > cap || cap == 0 && !theirs.is_empty())
                || max.is_some_and(|max| theirs.len() as i64 > max);
            let given: Vec<usize> = theirs
                .iter()
                .copied()
                .filter(|&case| stays(&team, case) != Some(number) && !pin(&team, case))
                .collect();
            prop_assert!(!is_over || given.is_empty(), "officer {number} is over and was given {given:?}");
            let caseload = &allocation.caseloads[number];
            prop_assert_eq!(caseload.over, is_over, "{:?}", caseload);
            prop_assert_eq!((caseload.case_count, caseload.load_points), (theirs.len() as i64, load));
            if let Some(limit) = officer.intake_limit {
                let recent = (0..after.len()).filter(|&case| {
                    let since = team.backlog.cases[case].held_since;
                    stays(&team, case) == Some(number) && since.is_some_and(|since| since > TODAY - 7.days())
                });
                let room = (limit - recent.count() as i64).max(0);
                let pinned = theirs.iter().filter(|&&case| stays(&team, case) != Some(number) && pin(&team, case));
                prop_assert!(given.is_empty() || (given.len() + pinned.count()) as i64 <= room, "{caseload:?}");
            }
        }
        Ok(())
    });
}

/// Points of a case with an officer, from the backlog.
fn weight(team: &Team, case: usize, officer: usize) -> i64 {
    let (case_id, officer_id) = (&team.backlog.cases[case].id, &team.backlog.officers[officer].id);
    let stated = team.backlog.pairs.as_ref().and_then(|pairs| {
        pairs.iter().find(|pair| pair.case_id == *case_id && pair.officer_id == *officer_id)?.weight_points
    });
    let is_handover = stays(team, case).is_some_and(|holder| holder != officer);
    let more = if is_handover { team.rules.handover_points } else { 0 };
    stated.or(team.backlog.cases[case].weight_points).unwrap_or(1) + more
}

#[test]
fn figures_are_what_a_reader_would_count() {
    check(400, &teams(), |team| {
        let allocation = team.solve();
        let after = officers_after(&team, &allocation);
        let child = |case: usize| {
            let case = &team.backlog.cases[case];
            (case.child_id.clone(), case.child_id.is_none().then(|| case.id.clone()))
        };
        let waiting: Vec<usize> = (0..after.len()).filter(|&case| after[case].is_none()).collect();
        let moved = |case: &usize| stays(&team, *case).is_some_and(|holder| Some(holder) != after[*case]);
        let totals = &allocation.totals;
        prop_assert_eq!(totals.waiting_count, waiting.len() as i64);
        prop_assert_eq!(totals.allocated_count, (after.len() - waiting.len()) as i64);
        let children: BTreeSet<_> = waiting.iter().map(|&case| child(case)).collect();
        prop_assert_eq!(totals.children_without_officer_count, children.len() as i64);
        let children: BTreeSet<_> = (0..after.len()).map(child).collect();
        prop_assert_eq!(totals.child_count, children.len() as i64);
        let releases = waiting.iter().copied().filter(|case| moved(case)).count() as i64;
        let moves = (0..after.len()).filter(|case| moved(case)).count() as i64;
        prop_assert_eq!((totals.release_count, totals.handover_count), (releases, moves - releases));
        if let Some(limit) = team.problem().instance().handover_limit() {
            prop_assert!(moves <= limit);
        }
        let given = |officer: usize| {
            let is_given = |case: &usize| after[*case] == Some(officer) && stays(&team, *case) != Some(officer);
            (0..after.len()).filter(is_given).count() as i64
        };
        for (officer, caseload) in allocation.caseloads.iter().enumerate() {
            prop_assert_eq!(caseload.new_case_count, given(officer));
        }
        for held in &allocation.held {
            let case = team.backlog.cases.iter().position(|case| case.id == held.case_id).unwrap();
            let kept = stays(&team, case).is_some_and(|holder| Some(holder) == after[case]);
            prop_assert_eq!(held.since, if kept { team.backlog.cases[case].held_since } else { Some(TODAY) });
        }
        Ok(())
    });
}

/// The problem of the next day's allocation: the answer's officers are the current ones.
fn again(team: &Team, allocation: &Allocation) -> Team {
    let mut next = team.clone();
    for case in &mut next.backlog.cases {
        let held = allocation.held.iter().find(|held| held.case_id == case.id);
        let holding = allocation.holdings.iter().find(|holding| holding.case_id == case.id);
        case.current_officer_id = held.map(|held| held.officer_id.clone());
        case.held_since = held.and_then(|held| held.since);
        case.waiting_since = holding.map(|holding| holding.waiting_since).or(case.waiting_since);
    }
    next
}

#[test]
fn allocated_again_it_is_valid_no_dearer_and_hands_nobody_over() {
    check(300, &teams(), |team| {
        let first = team.solve();
        let next = again(&team, &first);
        prop_assert!(Problem::new(next.backlog.clone(), next.rules.clone()).is_ok());
        let second = next.solve();
        // A group may be taken apart or put together by the first answer: then prices change, too.
        if team.backlog.cases.iter().all(|case| case.group_id.is_none()) {
            // So do they where a case waits whose child another officer has got to know since.
            let children: Vec<_> = team.backlog.cases.iter().filter_map(|case| case.child_id.as_ref()).collect();
            let are_siblings = children.iter().collect::<BTreeSet<_>>().len() < children.len();
            // And so does the price of a case whose stay has run out: it is above those of the others, and whoever has got an
            // officer since would be released at a higher one.
            let is_raised = team.rules.raise_waiting_prices
                && first.holdings.iter().any(|holding| holding.longest_stay_until < TODAY);
            if (!are_siblings || team.rules.same_child_apart_price == 0) && !is_raised {
                prop_assert!(second.evidence.bound <= first.evidence.objective);
                prop_assert!(second.evidence.objective <= first.evidence.objective);
            }
            let is_still = team.rules.handover_price > 0
                && team.rules.handover_points == 0
                && team.rules.handover_limit.is_none()
                && !team.rules.release_to_holding;
            if is_still {
                prop_assert_eq!(second.totals.handover_count, 0, "{:?}", second.changes);
            }
        }
        Ok(())
    });
}

#[test]
fn a_case_that_waits_because_that_is_cheaper_is_said_to() {
    let reason = |holding_price| {
        let case = Case { holding_price: Some(holding_price), ..Case::new("c".into()) };
        let pair = Pair { case_id: "c".into(), officer_id: "o".into(), cost: 10, weight_points: None };
        let backlog = Backlog {
            as_at: TODAY,
            cases: vec![case],
            officers: vec![Officer::new("o".into())],
            supervisors: Vec::new(),
            pairs: Some(vec![pair]),
        };
        let problem = Problem::new(backlog, Rules::plain()).unwrap();
        solved(&problem, &Budget::steps(PLENTY)).holdings.first().map(|holding| holding.reason)
    };
    assert_eq!(reason(9), Some(HoldingReason::WaitingCostsLess));
    assert_eq!(reason(11), None);
}

#[test]
fn no_case_waits_while_an_eligible_officer_has_room() {
    check(600, &teams(), |mut team| {
        team.rules = Rules { raise_waiting_prices: true, ..team.rules };
        let problem = team.problem();
        let allocation = solved(&problem, &Budget::steps(PLENTY));
        let after = officers_after(&team, &allocation);
        let of_choice = |reason| matches!(reason, HoldingReason::SearchStopped | HoldingReason::WaitingCostsLess);
        let stopped: Vec<_> = allocation.holdings.iter().filter(|holding| of_choice(holding.reason)).collect();
        prop_assert!(stopped.is_empty(), "the search ended by itself, but {stopped:?}");
        // The generator names cases and officers in order, so positions here are the problem's.
        let (mut used, mut handovers) = (vec![[0; 3]; problem.instance().officer_count()], 0);
        let units: Vec<_> =
            problem.instance().unit_indices().map(|unit| (unit, after[problem.cases_of(unit)[0].get()])).collect();
        for &(unit, officer) in &units {
            let pair = problem.instance().pairs(unit).find(|pair| Some(pair.officer.get()) == officer);
            handovers +=
                i64::from(pair.map_or(problem.instance().unit(unit).release_count, |pair| pair.handover_count));
            if let Some(pair) = pair {
                let more = [pair.weight_points, problem.instance().unit(unit).case_count, pair.new_case_count];
                for (sum, more) in used[pair.officer.get()].iter_mut().zip(more) {
                    *sum += i64::from(more);
                }
            }
        }
        for &(unit, _) in units.iter().filter(|(_, officer)| officer.is_none()) {
            for pair in problem.instance().pairs(unit) {
                let limits = &problem.instance().limits()[pair.officer.get()];
                // Whoever is above a cap today has no room: the caps as stated count.
                let least = |a: Option<i64>, b: Option<i64>| a.into_iter().chain(b).min();
                let kinds = [
                    least(limits.load_limit, limits.capacity_points),
                    least(limits.case_limit, limits.max_case_count),
                    limits.intake_limit,
                ];
                let more = [pair.weight_points, problem.instance().unit(unit).case_count, pair.new_case_count];
                let has_room = kinds
                    .iter()
                    .zip(used[pair.officer.get()])
                    .zip(more)
                    .all(|((limit, used), more)| limit.is_none_or(|limit| used + i64::from(more) <= limit));
                let more = i64::from(pair.handover_count) - i64::from(problem.instance().unit(unit).release_count);
                let may_move = problem.instance().handover_limit().is_none_or(|limit| handovers + more <= limit);
                prop_assert!(!(has_room && may_move), "unit {unit:?} waits, though {:?} has room", pair.officer);
            }
        }
        Ok(())
    });
}

#[test]
fn the_balance_price_is_what_each_point_costs() {
    check(300, &(teams(), 0..30_i64), |(team, load)| {
        for limits in team.problem().instance().limits() {
            prop_assert_eq!(limits.balance_price(load), balance_price(limits, load));
        }
        Ok(())
    });
}
