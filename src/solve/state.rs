//! A complete assignment in the making: the choice of every unit, with loads, limits and objective kept up to date.

use crate::model::{EligiblePair, OfficerIndex, Problem, UnitIndex};

/// Where a unit is: with the officer of the pair at this position among the unit's pairs, or waiting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Choice {
    /// Position among `problem.pairs(unit)`.
    Pair(u32),
    /// On the holding list.
    Waits,
}

impl Choice {
    pub(super) fn of_position(position: usize) -> Self {
        Self::Pair(u32::try_from(position).expect("an officer list fits 32 bits"))
    }
}

/// What an officer holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Load {
    pub(super) points: i64,
    pub(super) cases: i64,
    pub(super) new_cases: i64,
}

/// Choices of all units that keep every limit.
///
/// Invariants: no officer is above a limit; at most `handover_limit` handovers; a unit waits only where it may.
/// `objective` is the price of exactly these choices.
#[derive(Clone, Debug)]
pub(super) struct State<'a> {
    pub(super) problem: &'a Problem,
    choices: Vec<Choice>,
    loads: Vec<Load>,
    handovers: i64,
    objective: i64,
}

impl<'a> State<'a> {
    /// Everyone stays where they are; what has no officer waits. Always within the limits, which `Problem` set so.
    pub(super) fn of_today(problem: &'a Problem) -> Self {
        let choices = problem
            .unit_indices()
            .map(|unit| match problem.unit(unit).anchor.officer() {
                Some(officer) => {
                    let pairs = problem.pairs(unit);
                    let position = pairs
                        .binary_search_by_key(&officer, |pair| pair.officer)
                        .expect("an anchored unit is eligible for its officer");
                    Choice::of_position(position)
                }
                None => Choice::Waits,
            })
            .collect();
        Self::of_choices(problem, choices)
    }

    /// The state of given choices, which must keep every limit.
    pub(super) fn of_choices(problem: &'a Problem, choices: Vec<Choice>) -> Self {
        let mut state = Self {
            problem,
            choices,
            loads: vec![Load::default(); problem.officer_count()],
            handovers: 0,
            objective: 0,
        };
        for unit in problem.unit_indices() {
            match state.pair_of(unit).copied() {
                Some(pair) => state.count(unit, &pair, 1),
                None => {
                    state.objective += state.waiting_price(unit);
                    state.handovers += i64::from(problem.unit(unit).release_count);
                }
            }
        }
        let balance: i64 =
            problem.limits().iter().zip(&state.loads).map(|(limits, load)| limits.balance_price(load.points)).sum();
        state.objective += balance;
        state
    }

    pub(super) fn choice(&self, unit: UnitIndex) -> Choice {
        self.choices[unit.get()]
    }

    pub(super) fn choices(&self) -> &[Choice] {
        &self.choices
    }

    pub(super) fn objective(&self) -> i64 {
        self.objective
    }

    pub(super) fn load(&self, officer: OfficerIndex) -> Load {
        self.loads[officer.get()]
    }

    pub(super) fn handovers(&self) -> i64 {
        self.handovers
    }

