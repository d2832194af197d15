//! Officer prices: a smoothed dual, climbed by an accelerated projected gradient.
//!
//! Unknowns are the prices p, q, r of each officer's points, cases and new cases, and h of a handover, all >= 0. The dual
//!
//! ```text
//! D(p, q, r, h) = sum_i min over options of i (cost + prices times use)
//!               + sum_j min over 0 <= y <= P_j (f_j(y) - p_j y) - sum_j (q_j K_j + r_j N_j) - h H
//! ```
//!
//! is concave, and every value of it is a bound. It has kinks, so each minimum over options is softened at a temperature T:
//! -T ln sum exp(-v / T), whose gradient says how the units spread over their options. T falls step by step. At one
//! temperature only the *core* is scanned: the options within 10 T of their unit's best, found anew by a full scan every so
//! often. Steps are scaled by the curvature of each price (Nesterov's acceleration, restarted when it overshoots:
//! O'Donoghue and Candes, "Adaptive restart for accelerated gradient schemes", 2015).
//!
//! Floats live only here: prices are rounded to whole 2^-16ths, and `verify::price_bound` recomputes the bound from them.

use super::{
    budget::Steps,
    verify::{Measure, price_bound, scaled_price_bound},
};
use crate::model::{OfficerPrices, PROOF_SCALE, Problem, Proof, UnitIndex};

/// Iterations between two full scans for the core.
const ITERATIONS_PER_CORE: usize = 20;
/// Cores at one temperature.
const CORES_PER_TEMPERATURE: usize = 2;
/// Temperature after a stage, in parts of the one before.
const COOLING: f64 = 0.5;
/// Width of the core in temperatures: what is left out weighs less than e^-10.
const CORE_WIDTH: f64 = 10.0;
/// How far one step may change the price of a typical option, in temperatures.
const STEP_TEMPERATURES: f64 = 4.0;
/// Temperatures tried at most: enough for prices of any size to cool to less than one.
const STAGES_MAX: usize = 40;

/// Prices with the bound they give.
#[derive(Clone, Debug)]
pub(super) struct Priced {
    pub(super) proof: Proof,
    pub(super) bound: i64,
    /// Before rounding, in units of 1/2^16: tells which of two proofs is the better.
    pub(super) scaled: i128,
}

impl Priced {
    /// What a proof proves.
    ///
    /// # Panics
    /// If the proof has a negative price, or a price on a limit that does not exist.
    pub(super) fn of(problem: &Problem, measure: Measure, proof: Proof) -> Self {
        let scaled = scaled_price_bound(problem, &proof, measure).expect("only valid proofs are made here");
        let bound = price_bound(problem, &proof, measure).expect("only valid proofs are made here");
        Self { proof, bound, scaled }
    }
}

