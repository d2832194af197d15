//! Where exact search pays: small problems and components of problems, and small neighbourhoods of large ones.

use super::{
    budget::{Options, Steps},
    milp,
    near::{Keep, NearOptions},
    part::{Cut, NO_PART, Part, cut},
    prices::Priced,
    regions::Regions,
    state::{Choice, Load, State},
};
use crate::model::{Instance, Limits, OfficerIndex, OfficerPrices, PROOF_SCALE};

/// A component is small enough to be searched whole up to so many options that matter.
const WHOLE_OPTIONS_MAX: usize = 6_000;
/// Officers freed together.
const NEIGHBOURHOOD_OFFICERS: usize = 6;
/// Options freed together, those with the least regret first.
const NEIGHBOURHOOD_OPTIONS: usize = 2_500;
/// Nodes of the search tree for one neighbourhood.
const NEIGHBOURHOOD_NODES: i32 = 100;
/// Neighbourhoods cut out together: what one finds does not change another.
const GROUPS_AT_ONCE: usize = 8;
/// Floats that stand for whole prices are off by less than this.
const FLOAT_MARGIN: f64 = 1e-3;

/// What a search of whole components found.
pub(super) struct Whole {
    /// No allocation costs less: claimed by HiGHS.
    pub(super) bound: i64,
    /// Every component was small enough to be searched.
    pub(super) is_all: bool,
}

/// Searches every component that is small enough.
///
/// Only options whose regret is at most objective - bound can be part of a better answer. With the others left out, a
/// problem falls into components that share no officer, each with its own share of objective - bound, which leaves out yet
/// more. What HiGHS proves of the components adds up. `None` = nothing proved beyond the prices.
pub(super) fn whole(
    state: &mut State<'_>,
    priced: &Priced,
    nodes_max: i32,
    options: &Options,
    steps: &mut Steps<'_>,
) -> Option<Whole> {
    let instance = state.instance;
    let slack = state.objective() as f64 - priced.scaled as f64 / PROOF_SCALE as f64;
    let keep = Keep { per_unit: usize::MAX, regret: slack * (1.0 + 1e-6) + FLOAT_MARGIN };
    let near = NearOptions::new(instance, priced, keep, options.threads);
    let components = components(instance, &near);
    let mut gap_of = vec![0.0; components.parts];
    for (gap, &part) in gaps(state, priced, &near).iter().zip(&components.part_of_officer) {
        gap_of[part as usize] += gap;
    }
    let mut parts = cut(state, &near, &point_prices(priced), &components, f32::INFINITY);
    for (part, &gap) in parts.iter_mut().zip(&gap_of) {
        part.keep_within(upwards(gap + FLOAT_MARGIN));
    }
    let open = gap_of.iter().filter(|&&gap| gap > FLOAT_MARGIN).count();
    let small: Vec<(Part, f64)> = parts
        .into_iter()
        .zip(gap_of)
        .filter(|(part, gap)| *gap > FLOAT_MARGIN && !part.units.is_empty() && part.options.len() <= WHOLE_OPTIONS_MAX)
        .collect();
    if small.is_empty() {
        return None;
    }
    let is_all = small.len() == open;
    let incumbent = state.objective();
    let before: Vec<(i64, f64)> = small.iter().map(|(part, gap)| (part.price(), *gap)).collect();
    let parts = small.into_iter().map(|(part, _)| part).collect();
    let mut proved = priced.scaled as f64 / PROOF_SCALE as f64;
    for (found, (price, gap)) in milp::search(parts, nodes_max, options.threads, steps).into_iter().zip(before) {
        let Some(found) = found else { continue };
        adopt(state, &found.part);
        if let Some(bound) = found.bound {
            // Whatever was left out costs at least what the component cost before.
            proved += (bound.min(price) as f64 - (price as f64 - gap)).max(0.0);
        }
    }
    #[expect(clippy::cast_possible_truncation, reason = "a sum of prices, far below 2^63")]
    let bound = (proved - FLOAT_MARGIN).ceil() as i64;
    Some(Whole { bound: bound.min(incumbent), is_all })
}

