//! The options that matter at one temperature, and the exact bound that falls off when they are looked for.
//!
//! Units are looked at in a fixed number of chunks, whose sums are added up in order: how many threads share the chunks
//! does not change the sums.

use super::layout::{Layout, Of, Values, waiting_cost};
use crate::{
    model::{EligiblePair, Instance, UnitIndex},
    solve::{threads, verify::Measure},
};

/// Width of the core in temperatures: what is left out weighs less than e^-8.
pub(super) const CORE_WIDTH: f64 = 8.0;
/// Chunks of units.
const CHUNKS: usize = 32;
/// Units between two looks at whether to stop.
const UNITS_PER_STOP: usize = 16_384;
/// Fewest options that are worth starting threads for: a few tenths of a millisecond of work.
pub(super) const OPTIONS_FOR_THREADS: usize = 20_000;
/// Stands for no officer: waiting.
pub(super) const NOBODY: u32 = u32::MAX;

/// An option as the slope sees it: rounded. 16 bytes.
#[derive(Clone, Copy)]
pub(super) struct CoreOption {
    /// Cost above that of the unit's first option.
    extra: f32,
    pub(super) points: f32,
    pub(super) officer: u32,
    /// No unit has more cases than this can tell, or its slope is a little off.
    pub(super) new_cases: u16,
    pub(super) handovers: u16,
}

impl CoreOption {
    /// Price above the cost of the unit's first option.
    pub(super) fn priced(&self, prices: &Values, case_count: f32) -> f64 {
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

    /// Adds what a share of a unit uses of each limit.
    fn add_use(&self, case_count: f32, share: f64, used: &mut Values) {
        used.handover += share * f64::from(self.handovers);
        if self.officer == NOBODY {
            return;
        }
        let used = &mut used.officers[self.officer as usize];
        used.point += share * f64::from(self.points);
        used.case += share * f64::from(case_count);
        used.new_case += share * f64::from(self.new_cases);
    }
}

/// Share of an option so much dearer than the cheapest, not yet divided by the sum of all.
pub(super) fn share_of(dearer: f64, coldness: f64) -> f64 {
    #[expect(clippy::cast_possible_truncation, reason = "a share needs no more digits")]
    let exponent = (-dearer * coldness) as f32;
    f64::from(exponent.exp())
}

/// Some units that were looked at.
pub(super) struct Chunk {
    /// Options of the units that are kept, one unit after the other.
    starts: Vec<u32>,
    options: Vec<CoreOption>,
    pub(super) case_counts: Vec<f32>,
    /// What all units here use of each limit.
    used: Values,
    /// Sum of each unit's cheapest option.
    least: f64,
    /// Units for which waiting is one of the options that matter, but not the only one.
    may_wait: usize,
}

impl Chunk {
    /// Of the `position`-th unit that is kept.
    pub(super) fn options_of(&self, position: usize) -> &[CoreOption] {
        &self.options[self.starts[position] as usize..self.starts[position + 1] as usize]
    }

    fn keep(&mut self, options: impl Iterator<Item = CoreOption>, case_count: f32) {
        self.options.extend(options);
        self.starts.push(u32::try_from(self.options.len()).expect("a chunk has fewer than 2^32 options"));
        self.case_counts.push(case_count);
    }

