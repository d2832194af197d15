//! A complete assignment in the making: the choice of every unit, with loads, limits and objective kept up to date.

use crate::model::{EligiblePair, Instance, OfficerIndex, UnitIndex};

/// Where a unit is: with the officer of the pair at this position among the unit's pairs, or waiting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Choice {
    /// Position among `instance.pairs(unit)`.
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
    pub(super) instance: &'a Instance,
    choices: Vec<Choice>,
    loads: Vec<Load>,
    handovers: i64,
    objective: i64,
}

impl<'a> State<'a> {
    /// Everyone stays where they are; what has no officer waits. Always within the limits, which `Instance` set so.
    pub(super) fn of_today(instance: &'a Instance) -> Self {
        let choices = instance
            .unit_indices()
            .map(|unit| match instance.unit(unit).anchor.officer() {
                Some(officer) => {
                    let position = instance.position_of(unit, officer);
                    Choice::of_position(position.expect("an anchored unit is eligible for its officer"))
                }
                None => Choice::Waits,
            })
            .collect();
        Self::of_choices(instance, choices)
    }

    /// The state of given choices, which must keep every limit.
    pub(super) fn of_choices(instance: &'a Instance, choices: Vec<Choice>) -> Self {
        let mut state = Self {
            instance,
            choices,
            loads: vec![Load::default(); instance.officer_count()],
            handovers: 0,
            objective: 0,
        };
        for unit in instance.unit_indices() {
            match state.pair_of(unit) {
                Some(pair) => state.count(unit, &pair, 1),
                None => {
                    state.objective += state.waiting_price(unit);
                    state.handovers += i64::from(instance.unit(unit).release_count);
                }
            }
        }
        let balance: i64 =
            instance.limits().iter().zip(&state.loads).map(|(limits, load)| limits.balance_price(load.points)).sum();
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

    /// Moves units to these choices, together: what one leaves another may enter. The caller sees to the limits.
    pub(super) fn take_over(&mut self, choices: impl Iterator<Item = (UnitIndex, Choice)>) {
        for (unit, choice) in choices {
            if self.choice(unit) != choice {
                self.leave(unit);
                self.enter(unit, choice);
            }
        }
    }

    /// The pair that the unit is in; `None` = it waits.
    pub(super) fn pair_of(&self, unit: UnitIndex) -> Option<EligiblePair> {
        match self.choices[unit.get()] {
            Choice::Pair(position) => Some(self.instance.pair_at(unit, position as usize)),
            Choice::Waits => None,
        }
    }

    fn waiting_price(&self, unit: UnitIndex) -> i64 {
        self.instance.unit(unit).waiting_price.expect("a unit waits only where it may")
    }

    /// Handovers that a choice causes, releases included.
    pub(super) fn handovers_of(&self, unit: UnitIndex, choice: Choice) -> i64 {
        i64::from(match choice {
            Choice::Pair(position) => self.instance.pair_at(unit, position as usize).handover_count,
            Choice::Waits => self.instance.unit(unit).release_count,
        })
    }

    /// The officer has room for the unit on points, cases and intake, besides what they hold now.
    pub(super) fn has_room(&self, unit: UnitIndex, pair: &EligiblePair) -> bool {
        fits(self.instance, self.loads[pair.officer.get()], unit, pair)
    }

    /// The officer of the pair would have room for the unit if `other`, whom they hold, left.
    pub(super) fn has_room_without(&self, unit: UnitIndex, pair: &EligiblePair, other: UnitIndex) -> bool {
        let Some(leaving) = self.pair_of(other) else { return false };
        let mut load = self.loads[pair.officer.get()];
        load.points -= i64::from(leaving.weight_points);
        load.cases -= i64::from(self.instance.unit(other).case_count);
        load.new_cases -= i64::from(leaving.new_case_count);
        fits(self.instance, load, unit, pair)
    }

    /// There is room for a unit that has left its choice; the handover limit is not looked at.
    pub(super) fn may_enter(&self, unit: UnitIndex, choice: Choice) -> bool {
        match choice {
            Choice::Pair(position) => self.has_room(unit, &self.instance.pair_at(unit, position as usize)),
            Choice::Waits => self.instance.unit(unit).waiting_price.is_some(),
        }
    }

    /// So many more handovers stay within the limit.
    pub(super) fn may_hand_over(&self, more: i64) -> bool {
        more < 0 || self.instance.handover_limit().is_none_or(|limit| self.handovers + more <= limit)
    }

    /// Price of taking the unit into the pair, or of its waiting, as things stand (the unit not counted with the officer).
    pub(super) fn price_of(&self, unit: UnitIndex, choice: Choice) -> i64 {
        match choice {
            Choice::Pair(position) => self.price_of_pair(&self.instance.pair_at(unit, position as usize)),
            Choice::Waits => self.waiting_price(unit),
        }
    }

    /// Price of taking a unit into one of its pairs, as things stand.
    pub(super) fn price_of_pair(&self, pair: &EligiblePair) -> i64 {
        let limits = &self.instance.limits()[pair.officer.get()];
        if limits.balance.is_empty() {
            return pair.cost;
        }
        let load = self.loads[pair.officer.get()].points;
        pair.cost + limits.balance_price(load + i64::from(pair.weight_points)) - limits.balance_price(load)
    }

    /// Takes the unit out of its choice; until it enters another the state is incomplete.
    pub(super) fn leave(&mut self, unit: UnitIndex) {
        let old = self.choices[unit.get()];
        if let Some(pair) = self.pair_of(unit) {
            let limits = &self.instance.limits()[pair.officer.get()];
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
        if let Some(pair) = self.pair_of(unit) {
            let limits = &self.instance.limits()[pair.officer.get()];
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
        load.cases += sign * i64::from(self.instance.unit(unit).case_count);
        load.new_cases += sign * i64::from(pair.new_case_count);
        self.handovers += sign * i64::from(pair.handover_count);
        self.objective += sign * pair.cost;
    }

    /// Every limit is kept. O(officers): for assertions and for answers of other solvers.
    pub(super) fn is_within_limits(&self) -> bool {
        (0..self.loads.len()).map(OfficerIndex::new).all(|officer| self.is_officer_within_limits(officer))
            && self.may_hand_over(0)
    }

    /// The officer has not too much of anything.
    pub(super) fn is_officer_within_limits(&self, officer: OfficerIndex) -> bool {
        let (limits, load) = (&self.instance.limits()[officer.get()], &self.loads[officer.get()]);
        limits.load_limit.is_none_or(|limit| load.points <= limit)
            && limits.case_limit.is_none_or(|limit| load.cases <= limit)
            && limits.intake_limit.is_none_or(|limit| load.new_cases <= limit)
    }
}

/// An officer with this load has room for the unit.
pub(super) fn fits(instance: &Instance, load: Load, unit: UnitIndex, pair: &EligiblePair) -> bool {
    let limits = &instance.limits()[pair.officer.get()];
    limits.load_limit.is_none_or(|limit| load.points + i64::from(pair.weight_points) <= limit)
        && limits.case_limit.is_none_or(|limit| load.cases + i64::from(instance.unit(unit).case_count) <= limit)
        && limits.intake_limit.is_none_or(|limit| load.new_cases + i64::from(pair.new_case_count) <= limit)
}
