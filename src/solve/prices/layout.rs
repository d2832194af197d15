//! Where each price stands, and what it is on.

use crate::{
    model::{Instance, Limits, OfficerPrices, PROOF_SCALE, Proof, UnitIndex},
    solve::verify::Measure,
};

/// Units looked at to learn what is typical.
const SAMPLE: usize = 20_000;

/// Prices as floats, officer by officer.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Of {
    pub(super) point: f64,
    pub(super) case: f64,
    pub(super) new_case: f64,
}

impl Of {
    pub(super) fn map2(self, other: Self, mut f: impl FnMut(f64, f64) -> f64) -> Self {
        Self {
            point: f(self.point, other.point),
            case: f(self.case, other.case),
            new_case: f(self.new_case, other.new_case),
        }
    }
}

/// One value a price: of each officer's points, cases and new cases, and of handovers.
#[derive(Clone, Debug)]
pub(super) struct Values {
    pub(super) officers: Vec<Of>,
    pub(super) handover: f64,
}

impl Values {
    pub(super) fn zero(officers: usize) -> Self {
        Self { officers: vec![Of::default(); officers], handover: 0.0 }
    }

    /// Combines value by value.
    pub(super) fn map2(&self, other: &Self, mut f: impl FnMut(f64, f64) -> f64) -> Self {
        Self {
            officers: self.officers.iter().zip(&other.officers).map(|(a, b)| a.map2(*b, &mut f)).collect(),
            handover: f(self.handover, other.handover),
        }
    }

    pub(super) fn add(&mut self, other: &Self) {
        *self = self.map2(other, |a, b| a + b);
    }

    pub(super) fn largest(&self) -> f64 {
        let largest = |of: &Of| of.point.max(of.case).max(of.new_case);
        self.officers.iter().map(largest).fold(self.handover, f64::max)
    }

    pub(super) fn dot(&self, other: &Self) -> f64 {
        let sum = |a: &Of, b: &Of| a.point * b.point + a.case * b.case + a.new_case * b.new_case;
        self.officers.iter().zip(&other.officers).map(|(a, b)| sum(a, b)).sum::<f64>() + self.handover * other.handover
    }
}

/// What the prices are on.
pub(super) struct Layout {
    pub(super) measure: Measure,
    /// Limits; 0 where there is none.
    pub(super) limits: Values,
    /// 1 where there is a limit, 0 where there is none.
    pub(super) is_active: Values,
    /// Balance segments of each officer: (length, slope), up to the load limit.
    pub(super) segments: Vec<Vec<(f64, f64)>>,
    /// What a typical option uses of a limit.
    pub(super) uses: Values,
    /// The highest price that can matter: at it, every option here is dearer than any other of its unit.
    pub(super) highest: Values,
    /// How many kinds of price a pair can meet: they share its curvature.
    pub(super) kinds: f64,
    /// How far apart a unit's pairs are on average; or, if they all cost the same, its options.
    pub(super) spread: f64,
}

impl Layout {
    pub(super) fn new(instance: &Instance, measure: Measure) -> Self {
        let count = instance.officer_count();
        let mut limits = Values::zero(count);
        let mut is_active = Values::zero(count);
        let or_none = |limit: Option<i64>| limit.map_or((0.0, 0.0), |limit| (limit as f64, 1.0));
        let mut segments = Vec::with_capacity(count);
        for (position, officer) in instance.limits().iter().enumerate() {
            let (limit, active) = (&mut limits.officers[position], &mut is_active.officers[position]);
            (limit.point, active.point) = or_none(officer.load_limit);
            (limit.case, active.case) = or_none(officer.case_limit);
            (limit.new_case, active.new_case) = or_none(officer.intake_limit);
            segments.push(officer.load_limit.map_or_else(Vec::new, |limit| balance_segments(officer, limit)));
        }
        (limits.handover, is_active.handover) = or_none(instance.handover_limit());
        let any = |kind: fn(&Of) -> f64| f64::from(u8::from(is_active.officers.iter().any(|of| kind(of) > 0.0)));
        let kinds = any(|of| of.point) + any(|of| of.case) + any(|of| of.new_case) + is_active.handover;
        let typical = Typical::new(instance, measure);
        let all = |value: Of| vec![value; count];
        Self {
            measure,
            limits,
            is_active,
            segments,
            uses: Values { officers: all(typical.uses), handover: typical.handovers },
            highest: Values { officers: all(typical.highest), handover: typical.highest_handover },
            kinds: kinds.max(1.0),
            spread: typical.spread,
        }
    }

    /// The prices as whole 2^-16ths.
    pub(super) fn proof(&self, prices: &Values) -> Proof {
        #[expect(clippy::cast_possible_truncation, reason = "prices are capped far below 2^47; a cast saturates")]
        let scaled = |price: f64, is_active: f64| (price * is_active * PROOF_SCALE as f64).round() as i64;
        let officers = prices.officers.iter().zip(&self.is_active.officers).map(|(price, active)| OfficerPrices {
            point: scaled(price.point, active.point),
            case: scaled(price.case, active.case),
            new_case: scaled(price.new_case, active.new_case),
        });
        Proof { officers: officers.collect(), handover: scaled(prices.handover, self.is_active.handover) }
    }

