//! Where exact search pays: the whole of a small problem, and small neighbourhoods of a large one.

use std::collections::BTreeSet;

use super::{
    budget::Steps,
    greedy::{options, priced_cost},
    milp::{self, Freed},
    prices::Priced,
    state::{Choice, State},
};
use crate::model::{OfficerIndex, PROOF_SCALE, Problem, UnitIndex};

/// A problem is small enough to be searched whole up to so many options that matter.
const WHOLE_OPTIONS_MAX: usize = 6_000;
/// And up to so many units.
const WHOLE_UNITS_MAX: usize = 2_000;
/// Officers freed together.
const NEIGHBOURHOOD_OFFICERS: usize = 6;
/// Options freed together, those with the least regret first.
const NEIGHBOURHOOD_OPTIONS: usize = 2_500;
/// Nodes of the search tree for one neighbourhood.
const NEIGHBOURHOOD_NODES: i32 = 100;

/// Searches the whole problem, if it is small: only options whose regret is at most objective - bound can be part of a
/// better answer. Improves `state` and returns the bound that HiGHS claims. `None` = too large, or no result.
pub(super) fn whole(state: &mut State<'_>, priced: &Priced, nodes_max: i32, steps: &mut Steps<'_>) -> Option<i64> {
    let problem = state.problem;
    if problem.units().len() > WHOLE_UNITS_MAX {
        return None;
    }
    let incumbent = state.objective();
    let slack = incumbent as f64 - priced.scaled as f64 / PROOF_SCALE as f64 + 1e-3;
    let mut count = 0;
    let mut units = Vec::with_capacity(problem.units().len());
    for unit in problem.unit_indices() {
        let regrets = regrets(problem, priced, unit);
        let today = state.choice(unit);
        let kept: Vec<Choice> = regrets
            .into_iter()
            .filter(|&(regret, choice)| regret <= slack || choice == today)
            .map(|(_, choice)| choice)
            .collect();
        count += kept.len();
        if count > WHOLE_OPTIONS_MAX {
            return None;
        }
        units.push((unit, kept));
    }
    let found = milp::search(state, &Freed { units, nodes_max }, steps)?;
    adopt(state, found.choices);
    // Whatever was left out costs at least the incumbent.
    found.bound.map(|bound| bound.min(incumbent))
}

/// Frees small groups of officers, one after the other, where the gap sits. True = something became better.
pub(super) fn neighbourhoods(state: &mut State<'_>, priced: &Priced, steps: &mut Steps<'_>) -> bool {
    let problem = state.problem;
    let gaps = gaps(state, priced);
    let mut order: Vec<OfficerIndex> = (0..problem.officer_count()).map(OfficerIndex::new).collect();
    order.sort_by(|a, b| gaps[b.get()].total_cmp(&gaps[a.get()]));
    let mut is_done = vec![false; problem.officer_count()];
    let mut has_improved = false;
    for officer in order {
        if is_done[officer.get()] {
            continue;
        }
        let group = group_around(state, priced, officer);
        for member in &group {
            is_done[member.get()] = true;
        }
        let freed = free(state, priced, &group);
        let before = state.objective();
        match milp::search(state, &freed, steps) {
            Some(found) => adopt(state, found.choices),
            None if steps.end().is_some() || steps.is_stopped() => break,
            None => {}
        }
        has_improved |= state.objective() < before;
    }
    has_improved
}

/// Takes over the choices if they keep every limit and are better: HiGHS is not trusted.
fn adopt(state: &mut State<'_>, choices: Option<Vec<(UnitIndex, Choice)>>) {
    let Some(choices) = choices else { return };
    let mut all = state.choices().to_vec();
    for (unit, choice) in choices {
        all[unit.get()] = choice;
    }
    let other = State::of_choices(state.problem, all);
    if other.objective() < state.objective() && other.is_within_limits() {
        *state = other;
    }
}

