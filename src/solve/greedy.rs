//! A first complete answer, at once; and a better one once prices are known.

use std::{cmp::Ordering, collections::BinaryHeap};

use super::{
    state::{Choice, State},
    threads,
};
use crate::model::{Instance, OfficerPrices, Proof, Unit, UnitIndex};

/// Units of one piece of work.
const UNITS_PER_PIECE: usize = 4_096;

/// Everyone stays; then units without an officer, the dearest to leave waiting per point first, go to the cheapest officer
/// with room. O(pairs + units log units).
pub(super) fn by_urgency(instance: &Instance) -> State<'_> {
    let mut state = State::of_today(instance);
    place_waiting(&mut state);
    state
}

/// Units that wait, the dearest to leave waiting per point first, go to the cheapest officer with room.
pub(super) fn place_waiting(state: &mut State<'_>) {
    for unit in waiting_by_urgency(state) {
        take_cheapest(state, unit);
    }
}

/// Units that wait, the dearest to leave waiting per point first.
fn waiting_by_urgency(state: &State<'_>) -> Vec<UnitIndex> {
    let instance = state.instance;
    let mut waiting: Vec<UnitIndex> =
        instance.unit_indices().filter(|&unit| state.choice(unit) == Choice::Waits).collect();
    waiting.sort_by_cached_key(|&unit| (std::cmp::Reverse(urgency_per_point(instance, unit)), unit));
    waiting
}

/// Units that wait, the dearest to leave waiting per point first, go to an officer with room: of those who cost less than
/// waiting, to the cheapest at the prices, so that room that others will need more is kept for them.
pub(super) fn give_room(state: &mut State<'_>, proof: &Proof) {
    let instance = state.instance;
    for unit in waiting_by_urgency(state) {
        let mut best: Option<(f64, Choice)> = None;
        for choice in options(instance, unit).filter(|&choice| choice != Choice::Waits) {
            let more_handovers = state.handovers_of(unit, choice) - state.handovers_of(unit, Choice::Waits);
            if !state.may_enter(unit, choice)
                || !state.may_hand_over(more_handovers)
                || state.price_of(unit, choice) >= state.price_of(unit, Choice::Waits)
            {
                continue;
            }
            let price = priced_cost(instance, proof, unit, choice);
            if best.is_none_or(|(least, _)| price < least) {
                best = Some((price, choice));
            }
        }
        if let Some((_, choice)) = best {
            state.take_over(std::iter::once((unit, choice)));
        }
    }
}

/// Price of waiting per point of the lightest weight; a unit that takes no capacity comes first.
fn urgency_per_point(instance: &Instance, unit: UnitIndex) -> i64 {
    let lightest = instance.pairs(unit).map(|pair| i64::from(pair.weight_points)).min().unwrap_or(1);
    let price = instance.unit(unit).waiting_price.unwrap_or(0);
    if lightest == 0 { i64::MAX } else { price / lightest }
}

/// Every unit takes its cheapest option at the prices; then units leave the officers who have too much, those first who
/// lose least per point, for their next cheapest option with room, or else go back to where they are today; then what waits
/// takes what room is left. `None` = a unit has no option at all, or today's handovers are too many. O(pairs + moves log moves).
pub(super) fn by_prices<'a>(instance: &'a Instance, proof: &Proof, threads: usize) -> Option<State<'a>> {
    let cheapest = |unit: UnitIndex| {
        let mut best: Option<(f64, Choice)> = None;
        priced_options(instance, proof, unit, |choice, price| {
            if best.is_none_or(|(least, _)| price < least) {
                best = Some((price, choice));
            }
        });
        best.map(|(_, choice)| choice)
    };
    let count = instance.units().len();
    let pieces = threads::map(threads, count.div_ceil(UNITS_PER_PIECE), |piece| {
        let units = piece * UNITS_PER_PIECE..count.min((piece + 1) * UNITS_PER_PIECE);
        units.map(UnitIndex::new).map(cheapest).collect::<Option<Vec<Choice>>>()
    });
    let choices = pieces.into_iter().collect::<Option<Vec<_>>>()?.concat();
    let mut state = State::of_choices(instance, choices);
    if !relieve(&mut state, proof) {
        send_home(&mut state, proof);
    }
    fill(&mut state);
    state.is_within_limits().then_some(state)
}

