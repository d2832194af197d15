//! Nobody whose longest stay on a holding list has run out waits behind somebody whose has not: a last pass of swaps, for
//! searches that were stopped early.
//!
//! The waiting price of a unit whose stay has run out is above any other's together with any two pairs (see
//! `Instance::put_first_whose_stay_is_over`), so every swap makes the objective fall, and the best answer has none left.

use super::{
    greedy,
    state::{Choice, State},
};
use crate::model::{EligiblePair, OfficerIndex, UnitIndex};

/// Swaps until there is none left: a unit whose stay has run out takes the room of one that this allocation has given to an
/// officer and whose stay has not; that one waits, or goes back to who holds it today. Every swap makes the objective fall, so it
/// ends. Each round is O(units that wait and have run out x their pairs x new units of an officer).
pub(super) fn put_first(state: &mut State<'_>) {
    let instance = state.instance;
    let run_out: Vec<UnitIndex> = instance.unit_indices().filter(|&unit| instance.unit(unit).stay_is_over).collect();
    if run_out.iter().all(|&unit| state.choice(unit) != Choice::Waits) {
        return;
    }
    let mut given = given_units(state);
    loop {
        let mut any = false;
        for &unit in &run_out {
            if state.choice(unit) == Choice::Waits
                && let Some(Swap { pair, position, other, home }) = best_swap(state, &given, unit)
            {
                state.take_over([(other, home), (unit, Choice::of_position(position))].into_iter());
                given[pair.officer.get()].retain(|&listed| listed != other);
                any = true;
            }
        }
        if !any {
            break;
        }
    }
    greedy::fill(state);
}

/// What gives a waiting unit an officer.
struct Swap {
    pair: EligiblePair,
    /// Of the pair among those of the unit.
    position: usize,
    /// Who makes room, and where it goes.
    other: UnitIndex,
    home: Choice,
}

/// Of each officer the units that this allocation gave them, are not pinned to them, and have not run out.
fn given_units(state: &State<'_>) -> Vec<Vec<UnitIndex>> {
    let instance = state.instance;
    let mut given = vec![Vec::new(); instance.officer_count()];
    for unit in instance.unit_indices() {
        let of = instance.unit(unit);
        if let Some(pair) = state.pair_of(unit)
            && pair.new_case_count > 0
            && !of.is_pinned()
            && !of.stay_is_over
        {
            given[pair.officer.get()].push(unit);
        }
    }
    given
}

/// Where a unit goes that has to leave: back to who holds it today, if they have room; if nobody does, to the holding list.
fn home(state: &State<'_>, unit: UnitIndex) -> Option<Choice> {
    let instance = state.instance;
    let choice = match instance.unit(unit).anchor.officer() {
        Some(holder) => Choice::of_position(instance.position_of(unit, holder)?),
        None => Choice::Waits,
    };
    state.may_enter(unit, choice).then_some(choice)
}

/// The swap that costs least, by pairs and then by units.
fn best_swap(state: &State<'_>, given: &[Vec<UnitIndex>], unit: UnitIndex) -> Option<Swap> {
    let instance = state.instance;
    let mut best: Option<(i64, Swap)> = None;
    for (position, pair) in instance.pairs(unit).enumerate() {
        for &other in &given[pair.officer.get()] {
            if !state.has_room_without(unit, &pair, other) {
                continue;
            }
            let Some(home) = home(state, other) else { continue };
            let more = i64::from(pair.handover_count) - state.handovers_of(unit, Choice::Waits)
                + state.handovers_of(other, home)
                - state.handovers_of(other, state.choice(other));
            if !state.may_hand_over(more) {
                continue;
            }
            let price = state.price_of(other, home) - price_in_place(state, other)
                + price_after(state, pair.officer, other, &pair);
            if best.as_ref().is_none_or(|(least, _)| price < *least) {
                best = Some((price, Swap { pair, position, other, home }));
            }
        }
    }
    best.map(|(_, swap)| swap)
}

/// What a unit costs where it is, balance left out.
fn price_in_place(state: &State<'_>, unit: UnitIndex) -> i64 {
    state.pair_of(unit).map_or(0, |pair| pair.cost)
}

/// What a pair costs once `other` has left the officer: balance is what the officer's load changes by in all.
fn price_after(state: &State<'_>, officer: OfficerIndex, other: UnitIndex, pair: &EligiblePair) -> i64 {
    let limits = &state.instance.limits()[officer.get()];
    let load = state.load(officer).points;
    let leaving = state.pair_of(other).map_or(0, |pair| i64::from(pair.weight_points));
    let then = load - leaving + i64::from(pair.weight_points);
    pair.cost + limits.balance_price(then) - limits.balance_price(load)
}
