//! A first complete answer, at once; and a better one once prices are known.

use super::state::{Choice, State};
use crate::model::{OfficerPrices, Problem, Proof, UnitIndex};

/// Everyone stays; then units without an officer, the dearest to leave waiting per point first, go to the cheapest officer
/// with room. O(pairs + units log units).
pub(super) fn by_urgency(problem: &Problem) -> State<'_> {
    let mut state = State::of_today(problem);
    let mut waiting: Vec<UnitIndex> =
        problem.unit_indices().filter(|&unit| state.choice(unit) == Choice::Waits).collect();
    waiting.sort_by_key(|&unit| (std::cmp::Reverse(urgency_per_point(problem, unit)), unit));
    for unit in waiting {
        take_cheapest(&mut state, unit, &|_, _| 0.0);
    }
    state
}

/// Price of waiting per point of the lightest weight; a unit that takes no capacity comes first.
fn urgency_per_point(problem: &Problem, unit: UnitIndex) -> i64 {
    let lightest = problem.pairs(unit).iter().map(|pair| i64::from(pair.weight_points)).min().unwrap_or(1);
    let price = problem.unit(unit).waiting_price.unwrap_or(0);
    if lightest == 0 { i64::MAX } else { price / lightest }
}

/// From today's choices, every unit in turn goes to its cheapest option at the prices that has room, those first who
/// would lose most by missing their best. A few rounds, since moves make room for others.
pub(super) fn by_prices<'a>(problem: &'a Problem, proof: &Proof) -> State<'a> {
    const ROUNDS: usize = 3;
    let mut state = State::of_today(problem);
    let mut order: Vec<(f64, UnitIndex)> =
        problem.unit_indices().map(|unit| (regret(problem, proof, unit), unit)).collect();
    order.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    for _ in 0..ROUNDS {
        for &(_, unit) in &order {
            take_cheapest(&mut state, unit, &|unit, choice| capacity_price(problem, proof, unit, choice));
        }
    }
    fill(&mut state);
    state
}

/// Gives a waiting unit to the cheapest officer who has room, wherever that costs less than waiting.
pub(super) fn fill(state: &mut State<'_>) {
    for unit in state.problem.unit_indices() {
        if state.choice(unit) == Choice::Waits {
            take_cheapest(state, unit, &|_, _| 0.0);
        }
    }
}

/// Moves a unit to the option with room that is cheapest, with `extra` on top of its price.
fn take_cheapest(state: &mut State<'_>, unit: UnitIndex, extra: &dyn Fn(UnitIndex, Choice) -> f64) {
    let old = state.choice(unit);
    state.leave(unit);
    let handovers_before = state.handovers_of(unit, old);
    let mut best = (state.price_of(unit, old) as f64 + extra(unit, old), old);
    for position in 0..state.problem.pairs(unit).len() {
        let choice = Choice::of_position(position);
        let pair = &state.problem.pairs(unit)[position];
        if !state.has_room(unit, pair) || !state.may_hand_over(state.handovers_of(unit, choice)) {
            continue;
        }
        let price = state.price_of(unit, choice) as f64 + extra(unit, choice);
        if price < best.0 {
            best = (price, choice);
        }
    }
    debug_assert!(state.may_hand_over(handovers_before), "what was there before is allowed");
    state.enter(unit, best.1);
}

/// What the capacity that a choice uses is worth to others, by the proof's prices.
pub(super) fn capacity_price(problem: &Problem, proof: &Proof, unit: UnitIndex, choice: Choice) -> f64 {
    let scale = crate::model::PROOF_SCALE as f64;
    let handover = proof.handover as f64;
    let sum = match choice {
        Choice::Waits => handover * f64::from(problem.unit(unit).release_count),
        Choice::Pair(position) => {
            let pair = &problem.pairs(unit)[position as usize];
            let OfficerPrices { point, case, new_case } = proof.officers[pair.officer.get()];
            point as f64 * f64::from(pair.weight_points)
                + case as f64 * f64::from(problem.unit(unit).case_count)
                + new_case as f64 * f64::from(pair.new_case_count)
                + handover * f64::from(pair.handover_count)
        }
    };
    sum / scale
}

/// Price of an option at the proof's prices, balance left out.
pub(super) fn priced_cost(problem: &Problem, proof: &Proof, unit: UnitIndex, choice: Choice) -> f64 {
    let cost = match choice {
        Choice::Pair(position) => problem.pairs(unit)[position as usize].cost,
        Choice::Waits => problem.unit(unit).waiting_price.unwrap_or(i64::MAX),
    };
    cost as f64 + capacity_price(problem, proof, unit, choice)
}

/// All options of a unit: its pairs, then waiting where it may wait.
pub(super) fn options(problem: &Problem, unit: UnitIndex) -> impl Iterator<Item = Choice> + use<> {
    let pairs = (0..problem.pairs(unit).len()).map(Choice::of_position);
    pairs.chain(problem.unit(unit).waiting_price.map(|_| Choice::Waits))
}

/// Second-best priced option less the best; 0 where there is only one.
fn regret(problem: &Problem, proof: &Proof, unit: UnitIndex) -> f64 {
    let (mut best, mut second) = (f64::INFINITY, f64::INFINITY);
    for choice in options(problem, unit) {
        let price = priced_cost(problem, proof, unit, choice);
        if price < best {
            second = best;
            best = price;
        } else if price < second {
            second = price;
        }
    }
    if second.is_finite() { second - best } else { 0.0 }
}
