//! A warm start: an earlier answer's assignment and prices, made to fit the problem of today.

use std::collections::HashMap;

use super::{greedy, state::Choice, state::State};
use crate::model::{
    Allocation, BoundSource, CaseId, Evidence, GapItems, Instance, Officer, OfficerId, OfficerIndex, OfficerPrices,
    Problem, Proof, Termination, UnitIndex,
};

/// What is known from an earlier answer to a problem much like this one.
#[derive(Clone, Debug, PartialEq)]
pub struct Start {
    /// The officer of every unit; `None` = it waited, is new, or has nobody who may still hold it.
    pub officers: Vec<Option<OfficerIndex>>,
    /// What was known of the earlier answer. Its proofs have one entry an officer of today: see [`Start::of`].
    pub evidence: Evidence,
    /// The earlier answer is to this very problem, and the search of it had ended: nothing is searched, nobody moves.
    pub is_same_problem: bool,
}

impl Start {
    /// The earlier allocation, seen from the problem of today: cases and officers are matched by id. New officers have
    /// the median prices of the others: with none, the bound would lose whatever they could hold. O(cases + officers).
    #[must_use]
    pub fn of(problem: &Problem, earlier: &Allocation) -> Self {
        let officer_of: HashMap<&CaseId, &OfficerId> =
            earlier.held.iter().map(|held| (&held.case_id, &held.officer_id)).collect();
        let instance = problem.instance();
        let cases = &problem.backlog().cases;
        let officer_of_unit = |unit: UnitIndex| {
            let mut officers = problem.cases_of(unit).iter().map(|case| officer_of.get(&cases[case.get()].id));
            let first = officers.next()??;
            let is_together = officers.all(|officer| officer == Some(first));
            problem.officer_index(first).filter(|&officer| is_together && instance.position_of(unit, officer).is_some())
        };
        let positions: HashMap<&OfficerId, usize> =
            (0..).zip(&earlier.caseloads).map(|(position, caseload)| (&caseload.officer_id, position)).collect();
        let of_today = |proof: &Proof| {
            let median = median(&proof.officers);
            let prices_of = |officer: &Officer| {
                let position = positions.get(&officer.id);
                position.and_then(|&position| proof.officers.get(position).copied()).unwrap_or(median)
            };
            Proof { officers: problem.backlog().officers.iter().map(prices_of).collect(), handover: proof.handover }
        };
        let evidence = Evidence {
            proof: of_today(&earlier.evidence.proof),
            count_proof: of_today(&earlier.evidence.count_proof),
            ..earlier.evidence.clone()
        };
        let officers = instance.unit_indices().map(officer_of_unit).collect();
        Self { officers, evidence, is_same_problem: false }
    }

    /// Officers of units, and nothing known of prices.
    pub(crate) fn without_prices(officers: Vec<Option<OfficerIndex>>, officer_count: usize) -> Self {
        let nothing = Proof { officers: vec![OfficerPrices::default(); officer_count], handover: 0 };
        let evidence = Evidence {
            objective: 0,
            bound: 0,
            price_bound: 0,
            bound_source: BoundSource::Prices,
            proof: nothing.clone(),
            gap_items: GapItems::default(),
            count_bound: 0,
            count_proof: nothing,
            termination: Termination::Exhausted,
            step_count: 0,
            cut_calls: Vec::new(),
        };
        Self { officers, evidence, is_same_problem: false }
    }
}

fn median(officers: &[OfficerPrices]) -> OfficerPrices {
    let of = |price: fn(&OfficerPrices) -> i64| {
        let mut prices: Vec<i64> = officers.iter().map(price).collect();
        prices.sort_unstable();
        prices.get(prices.len() / 2).copied().unwrap_or_default()
    };
    OfficerPrices { point: of(|of| of.point), case: of(|of| of.case), new_case: of(|of| of.new_case) }
}

/// The earlier assignment. Whoever has too much by it gives away what loses least at the prices; what waits is given
/// officers with room.
pub(super) fn state<'a>(instance: &'a Instance, start: &Start, proof: &Proof) -> State<'a> {
    let mut state = State::of_today(instance);
    let mut moves: Vec<(UnitIndex, Choice)> = Vec::new();
    for unit in instance.unit_indices() {
        let officer = start.officers.get(unit.get()).copied().flatten();
        let choice = match officer {
            Some(officer) => instance.position_of(unit, officer).map(Choice::of_position),
            None => instance.unit(unit).waiting_price.map(|_| Choice::Waits),
        };
        if let Some(choice) = choice
            && choice != state.choice(unit)
        {
            moves.push((unit, choice));
        }
    }
    state.take_over(moves.iter().copied());
    if !greedy::relieve(&mut state, proof) {
        // Somebody has too much who can give nothing away: one by one, then, as far as there is room.
        state = State::of_today(instance);
        for (unit, choice) in moves {
            if state.may_enter(unit, choice) && state.may_hand_over(state.handovers_of(unit, choice)) {
                state.take_over(std::iter::once((unit, choice)));
            }
        }
    }
    greedy::place_waiting(&mut state);
    state
}

/// The prices, none of them on a limit that does not exist today.
pub(super) fn proof(instance: &Instance, earlier: &Proof) -> Proof {
    let officers = instance.limits().iter().enumerate().map(|(position, limits)| {
        let prices = earlier.officers.get(position).copied().unwrap_or_default();
        OfficerPrices {
            point: if limits.load_limit.is_some() { prices.point } else { 0 },
            case: if limits.case_limit.is_some() { prices.case } else { 0 },
            new_case: if limits.intake_limit.is_some() { prices.new_case } else { 0 },
        }
    });
    let handover = if instance.handover_limit().is_some() { earlier.handover } else { 0 };
    Proof { officers: officers.collect(), handover }
}