/// Units that came to officers who still have too much, and units handed over where those are too many, go back to where they
/// are today, those first who lose least per point; so do, in turn, those who came to where they go back to. It ends within
/// the limits, at the latest with today's assignment.
fn send_home(state: &mut State<'_>, proof: &Proof) {
    let instance = state.instance;
    let today = State::of_today(instance);
    let loss = |state: &State<'_>, unit: UnitIndex| {
        let points = state.pair_of(unit).map_or(1, |pair| pair.weight_points.max(1));
        let price = |choice| priced_cost(instance, proof, unit, choice);
        (price(today.choice(unit)) - price(state.choice(unit))) / f64::from(points)
    };
    let is_to_go = |state: &State<'_>, unit: UnitIndex| {
        let is_handed_over = state.handovers_of(unit, state.choice(unit)) > 0;
        state.choice(unit) != today.choice(unit)
            && (has_too_much(state, unit) || is_handed_over && !state.may_hand_over(0))
    };
    loop {
        let units = instance.unit_indices().filter(|&unit| is_to_go(state, unit));
        let mut leaving: Vec<(f64, UnitIndex)> = units.map(|unit| (loss(state, unit), unit)).collect();
        if leaving.is_empty() {
            return;
        }
        leaving.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        for (_, unit) in leaving {
            if is_to_go(state, unit) {
                state.take_over(std::iter::once((unit, today.choice(unit))));
            }
        }
    }
}

/// Units leave the officers who have too much, those first who lose least by what they relieve them of, for their next
/// cheapest option with room. False = some officer still has too much: the units there have nowhere to go.
pub(super) fn relieve(state: &mut State<'_>, proof: &Proof) -> bool {
    let units = state.instance.unit_indices();
    let mut leaving: BinaryHeap<Leaving> = units.filter_map(|unit| next_leaving(state, proof, unit)).collect();
    while let Some(Leaving { loss, unit, to }) = leaving.pop() {
        if !has_too_much(state, unit) {
            continue;
        }
        // What is still too much may have changed since, and with it what comes first; and there may be no room left.
        match next_leaving(state, proof, unit) {
            Some(now) if now.loss <= loss && now.to == to => state.take_over(std::iter::once((unit, to))),
            later => leaving.extend(later),
        }
    }
    hand_over_less(state, proof);
    state.is_within_limits()
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
    let relief = relief(state, unit)?;
    Some(Leaving { loss: (price - priced_cost(instance, proof, unit, today)) / relief, unit, to })
}

/// Points that a unit leaves free, if the officer has too many; and, if they have too many cases or new cases, as many
/// points as these are on average: so a light unit relieves them of a case as well as a heavy one. `None` = nothing is
/// too much.
fn relief(state: &State<'_>, unit: UnitIndex) -> Option<f64> {
    let pair = state.pair_of(unit)?;
    let (limits, load) = (&state.instance.limits()[pair.officer.get()], state.load(pair.officer));
    let is_too_much = |limit: Option<i64>, load: i64| limit.is_some_and(|limit| load > limit);
    let points_of = |count: u32, of: i64| f64::from(count) * (load.points as f64 / of.max(1) as f64).max(1.0);
    let mut relief = 0.0;
    if is_too_much(limits.load_limit, load.points) {
        relief += f64::from(pair.weight_points.max(1));
    }
    if is_too_much(limits.case_limit, load.cases) {
        relief += points_of(state.instance.unit(unit).case_count, load.cases);
    }
    if is_too_much(limits.intake_limit, load.new_cases) {
        relief += points_of(pair.new_case_count, load.new_cases);
    }
    (relief > 0.0).then_some(relief)
}

