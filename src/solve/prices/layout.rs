//! Where each price stands, what it is on, and what the options use of it.

use crate::{
    model::{Limits, OfficerPrices, PROOF_SCALE, Instance, Proof, UnitIndex},
    solve::verify::Measure,
};

/// One thing that may happen to a unit, and what it uses.
#[derive(Clone, Copy)]
pub(super) struct Choosable {
    pub(super) cost: f64,
    pub(super) points: f64,
    pub(super) new_cases: f64,
    pub(super) handovers: f64,
    /// `NOBODY` = waiting.
    pub(super) officer: usize,
}

/// Stands for no officer.
pub(super) const NOBODY: usize = usize::MAX;

/// Everything that may happen to a unit: its pairs, then waiting where it may wait.
pub(super) fn for_options(instance: &Instance, measure: Measure, unit_index: UnitIndex, mut each: impl FnMut(Choosable)) {
    let unit = instance.unit(unit_index);
    for pair in instance.pairs(unit_index) {
        each(Choosable {
            cost: match measure {
                Measure::Price => pair.cost as f64,
                Measure::Children => 0.0,
            },
            points: f64::from(pair.weight_points),
            new_cases: f64::from(pair.new_case_count),
            handovers: f64::from(pair.handover_count),
            officer: pair.officer.get(),
        });
    }
    if let Some(price) = unit.waiting_price {
        each(Choosable {
            cost: match measure {
                Measure::Price => price as f64,
                Measure::Children => f64::from(unit.child_count),
            },
            points: 0.0,
            new_cases: 0.0,
            handovers: f64::from(unit.release_count),
            officer: NOBODY,
        });
    }
}

/// Where each price stands in the vector: points, cases, new cases of each officer, then handovers.
pub(super) struct Layout {
    pub(super) officers: usize,
    pub(super) len: usize,
    /// The limit that a price is on; 0 and inactive where there is none.
    pub(super) limits: Vec<f64>,
    pub(super) is_active: Vec<bool>,
    /// Balance segments of each officer: (length, slope), up to the load limit.
    pub(super) segments: Vec<Vec<(f64, f64)>>,
    /// What a typical option uses of the limit.
    pub(super) uses: Vec<f64>,
    /// The highest price that can matter: at it, every option here is dearer than any other of its unit.
    pub(super) highest: Vec<f64>,
    /// How many kinds of price a pair can meet: they share its curvature.
    pub(super) kinds: f64,
}

impl Layout {
    pub(super) fn new(instance: &Instance, measure: Measure) -> Self {
        let officers = instance.officer_count();
        let len = 3 * officers + 1;
        let mut limits = vec![0.0; len];
        let mut is_active = vec![false; len];
        let mut segments = vec![Vec::new(); officers];
        for (position, officer) in instance.limits().iter().enumerate() {
            let kinds = [officer.load_limit, officer.case_limit, officer.intake_limit];
            for (kind, limit) in kinds.into_iter().enumerate() {
                if let Some(limit) = limit {
                    limits[kind * officers + position] = limit as f64;
                    is_active[kind * officers + position] = true;
                }
            }
            if let Some(limit) = officer.load_limit {
                segments[position] = balance_segments(officer, limit);
            }
        }
        if let Some(limit) = instance.handover_limit() {
            limits[len - 1] = limit as f64;
            is_active[len - 1] = true;
        }
        let kinds = (0..3).filter(|kind| is_active[kind * officers..(kind + 1) * officers].contains(&true)).count()
            + usize::from(is_active[len - 1]);
        let (uses, highest) = uses_and_highest(instance, measure, officers);
        Self { officers, len, limits, is_active, segments, uses, highest, kinds: kinds.max(1) as f64 }
    }

    /// The prices as whole 2^-16ths.
    pub(super) fn proof(&self, prices: &[f64]) -> Proof {
        #[expect(clippy::cast_possible_truncation, reason = "prices are capped far below 2^47; a cast saturates")]
        let scaled = |position: usize| -> i64 {
            if self.is_active[position] { (prices[position] * PROOF_SCALE as f64).round() as i64 } else { 0 }
        };
        Proof {
            officers: (0..self.officers)
                .map(|officer| OfficerPrices {
                    point: scaled(officer),
                    case: scaled(self.officers + officer),
                    new_case: scaled(2 * self.officers + officer),
                })
                .collect(),
            handover: scaled(self.len - 1),
        }
    }
}

/// For every price: what an option uses of its limit on average, and the highest price that can matter.
fn uses_and_highest(instance: &Instance, measure: Measure, officers: usize) -> (Vec<f64>, Vec<f64>) {
    let len = 3 * officers + 1;
    let (mut sums, mut counts, mut highest) = (vec![0.0; len], vec![0.0; len], vec![0.0_f64; len]);
    for unit in instance.unit_indices() {
        let case_count = f64::from(instance.unit(unit).case_count);
        let mut dearest = 0.0_f64;
        for_options(instance, measure, unit, |option| dearest = dearest.max(option.cost));
        for_options(instance, measure, unit, |option| {
            let mut meet = |position: usize, used: f64| {
                if used > 0.0 {
                    sums[position] += used;
                    counts[position] += 1.0;
                    highest[position] = highest[position].max((dearest - option.cost + 1.0) / used);
                }
            };
            meet(len - 1, option.handovers);
            if option.officer != NOBODY {
                let officer = option.officer;
                meet(officer, option.points);
                meet(officers + officer, case_count);
                meet(2 * officers + officer, option.new_cases);
            }
        });
    }
    // Options that differ by other prices, too, may need more than their costs tell.
    let roomy = highest.iter().map(|price| 4.0 * price).collect();
    let uses = sums.iter().zip(&counts).map(|(sum, count): (&f64, &f64)| if *count > 0.0 { sum / count } else { 1.0 });
    (uses.collect(), roomy)
}

fn balance_segments(limits: &Limits, load_limit: i64) -> Vec<(f64, f64)> {
    let mut starts: Vec<(i64, i64)> = vec![(0, 0)];
    starts.extend(limits.balance.iter().map(|segment| (segment.from_points.min(load_limit), segment.slope)));
    let ends = starts.iter().skip(1).map(|start| start.0).chain([load_limit]);
    starts
        .iter()
        .zip(ends)
        .filter(|(start, end)| *end > start.0)
        .map(|(start, end)| ((end - start.0) as f64, start.1 as f64))
        .collect()
}

impl Layout {
    /// Price of an option at these prices.
    pub(super) fn priced(&self, prices: &[f64], option: &Choosable, case_count: f64) -> f64 {
        let handover = prices[self.len - 1] * option.handovers;
        if option.officer == NOBODY {
            return option.cost + handover;
        }
        let officer = option.officer;
        let m = self.officers;
        option.cost
            + prices[officer] * option.points
            + prices[m + officer] * case_count
            + prices[2 * m + officer] * option.new_cases
            + handover
    }
}
