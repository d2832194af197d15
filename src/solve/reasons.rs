//! Why a unit waits: the closed list of reasons, read off a finished assignment.

use super::{
    greedy::options,
    state::{Choice, State},
};
use crate::model::{EligiblePair, HoldingReason, OfficerIndex, Problem, UnitIndex};

/// What is needed to tell reasons, gathered once.
pub(super) struct Reasons<'s, 'a> {
    problem: &'a Problem,
    state: &'s State<'a>,
    /// The highest waiting price per point among the units that this allocation gave to an officer.
    most_urgent_new: Vec<Option<f64>>,
    /// Units that an officer keeps and that could go to another with room, were it not for the handover limit.
    movable: Vec<Vec<UnitIndex>>,
}

impl<'s, 'a> Reasons<'s, 'a> {
    pub(super) fn new(problem: &'a Problem, state: &'s State<'a>) -> Self {
        let instance = state.instance;
        let mut most_urgent_new = vec![None; instance.officer_count()];
        let mut movable = vec![Vec::new(); instance.officer_count()];
        let is_used_up = !state.may_hand_over(1);
        for unit in instance.unit_indices() {
            let Some(pair) = state.pair_of(unit) else { continue };
            if pair.new_case_count > 0 && !instance.unit(unit).is_pinned() {
                let urgency = urgency(state, unit, &pair);
                let most: &mut Option<f64> = &mut most_urgent_new[pair.officer.get()];
                *most = Some(most.map_or(urgency, |most| most.max(urgency)));
            }
            if is_used_up && pair.handover_count == 0 && !instance.unit(unit).is_pinned() {
                let has_elsewhere = instance.pairs(unit).any(|other| {
                    other.officer != pair.officer && other.handover_count > 0 && state.has_room(unit, &other)
                });
                if has_elsewhere {
                    movable[pair.officer.get()].push(unit);
                }
            }
        }
        Self { problem, state, most_urgent_new, movable }
    }

    /// Why the unit waits. O(eligible officers), and the units that each could give up where handovers are limited.
    pub(super) fn of(&self, unit: UnitIndex) -> HoldingReason {
        let state = self.state;
        let instance = state.instance;
        let pairs: Vec<EligiblePair> = instance.pairs(unit).collect();
        if pairs.is_empty() {
            return HoldingReason::NoEligibleOfficer;
        }
        if pairs.iter().any(|pair| state.has_room(unit, pair) && self.is_within_caps(unit, pair)) {
            // Room on every limit, but a move there would be one handover too many.
            let blocked = options(instance, unit).all(|choice| match choice {
                Choice::Waits => true,
                Choice::Pair(_) => {
                    !state.may_hand_over(state.handovers_of(unit, choice) - state.handovers_of(unit, Choice::Waits))
                }
            });
            if blocked {
                return HoldingReason::HandoverLimit;
            }
            let waiting = state.price_of(unit, Choice::Waits);
            let could_gain = options(instance, unit).any(|choice| {
                choice != Choice::Waits && state.may_enter(unit, choice) && state.price_of(unit, choice) < waiting
            });
            return if could_gain { HoldingReason::SearchStopped } else { HoldingReason::WaitingCostsLess };
        }
        if pairs.iter().any(|pair| self.could_make_room(unit, pair)) {
            return HoldingReason::HandoverLimit;
        }
        if instance.unit(unit).case_count > 1 && pairs.iter().any(|pair| self.has_room_for_part(unit, pair.officer)) {
            return HoldingReason::GroupDoesNotFit;
        }
        let displaced = pairs.iter().any(|pair| {
            self.most_urgent_new[pair.officer.get()].is_some_and(|most| most >= urgency(state, unit, pair))
        });
        if displaced { HoldingReason::DisplacedByUrgency } else { HoldingReason::AllFull }
    }

    /// The officer would stay within the caps as they are stated. An officer above a cap today has room to keep what they
    /// hold, but a case that was released from them does not wait for want of time.
    fn is_within_caps(&self, unit: UnitIndex, pair: &EligiblePair) -> bool {
        let limits = &self.state.instance.limits()[pair.officer.get()];
        let load = self.state.load(pair.officer);
        let case_count = i64::from(self.state.instance.unit(unit).case_count);
        limits.capacity_points.is_none_or(|cap| load.points + i64::from(pair.weight_points) <= cap)
            && limits.max_case_count.is_none_or(|cap| load.cases + case_count <= cap)
    }

    /// One handover would make room, but none is left.
    fn could_make_room(&self, unit: UnitIndex, pair: &EligiblePair) -> bool {
        let movable = &self.movable[pair.officer.get()];
        movable.iter().any(|&other| self.state.has_room_without(unit, pair, other))
    }

    fn has_room_for_part(&self, unit: UnitIndex, officer: OfficerIndex) -> bool {
        let instance = self.state.instance;
        let limits = &instance.limits()[officer.get()];
        let load = self.state.load(officer);
        let lightest = self
            .problem
            .cases_of(unit)
            .iter()
            .map(|case| self.problem.backlog().cases[case.get()].weight_points.unwrap_or(1))
            .min()
            .unwrap_or(1);
        limits.load_limit.is_none_or(|limit| load.points + lightest <= limit)
            && limits.case_limit.is_none_or(|limit| load.cases < limit)
            && limits.intake_limit.is_none_or(|limit| load.new_cases < limit)
    }
}

/// Why one unit waits.
pub(super) fn reason_of(problem: &Problem, state: &State<'_>, unit: UnitIndex) -> HoldingReason {
    Reasons::new(problem, state).of(unit)
}

/// Waiting price per point with this officer: what the objective weighs against the room it takes.
fn urgency(state: &State<'_>, unit: UnitIndex, pair: &EligiblePair) -> f64 {
    let price = state.instance.unit(unit).waiting_price.unwrap_or(i64::MAX);
    price as f64 / f64::from(pair.weight_points.max(1))
}