/// Gives a waiting unit to the cheapest officer who has room, wherever that costs less than waiting.
pub(super) fn fill(state: &mut State<'_>) {
    for unit in state.instance.unit_indices() {
        if state.choice(unit) == Choice::Waits {
            take_cheapest(state, unit);
        }
    }
}

/// Moves a unit to the cheapest option with room, if that is cheaper than where it is.
fn take_cheapest(state: &mut State<'_>, unit: UnitIndex) {
    let old = state.choice(unit);
    state.leave(unit);
    let mut best = (state.price_of(unit, old), old);
    for (position, pair) in state.instance.pairs(unit).enumerate() {
        // Balance only adds to the cost: what costs more without it need not be looked at.
        if pair.cost >= best.0 || !state.has_room(unit, &pair) || !state.may_hand_over(i64::from(pair.handover_count)) {
            continue;
        }
        let price = state.price_of_pair(&pair);
        if price < best.0 {
            best = (price, Choice::of_position(position));
        }
    }
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

/// Every option of a unit with its price at the proof's prices, balance left out: pairs by officer, then waiting.
pub(super) fn priced_options(instance: &Instance, proof: &Proof, unit: UnitIndex, mut each: impl FnMut(Choice, f64)) {
    let scale = 1.0 / crate::model::PROOF_SCALE as f64;
    let Unit { case_count, release_count, waiting_price, .. } = *instance.unit(unit);
    let handover_price = proof.handover as f64 * scale;
    instance.pairs(unit).enumerate().for_each(|(position, pair)| {
        let OfficerPrices { point, case, new_case } = proof.officers[pair.officer.get()];
        let capacity = point as f64 * f64::from(pair.weight_points)
            + case as f64 * f64::from(case_count)
            + new_case as f64 * f64::from(pair.new_case_count);
        let price = pair.cost as f64 + capacity * scale + handover_price * f64::from(pair.handover_count);
        each(Choice::of_position(position), price);
    });
    if let Some(price) = waiting_price {
        each(Choice::Waits, price as f64 + handover_price * f64::from(release_count));
    }
}

/// All options of a unit: its pairs, then waiting where it may wait.
pub(super) fn options(instance: &Instance, unit: UnitIndex) -> impl Iterator<Item = Choice> + use<> {
    let pairs = (0..instance.pair_count_of(unit)).map(Choice::of_position);
    pairs.chain(instance.unit(unit).waiting_price.map(|_| Choice::Waits))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::solve::test_dice::Dice;

    #[test]
    fn from_any_prices_an_answer_within_the_limits_is_made() {
        let (mut with_limit, mut nowhere_to_go) = (0, 0);
        for seed in 0..2_000 {
            let mut dice = Dice::new(seed);
            let instance = dice.instance();
            let proof = dice.proof(&instance);
            let Some(state) = by_prices(&instance, &proof, 1) else {
                panic!("instance {seed}: no answer, though today's assignment is within the limits")
            };
            assert!(state.is_within_limits(), "instance {seed}");
            with_limit += u32::from(instance.handover_limit().is_some());

            // An officer may be left with too much whose units have nowhere to go but home.
            let cheapest = |unit| {
                let price = |choice: &Choice| priced_cost(&instance, &proof, unit, *choice);
                options(&instance, unit).min_by(|a, b| price(a).total_cmp(&price(b))).expect("today's")
            };
            let mut state = State::of_choices(&instance, instance.unit_indices().map(cheapest).collect());
            nowhere_to_go += u32::from(!relieve(&mut state, &proof));
        }
        assert!(with_limit > 500 && nowhere_to_go > 20, "{with_limit} limits, {nowhere_to_go} officers overfull");
    }
}
