//! The options that matter at one temperature, the exact bound that falls off when they are looked for, and the slope of
//! the softened dual over them.
//!
//! Units are scanned in a fixed number of chunks, whose sums are added up in order: how many threads share the chunks does
//! not change the sums.

use std::ops::Range;

use super::layout::{Layout, Of, Values, waiting_cost};
use crate::{
    model::{Instance, UnitIndex},
    solve::{threads, verify::Measure},
};

/// Width of the core in temperatures: what is left out weighs less than e^-8.
pub(super) const CORE_WIDTH: f64 = 8.0;
/// Chunks of units; more where there are so many that a chunk would take long.
const CHUNKS: usize = 32;
const UNITS_PER_STOP: usize = 1_000_000;
/// Groups of chunks whose slopes are added up apart.
const GROUPS: usize = 8;
/// Fewest options that are worth starting threads for: a few tenths of a millisecond of work.
const OPTIONS_FOR_THREADS: usize = 20_000;
/// Stands for no officer: waiting.
const NOBODY: u32 = u32::MAX;

/// An option as the slope sees it: rounded. 16 bytes.
#[derive(Clone, Copy)]
struct CoreOption {
    /// Cost above that of the unit's first option.
    extra: f32,
    points: f32,
    officer: u32,
    /// No unit has more cases than this can tell, or its slope is a little off.
    new_cases: u16,
    handovers: u16,
}

impl CoreOption {
    /// Price above the cost of the unit's first option.
    fn priced(&self, prices: &Values, case_count: f32) -> f64 {
        let handover = prices.handover * f64::from(self.handovers);
        if self.officer == NOBODY {
            return f64::from(self.extra) + handover;
        }
        let Of { point, case, new_case } = prices.officers[self.officer as usize];
        f64::from(self.extra)
            + point * f64::from(self.points)
            + case * f64::from(case_count)
            + new_case * f64::from(self.new_cases)
            + handover
    }
}

/// The options of some units that matter at one temperature, one unit after the other.
struct Chunk {
    starts: Vec<u32>,
    options: Vec<CoreOption>,
    case_counts: Vec<f32>,
    /// Sum of each unit's cheapest option.
    least: f64,
}

/// The options that matter at one temperature.
pub(super) struct Core {
    chunks: Vec<Chunk>,
    /// Every so many-th unit was looked at, and stands for so many.
    stride: usize,
    option_count: usize,
}

/// Gradient and curvature of the smoothed dual.
pub(super) struct Slope {
    pub(super) gradient: Values,
    pub(super) curvature: Values,
    /// How far below the dual itself the softened one is, units alone.
    pub(super) softening: f64,
}

/// Temperature of a core that keeps no option, only the sum of the least.
pub(super) const NOTHING: f64 = f64::NEG_INFINITY;

impl Core {
    /// Options within 8 temperatures of their unit's best; at a temperature of [`NOTHING`] none. Looks at every
    /// `stride`-th unit, from the `offset`-th on. `None` = told to stop. O(pairs / stride).
    pub(super) fn new(
        instance: &Instance,
        layout: &Layout,
        prices: &Values,
        temperature: f64,
        (stride, offset): (usize, usize),
        threads: usize,
        is_stopped: &(dyn Fn() -> bool + Sync),
    ) -> Option<Self> {
        let sampled = (instance.units().len().saturating_sub(offset)).div_ceil(stride);
        let threads = if instance.pair_count() / stride < OPTIONS_FOR_THREADS { 1 } else { threads };
        let width = CORE_WIDTH * temperature;
        let pieces = CHUNKS * (sampled / UNITS_PER_STOP + 1);
        let chunks = threads::map_until(threads, pieces, is_stopped, |index| {
            let range = sampled * index / pieces..sampled * (index + 1) / pieces;
            chunk(instance, layout, prices, width, range.map(|sample| UnitIndex::new(offset + sample * stride)))
        })?;
        let option_count = chunks.iter().map(|chunk| chunk.options.len()).sum();
        Some(Self { chunks, stride, option_count })
    }

