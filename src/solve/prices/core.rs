//! The options that matter at one temperature, and the slope of the softened dual over them.
//!
//! Units are scanned in a fixed number of chunks, whose slopes are added up in order: how many threads share the chunks
//! does not change the sums.

use std::{ops::Range, thread};

use super::layout::{Choosable, Layout, NOBODY, for_options};
use crate::{model::Instance, solve::verify::Measure};

/// Width of the core in temperatures: what is left out weighs less than e^-10.
const CORE_WIDTH: f64 = 10.0;
/// Chunks of units.
const CHUNKS: usize = 16;
/// Fewest options that are worth starting threads for: about a millisecond of work.
const OPTIONS_FOR_THREADS: usize = 60_000;

/// The options that matter at one temperature, one unit after the other.
pub(super) struct Core {
    starts: Vec<usize>,
    options: Vec<Choosable>,
    case_counts: Vec<f64>,
    measure: Measure,
}

/// Gradient and curvature of the smoothed dual.
pub(super) struct Slope {
    pub(super) gradient: Vec<f64>,
    pub(super) curvature: Vec<f64>,
}

impl Core {
    pub(super) fn new(instance: &Instance, measure: Measure, layout: &Layout, prices: &[f64], temperature: f64) -> Self {
        let mut core = Self {
            starts: Vec::with_capacity(instance.units().len() + 1),
            options: Vec::new(),
            case_counts: Vec::with_capacity(instance.units().len()),
            measure,
        };
        core.starts.push(0);
        for unit in instance.unit_indices() {
            let case_count = f64::from(instance.unit(unit).case_count);
            let first = core.options.len();
            let mut least = f64::INFINITY;
            for_options(instance, measure, unit, |option| {
                let price = layout.priced(prices, &option, case_count);
                if price <= least + CORE_WIDTH * temperature {
                    least = least.min(price);
                    core.options.push(option);
                }
            });
            // The least came down while options were taken in: drop those that it has left behind.
            let mut kept = first;
            for position in first..core.options.len() {
                let option = core.options[position];
                if layout.priced(prices, &option, case_count) <= least + CORE_WIDTH * temperature {
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

    /// The slope at these prices, by as many threads as are allowed and worth it.
    pub(super) fn slope(&self, layout: &Layout, prices: &[f64], temperature: f64, threads: usize) -> Slope {
        let m = layout.officers;
        let units = self.case_counts.len();
        let chunk = |index: usize| {
            self.chunk_slope(layout, prices, temperature, units * index / CHUNKS..units * (index + 1) / CHUNKS)
        };
        let threads = if self.options.len() < OPTIONS_FOR_THREADS { 1 } else { threads.clamp(1, CHUNKS) };
        let chunks: Vec<Slope> = if threads == 1 {
            (0..CHUNKS).map(chunk).collect()
        } else {
            thread::scope(|scope| {
                let share = |thread: usize| move || (thread..CHUNKS).step_by(threads).map(chunk).collect::<Vec<_>>();
                let others: Vec<_> = (1..threads).map(|thread| scope.spawn(share(thread))).collect();
                let mut shares = vec![share(0)().into_iter()];
                shares.extend(others.into_iter().map(|other| other.join().expect("a scan does not panic").into_iter()));
                let in_order = (0..CHUNKS).map(|index| shares[index % threads].next());
                in_order.map(|slope| slope.expect("each thread scans its share of the chunks")).collect()
            })
        };
        let mut gradient = vec![0.0; layout.len];
        let mut curvature = vec![0.0; layout.len];
        for chunk in chunks {
            gradient.iter_mut().zip(chunk.gradient).for_each(|(sum, part)| *sum += part);
            curvature.iter_mut().zip(chunk.curvature).for_each(|(sum, part)| *sum += part);
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

    /// What the units of a range add to the slope.
    fn chunk_slope(&self, layout: &Layout, prices: &[f64], temperature: f64, units: Range<usize>) -> Slope {
        let m = layout.officers;
        let mut gradient = vec![0.0; layout.len];
        let mut curvature = vec![0.0; layout.len];
        let mut shares: Vec<f64> = Vec::new();
        for unit in units {
            let options = &self.options[self.starts[unit]..self.starts[unit + 1]];
            let case_count = self.case_counts[unit];
            shares.clear();
            shares.extend(options.iter().map(|option| layout.priced(prices, option, case_count)));
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