/// Climbs the dual from `start` (none = zero prices) and returns the best prices met.
/// Each iteration is one step of the budget; stopped early, the best so far counts.
pub(super) fn climb(
    problem: &Problem,
    measure: Measure,
    steps: &mut Steps<'_>,
    on_stage: &mut dyn FnMut(&mut Steps<'_>, &Priced),
) -> Priced {
    let layout = Layout::new(problem, measure);
    let zero = vec![0.0; layout.len];
    let mut best = Priced::of(problem, measure, layout.proof(&zero));
    let mut prices = zero;
    let mut temperature = spread(problem, measure) / 4.0;
    let coldest = match measure {
        Measure::Price => 0.005,
        Measure::Children => 0.001,
    };
    for _ in 0..STAGES_MAX {
        if temperature < coldest || steps.end().is_some() {
            break;
        }
        climb_at(problem, measure, &layout, temperature, &mut prices, steps);
        let here = Priced::of(problem, measure, layout.proof(&prices));
        if here.scaled > best.scaled {
            best = here;
        }
        on_stage(steps, &best);
        temperature *= COOLING;
    }
    best
}

/// Iterations at one temperature; fewer if the budget ends.
fn climb_at(
    problem: &Problem,
    measure: Measure,
    layout: &Layout,
    temperature: f64,
    prices: &mut [f64],
    steps: &mut Steps<'_>,
) {
    let mut momentum = Momentum::new(prices);
    for _ in 0..CORES_PER_TEMPERATURE {
        let core = Core::new(problem, measure, layout, prices, temperature);
        for _ in 0..ITERATIONS_PER_CORE {
            if !steps.take() {
                return;
            }
            let slope = core.slope(layout, &momentum.ahead, temperature);
            momentum.step(layout, &slope, temperature, prices);
        }
    }
}

/// How far apart a unit's options are, on average over units that have several.
fn spread(problem: &Problem, measure: Measure) -> f64 {
    let mut sum = 0.0;
    let mut count = 0.0;
    for unit in problem.unit_indices() {
        let (mut least, mut most) = (f64::INFINITY, f64::NEG_INFINITY);
        let mut options = 0;
        for_options(problem, measure, unit, |option| {
            least = least.min(option.cost);
            most = most.max(option.cost);
            options += 1;
        });
        if options > 1 {
            sum += most - least;
            count += 1.0;
        }
    }
    if count == 0.0 { 0.0 } else { sum / count }
}

/// One thing that may happen to a unit, and what it uses.
#[derive(Clone, Copy)]
struct Choosable {
    cost: f64,
    points: f64,
    new_cases: f64,
    handovers: f64,
    /// `NOBODY` = waiting.
    officer: usize,
}

const NOBODY: usize = usize::MAX;

fn for_options(problem: &Problem, measure: Measure, unit_index: UnitIndex, mut each: impl FnMut(Choosable)) {
    let unit = problem.unit(unit_index);
    for pair in problem.pairs(unit_index) {
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
struct Layout {
    officers: usize,
    len: usize,
    /// The limit that a price is on; 0 and inactive where there is none.
    limits: Vec<f64>,
    is_active: Vec<bool>,
    /// Balance segments of each officer: (length, slope), up to the load limit.
    segments: Vec<Vec<(f64, f64)>>,
    /// What a typical option uses of the limit.
    uses: Vec<f64>,
    /// The highest price that can matter: at it, every option here is dearer than any other of its unit.
    highest: Vec<f64>,
    /// How many kinds of price a pair can meet: they share its curvature.
    kinds: f64,
}

impl Layout {
    fn new(problem: &Problem, measure: Measure) -> Self {
        let officers = problem.officer_count();
        let len = 3 * officers + 1;
        let mut limits = vec![0.0; len];
        let mut is_active = vec![false; len];
        let mut segments = vec![Vec::new(); officers];
        for (position, officer) in problem.limits().iter().enumerate() {
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
        if let Some(limit) = problem.handover_limit() {
            limits[len - 1] = limit as f64;
            is_active[len - 1] = true;
        }
        let kinds = (0..3).filter(|kind| is_active[kind * officers..(kind + 1) * officers].contains(&true)).count()
            + usize::from(is_active[len - 1]);
        let (uses, highest) = uses_and_highest(problem, measure, officers);
        Self { officers, len, limits, is_active, segments, uses, highest, kinds: kinds.max(1) as f64 }
    }

    fn proof(&self, prices: &[f64]) -> Proof {
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
fn uses_and_highest(problem: &Problem, measure: Measure, officers: usize) -> (Vec<f64>, Vec<f64>) {
    let len = 3 * officers + 1;
    let (mut sums, mut counts, mut highest) = (vec![0.0; len], vec![0.0; len], vec![0.0_f64; len]);
    for unit in problem.unit_indices() {
        let case_count = f64::from(problem.unit(unit).case_count);
        let mut dearest = 0.0_f64;
        for_options(problem, measure, unit, |option| dearest = dearest.max(option.cost));
        for_options(problem, measure, unit, |option| {
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

fn balance_segments(limits: &crate::model::Limits, load_limit: i64) -> Vec<(f64, f64)> {
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

/// The options that matter at one temperature, one unit after the other.
struct Core {
    starts: Vec<usize>,
    options: Vec<Choosable>,
    case_counts: Vec<f64>,
    measure: Measure,
}

/// Gradient and curvature of the smoothed dual.
struct Slope {
    gradient: Vec<f64>,
    curvature: Vec<f64>,
}

impl Core {
    fn new(problem: &Problem, measure: Measure, layout: &Layout, prices: &[f64], temperature: f64) -> Self {
        let mut core = Self {
            starts: Vec::with_capacity(problem.units().len() + 1),
            options: Vec::new(),
            case_counts: Vec::with_capacity(problem.units().len()),
            measure,
        };
        core.starts.push(0);
        for unit in problem.unit_indices() {
            let case_count = f64::from(problem.unit(unit).case_count);
            let first = core.options.len();
            let mut least = f64::INFINITY;
            for_options(problem, measure, unit, |option| {
                let price = priced(layout, prices, &option, case_count);
                if price <= least + CORE_WIDTH * temperature {
                    least = least.min(price);
                    core.options.push(option);
                }
            });
            // The least came down while options were taken in: drop those that it has left behind.
            let mut kept = first;
            for position in first..core.options.len() {
                let option = core.options[position];
                if priced(layout, prices, &option, case_count) <= least + CORE_WIDTH * temperature {
                    core.options[kept] = option;
                    kept += 1;
                }
            }
            core.options.truncate(kept);
            core.starts.push(kept);
            core.case_counts.push(case_count);
        }
        core
    }

    fn slope(&self, layout: &Layout, prices: &[f64], temperature: f64) -> Slope {
        let m = layout.officers;
        let mut gradient = vec![0.0; layout.len];
        let mut curvature = vec![0.0; layout.len];
        let mut shares: Vec<f64> = Vec::new();
        for (unit, bounds) in self.starts.windows(2).enumerate() {
            let options = &self.options[bounds[0]..bounds[1]];
            let case_count = self.case_counts[unit];
            shares.clear();
            shares.extend(options.iter().map(|option| priced(layout, prices, option, case_count)));
            let least = shares.iter().copied().fold(f64::INFINITY, f64::min);
            let mut total = 0.0;
            for share in &mut shares {
                *share = (-(*share - least) / temperature).exp();
                total += *share;
            }
            for (option, share) in options.iter().zip(&shares) {
                let share = share / total;
                let spread = share * (1.0 - share) / temperature;
                if option.officer != NOBODY {
                    let officer = option.officer;
                    gradient[officer] += share * option.points;
                    gradient[m + officer] += share * case_count;
                    gradient[2 * m + officer] += share * option.new_cases;
                    curvature[officer] += spread * option.points * option.points;
                    curvature[m + officer] += spread * case_count * case_count;
                    curvature[2 * m + officer] += spread * option.new_cases * option.new_cases;
                }
                gradient[layout.len - 1] += share * option.handovers;
                curvature[layout.len - 1] += spread * option.handovers * option.handovers;
            }
        }
        for (slope, limit) in gradient[m..].iter_mut().zip(&layout.limits[m..]) {
            *slope -= limit;
        }
        for officer in 0..m {
            let (supply, softness) = self.supply(layout, officer, prices[officer], temperature);
            gradient[officer] -= supply;
            curvature[officer] += softness;
        }
        Slope { gradient, curvature }
    }

    /// Points that an officer would offer at a price of a point, softened: each balance segment opens at its slope.
    fn supply(&self, layout: &Layout, officer: usize, price: f64, temperature: f64) -> (f64, f64) {
        // A price of a point is about the price of a case over its points; ten points stand for a typical case.
        let softness = temperature / 10.0;
        let mut supply = 0.0;
        let mut curvature = 0.0;
        for &(length, slope) in &layout.segments[officer] {
            let opens_at = match self.measure {
                Measure::Price => slope,
                Measure::Children => 0.0,
            };
            if opens_at <= 0.0 {
                supply += length; // prices are >= 0: always open
            } else {
                let share = 1.0 / (1.0 + (-(price - opens_at) / softness).exp());
                supply += length * share;
                curvature += length * share * (1.0 - share) / softness;
            }
        }
        (supply, curvature)
    }
}

fn priced(layout: &Layout, prices: &[f64], option: &Choosable, case_count: f64) -> f64 {
    let handover = prices[layout.len - 1] * option.handovers;
    if option.officer == NOBODY {
        return option.cost + handover;
    }
    let officer = option.officer;
    let m = layout.officers;
    option.cost
        + prices[officer] * option.points
        + prices[m + officer] * case_count
        + prices[2 * m + officer] * option.new_cases
        + handover
}

/// Nesterov's acceleration with restart.
struct Momentum {
    /// Where the gradient is taken.
    ahead: Vec<f64>,
    age: f64,
}

impl Momentum {
    fn new(prices: &[f64]) -> Self {
        Self { ahead: prices.to_vec(), age: 0.0 }
    }

    fn step(&mut self, layout: &Layout, slope: &Slope, temperature: f64, prices: &mut [f64]) {
        let mut progress = 0.0;
        let mut next = vec![0.0; layout.len];
        for position in 0..layout.len {
            if !layout.is_active[position] {
                continue;
            }
            let curvature = (2.0 * layout.kinds * slope.curvature[position]).max(1e-9);
            // The curvature tells nothing of options much dearer than the temperature: no step goes further than that.
            let largest = STEP_TEMPERATURES * temperature / layout.uses[position];
            let step = (slope.gradient[position] / curvature).clamp(-largest, largest);
            next[position] = (self.ahead[position] + step).clamp(0.0, layout.highest[position]);
            progress += slope.gradient[position] * (next[position] - prices[position]);
        }
        self.age = if progress < 0.0 { 0.0 } else { self.age + 1.0 };
        let carry = self.age / (self.age + 3.0);
        for position in 0..layout.len {
            let ahead = next[position] + carry * (next[position] - prices[position]);
            self.ahead[position] = ahead.clamp(0.0, layout.highest[position]);
            prices[position] = next[position];
        }
    }
}
