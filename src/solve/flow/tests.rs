use std::sync::atomic::Ordering;

use super::*;
use crate::{
    model::{Anchor, BalanceSegment, EligiblePair, Instance, Limits, OfficerIndex, Unit, UnitIndex},
    solve::{
        budget::Budget,
        greedy::options,
        state::Choice,
        test_dice::Dice,
        verify::{objective, price_bound},
    },
};

const INSTANCES: u64 = 400;

/// A few units and officers of every kind: held, pinned, barred, with and without waiting, limits of every kind, some 0.
/// `grain` divides every points cap and kink of balance.
fn drawn(dice: &mut Dice, weight: i64, grain: i64) -> Instance {
    let officer_count = 2 + dice.below(3);
    let mut limits: Vec<Limits> = (0..officer_count)
        .map(|_| {
            let load_limit = dice.is(70).then(|| dice.below(4 * weight / grain + 1) * grain);
            let balance = match load_limit {
                Some(limit) if dice.is(60) => {
                    let first = dice.below(limit / grain + 1) * grain;
                    let slope = 1 + dice.below(4);
                    let (second, steeper) = (first + grain, slope + 1 + dice.below(9));
                    vec![
                        BalanceSegment { from_points: first, slope },
                        BalanceSegment { from_points: second, slope: steeper },
                    ]
                }
                _ => Vec::new(),
            };
            Limits {
                capacity_points: None,
                max_case_count: None,
                load_limit,
                case_limit: dice.is(60).then(|| dice.below(4)),
                intake_limit: dice.is(40).then(|| dice.below(3)),
                balance,
            }
        })
        .collect();
    let mut drafts = Vec::new();
    for _ in 0..3 + dice.below(4) {
        let holder = dice.is(40).then(|| OfficerIndex::new(dice.below(officer_count) as usize));
        let pin = dice.is(10).then(|| OfficerIndex::new(dice.below(officer_count) as usize));
        let anchor = pin.map(Anchor::Pinned).or(holder.map(Anchor::Held)).unwrap_or(Anchor::None);
        let may_hold = |officer: OfficerIndex, dice: &mut Dice| match pin {
            Some(pin) => officer == pin,
            None => holder == Some(officer) || dice.is(70),
        };
        let pairs: Vec<EligiblePair> = (0..officer_count as usize)
            .map(OfficerIndex::new)
            .filter(|&officer| may_hold(officer, dice))
            .collect::<Vec<_>>()
            .into_iter()
            .map(|officer| {
                let is_new = holder != Some(officer) || pin.is_some();
                EligiblePair {
                    cost: dice.below(12),
                    officer,
                    weight_points: weight as u32,
                    new_case_count: u32::from(is_new),
                    handover_count: u32::from(holder.is_some() && is_new && pin.is_none()),
                }
            })
            .collect();
        let may_wait = anchor == Anchor::None || pin.is_none() && dice.is(30);
        let waiting_price = may_wait.then(|| dice.below(40));
        let unit = Unit {
            case_count: 1,
            child_count: dice.below(3) as u32,
            anchor,
            waiting_price,
            release_count: 0,
            stay_is_over: false,
        };
        drafts.push((unit, pairs));
    }
    // What is where it is today, or pinned, is always within the limits.
    for (position, limits) in limits.iter_mut().enumerate() {
        let kept: Vec<&EligiblePair> = drafts
            .iter()
            .filter(|(unit, _)| unit.anchor.officer() == Some(OfficerIndex::new(position)))
            .flat_map(|(_, pairs)| pairs.iter().filter(|pair| pair.officer.get() == position))
            .collect();
        let raise = |limit: &mut Option<i64>, least: i64| *limit = limit.map(|limit| limit.max(least));
        raise(&mut limits.load_limit, kept.len() as i64 * weight);
        raise(&mut limits.case_limit, kept.len() as i64);
        raise(&mut limits.intake_limit, kept.iter().map(|pair| i64::from(pair.new_case_count)).sum());
    }
    let mut instance = Instance::new(limits, None);
    drafts.into_iter().for_each(|(unit, pairs)| instance.push(unit, &pairs));
    instance
}

/// Every state that keeps the limits.
fn for_states<'a>(instance: &'a Instance, each: &mut dyn FnMut(State<'a>)) {
    let lists: Vec<Vec<Choice>> = instance.unit_indices().map(|unit| options(instance, unit).collect()).collect();
    let mut turns = vec![0; lists.len()];
    loop {
        let choices = turns.iter().zip(&lists).map(|(&turn, list)| list[turn]).collect();
        let state = State::of_choices(instance, choices);
        if state.is_within_limits() {
            each(state);
        }
        let Some(next) = (0..lists.len()).find(|&unit| turns[unit] + 1 < lists[unit].len()) else { return };
        turns[..next].fill(0);
        turns[next] += 1;
    }
}

fn found(instance: &Instance, measure: Measure) -> Optimum<'_> {
    let budget = Budget::default();
    let today = State::of_today(instance);
    optimum(&today, measure, 1, &mut Steps::new(&budget)).expect("all units weigh the same")
}