    /// Units that share officers one after the other: what is summed up for an officer stays at hand.
    fn sorted_by_officer(self) -> Self {
        let mut order: Vec<usize> = (0..self.case_counts.len()).collect();
        order.sort_by_key(|&position| self.options_of(position).last().map(|option| option.officer));
        let mut sorted = Self {
            starts: vec![0],
            options: Vec::with_capacity(self.options.len()),
            case_counts: Vec::with_capacity(order.len()),
            ..self
        };
        for position in order {
            let range = self.starts[position] as usize..self.starts[position + 1] as usize;
            sorted.keep(self.options[range].iter().copied(), self.case_counts[position]);
        }
        sorted
    }
}

/// Which units are looked at, and of which of them the options are kept.
#[derive(Clone, Copy)]
pub(super) struct Sample {
    /// Every so many-th unit is looked at, and stands for so many.
    pub(super) looked: usize,
    /// Of those that are looked at, the options of every so many-th are kept.
    pub(super) kept: usize,
    /// Says which: another number, other units.
    pub(super) turn: usize,
}

/// The options that matter at one temperature.
///
/// Where a sample is kept, one of k units, what units use at prices p is taken to be
///
/// ```text
/// used(p) = used by all (p0) + k (used by the sample (p) - used by the sample (p0)),    p0 = the prices it was made for
/// ```
///
/// which has no noise at p0, and little near it (a control variate, as in stochastic variance reduced gradient: Johnson and
/// Zhang, NIPS 2013).
pub(super) struct Core {
    pub(super) chunks: Vec<Chunk>,
    pub(super) sample: Sample,
    pub(super) temperature: f64,
    looked_count: usize,
    /// Options that are kept.
    pub(super) option_count: usize,
    /// What all units use of each limit, less what the sample would say, at the prices that the core was made for. Units
    /// with one option that matters are in here alone.
    pub(super) others_used: Values,
}

/// Temperature of a core that keeps no option, only the sum of the least.
pub(super) const NOTHING: f64 = f64::NEG_INFINITY;

impl Core {
    /// Options within 8 temperatures of their unit's best; at a temperature of [`NOTHING`] none. `None` = told to stop.
    /// O(pairs looked at).
    pub(super) fn new(
        instance: &Instance,
        layout: &Layout,
        prices: &Values,
        temperature: f64,
        sample: Sample,
        threads: usize,
        is_stopped: &(dyn Fn() -> bool + Sync),
    ) -> Option<Self> {
        let offset = sample.turn % sample.looked;
        let looked_count = (instance.units().len().saturating_sub(offset)).div_ceil(sample.looked);
        let chunk_threads = if instance.pair_count() / sample.looked < OPTIONS_FOR_THREADS { 1 } else { threads };
        let chunks = threads::map(chunk_threads, CHUNKS, |index| {
            let range = looked_count * index / CHUNKS..looked_count * (index + 1) / CHUNKS;
            let units = range.map(|looked| {
                let is_kept = (looked + sample.turn).is_multiple_of(sample.kept);
                (UnitIndex::new(offset + looked * sample.looked), is_kept)
            });
            chunk(instance, layout, prices, temperature, units, is_stopped)
        });
        let chunks = chunks.into_iter().collect::<Option<Vec<_>>>()?;
        let option_count = chunks.iter().map(|chunk| chunk.options.len()).sum();
        let others_used = Values::zero(prices.officers.len());
        let mut core = Self { chunks, sample, temperature, looked_count, option_count, others_used };
        if temperature > 0.0 {
            for chunk in &mut core.chunks {
                core.others_used.add(&chunk.used);
                chunk.used = Values::zero(0);
            }
            let of_sample = core.slope_of_sample(prices, threads).gradient;
            core.others_used = core.others_used.map2(&of_sample, |all, kept| all * sample.looked as f64 - kept);
        }
        Some(core)
    }

    /// Sum of the cheapest options of the units that were looked at.
    pub(super) fn least(&self) -> f64 {
        self.chunks.iter().map(|chunk| chunk.least).sum()
    }

    /// Share of the units that were looked at for which waiting is one of the options that matter, but not the only one.
    pub(super) fn may_wait(&self) -> f64 {
        let waiting: usize = self.chunks.iter().map(|chunk| chunk.may_wait).sum();
        waiting as f64 / self.looked_count.max(1) as f64
    }

