//! For every place and every other that its units may go to: the unit that costs least to move there.

use std::{cmp::Reverse, collections::BinaryHeap};

use super::network::{Keys, Network};
use crate::solve::{budget::Steps, threads};

/// Places of one piece of work.
const PLACES_PER_PIECE: usize = 16;

/// No unit goes there.
pub(super) const NO_KEY: u64 = u64::MAX;

/// Where the units of one place may go. Heaps are cleaned when a unit leaves that is on top of one: units that left
/// before may still be further down.
#[derive(Default)]
pub(super) struct Row {
    /// In ascending order.
    pub(super) to: Vec<u32>,
    /// The least key of each, or [`NO_KEY`].
    pub(super) tops: Vec<u64>,
    heaps: Vec<BinaryHeap<Reverse<u64>>>,
}

/// All rows.
#[derive(Default)]
pub(super) struct Rows {
    pub(super) keys: Keys,
    rows: Vec<Row>,
}

impl Rows {
    /// `None` = stopped. O(pairs).
    pub(super) fn new(network: &Network<'_>, at: &[u32], threads: usize, steps: &Steps<'_>) -> Option<Self> {
        let places = network.place_count();
        let keys = Keys::new(at.len());
        let mut starts = vec![0_usize; places + 1];
        at.iter().for_each(|&place| starts[place as usize + 1] += 1);
        for place in 0..places {
            starts[place + 1] += starts[place];
        }
        let mut ends = starts.clone();
        let mut units = vec![0_u32; at.len()];
        for (unit, &place) in (0..).zip(at) {
            units[ends[place as usize]] = unit;
            ends[place as usize] += 1;
        }
        let pieces = threads::map(threads, places.div_ceil(PLACES_PER_PIECE), |piece| {
            let mut counts = vec![0_u32; places];
            let range = piece * PLACES_PER_PIECE..places.min((piece + 1) * PLACES_PER_PIECE);
            let row = |place: usize| {
                if steps.is_stopped() {
                    return Row::default();
                }
                Row::new(network, keys, to_place(place), &units[starts[place]..starts[place + 1]], &mut counts)
            };
            range.map(row).collect::<Vec<Row>>()
        });
        if steps.is_stopped() {
            return None;
        }
        Some(Self { keys, rows: pieces.into_iter().flatten().collect() })
    }

    pub(super) fn row(&self, place: u32) -> &Row {
        &self.rows[place as usize]
    }

    /// Moves a unit. `at` says where every unit is, this one too, before and after.
    pub(super) fn move_unit(&mut self, network: &Network<'_>, at: &mut [u32], unit: u32, to: u32) {
        let from = std::mem::replace(&mut at[unit as usize], to);
        let keys = self.keys;
        let mut cost = 0;
        let left = &mut self.rows[from as usize];
        for (other, price) in network.options(unit) {
            if other == to {
                cost = price;
            }
            if other != from {
                left.leave(keys, at, from, unit, other);
            }
        }
        let entered = &mut self.rows[to as usize];
        for (other, price) in network.options(unit) {
            if other != to {
                entered.enter(keys, at, to, other, keys.key(price - cost, unit));
            }
        }
    }
}

impl Row {
    /// `counts` is all 0, before and after.
    fn new(network: &Network<'_>, keys: Keys, place: u32, units: &[u32], counts: &mut [u32]) -> Self {
        let mut to = Vec::new();
        for &unit in units {
            for (other, _) in network.options(unit) {
                if counts[other as usize] == 0 {
                    to.push(other);
                }
                counts[other as usize] += 1;
            }
        }
        to.retain(|&other| {
            let is_other = other != place;
            if !is_other {
                counts[other as usize] = 0;
            }
            is_other
        });
        to.sort_unstable();
        let mut lists: Vec<Vec<Reverse<u64>>> = Vec::with_capacity(to.len());
        for (slot, &other) in (0..).zip(&to) {
            lists.push(Vec::with_capacity(counts[other as usize] as usize));
            counts[other as usize] = slot;
        }
        for &unit in units {
            let own =
                network.options(unit).find(|option| option.0 == place).expect("a unit is at one of its options").1;
            for (other, price) in network.options(unit) {
                if other != place {
                    lists[counts[other as usize] as usize].push(Reverse(keys.key(price - own, unit)));
                }
            }
        }
        to.iter().for_each(|&other| counts[other as usize] = 0);
        let heaps: Vec<BinaryHeap<Reverse<u64>>> = lists.into_iter().map(BinaryHeap::from).collect();
        let tops = heaps.iter().map(top).collect();
        Self { to, tops, heaps }
    }

    /// A unit has left this place: it no longer goes from here to another.
    fn leave(&mut self, keys: Keys, at: &[u32], place: u32, unit: u32, other: u32) {
        let Ok(slot) = self.to.binary_search(&other) else { return };
        if keys.unit(self.tops[slot]) != unit {
            return;
        }
        let heap = &mut self.heaps[slot];
        while heap.peek().is_some_and(|&Reverse(key)| at[keys.unit(key) as usize] != place) {
            heap.pop();
        }
        self.tops[slot] = top(heap);
    }

    /// A unit that has come to this place may go on to another.
    fn enter(&mut self, keys: Keys, at: &[u32], place: u32, other: u32, key: u64) {
        let slot = match self.to.binary_search(&other) {
            Ok(slot) => slot,
            Err(slot) => {
                self.to.insert(slot, other);
                self.tops.insert(slot, NO_KEY);
                self.heaps.insert(slot, BinaryHeap::new());
                slot
            }
        };
        let heap = &mut self.heaps[slot];
        if heap.len() == heap.capacity() && heap.len() > 8 {
            // Instead of growing at once: who left, and who came back, goes.
            let mut list = std::mem::take(heap).into_vec();
            list.retain(|&Reverse(key)| at[keys.unit(key) as usize] == place);
            list.sort_unstable_by_key(|&Reverse(key)| key);
            list.dedup();
            list.reserve(list.len());
            *heap = BinaryHeap::from(list);
        }
        heap.push(Reverse(key));
        self.tops[slot] = self.tops[slot].min(key);
    }
}

fn to_place(position: usize) -> u32 {
    u32::try_from(position).expect("places fit 32 bits")
}

fn top(heap: &BinaryHeap<Reverse<u64>>) -> u64 {
    heap.peek().map_or(NO_KEY, |&Reverse(key)| key)
}