fn officers(state: &State<'_>) -> Vec<Option<OfficerIndex>> {
    state.instance.unit_indices().map(|unit| state.pair_of(unit).map(|pair| pair.officer)).collect()
}

fn children_waiting(state: &State<'_>) -> i64 {
    let waits = |unit: &UnitIndex| state.choice(*unit) == Choice::Waits;
    state.instance.unit_indices().filter(waits).map(|unit| i64::from(state.instance.unit(unit).child_count)).sum()
}

#[test]
fn the_answer_is_the_best_of_all_and_its_prices_prove_it() {
    for seed in 0..INSTANCES {
        let mut dice = Dice::new(seed);
        let weight = 1 + dice.below(3);
        let instance = drawn(&mut dice, weight, weight);
        let found = found(&instance, Measure::Price);
        let mut least = i64::MAX;
        for_states(&instance, &mut |state| least = least.min(state.objective()));
        assert!(found.state.is_within_limits(), "seed {seed}");
        assert_eq!(found.state.objective(), least, "seed {seed}");
        assert_eq!(objective(&instance, &officers(&found.state)), Some(i128::from(least)), "seed {seed}");
        let bound = price_bound(&instance, &found.priced.proof, Measure::Price);
        assert_eq!(bound, Ok(least), "seed {seed} {instance:?} {:?}", found.priced.proof);
    }
}

#[test]
fn the_prices_prove_how_many_children_must_wait() {
    for seed in 0..INSTANCES {
        let mut dice = Dice::new(seed);
        let weight = 1 + dice.below(3);
        let instance = drawn(&mut dice, weight, weight);
        let found = found(&instance, Measure::Children);
        let mut least = i64::MAX;
        for_states(&instance, &mut |state| least = least.min(children_waiting(&state)));
        assert_eq!(children_waiting(&found.state), least, "seed {seed}");
        assert_eq!(price_bound(&instance, &found.priced.proof, Measure::Children), Ok(least), "seed {seed}");
    }
}

#[test]
fn caps_and_kinks_that_are_no_multiple_of_the_weight_cost_the_proof_but_not_the_answer() {
    for seed in 0..INSTANCES {
        let mut dice = Dice::new(seed);
        let instance = drawn(&mut dice, 3, 1);
        let found = found(&instance, Measure::Price);
        let mut least = i64::MAX;
        for_states(&instance, &mut |state| least = least.min(state.objective()));
        assert_eq!(found.state.objective(), least, "seed {seed}");
        assert!(found.priced.bound <= least, "seed {seed}");
    }
}

#[test]
fn threads_and_the_answer_to_start_from_change_neither_objective_nor_bound() {
    let mut dice = Dice::new(1);
    let instance = drawn(&mut dice, 1, 1);
    let budget = Budget::default();
    let today = State::of_today(&instance);
    let one = optimum(&today, Measure::Price, 1, &mut Steps::new(&budget)).unwrap();
    let two = optimum(&today, Measure::Price, 2, &mut Steps::new(&budget)).unwrap();
    assert_eq!((one.state.choices(), &one.priced.proof), (two.state.choices(), &two.priced.proof));
    let again = optimum(&one.state, Measure::Price, 1, &mut Steps::new(&budget)).unwrap();
    assert_eq!((again.state.objective(), again.priced.bound), (one.state.objective(), one.priced.bound));
}

#[test]
fn other_problems_are_left_to_others() {
    let limits = Limits {
        capacity_points: None,
        max_case_count: None,
        load_limit: Some(9),
        case_limit: None,
        intake_limit: None,
        balance: Vec::new(),
    };
    let unit = |case_count| Unit {
        stay_is_over: false,
        case_count,
        child_count: 1,
        anchor: Anchor::None,
        waiting_price: Some(5),
        release_count: 0,
    };
    let pair = |weight_points| EligiblePair {
        cost: 1,
        officer: OfficerIndex::new(0),
        weight_points,
        new_case_count: 1,
        handover_count: 0,
    };
    let is_taken = |handover_limit, case_count, weight| {
        let mut instance = Instance::new(vec![limits.clone()], handover_limit);
        instance.push(unit(1), &[pair(2)]);
        instance.push(unit(case_count), &[pair(weight)]);
        let budget = Budget::default();
        optimum(&State::of_today(&instance), Measure::Price, 1, &mut Steps::new(&budget)).is_some()
    };
    assert!(is_taken(None, 1, 2));
    assert!(!is_taken(None, 1, 3), "another weight");
    assert!(!is_taken(None, 2, 2), "a group");
    assert!(!is_taken(Some(7), 1, 2), "a handover limit");
}

#[test]
fn a_stop_or_too_few_steps_give_no_answer() {
    let mut dice = Dice::new(1);
    let instance = drawn(&mut dice, 1, 1);
    let today = State::of_today(&instance);
    for budget in [Budget::steps(0), Budget::steps(1), Budget::default()] {
        budget.stop.store(budget.step_limit.is_none(), Ordering::Relaxed);
        assert!(optimum(&today, Measure::Price, 1, &mut Steps::new(&budget)).is_none());
    }
}