    /// Sum of the cheapest options of the units that were looked at.
    pub(super) fn least(&self) -> f64 {
        self.chunks.iter().map(|chunk| chunk.least).sum()
    }

    /// Share of the units that were looked at for which waiting is one of the options that matter, but not the only one.
    pub(super) fn may_wait(&self) -> f64 {
        let waits = |chunk: &Chunk| {
            let options = |ends: &[u32]| &chunk.options[ends[0] as usize..ends[1] as usize];
            // Waiting is met first.
            let may = |ends: &&[u32]| matches!(options(ends), [first, _, ..] if first.officer == NOBODY);
            chunk.starts.windows(2).filter(may).count()
        };
        let waiting: usize = self.chunks.iter().map(waits).sum();
        let all: usize = self.chunks.iter().map(|chunk| chunk.case_counts.len()).sum();
        waiting as f64 / all.max(1) as f64
    }

    /// The value of the dual at the prices it was looked for with, if every unit was looked at.
    pub(super) fn bound(&self, layout: &Layout, prices: &Values) -> Option<f64> {
        (self.stride == 1).then(|| self.least() + layout.officers_part(prices))
    }

    /// The slope at these prices, by as many threads as are allowed and worth it.
    pub(super) fn slope(&self, layout: &Layout, prices: &Values, temperature: f64, threads: usize) -> Slope {
        let threads = if self.option_count < OPTIONS_FOR_THREADS { 1 } else { threads };
        let count = prices.officers.len();
        let per_group = self.chunks.len().div_ceil(GROUPS);
        let groups = threads::map(threads, GROUPS, |group| {
            let mut slope = Slope { gradient: Values::zero(count), curvature: Values::zero(count), softening: 0.0 };
            for chunk in self.chunks.iter().skip(group * per_group).take(per_group) {
                add_slope(chunk, prices, temperature, &mut slope);
            }
            slope
        });
        let mut slope = Slope { gradient: Values::zero(count), curvature: Values::zero(count), softening: 0.0 };
        for group in groups {
            slope.gradient.add(&group.gradient);
            slope.curvature.add(&group.curvature);
            slope.softening += group.softening;
        }
        let scale = self.stride as f64;
        slope.gradient = slope.gradient.map2(&layout.limits, |used, limit| used * scale - limit);
        slope.curvature = slope.curvature.map2(&layout.limits, |curvature, _| curvature * scale);
        slope.softening *= scale;
        for (officer, price) in prices.officers.iter().enumerate() {
            // Points are offered by balance segments, each opening at its slope; the limit is the sum of all.
            let (supply, softness) = supply(layout, officer, price.point, temperature);
            slope.gradient.officers[officer].point += layout.limits.officers[officer].point - supply;
            slope.curvature.officers[officer].point += softness;
        }
        slope
    }
}

