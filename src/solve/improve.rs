//! Local search: simulated annealing at low temperature over shifts, swaps and chains that make room, on the options that
//! the officer prices leave near each unit's best.
//!
//! objective - bound is a sum of regrets and of priced, unused room (see `verify`), so an answer near the bound takes
//! near-best options and leaves little room: the search needs few options a unit, and a temperature of the size of the gap
//! per unit. Hotter starts forget what the prices know.

use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use super::{
    budget::Steps,
    greedy::{options, priced_cost},
    state::{Choice, State},
};
use crate::model::{Problem, Proof, UnitIndex};

/// Options kept a unit, waiting and today's officer besides.
const OPTIONS_PER_UNIT: usize = 12;
/// Units asked to make room, one after the other, before a move is given up.
const CHAIN_LENGTH_MAX: usize = 5;
/// Units with one officer that are looked at, to find one whose leaving makes room and costs least.
const EJECTION_DRAWS: usize = 8;
/// Cheapest options among which a unit that was asked to make room makes room in turn.
const CHAIN_OPTIONS: usize = 4;
/// Fewest moves tried a step.
const MOVES_PER_STEP: usize = 2_048;

/// The options that the search moves among, the cheapest at the prices first.
pub(super) struct Neighbourhood {
    starts: Vec<usize>,
    choices: Vec<Choice>,
    /// Price of each choice at the proof's prices, less that of the unit's cheapest.
    regrets: Vec<f64>,
    /// Units that have more than one option.
    movable: Vec<UnitIndex>,
}

impl Neighbourhood {
    /// The near-best options of every unit at the proof's prices.
    pub(super) fn new(problem: &Problem, proof: &Proof) -> Self {
        let mut neighbourhood = Self { starts: vec![0], choices: Vec::new(), regrets: Vec::new(), movable: Vec::new() };
        let mut priced: Vec<(f64, Choice)> = Vec::new();
        for unit in problem.unit_indices() {
            priced.clear();
            priced.extend(options(problem, unit).map(|choice| (priced_cost(problem, proof, unit, choice), choice)));
            priced.sort_by(|a, b| a.0.total_cmp(&b.0));
            let today = problem.unit(unit).anchor.officer();
            let kept = priced.iter().enumerate().filter(|(rank, (_, choice))| {
                *rank < OPTIONS_PER_UNIT
                    || match choice {
                        Choice::Waits => true,
                        Choice::Pair(position) => Some(problem.pairs(unit)[*position as usize].officer) == today,
                    }
            });
            for (_, (price, choice)) in kept {
                neighbourhood.choices.push(*choice);
                neighbourhood.regrets.push(price - priced[0].0);
            }
            neighbourhood.starts.push(neighbourhood.choices.len());
            if priced.len() > 1 {
                neighbourhood.movable.push(unit);
            }
        }
        neighbourhood
    }

    fn of(&self, unit: UnitIndex) -> &[Choice] {
        &self.choices[self.starts[unit.get()]..self.starts[unit.get() + 1]]
    }

    /// What the unit's leaving costs at the prices: its next cheapest option less this one. Negative = a gain.
    fn loss(&self, unit: UnitIndex, leaving: Choice) -> f64 {
        let range = self.starts[unit.get()]..self.starts[unit.get() + 1];
        let (mut here, mut elsewhere) = (0.0, f64::INFINITY);
        for (choice, regret) in self.choices[range.clone()].iter().zip(&self.regrets[range]) {
            if *choice == leaving {
                here = *regret;
            } else if *regret < elsewhere {
                elsewhere = *regret;
            }
        }
        elsewhere - here
    }
}

/// Which units each officer holds, so that one can be drawn at random.
struct Members {
    of_officer: Vec<Vec<UnitIndex>>,
    position: Vec<usize>,
}

