//! Where exact search pays: small problems and components of problems.

use super::{
    budget::{Options, Steps},
    groups::gaps,
    milp,
    near::{Keep, NearOptions},
    part::{Cut, NO_PART, Part, cut},
    prices::Priced,
    state::{Choice, State},
};
use crate::model::{Instance, PROOF_SCALE};

/// Floats that stand for whole prices are off by less than this.
const FLOAT_MARGIN: f64 = 1e-3;

/// How much a search of whole components may take.
#[derive(Clone, Copy, Debug)]
pub(super) struct Effort {
    /// Nodes of the search tree of each component.
    pub(super) nodes: i32,
    /// A component is small enough to be searched up to so many options that matter, besides one a unit.
    pub(super) others_max: usize,
}

/// Searches every component that is small enough.
///
/// Only options whose regret is at most objective - bound can be part of a better answer. With the others left out, a
/// problem falls into components that share no officer, each with its own share of objective - bound, which leaves out yet
/// more. What HiGHS proves of the components adds up. `None` = nothing proved beyond the prices.
pub(super) fn whole(
    state: &mut State<'_>,
    priced: &Priced,
    effort: Effort,
    options: &Options,
    steps: &mut Steps<'_>,
) -> Option<i64> {
    let instance = state.instance;
    let slack = state.objective() as f64 - priced.scaled as f64 / PROOF_SCALE as f64;
    let keep = Keep { per_unit: usize::MAX, regret: slack * (1.0 + 1e-6) + FLOAT_MARGIN };
    let near = NearOptions::new(instance, priced, keep, options.threads);
    let components = components(instance, &near);
    let mut gap_of = vec![0.0; components.parts];
    for (gap, &part) in gaps(state, priced, &near).iter().zip(&components.part_of_officer) {
        gap_of[part as usize] += gap;
    }
    if instance.handover_limit().is_some() {
        // One component, and what is left of the limit is part of its gap.
        gap_of.fill(slack);
    }
    let mut parts = cut(state, &near, priced, &components, f32::INFINITY);
    for (part, &gap) in parts.iter_mut().zip(&gap_of) {
        part.keep_within(upwards(gap + FLOAT_MARGIN));
    }
    let open: Vec<(Part, f64)> = parts.into_iter().zip(gap_of).filter(|(_, gap)| *gap > FLOAT_MARGIN).collect();
    // With nothing left to choose, what is there is the best: the whole gap of the component is proved away.
    let (settled, open): (Vec<_>, Vec<_>) = open.into_iter().partition(|(part, _)| part.units.is_empty());
    let is_small = |part: &Part| part.options.len() <= part.units.len() + effort.others_max;
    let small: Vec<(Part, f64)> = open.into_iter().filter(|(part, _)| is_small(part)).collect();
    if small.is_empty() && settled.is_empty() {
        return None;
    }
    let incumbent = state.objective();
    let before: Vec<(i64, f64)> = small.iter().map(|(part, gap)| (part.price(), *gap)).collect();
    let parts = small.into_iter().map(|(part, _)| part).collect();
    let mut proved = priced.scaled as f64 / PROOF_SCALE as f64 + settled.iter().map(|(_, gap)| gap).sum::<f64>();
    for (found, (price, gap)) in milp::search(parts, effort.nodes, options.threads, steps).into_iter().zip(before) {
        let Some(found) = found else { continue };
        adopt(state, &found.part);
        if let Some(bound) = found.bound {
            // Whatever was left out costs at least what the component cost before.
            proved += (bound.min(price) as f64 - (price as f64 - gap)).max(0.0);
        }
    }
    #[expect(clippy::cast_possible_truncation, reason = "a sum of prices, far below 2^63")]
    let bound = (proved - FLOAT_MARGIN - 1e-6 * slack).ceil() as i64;
    Some(bound.min(incumbent))
}

/// Takes over the part's choices if they keep every limit and are better: HiGHS is not trusted.
fn adopt(state: &mut State<'_>, part: &Part) {
    let before: Vec<_> = part.units.iter().map(|&unit| (unit, state.choice(unit))).collect();
    let objective = state.objective();
    state.take_over(part.choices());
    if state.objective() >= objective || !state.is_within_limits() {
        state.take_over(before.into_iter());
    }
}

/// Officers who share no unit, directly or through others, are in different components. A handover limit ties all.
fn components(instance: &Instance, near: &NearOptions) -> Cut {
    let mut parents: Vec<usize> = (0..instance.officer_count()).collect();
    fn root(parents: &mut [usize], mut officer: usize) -> usize {
        while parents[officer] != officer {
            parents[officer] = parents[parents[officer]];
            officer = parents[officer];
        }
        officer
    }
    if instance.handover_limit().is_some() {
        parents.fill(0);
    }
    for unit in instance.unit_indices() {
        let mut first = None;
        for near in near.of(unit) {
            let Choice::Pair(position) = near.choice else { continue };
            let officer = root(&mut parents, instance.pair_at(unit, position as usize).officer.get());
            let first = *first.get_or_insert(officer);
            let (low, high) = (first.min(officer), first.max(officer));
            parents[high] = root(&mut parents, low);
        }
    }
    let mut part_of_root = vec![NO_PART; parents.len()];
    let mut parts = 0;
    let part_of_officer = (0..parents.len())
        .map(|officer| {
            let part = &mut part_of_root[root(&mut parents, officer)];
            if *part == NO_PART {
                *part = parts;
                parts += 1;
            }
            *part
        })
        .collect();
    Cut { part_of_officer, parts: parts as usize }
}

/// Price of a point with each officer.
pub(super) fn point_prices(priced: &Priced) -> Vec<f64> {
    priced.proof.officers.iter().map(|prices| prices.point as f64 / PROOF_SCALE as f64).collect()
}

/// A regret as the options know it, rounded up.
#[expect(clippy::cast_possible_truncation, reason = "a larger regret keeps more options")]
fn upwards(regret: f64) -> f32 {
    (regret as f32).next_up()
}