/// Frees small groups of officers that share nothing, where most of the gap sits first.
pub(super) fn neighbourhoods(
    state: &mut State<'_>,
    priced: &Priced,
    near: &NearOptions,
    regions: &Regions,
    options: &Options,
    steps: &mut Steps<'_>,
) {
    let gaps = gaps(state, priced, near);
    let groups = groups(&gaps, regions);
    let point_prices = point_prices(priced);
    for batch in groups.chunks(GROUPS_AT_ONCE) {
        let mut part_of_officer = vec![NO_PART; gaps.len()];
        for (part, group) in (0..).zip(batch) {
            for officer in group {
                part_of_officer[officer.get()] = part;
            }
        }
        let freed = Cut { part_of_officer, parts: batch.len() };
        let mut parts = cut(state, near, &point_prices, &freed, f32::INFINITY);
        parts.retain(|part| !part.units.is_empty());
        for part in &mut parts {
            part.narrow(NEIGHBOURHOOD_OPTIONS);
        }
        for found in milp::search(parts, NEIGHBOURHOOD_NODES, options.threads, steps).into_iter().flatten() {
            adopt(state, &found.part);
        }
        if steps.end().is_some() || steps.is_stopped() {
            return;
        }
    }
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

/// Disjoint groups of officers, each grown from the officer with the largest gap that is left by those who are closest.
fn groups(gaps: &[f64], regions: &Regions) -> Vec<Vec<OfficerIndex>> {
    let mut order: Vec<OfficerIndex> = (0..gaps.len()).map(OfficerIndex::new).collect();
    order.sort_by(|a, b| gaps[b.get()].total_cmp(&gaps[a.get()]));
    let mut is_taken = vec![false; gaps.len()];
    let mut groups = Vec::new();
    for first in order {
        if std::mem::replace(&mut is_taken[first.get()], true) || gaps[first.get()] < FLOAT_MARGIN {
            continue;
        }
        let mut group = vec![first];
        let mut grown = 0;
        while grown < group.len() && group.len() < NEIGHBOURHOOD_OFFICERS {
            for &(_, officer) in regions.neighbours(group[grown]) {
                if group.len() < NEIGHBOURHOOD_OFFICERS && !std::mem::replace(&mut is_taken[officer.get()], true) {
                    group.push(officer);
                }
            }
            grown += 1;
        }
        groups.push(group);
    }
    groups
}

/// How much of objective - bound sits with each officer: regrets of what they hold and of what waits for them, and priced,
/// unused room.
fn gaps(state: &State<'_>, priced: &Priced, near: &NearOptions) -> Vec<f64> {
    let instance = state.instance;
    let mut gaps: Vec<f64> = instance
        .limits()
        .iter()
        .zip(&priced.proof.officers)
        .enumerate()
        .map(|(position, (limits, prices))| officer_gap(limits, prices, state.load(OfficerIndex::new(position))))
        .collect();
    for unit in instance.unit_indices() {
        let today = state.choice(unit);
        let regret = near.of(unit).iter().find(|near| near.choice == today).map(|near| f64::from(near.regret));
        let officer = state.pair_of(unit).map(|pair| pair.officer).or_else(|| {
            near.of(unit).iter().find_map(|near| match near.choice {
                Choice::Pair(position) => Some(instance.pair_at(unit, position as usize).officer),
                Choice::Waits => None,
            })
        });
        if let (Some(officer), Some(regret)) = (officer, regret) {
            gaps[officer.get()] += regret;
        }
    }
    gaps
}

/// f(L) - p L - min over y of (f(y) - p y), and the other prices times what is left of their limits.
fn officer_gap(limits: &Limits, prices: &OfficerPrices, load: Load) -> f64 {
    let scale = PROOF_SCALE as f64;
    let point_price = prices.point as f64 / scale;
    let value = |points: i64| limits.balance_price(points) as f64 - point_price * points as f64;
    let end = limits.load_limit.unwrap_or(load.points);
    let kinks = limits.balance.iter().map(|segment| segment.from_points.clamp(0, end));
    let least = kinks.chain([0, end]).map(value).fold(f64::INFINITY, f64::min);
    let left = |limit: Option<i64>, used: i64, price: i64| {
        limit.map_or(0.0, |limit| (limit - used) as f64 * price as f64 / scale)
    };
    value(load.points) - least
        + left(limits.case_limit, load.cases, prices.case)
        + left(limits.intake_limit, load.new_cases, prices.new_case)
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

pub(super) fn debug_gap(state: &State<'_>, priced: &Priced, near: &NearOptions) {
    let instance = state.instance;
    let (mut slack, mut slack_points, mut placed, mut waiting, mut held) = (0.0, 0, 0.0, 0.0, 0.0);
    let mut n = [0; 3];
    for (position, (limits, prices)) in instance.limits().iter().zip(&priced.proof.officers).enumerate() {
        let load = state.load(OfficerIndex::new(position));
        slack += officer_gap(limits, prices, load);
        if prices.point > 0 {
            slack_points += limits.load_limit.unwrap_or(0) - load.points;
        }
    }
    for unit in instance.unit_indices() {
        let today = state.choice(unit);
        let regret =
            near.of(unit).iter().find(|near| near.choice == today).map_or(f64::NAN, |near| f64::from(near.regret));
        if today == Choice::Waits {
            waiting += regret;
            n[0] += usize::from(regret > 0.5);
        } else if instance.unit(unit).waiting_price.is_none() {
            held += regret;
            n[1] += usize::from(regret > 0.5);
        } else {
            placed += regret;
            n[2] += usize::from(regret > 0.5);
        }
    }
    eprintln!(
        "slack {slack:.0} ({slack_points} points) waiting {waiting:.0} held {held:.0} new-placed {placed:.0} n {n:?}"
    );
}