impl Members {
    fn new(state: &State<'_>) -> Self {
        let problem = state.problem;
        let mut members =
            Self { of_officer: vec![Vec::new(); problem.officer_count()], position: vec![0; problem.units().len()] };
        for unit in problem.unit_indices() {
            members.enter(state, unit);
        }
        members
    }

    fn enter(&mut self, state: &State<'_>, unit: UnitIndex) {
        if let Some(pair) = state.pair_of(unit) {
            let list = &mut self.of_officer[pair.officer.get()];
            self.position[unit.get()] = list.len();
            list.push(unit);
        }
    }

    fn leave(&mut self, state: &State<'_>, unit: UnitIndex) {
        if let Some(pair) = state.pair_of(unit) {
            let list = &mut self.of_officer[pair.officer.get()];
            let position = self.position[unit.get()];
            list.swap_remove(position);
            if let Some(moved) = list.get(position) {
                self.position[moved.get()] = position;
            }
        }
    }
}

/// One run from hot to cold.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cooling {
    /// Moves tried in all.
    pub(super) moves: u64,
    /// Temperature at the start, in prices.
    pub(super) hottest: f64,
    /// Temperature at the end.
    pub(super) coldest: f64,
}

/// Anneals `state` and leaves the best answer met in it. One step of the budget every few thousand moves.
pub(super) fn anneal(
    state: &mut State<'_>,
    neighbourhood: &Neighbourhood,
    cooling: Cooling,
    seed: u64,
    steps: &mut Steps<'_>,
) {
    if neighbourhood.movable.is_empty() {
        return;
    }
    let mut best = state.choices().to_vec();
    let mut best_objective = state.objective();
    let mut search = Search {
        members: Members::new(state),
        random: ChaCha8Rng::seed_from_u64(seed),
        chain: Vec::new(),
        temperature: cooling.hottest,
    };
    let moves_per_step = MOVES_PER_STEP.max(neighbourhood.movable.len() / 4) as u64;
    let rounds = cooling.moves.div_ceil(moves_per_step).max(1);
    for round in 0..rounds {
        if !steps.take() {
            break;
        }
        let share = round as f64 / rounds as f64;
        search.temperature = cooling.hottest * (cooling.coldest / cooling.hottest).powf(share);
        for _ in 0..moves_per_step {
            let unit = neighbourhood.movable[search.below(neighbourhood.movable.len())];
            let choices = neighbourhood.of(unit);
            let choice = choices[search.below(choices.len())];
            if choice != state.choice(unit) {
                search.try_move(state, neighbourhood, unit, choice);
            }
        }
        if state.objective() < best_objective {
            best_objective = state.objective();
            best.copy_from_slice(state.choices());
        }
    }
    if best_objective < state.objective() {
        *state = State::of_choices(state.problem, best);
    }
}

struct Search {
    members: Members,
    random: ChaCha8Rng,
    /// Units that the present move has taken from where they were, in that order.
    chain: Vec<(UnitIndex, Choice)>,
    temperature: f64,
}

impl Search {
    fn below(&mut self, count: usize) -> usize {
        ((u64::from(self.random.next_u32()) * count as u64) >> 32) as usize
    }

    /// Metropolis: a dearer answer is taken with probability exp(-increase / temperature).
    fn accepts(&mut self, increase: i64) -> bool {
        increase <= 0 || {
            let chance = (-(increase as f64) / self.temperature).exp();
            f64::from(self.random.next_u32()) < chance * f64::from(u32::MAX)
        }
    }

    fn leave(&mut self, state: &mut State<'_>, unit: UnitIndex) {
        self.members.leave(state, unit);
        state.leave(unit);
    }

    fn enter(&mut self, state: &mut State<'_>, unit: UnitIndex, choice: Choice) {
        state.enter(unit, choice);
        self.members.enter(state, unit);
    }

