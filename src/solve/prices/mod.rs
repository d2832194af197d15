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

mod core;
mod layout;

use self::{
    core::{Core, Slope},
    layout::{Layout, for_options},
};
use super::{
    budget::Steps,
    verify::{Measure, price_bound, scaled_price_bound},
};
use crate::model::{Instance, Proof};

/// Iterations between two full scans for the core.
const ITERATIONS_PER_CORE: usize = 20;
/// Cores at one temperature.
const CORES_PER_TEMPERATURE: usize = 2;
/// Temperature after a stage, in parts of the one before.
const COOLING: f64 = 0.5;
/// How far one step may change the price of a typical option, in temperatures.
const STEP_TEMPERATURES: f64 = 4.0;
/// A temperature is done when a step gains less than this a unit, in temperatures: softening costs much more than that.
const SETTLED: f64 = 2e-4;
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
    pub(super) fn of(instance: &Instance, measure: Measure, proof: Proof) -> Self {
        let scaled = scaled_price_bound(instance, &proof, measure).expect("only valid proofs are made here");
        let bound = price_bound(instance, &proof, measure).expect("only valid proofs are made here");
        Self { proof, bound, scaled }
    }
}

/// Climbs the dual from zero prices and returns the best prices met, which do not depend on the number of threads.
/// Each iteration is one step of the budget; stopped early, the best so far counts.
pub(super) fn climb(
    instance: &Instance,
    measure: Measure,
    threads: usize,
    steps: &mut Steps<'_>,
    on_stage: &mut dyn FnMut(&mut Steps<'_>, &Priced),
) -> Priced {
    let layout = Layout::new(instance, measure);
    let zero = vec![0.0; layout.len];
    let mut best = Priced::of(instance, measure, layout.proof(&zero));
    let mut prices = zero;
    let mut temperature = spread(instance, measure) / 4.0;
    let coldest = match measure {
        Measure::Price => 0.005,
        Measure::Children => 0.001,
    };
    for _ in 0..STAGES_MAX {
        if temperature < coldest || steps.end().is_some() {
            break;
        }
        climb_at((instance, measure, &layout), temperature, threads, &mut prices, steps);
        let here = Priced::of(instance, measure, layout.proof(&prices));
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
    (instance, measure, layout): (&Instance, Measure, &Layout),
    temperature: f64,
    threads: usize,
    prices: &mut [f64],
    steps: &mut Steps<'_>,
) {
    let mut momentum = Momentum::new(prices);
    for _ in 0..CORES_PER_TEMPERATURE {
        let core = Core::new(instance, measure, layout, prices, temperature);
        for _ in 0..ITERATIONS_PER_CORE {
            if !steps.take() {
                return;
            }
            let slope = core.slope(layout, &momentum.ahead, temperature, threads);
            let gain = momentum.step(layout, &slope, temperature, prices);
            if gain.abs() < SETTLED * temperature * instance.units().len() as f64 {
                return;
            }
        }
    }
}

/// How far apart a unit's options are, on average over units that have several.
fn spread(instance: &Instance, measure: Measure) -> f64 {
    let mut sum = 0.0;
    let mut count = 0.0;
    for unit in instance.unit_indices() {
        let (mut least, mut most) = (f64::INFINITY, f64::NEG_INFINITY);
        let mut options = 0;
        for_options(instance, measure, unit, |option| {
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

    /// Moves the prices, and says what that gains by the slope.
    fn step(&mut self, layout: &Layout, slope: &Slope, temperature: f64, prices: &mut [f64]) -> f64 {
        let mut gain = 0.0;
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
            gain += slope.gradient[position] * (next[position] - prices[position]);
        }
        self.age = if gain < 0.0 { 0.0 } else { self.age + 1.0 };
        let carry = self.age / (self.age + 3.0);
        for position in 0..layout.len {
            let ahead = next[position] + carry * (next[position] - prices[position]);
            self.ahead[position] = ahead.clamp(0.0, layout.highest[position]);
            prices[position] = next[position];
        }
        gain
    }
}
