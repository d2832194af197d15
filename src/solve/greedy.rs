//! A first complete answer, at once; and a better one once prices are known.

use std::{cmp::Ordering, collections::BinaryHeap};

use super::state::{Choice, State};
use crate::model::{OfficerPrices, Instance, Proof, UnitIndex};

/// Everyone stays; then units without an officer, the dearest to leave waiting per point first, go to the cheapest officer
/// with room. O(pairs + units log units).
pub(super) fn by_urgency(instance: &Instance) -> State<'_> {
    let mut state = State::of_today(instance);
    let mut waiting: Vec<UnitIndex> =
        instance.unit_indices().filter(|&unit| state.choice(unit) == Choice::Waits).collect();
    waiting.sort_by_key(|&unit| (std::cmp::Reverse(urgency_per_point(instance, unit)), unit));
    for unit in waiting {
        take_cheapest(&mut state, unit, &|_, _| 0.0);
    }
    state
}

/// Price of waiting per point of the lightest weight; a unit that takes no capacity comes first.
fn urgency_per_point(instance: &Instance, unit: UnitIndex) -> i64 {
    let lightest = instance.pairs(unit).map(|pair| i64::from(pair.weight_points)).min().unwrap_or(1);
    let price = instance.unit(unit).waiting_price.unwrap_or(0);
    if lightest == 0 { i64::MAX } else { price / lightest }
}

/// Every unit takes its cheapest option at the prices; then units leave the officers who have too much, those first who
/// lose least per point, for their next cheapest option with room; then what waits takes what room is left. `None` = some
/// officer still has too much: the units there have nowhere to go. O(pairs + moves log moves).
pub(super) fn by_prices<'a>(instance: &'a Instance, proof: &Proof) -> Option<State<'a>> {
    let cheapest = |unit: UnitIndex| {
        let priced = options(instance, unit).map(|choice| (priced_cost(instance, proof, unit, choice), choice));
        priced.min_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, choice)| choice)
    };
    let choices = instance.unit_indices().map(cheapest).collect::<Option<Vec<Choice>>>()?;
    let mut state = State::of_choices(instance, choices);
    let mut leaving: BinaryHeap<Leaving> =
        instance.unit_indices().filter_map(|unit| next_leaving(&state, proof, unit)).collect();
    while let Some(Leaving { unit, to, .. }) = leaving.pop() {
        if !has_too_much(&state, unit) {
            continue;
        }
        if state.may_enter(unit, to) {
            state.take_over(std::iter::once((unit, to)));
        } else {
            leaving.extend(next_leaving(&state, proof, unit));
        }
    }
    hand_over_less(&mut state, proof);
    if !state.is_within_limits() {
        return None;
    }
    fill(&mut state);
    Some(state)
}

/// Where there are more handovers than allowed: units go back to whoever holds them today and has room, those first who
/// lose least by it.
fn hand_over_less(state: &mut State<'_>, proof: &Proof) {
    if state.may_hand_over(0) {
        return;
    }
    let instance = state.instance;
    let mut handed_over: Vec<(f64, UnitIndex, Choice)> = instance
        .unit_indices()
        .filter_map(|unit| {
            let now = state.choice(unit);
            let holder = instance.unit(unit).anchor.officer()?;
            let home = Choice::of_position(instance.position_of(unit, holder)?);
            let saved = state.handovers_of(unit, now) - state.handovers_of(unit, home);
            let loss = priced_cost(instance, proof, unit, home) - priced_cost(instance, proof, unit, now);
            (saved > 0).then(|| (loss / saved as f64, unit, home))
        })
        .collect();
    handed_over.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    for (_, unit, home) in handed_over {
        if state.may_hand_over(0) {
            return;
        }
        if state.may_enter(unit, home) {
            state.take_over(std::iter::once((unit, home)));
        }
    }
}

/// A unit that could leave an officer who has too much.
struct Leaving {
    /// What it loses at the prices, per point that its officer gets rid of.
    loss: f64,
    unit: UnitIndex,
    to: Choice,
}

impl Ord for Leaving {
    /// The least loss is the greatest: a heap gives it first.
    fn cmp(&self, other: &Self) -> Ordering {
        other.loss.total_cmp(&self.loss).then(other.unit.cmp(&self.unit))
    }
}

impl PartialOrd for Leaving {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Leaving {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Leaving {}

fn has_too_much(state: &State<'_>, unit: UnitIndex) -> bool {
    state.pair_of(unit).is_some_and(|pair| !state.is_officer_within_limits(pair.officer))
}

/// The cheapest option with room of a unit whose officer has too much.
fn next_leaving(state: &State<'_>, proof: &Proof, unit: UnitIndex) -> Option<Leaving> {
    if !has_too_much(state, unit) {
        return None;
    }
    let today = state.choice(unit);
    let instance = state.instance;
    let (price, to) = options(instance, unit)
        .filter(|&choice| choice != today && state.may_enter(unit, choice))
        .map(|choice| (priced_cost(instance, proof, unit, choice), choice))
        .min_by(|a, b| a.0.total_cmp(&b.0))?;
    let points = f64::from(state.pair_of(unit)?.weight_points.max(1));
    Some(Leaving { loss: (price - priced_cost(instance, proof, unit, today)) / points, unit, to })
}

/// Gives a waiting unit to the cheapest officer who has room, wherever that costs less than waiting.
pub(super) fn fill(state: &mut State<'_>) {
    for unit in state.instance.unit_indices() {
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
    for position in 0..state.instance.pair_count_of(unit) {
        let choice = Choice::of_position(position);
        let pair = &state.instance.pair_at(unit, position);
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
pub(super) fn capacity_price(instance: &Instance, proof: &Proof, unit: UnitIndex, choice: Choice) -> f64 {
    let scale = crate::model::PROOF_SCALE as f64;
    let handover = proof.handover as f64;
    let sum = match choice {
        Choice::Waits => handover * f64::from(instance.unit(unit).release_count),
        Choice::Pair(position) => {
            let pair = instance.pair_at(unit, position as usize);
            let OfficerPrices { point, case, new_case } = proof.officers[pair.officer.get()];
            point as f64 * f64::from(pair.weight_points)
                + case as f64 * f64::from(instance.unit(unit).case_count)
                + new_case as f64 * f64::from(pair.new_case_count)
                + handover * f64::from(pair.handover_count)
        }
    };
    sum / scale
}

/// Price of an option at the proof's prices, balance left out.
pub(super) fn priced_cost(instance: &Instance, proof: &Proof, unit: UnitIndex, choice: Choice) -> f64 {
    let cost = match choice {
        Choice::Pair(position) => instance.pair_at(unit, position as usize).cost,
        Choice::Waits => instance.unit(unit).waiting_price.unwrap_or(i64::MAX),
    };
    cost as f64 + capacity_price(instance, proof, unit, choice)
}

/// All options of a unit: its pairs, then waiting where it may wait.
pub(super) fn options(instance: &Instance, unit: UnitIndex) -> impl Iterator<Item = Choice> + use<> {
    let pairs = (0..instance.pair_count_of(unit)).map(Choice::of_position);
    pairs.chain(instance.unit(unit).waiting_price.map(|_| Choice::Waits))
}
