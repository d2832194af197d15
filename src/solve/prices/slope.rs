//! The slope of the softened dual over a core.

use super::{
    core::{Chunk, Core, NOBODY, OPTIONS_FOR_THREADS, share_of},
    layout::{Layout, Of, Values},
};
use crate::solve::{threads, verify::Measure};

/// Groups of chunks whose slopes are added up apart.
const GROUPS: usize = 8;
/// From here on, one factor more might be too much.
const PRODUCT_MAX: f64 = 1e250;

/// Gradient and curvature of the smoothed dual.
pub(super) struct Slope {
    pub(super) gradient: Values,
    pub(super) curvature: Values,
    /// How far below the dual itself the softened one is, units alone.
    pub(super) softening: f64,
}

impl Core {
    /// The slope at these prices, by as many threads as are allowed and worth it.
    pub(super) fn slope(&self, layout: &Layout, prices: &Values, threads: usize) -> Slope {
        let mut slope = self.slope_of_sample(prices, threads);
        slope.gradient.add(&self.others_used);
        slope.gradient = slope.gradient.map2(&layout.limits, |used, limit| used - limit);
        for (officer, price) in prices.officers.iter().enumerate() {
            // Points are offered by balance segments, each opening at its slope; the limit is the sum of all.
            let (supply, softness) = supply(layout, officer, price.point, self.temperature);
            slope.gradient.officers[officer].point += layout.limits.officers[officer].point - supply;
            slope.curvature.officers[officer].point += softness;
        }
        slope
    }

    /// What the units of the sample use of each limit, each as often as it stands for others.
    pub(super) fn slope_of_sample(&self, prices: &Values, threads: usize) -> Slope {
        let threads = if self.option_count < OPTIONS_FOR_THREADS { 1 } else { threads };
        let count = prices.officers.len();
        let per_group = self.chunks.len().div_ceil(GROUPS);
        let groups = threads::map(threads, GROUPS, |group| {
            let mut sums = Sums { officers: vec![OfficerSums::default(); count], ..Sums::default() };
            for chunk in self.chunks.iter().skip(group * per_group).take(per_group) {
                sums.add(chunk, prices, 1.0 / self.temperature);
            }
            sums
        });
        let (mut gradient, mut curvature, mut softening) = (Values::zero(count), Values::zero(count), 0.0);
        let scale = (self.sample.looked * self.sample.kept) as f64;
        let coldness = scale / self.temperature;
        for sums in groups {
            let of_officers = gradient.officers.iter_mut().zip(&mut curvature.officers);
            for ((gradient, curvature), sums) in of_officers.zip(&sums.officers) {
                *gradient = gradient.map2(sums.share, |sum, share| sum + scale * share);
                *curvature = curvature.map2(sums.spread, |sum, spread| sum + coldness * spread);
            }
            gradient.handover += scale * sums.handover_share;
            curvature.handover += coldness * sums.handover_spread;
            softening += scale * self.temperature * sums.logarithms;
        }
        Slope { gradient, curvature, softening }
    }
}

/// Sums over some units: of shares times use, and of shares times what is left to one times use squared.
#[derive(Default)]
struct Sums {
    officers: Vec<OfficerSums>,
    handover_share: f64,
    handover_spread: f64,
    /// Of the sum of each unit's shares before it is made 1.
    logarithms: f64,
}

/// Side by side in memory, since both are needed at once.
#[derive(Clone, Copy, Default)]
struct OfficerSums {
    share: Of,
    spread: Of,
}

impl Sums {
    fn add(&mut self, chunk: &Chunk, prices: &Values, coldness: f64) {
        let mut shares: Vec<f64> = Vec::new();
        let (mut handover_share, mut handover_spread, mut product) = (0.0, 0.0, 1.0_f64);
        for (position, &case_count) in chunk.case_counts.iter().enumerate() {
            let options = chunk.options_of(position);
            shares.clear();
            shares.extend(options.iter().map(|option| option.priced(prices, case_count)));
            let least = shares.iter().copied().fold(f64::INFINITY, f64::min);
            let mut total = 0.0;
            for share in &mut shares {
                *share = share_of(*share - least, coldness);
                total += *share;
            }
            // One logarithm for many units: each total is at least 1, and at most the number of options.
            product *= total;
            if product > PRODUCT_MAX {
                self.logarithms += product.ln();
                product = 1.0;
            }
            let part = 1.0 / total;
            let cases = f64::from(case_count);
            for (option, share) in options.iter().zip(&shares) {
                let share = share * part;
                let spread = share * (1.0 - share);
                let handovers = f64::from(option.handovers);
                handover_share += share * handovers;
                handover_spread += spread * handovers * handovers;
                if option.officer == NOBODY {
                    continue;
                }
                let used = Of { point: option.points.into(), case: cases, new_case: option.new_cases.into() };
                let sums = &mut self.officers[option.officer as usize];
                sums.share = sums.share.map2(used, |sum, used| sum + share * used);
                sums.spread = sums.spread.map2(used, |sum, used| sum + spread * used * used);
            }
        }
        self.handover_share += handover_share;
        self.handover_spread += handover_spread;
        self.logarithms += product.ln();
    }
}

/// Points that an officer would offer at a price of a point, softened: each balance segment opens at its slope.
fn supply(layout: &Layout, officer: usize, price: f64, temperature: f64) -> (f64, f64) {
    // A price of a point is about the price of a case over its points; ten points stand for a typical case.
    let softness = temperature / 10.0;
    let mut supply = 0.0;
    let mut curvature = 0.0;
    for &(length, slope) in &layout.segments[officer] {
        let opens_at = if layout.measure == Measure::Price { slope } else { 0.0 };
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