/// What each option of a unit costs more than its cheapest, at the proof's prices.
fn regrets(problem: &Problem, priced: &Priced, unit: UnitIndex) -> Vec<(f64, Choice)> {
    let mut options: Vec<(f64, Choice)> =
        options(problem, unit).map(|choice| (priced_cost(problem, &priced.proof, unit, choice), choice)).collect();
    let least = options.iter().map(|option| option.0).fold(f64::INFINITY, f64::min);
    for option in &mut options {
        option.0 -= least;
    }
    options
}

/// How much of objective - bound sits with each officer: regrets of what they hold, and priced, unused room.
fn gaps(state: &State<'_>, priced: &Priced) -> Vec<f64> {
    let problem = state.problem;
    let mut gaps: Vec<f64> = problem
        .limits()
        .iter()
        .zip(&priced.proof.officers)
        .enumerate()
        .map(|(position, (limits, prices))| {
            let load = state.load(OfficerIndex::new(position));
            let room = |limit: Option<i64>, used: i64, price: i64| {
                limit.map_or(0.0, |limit| (limit - used) as f64 * price as f64 / PROOF_SCALE as f64)
            };
            room(limits.load_limit, load.points, prices.point) + room(limits.case_limit, load.cases, prices.case)
        })
        .collect();
    for unit in problem.unit_indices() {
        let today = state.choice(unit);
        let regret = regrets(problem, priced, unit).into_iter().find(|option| option.1 == today);
        if let (Some(pair), Some((regret, _))) = (state.pair_of(unit), regret) {
            gaps[pair.officer.get()] += regret;
        }
    }
    gaps
}

/// The officer, and those who compete with them most closely for the units they hold.
fn group_around(state: &State<'_>, priced: &Priced, officer: OfficerIndex) -> Vec<OfficerIndex> {
    let problem = state.problem;
    let mut affinity = vec![0.0; problem.officer_count()];
    for unit in problem.unit_indices() {
        if state.pair_of(unit).is_none_or(|pair| pair.officer != officer) {
            continue;
        }
        for (regret, choice) in regrets(problem, priced, unit) {
            if let Choice::Pair(position) = choice {
                affinity[problem.pairs(unit)[position as usize].officer.get()] += 1.0 / (1.0 + regret);
            }
        }
    }
    affinity[officer.get()] = f64::INFINITY;
    let mut order: Vec<usize> = (0..affinity.len()).collect();
    order.sort_by(|a, b| affinity[*b].total_cmp(&affinity[*a]));
    let near = order.into_iter().take(NEIGHBOURHOOD_OFFICERS).filter(|position| affinity[*position] > 0.0);
    near.map(OfficerIndex::new).collect()
}

/// Units with the group, or waiting for it, with their near-best options inside it.
fn free(state: &State<'_>, priced: &Priced, group: &[OfficerIndex]) -> Freed {
    let problem = state.problem;
    let members: BTreeSet<OfficerIndex> = group.iter().copied().collect();
    let is_inside = |unit: UnitIndex, choice: Choice| match choice {
        Choice::Waits => true,
        Choice::Pair(position) => members.contains(&problem.pairs(unit)[position as usize].officer),
    };
    let mut candidates: Vec<(f64, UnitIndex, Choice)> = Vec::new();
    for unit in problem.unit_indices() {
        let today = state.choice(unit);
        if !is_inside(unit, today) {
            continue;
        }
        let others = regrets(problem, priced, unit).into_iter();
        let inside = others.filter(|&(_, choice)| choice != today && is_inside(unit, choice));
        candidates.extend(inside.map(|(regret, choice)| (regret, unit, choice)));
    }
    candidates.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    candidates.truncate(NEIGHBOURHOOD_OPTIONS);
    candidates.sort_by_key(|candidate| candidate.1);
    let mut units: Vec<(UnitIndex, Vec<Choice>)> = Vec::new();
    for (_, unit, choice) in candidates {
        match units.last_mut() {
            Some((last, choices)) if *last == unit => choices.push(choice),
            _ => units.push((unit, vec![state.choice(unit), choice])),
        }
    }
    Freed { units, nodes_max: NEIGHBOURHOOD_NODES }
}