    /// The highest price of every limit that leaves no room at all, which costs the dual nothing: whoever is over a cap takes no
    /// new case. No common level would come near it, nor single steps from there.
    pub(super) fn closed(&self) -> Values {
        let of_closed = self.limits.map2(&self.is_active, |limit, active| if limit == 0.0 { active } else { 0.0 });
        of_closed.map2(&self.highest, |closed, highest| closed * highest)
    }

    /// The prices of a proof, where they are on a limit that exists.
    pub(super) fn prices(&self, proof: &Proof) -> Values {
        let scaled = |price: i64| price as f64 / PROOF_SCALE as f64;
        let officers = proof.officers.iter().map(|prices| Of {
            point: scaled(prices.point),
            case: scaled(prices.case),
            new_case: scaled(prices.new_case),
        });
        let prices = Values { officers: officers.collect(), handover: scaled(proof.handover) };
        prices.map2(&self.is_active, |price, active| price * active).map2(&self.closed(), f64::max)
    }

    /// How far apart prices are: by how much that of a typical option differs, in the root mean square over officers.
    pub(super) fn distance(&self, from: &Values, to: &Values) -> f64 {
        let moved = from.map2(to, |from, to| to - from).map2(&self.uses, |moved, used| moved * used);
        (moved.dot(&moved) / moved.officers.len().max(1) as f64).sqrt()
    }

    /// What the officers' side of the dual adds: least of f(y) - p y, minus the other prices times their limits.
    pub(super) fn officers_part(&self, prices: &Values) -> f64 {
        let of = |(position, price): (usize, &Of)| {
            let limit = &self.limits.officers[position];
            let opened = self.segments[position].iter().map(|&(length, slope)| {
                let slope = if self.measure == Measure::Price { slope } else { 0.0 };
                (slope - price.point).min(0.0) * length
            });
            opened.sum::<f64>() - price.case * limit.case - price.new_case * limit.new_case
        };
        prices.officers.iter().enumerate().map(of).sum::<f64>() - prices.handover * self.limits.handover
    }
}

/// What is typical of a sample of the units.
struct Typical {
    uses: Of,
    handovers: f64,
    highest: Of,
    highest_handover: f64,
    spread: f64,
}

impl Typical {
    fn new(instance: &Instance, measure: Measure) -> Self {
        let (mut sums, mut counts, mut highest) = ([0.0; 4], [0.0; 4], [0.0_f64; 4]);
        let slopes = instance.limits().iter().filter_map(|limits| limits.balance.last()).map(|last| last.slope as f64);
        let steepest = if measure == Measure::Price { slopes.fold(0.0, f64::max) } else { 0.0 };
        let (mut spreads, mut pair_spreads, mut spread_units) = (0.0, 0.0, 0.0_f64);
        let stride = instance.units().len().div_ceil(SAMPLE).max(1);
        for unit_index in instance.unit_indices().step_by(stride) {
            let unit = instance.unit(unit_index);
            let (mut least, mut dearest) = (f64::INFINITY, f64::NEG_INFINITY);
            let mut options = 0;
            let mut meet_cost = |cost: f64| {
                least = least.min(cost);
                dearest = dearest.max(cost);
                options += 1;
            };
            for pair in instance.pairs(unit_index) {
                meet_cost(if measure == Measure::Price { pair.cost as f64 } else { 0.0 });
            }
            if let Some(cost) = waiting_cost(instance, measure, unit_index) {
                meet_cost(cost);
            }
            let has_choice = options > 1;
            let costs = instance.pairs(unit_index).map(|pair| pair.cost);
            let (cheapest, last) = costs.fold((i64::MAX, i64::MIN), |(a, b), cost| (a.min(cost), b.max(cost)));
            if has_choice {
                if measure == Measure::Price && last > cheapest {
                    pair_spreads += (last - cheapest) as f64;
                }
                spreads += dearest - least;
                spread_units += 1.0;
            }
            for pair in instance.pairs(unit_index) {
                let used = [pair.weight_points, unit.case_count, pair.new_case_count, pair.handover_count];
                for (kind, used) in used.into_iter().enumerate().filter(|(_, used)| *used > 0) {
                    sums[kind] += f64::from(used);
                    counts[kind] += 1.0;
                    // Four times: options that differ by other prices, too, may need more than their costs tell.
                    highest[kind] = highest[kind].max(4.0 * (dearest - least + steepest + 1.0) / f64::from(used));
                }
            }
        }
        let uses: [f64; 4] =
            std::array::from_fn(|kind| if counts[kind] > 0.0 { sums[kind] / counts[kind] } else { 1.0 });
        Self {
            uses: Of { point: uses[0], case: uses[1], new_case: uses[2] },
            handovers: uses[3],
            highest: Of { point: highest[0], case: highest[1], new_case: highest[2] },
            highest_handover: highest[3],
            spread: (if pair_spreads > 0.0 { pair_spreads } else { spreads } / spread_units.max(1.0))
                .max(steepest)
                .max(1.0),
        }
    }
}

/// What waiting costs; `None` = it is no option.
pub(super) fn waiting_cost(instance: &Instance, measure: Measure, unit: UnitIndex) -> Option<f64> {
    let unit = instance.unit(unit);
    unit.waiting_price.map(|price| match measure {
        Measure::Price => price as f64,
        Measure::Children => f64::from(unit.child_count),
    })
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