    /// The value of the dual at the prices it was made for, if every unit was looked at.
    pub(super) fn bound(&self, layout: &Layout, prices: &Values) -> Option<f64> {
        (self.sample.looked == 1).then(|| self.least() + layout.officers_part(prices))
    }
}

/// Looks at some units, each with whether its options are kept. `None` = told to stop.
fn chunk(
    instance: &Instance,
    layout: &Layout,
    prices: &Values,
    temperature: f64,
    units: impl ExactSizeIterator<Item = (UnitIndex, bool)>,
    is_stopped: &(dyn Fn() -> bool + Sync),
) -> Option<Chunk> {
    let mut chunk = Chunk {
        starts: vec![0],
        options: Vec::new(),
        case_counts: Vec::new(),
        used: Values::zero(if temperature > 0.0 { prices.officers.len() } else { 0 }),
        least: 0.0,
        may_wait: 0,
    };
    let (width, coldness) = (CORE_WIDTH * temperature, 1.0 / temperature);
    let mut pair_prices = Vec::new();
    let mut options = Vec::new();
    for (position, (unit, is_kept)) in units.enumerate() {
        if position.is_multiple_of(UNITS_PER_STOP) && is_stopped() {
            return None;
        }
        #[expect(clippy::cast_precision_loss, reason = "a count fits the 24 bits of a float")]
        let case_count = instance.unit(unit).case_count as f32;
        let least = look_at(instance, layout, prices, width, unit, &mut pair_prices, &mut options);
        chunk.least += least;
        match options.as_slice() {
            [] => continue,
            [(_, option)] => {
                option.add_use(case_count, 1.0, &mut chunk.used);
                continue;
            }
            // Waiting is met first.
            [(_, first), ..] => chunk.may_wait += usize::from(first.officer == NOBODY),
        }
        if is_kept {
            chunk.keep(options.iter().map(|(_, option)| *option), case_count);
        }
        let mut total = 0.0;
        for (share, _) in &mut options {
            *share = share_of(*share - least, coldness);
            total += *share;
        }
        for (share, option) in &options {
            option.add_use(case_count, share / total, &mut chunk.used);
        }
    }
    Some(chunk.sorted_by_officer())
}

/// Price of a unit's cheapest option; and, in `options`, with their prices, those that cost no more than `width` above it:
/// waiting first. `pair_prices` is overwritten, too.
fn look_at(
    instance: &Instance,
    layout: &Layout,
    prices: &Values,
    width: f64,
    unit_index: UnitIndex,
    pair_prices: &mut Vec<f64>,
    options: &mut Vec<(f64, CoreOption)>,
) -> f64 {
    let unit = instance.unit(unit_index);
    let case_count = f64::from(unit.case_count);
    let pair_cost = |pair: &EligiblePair| match layout.measure {
        Measure::Price => pair.cost as f64,
        Measure::Children => 0.0,
    };
    // Prices alone, in a loop as short as can be: most pairs are nowhere near the cheapest.
    pair_prices.clear();
    pair_prices.extend(instance.pairs(unit_index).map(|pair| {
        let Of { point, case, new_case } = prices.officers[pair.officer.get()];
        pair_cost(&pair)
            + point * f64::from(pair.weight_points)
            + case * case_count
            + new_case * f64::from(pair.new_case_count)
            + prices.handover * f64::from(pair.handover_count)
    }));
    let waiting = waiting_cost(instance, layout.measure, unit_index)
        .map(|cost| (cost, cost + prices.handover * f64::from(unit.release_count)));
    let least = pair_prices.iter().copied().chain(waiting.map(|(_, price)| price)).fold(f64::INFINITY, f64::min);
    options.clear();
    let short = |count: u32| u16::try_from(count).unwrap_or(u16::MAX);
    let mut first_cost = None;
    let mut take_in = |cost: f64, price: f64, option: CoreOption| {
        #[expect(clippy::cast_possible_truncation, reason = "the slope may be a little off; the bound is not")]
        let extra = (cost - *first_cost.get_or_insert(cost)) as f32;
        options.push((price, CoreOption { extra, ..option }));
    };
    let matters = |price: f64| price <= least + width;
    if let Some((cost, price)) = waiting.filter(|&(_, price)| matters(price)) {
        let handovers = short(unit.release_count);
        take_in(cost, price, CoreOption { extra: 0.0, points: 0.0, officer: NOBODY, new_cases: 0, handovers });
    }
    for (position, &price) in pair_prices.iter().enumerate().filter(|&(_, &price)| matters(price)) {
        let pair = instance.pair_at(unit_index, position);
        let option = CoreOption {
            extra: 0.0,
            #[expect(
                clippy::cast_precision_loss,
                reason = "a weight fits the 24 bits of a float, or the slope is a little off"
            )]
            points: pair.weight_points as f32,
            officer: u32::try_from(pair.officer.get()).expect("an index fits 32 bits"),
            new_cases: short(pair.new_case_count),
            handovers: short(pair.handover_count),
        };
        take_in(pair_cost(&pair), price, option);
    }
    least
}
