//! Small groups of officers that are searched together, and where the gap sits that makes it worth while.

use rand::Rng;

use super::{
    near::NearOptions,
    part::{Cut, NO_PART},
    prices::Priced,
    regions::Regions,
    state::{Choice, Load, State},
};
use crate::model::{Limits, OfficerIndex, OfficerPrices, PROOF_SCALE};

/// Objectives are whole numbers, so a group with a smaller gap cannot be improved.
const GAP_MIN: f64 = 0.99;

/// Disjoint groups around officers with a large gap, with some of those who are close, at random.
pub(super) fn at_random(gaps: &[f64], regions: &Regions, size: usize, random: &mut impl Rng) -> Vec<Vec<OfficerIndex>> {
    let mut order: Vec<(f64, OfficerIndex)> = gaps
        .iter()
        .enumerate()
        .map(|(officer, gap)| {
            ((gap + 0.1) * (0.01 + f64::from(random.next_u32()) / 4_294_967_296.0), OfficerIndex::new(officer))
        })
        .collect();
    order.sort_by(|a, b| b.0.total_cmp(&a.0));
    /// Looks at the same neighbours, until a group is full.
    const LOOKS: usize = 3;
    let mut is_taken = vec![false; gaps.len()];
    let mut groups = Vec::new();
    for (_, first) in order {
        if std::mem::replace(&mut is_taken[first.get()], true) {
            continue;
        }
        let mut group = vec![first];
        for _ in 0..LOOKS {
            let mut grown = 0;
            while grown < group.len() && group.len() < size {
                for &(_, officer) in regions.neighbours(group[grown]) {
                    if group.len() < size && !is_taken[officer.get()] && random.next_u32() < u32::MAX / 3 {
                        is_taken[officer.get()] = true;
                        group.push(officer);
                    }
                }
                grown += 1;
            }
        }
        if group.iter().map(|officer| gaps[officer.get()]).sum::<f64>() >= GAP_MIN {
            groups.push(group);
        }
    }
    groups
}

/// Cuts out these groups; all other officers stay as they are.
pub(super) fn freed(groups: &[Vec<OfficerIndex>], officers: usize) -> Cut {
    let mut part_of_officer = vec![NO_PART; officers];
    for (part, group) in (0..).zip(groups) {
        for officer in group {
            part_of_officer[officer.get()] = part;
        }
    }
    Cut { part_of_officer, parts: groups.len() }
}

/// How much of objective - bound sits with each officer: regrets of what they hold and of what waits for them, and priced,
/// unused room.
pub(super) fn gaps(state: &State<'_>, priced: &Priced, near: &NearOptions) -> Vec<f64> {
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
        let regret = near.of(unit).iter().find(|near| near.choice() == today).map(|near| f64::from(near.regret));
        let officer = state.pair_of(unit).map(|pair| pair.officer).or_else(|| {
            near.of(unit).iter().find_map(|near| match near.choice() {
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