fn chunk(
    instance: &Instance,
    layout: &Layout,
    prices: &Values,
    width: f64,
    units: impl ExactSizeIterator<Item = UnitIndex>,
) -> Chunk {
    let mut chunk = Chunk {
        starts: Vec::with_capacity(units.len() + 1),
        options: Vec::new(),
        case_counts: Vec::with_capacity(units.len()),
        least: 0.0,
    };
    let no_costs = layout.measure == Measure::Children;
    let short = |count: u32| u16::try_from(count).unwrap_or(u16::MAX);
    // Price of each option that the unit has in the chunk.
    let mut met: Vec<f64> = Vec::new();
    chunk.starts.push(0);
    for unit_index in units {
        let unit = instance.unit(unit_index);
        #[expect(clippy::cast_precision_loss, reason = "counts and weights fit the 24 bits of a float")]
        let float = |count: u32| count as f32;
        let case_count = float(unit.case_count);
        let first = chunk.options.len();
        let mut least = f64::INFINITY;
        let mut first_cost = None;
        let mut meet = |cost: f64, price: f64, option: CoreOption| {
            if price < least {
                least = price;
            }
            if price <= least + width {
                #[expect(clippy::cast_possible_truncation, reason = "the slope may be a little off; the bound is not")]
                let extra = (cost - *first_cost.get_or_insert(cost)) as f32;
                chunk.options.push(CoreOption { extra, ..option });
                met.push(price);
            }
        };
        if let Some(cost) = waiting_cost(instance, layout.measure, unit_index) {
            let price = cost + prices.handover * f64::from(unit.release_count);
            let handovers = short(unit.release_count);
            meet(cost, price, CoreOption { extra: 0.0, points: 0.0, officer: NOBODY, new_cases: 0, handovers });
        }
        for pair in instance.pairs(unit_index) {
            let cost = if no_costs { 0.0 } else { pair.cost as f64 };
            let Of { point, case, new_case } = prices.officers[pair.officer.get()];
            let price = cost
                + point * f64::from(pair.weight_points)
                + case * f64::from(unit.case_count)
                + new_case * f64::from(pair.new_case_count)
                + prices.handover * f64::from(pair.handover_count);
            let option = CoreOption {
                extra: 0.0,
                points: float(pair.weight_points),
                officer: u32::try_from(pair.officer.get()).expect("an index fits 32 bits"),
                new_cases: short(pair.new_case_count),
                handovers: short(pair.handover_count),
            };
            meet(cost, price, option);
        }
        // The least came down while options were taken in: drop those that it has left behind.
        let mut kept = first;
        for (position, &price) in (first..).zip(&met) {
            if price <= least + width {
                chunk.options[kept] = chunk.options[position];
                kept += 1;
            }
        }
        met.clear();
        chunk.options.truncate(kept);
        chunk.starts.push(u32::try_from(kept).expect("a chunk has fewer than 2^32 options"));
        chunk.case_counts.push(case_count);
        chunk.least += least;
    }
    chunk
}

fn add_slope(chunk: &Chunk, prices: &Values, temperature: f64, slope: &mut Slope) {
    let mut shares: Vec<f64> = Vec::new();
    let coldness = 1.0 / temperature;
    for (unit, &case_count) in chunk.case_counts.iter().enumerate() {
        let range: Range<usize> = chunk.starts[unit] as usize..chunk.starts[unit + 1] as usize;
        let options = &chunk.options[range];
        if let [option] = options {
            add_option(option, case_count, 1.0, 0.0, slope);
            continue;
        }
        shares.clear();
        shares.extend(options.iter().map(|option| option.priced(prices, case_count)));
        let least = shares.iter().copied().fold(f64::INFINITY, f64::min);
        let mut total = 0.0;
        for share in &mut shares {
            #[expect(clippy::cast_possible_truncation, reason = "a share needs no more digits")]
            let exponent = ((least - *share) * coldness) as f32;
            *share = f64::from(exponent.exp());
            total += *share;
        }
        slope.softening += temperature * total.ln();
        let part = 1.0 / total;
        for (option, share) in options.iter().zip(&shares) {
            let share = share * part;
            add_option(option, case_count, share, share * (1.0 - share) * coldness, slope);
        }
    }
}

/// Adds what a share of a unit uses of each limit, and how fast that changes with the prices.
fn add_option(option: &CoreOption, case_count: f32, share: f64, spread: f64, slope: &mut Slope) {
    let handovers = f64::from(option.handovers);
    slope.gradient.handover += share * handovers;
    slope.curvature.handover += spread * handovers * handovers;
    if option.officer == NOBODY {
        return;
    }
    let (points, cases, new_cases) = (f64::from(option.points), f64::from(case_count), f64::from(option.new_cases));
    let gradient = &mut slope.gradient.officers[option.officer as usize];
    gradient.point += share * points;
    gradient.case += share * cases;
    gradient.new_case += share * new_cases;
    let curvature = &mut slope.curvature.officers[option.officer as usize];
    curvature.point += spread * points * points;
    curvature.case += spread * cases * cases;
    curvature.new_case += spread * new_cases * new_cases;
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
