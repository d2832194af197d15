//! The options of every unit that prices leave near its best: what local and exact search choose among.
//!
//! objective - bound is a sum of regrets and of priced, unused room (see `verify::proof`), so an answer near the bound
//! takes near-best options and leaves little priced room. Few options a unit matter then, and the nearer the answer, the
//! fewer.

use super::{greedy::priced_options, prices::Priced, state::Choice, threads};
use crate::model::{Instance, UnitIndex};

/// Which options are kept.
#[derive(Clone, Copy, Debug)]
pub(super) struct Keep {
    /// So many of each unit, waiting and today's officer besides.
    pub(super) per_unit: usize,
    /// And only up to this regret.
    pub(super) regret: f64,
}

/// Units of one piece of work.
const UNITS_PER_PIECE: usize = 4_096;

/// An option and its regret. 8 bytes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Near {
    /// Position among the unit's pairs; [`WAITS`] = none.
    position: u32,
    /// Price at the proof's prices, less that of the unit's cheapest option.
    pub(super) regret: f32,
}

const WAITS: u32 = u32::MAX;

impl Near {
    fn new(choice: Choice, regret: f32) -> Self {
        let position = match choice {
            Choice::Pair(position) => position,
            Choice::Waits => WAITS,
        };
        Self { position, regret }
    }

    pub(super) fn choice(self) -> Choice {
        if self.position == WAITS { Choice::Waits } else { Choice::Pair(self.position) }
    }
}

/// Near-best options of every unit, the cheapest at the prices first.
pub(super) struct NearOptions {
    starts: Vec<usize>,
    options: Vec<Near>,
}

impl NearOptions {
    /// O(pairs log options).
    pub(super) fn new(instance: &Instance, priced: &Priced, keep: Keep, threads: usize) -> Self {
        let count = instance.units().len();
        let pieces = threads::map(threads, count.div_ceil(UNITS_PER_PIECE), |piece| {
            let units = piece * UNITS_PER_PIECE..count.min((piece + 1) * UNITS_PER_PIECE);
            let mut near = Self { starts: Vec::with_capacity(units.len()), options: Vec::new() };
            let mut scratch = Vec::new();
            for unit in units.map(UnitIndex::new) {
                near.starts.push(near.options.len());
                push(instance, priced, unit, keep, &mut scratch, &mut near.options);
            }
            near
        });
        let option_count = pieces.iter().map(|piece| piece.options.len()).sum();
        let mut all = Self { starts: Vec::with_capacity(count + 1), options: Vec::with_capacity(option_count) };
        for piece in pieces {
            let first = all.options.len();
            all.starts.extend(piece.starts.iter().map(|start| first + start));
            all.options.extend(piece.options);
        }
        all.starts.push(all.options.len());
        all
    }

    pub(super) fn of(&self, unit: UnitIndex) -> &[Near] {
        &self.options[self.starts[unit.get()]..self.starts[unit.get() + 1]]
    }

    /// The regret below which units have so many options on average besides their best.
    pub(super) fn width(&self, others_per_unit: f64) -> f32 {
        let units = self.starts.len() - 1;
        let firsts = &self.starts[..units];
        let mut regrets: Vec<f32> = self.options.iter().map(|near| near.regret).collect();
        for &first in firsts {
            if let Some(regret) = regrets.get_mut(first) {
                *regret = f32::NEG_INFINITY;
            }
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a small positive number of options"
        )]
        let wanted = units + (others_per_unit * units as f64) as usize;
        if wanted >= regrets.len() {
            return f32::INFINITY;
        }
        *regrets.select_nth_unstable_by(wanted, f32::total_cmp).1
    }
}

#[expect(clippy::cast_possible_truncation, reason = "regrets steer the search; nothing is proved with them")]
fn push(
    instance: &Instance,
    priced: &Priced,
    unit: UnitIndex,
    keep: Keep,
    scratch: &mut Vec<(f64, Choice)>,
    kept: &mut Vec<Near>,
) {
    scratch.clear();
    priced_options(instance, &priced.proof, unit, |choice, price| scratch.push((price, choice)));
    scratch.sort_by(|a, b| a.0.total_cmp(&b.0));
    let Some(&(least, _)) = scratch.first() else { return };
    let today = instance.unit(unit).anchor.officer();
    let wanted = scratch.iter().enumerate().filter(|(rank, (price, choice))| {
        let is_kept_anyway = || match choice {
            Choice::Waits => true,
            Choice::Pair(position) => Some(instance.pair_at(unit, *position as usize).officer) == today,
        };
        price - least <= keep.regret && (*rank < keep.per_unit || is_kept_anyway())
    });
    kept.extend(wanted.map(|(_, &(price, choice))| Near::new(choice, (price - least) as f32)));
}
