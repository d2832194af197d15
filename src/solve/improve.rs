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
use crate::model::{OfficerIndex, Problem, Proof, UnitIndex};

/// Options kept a unit, waiting and today's officer besides.
const OPTIONS_PER_UNIT: usize = 12;
/// Units with the officer that may be asked to make room for one more, before a move is given up.
const EJECTION_TRIES: usize = 6;
/// Fewest moves tried a step.
const MOVES_PER_STEP: usize = 2_048;

/// The options that the search moves among, the cheapest at the prices first.
pub(super) struct Neighbourhood {
    starts: Vec<usize>,
    choices: Vec<Choice>,
    /// Units that have more than one option.
    movable: Vec<UnitIndex>,
}

impl Neighbourhood {
    /// The near-best options of every unit at the proof's prices.
    pub(super) fn new(problem: &Problem, proof: &Proof) -> Self {
        let mut neighbourhood = Self { starts: vec![0], choices: Vec::new(), movable: Vec::new() };
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
            neighbourhood.choices.extend(kept.map(|(_, (_, choice))| *choice));
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
}

/// Which units each officer holds, so that one can be drawn at random.
struct Members {
    of_officer: Vec<Vec<UnitIndex>>,
    position: Vec<u32>,
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
            self.position[unit.get()] = list.len() as u32;
            list.push(unit);
        }
    }

    fn leave(&mut self, state: &State<'_>, unit: UnitIndex) {
        if let Some(pair) = state.pair_of(unit) {
            let list = &mut self.of_officer[pair.officer.get()];
            let position = self.position[unit.get()] as usize;
            list.swap_remove(position);
            if let Some(moved) = list.get(position) {
                self.position[moved.get()] = position as u32;
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
    let mut search = Search { members: Members::new(state), random: ChaCha8Rng::seed_from_u64(seed) };
    let moves_per_step = MOVES_PER_STEP.max(neighbourhood.movable.len() / 4) as u64;
    let rounds = cooling.moves.div_ceil(moves_per_step).max(1);
    for round in 0..rounds {
        if !steps.take() {
            break;
        }
        let share = round as f64 / rounds as f64;
        let temperature = cooling.hottest * (cooling.coldest / cooling.hottest).powf(share);
        for _ in 0..moves_per_step {
            let unit = neighbourhood.movable[search.below(neighbourhood.movable.len())];
            let choices = neighbourhood.of(unit);
            let choice = choices[search.below(choices.len())];
            if choice != state.choice(unit) {
                search.try_move(state, neighbourhood, unit, choice, temperature);
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
}

impl Search {
    fn below(&mut self, count: usize) -> usize {
        ((u64::from(self.random.next_u32()) * count as u64) >> 32) as usize
    }

    /// Metropolis: a dearer answer is taken with probability exp(-increase / temperature).
    fn accepts(&mut self, increase: i64, temperature: f64) -> bool {
        increase <= 0 || {
            let chance = (-(increase as f64) / temperature).exp();
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

    /// Shifts the unit; where there is no room, another unit of that officer makes room by going elsewhere (which may be
    /// where the first came from: a swap). Undone unless accepted.
    fn try_move(
        &mut self,
        state: &mut State<'_>,
        neighbourhood: &Neighbourhood,
        unit: UnitIndex,
        choice: Choice,
        temperature: f64,
    ) {
        let old = state.choice(unit);
        let before = state.objective();
        let target = match choice {
            Choice::Waits => None,
            Choice::Pair(position) => Some(state.problem.pairs(unit)[position as usize]),
        };
        self.leave(state, unit);
        let has_room = target.is_none_or(|pair| state.has_room(unit, &pair));
        if has_room {
            self.enter(state, unit, choice);
            if over_limit(state) > 0 || !self.accepts(state.objective() - before, temperature) {
                self.leave(state, unit);
                self.enter(state, unit, old);
            }
            return;
        }
        let officer = target.expect("only an officer can lack room").officer;
        for _ in 0..EJECTION_TRIES.min(self.members.of_officer[officer.get()].len()) {
            if self.try_ejection(state, neighbourhood, (unit, choice), officer, before, temperature) {
                return;
            }
        }
        self.enter(state, unit, old);
    }

    /// The unit has left its old choice. True = it has entered the new one, and another went elsewhere.
    fn try_ejection(
        &mut self,
        state: &mut State<'_>,
        neighbourhood: &Neighbourhood,
        (unit, choice): (UnitIndex, Choice),
        officer: OfficerIndex,
        before: i64,
        temperature: f64,
    ) -> bool {
        let draw = self.below(self.members.of_officer[officer.get()].len());
        let other = self.members.of_officer[officer.get()][draw];
        let other_old = state.choice(other);
        let Choice::Pair(position) = choice else { return false };
        let pair = state.problem.pairs(unit)[position as usize];
        self.leave(state, other);
        if state.has_room(unit, &pair) {
            self.enter(state, unit, choice);
            let elsewhere = neighbourhood
                .of(other)
                .iter()
                .filter(|&&elsewhere| elsewhere != other_old && state.may_enter(other, elsewhere))
                .min_by_key(|&&elsewhere| state.price_of(other, elsewhere))
                .copied();
            if let Some(elsewhere) = elsewhere {
                self.enter(state, other, elsewhere);
                if over_limit(state) <= 0 && self.accepts(state.objective() - before, temperature) {
                    return true;
                }
                self.leave(state, other);
            }
            self.leave(state, unit);
        }
        self.enter(state, other, other_old);
        false
    }
}

/// Handovers above the limit; 0 or less = within it.
fn over_limit(state: &State<'_>) -> i64 {
    state.problem.handover_limit().map_or(0, |limit| state.handovers() - limit)
}