    /// The pair that the unit is in; `None` = it waits.
    pub(super) fn pair_of(&self, unit: UnitIndex) -> Option<&'a EligiblePair> {
        match self.choices[unit.get()] {
            Choice::Pair(position) => Some(&self.problem.pairs(unit)[position as usize]),
            Choice::Waits => None,
        }
    }

    fn waiting_price(&self, unit: UnitIndex) -> i64 {
        self.problem.unit(unit).waiting_price.expect("a unit waits only where it may")
    }

    /// Handovers that a choice causes, releases included.
    pub(super) fn handovers_of(&self, unit: UnitIndex, choice: Choice) -> i64 {
        i64::from(match choice {
            Choice::Pair(position) => self.problem.pairs(unit)[position as usize].handover_count,
            Choice::Waits => self.problem.unit(unit).release_count,
        })
    }

    /// The officer has room for the unit on points, cases and intake, besides what they hold now.
    pub(super) fn has_room(&self, unit: UnitIndex, pair: &EligiblePair) -> bool {
        fits(self.problem, self.loads[pair.officer.get()], unit, pair)
    }

    /// The officer of the pair would have room for the unit if `other`, whom they hold, left.
    pub(super) fn has_room_without(&self, unit: UnitIndex, pair: &EligiblePair, other: UnitIndex) -> bool {
        let Some(leaving) = self.pair_of(other) else { return false };
        let mut load = self.loads[pair.officer.get()];
        load.points -= i64::from(leaving.weight_points);
        load.cases -= i64::from(self.problem.unit(other).case_count);
        load.new_cases -= i64::from(leaving.new_case_count);
        fits(self.problem, load, unit, pair)
    }

    /// There is room for a unit that has left its choice; the handover limit is not looked at.
    pub(super) fn may_enter(&self, unit: UnitIndex, choice: Choice) -> bool {
        match choice {
            Choice::Pair(position) => self.has_room(unit, &self.problem.pairs(unit)[position as usize]),
            Choice::Waits => self.problem.unit(unit).waiting_price.is_some(),
        }
    }

    /// So many more handovers stay within the limit.
    pub(super) fn may_hand_over(&self, more: i64) -> bool {
        more <= 0 || self.problem.handover_limit().is_none_or(|limit| self.handovers + more <= limit)
    }

    /// Price of taking the unit into the pair, or of its waiting, as things stand (the unit not counted with the officer).
    pub(super) fn price_of(&self, unit: UnitIndex, choice: Choice) -> i64 {
        match choice {
            Choice::Pair(position) => {
                let pair = &self.problem.pairs(unit)[position as usize];
                let limits = &self.problem.limits()[pair.officer.get()];
                if limits.balance.is_empty() {
                    return pair.cost;
                }
                let load = self.loads[pair.officer.get()].points;
                pair.cost + limits.balance_price(load + i64::from(pair.weight_points)) - limits.balance_price(load)
            }
            Choice::Waits => self.waiting_price(unit),
        }
    }

    /// Takes the unit out of its choice; until it enters another the state is incomplete.
    pub(super) fn leave(&mut self, unit: UnitIndex) {
        let old = self.choices[unit.get()];
        if let Some(pair) = self.pair_of(unit).copied() {
            let limits = &self.problem.limits()[pair.officer.get()];
            self.objective -= limits.balance_price(self.loads[pair.officer.get()].points);
            self.count(unit, &pair, -1);
            self.objective += limits.balance_price(self.loads[pair.officer.get()].points);
        } else {
            self.objective -= self.waiting_price(unit);
            self.handovers -= self.handovers_of(unit, old);
        }
    }

    /// Puts a unit that left into a choice.
    pub(super) fn enter(&mut self, unit: UnitIndex, choice: Choice) {
        self.choices[unit.get()] = choice;
        if let Some(pair) = self.pair_of(unit).copied() {
            let limits = &self.problem.limits()[pair.officer.get()];
            self.objective -= limits.balance_price(self.loads[pair.officer.get()].points);
            self.count(unit, &pair, 1);
            self.objective += limits.balance_price(self.loads[pair.officer.get()].points);
        } else {
            self.objective += self.waiting_price(unit);
            self.handovers += self.handovers_of(unit, choice);
        }
    }

    /// Everything about a pair but the balance price.
    fn count(&mut self, unit: UnitIndex, pair: &EligiblePair, sign: i64) {
        let load = &mut self.loads[pair.officer.get()];
        load.points += sign * i64::from(pair.weight_points);
        load.cases += sign * i64::from(self.problem.unit(unit).case_count);
        load.new_cases += sign * i64::from(pair.new_case_count);
        self.handovers += sign * i64::from(pair.handover_count);
        self.objective += sign * pair.cost;
    }

    /// Every limit is kept. O(officers): for assertions and for answers of other solvers.
    pub(super) fn is_within_limits(&self) -> bool {
        let officers_ok = self.problem.limits().iter().zip(&self.loads).all(|(limits, load)| {
            limits.load_limit.is_none_or(|limit| load.points <= limit)
                && limits.case_limit.is_none_or(|limit| load.cases <= limit)
                && limits.intake_limit.is_none_or(|limit| load.new_cases <= limit)
        });
        officers_ok && self.problem.handover_limit().is_none_or(|limit| self.handovers <= limit)
    }
}

/// An officer with this load has room for the unit.
pub(super) fn fits(problem: &Problem, load: Load, unit: UnitIndex, pair: &EligiblePair) -> bool {
    let limits = &problem.limits()[pair.officer.get()];
    limits.load_limit.is_none_or(|limit| load.points + i64::from(pair.weight_points) <= limit)
        && limits.case_limit.is_none_or(|limit| load.cases + i64::from(problem.unit(unit).case_count) <= limit)
        && limits.intake_limit.is_none_or(|limit| load.new_cases + i64::from(pair.new_case_count) <= limit)
}