    /// Shifts the unit. Where there is no room, another unit of that officer goes elsewhere (which may be where the first
    /// came from: a swap); where that has no room, a third makes room, and so on. Undone unless accepted.
    fn try_move(&mut self, state: &mut State<'_>, neighbourhood: &Neighbourhood, unit: UnitIndex, choice: Choice) {
        let before = state.objective();
        self.chain.clear();
        self.take_out(state, unit);
        // The last unit of the chain is out and wants `target`; all before it are where they wanted to be.
        let (mut displaced, mut target) = (unit, choice);
        for _ in 0..CHAIN_LENGTH_MAX {
            if state.may_enter(displaced, target) {
                if self.is_accepted_with(state, displaced, target, before) {
                    return;
                }
                break;
            }
            let Some(other) = self.find_ejection(state, neighbourhood, displaced, target) else { break };
            self.take_out(state, other);
            self.enter(state, displaced, target);
            displaced = other;
            let origin = self.chain.last().expect("just taken out").1;
            if let Some(last) = cheapest_with_room(state, neighbourhood, displaced, origin)
                && self.is_accepted_with(state, displaced, last, before)
            {
                return;
            }
            let choices = neighbourhood.of(displaced);
            target = choices[self.below(choices.len().min(CHAIN_OPTIONS))];
            if target == origin {
                break;
            }
        }
        self.undo(state);
    }

    /// Puts the unit that is out into `choice`; out again unless the whole chain is accepted.
    fn is_accepted_with(&mut self, state: &mut State<'_>, unit: UnitIndex, choice: Choice, before: i64) -> bool {
        self.enter(state, unit, choice);
        let is_accepted = over_limit(state) <= 0 && self.accepts(state.objective() - before);
        if !is_accepted {
            self.leave(state, unit);
        }
        is_accepted
    }

    /// Of a few units drawn from the officer of `target`, the one whose leaving makes room and costs least.
    fn find_ejection(
        &mut self,
        state: &State<'_>,
        neighbourhood: &Neighbourhood,
        unit: UnitIndex,
        target: Choice,
    ) -> Option<UnitIndex> {
        let Choice::Pair(position) = target else { return None };
        let pair = &state.problem.pairs(unit)[position as usize];
        let count = self.members.of_officer[pair.officer.get()].len();
        let mut best: Option<(f64, UnitIndex)> = None;
        for _ in 0..EJECTION_DRAWS.min(count) {
            let draw = self.below(count);
            let other = self.members.of_officer[pair.officer.get()][draw];
            if neighbourhood.of(other).len() < 2 || self.chain.iter().any(|(taken, _)| *taken == other) {
                continue;
            }
            if !state.has_room_without(unit, pair, other) {
                continue;
            }
            let loss = neighbourhood.loss(other, state.choice(other));
            if best.is_none_or(|(least, _)| loss < least) {
                best = Some((loss, other));
            }
        }
        best.map(|(_, other)| other)
    }

    fn take_out(&mut self, state: &mut State<'_>, unit: UnitIndex) {
        self.chain.push((unit, state.choice(unit)));
        self.leave(state, unit);
    }

    /// Everything back to where it was: the last unit of the chain is out, the others are in.
    fn undo(&mut self, state: &mut State<'_>) {
        let chain = std::mem::take(&mut self.chain);
        for &(unit, _) in &chain[..chain.len() - 1] {
            self.leave(state, unit);
        }
        for &(unit, old) in &chain {
            self.enter(state, unit, old);
        }
        self.chain = chain;
    }
}

/// The unit's cheapest option with room, other than `not`.
fn cheapest_with_room(
    state: &State<'_>,
    neighbourhood: &Neighbourhood,
    unit: UnitIndex,
    not: Choice,
) -> Option<Choice> {
    let with_room = neighbourhood.of(unit).iter().filter(|&&choice| choice != not && state.may_enter(unit, choice));
    with_room.min_by_key(|&&choice| state.price_of(unit, choice)).copied()
}

/// Handovers above the limit; 0 or less = within it.
fn over_limit(state: &State<'_>) -> i64 {
    state.problem.handover_limit().map_or(0, |limit| state.handovers() - limit)
}
