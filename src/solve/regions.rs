//! Which officers are near each other: those whom the same units could go to. Neighbours are put in a row, so that pieces
//! of the row are regions that can be searched apart.

use std::{cmp::Reverse, collections::BinaryHeap};

use super::{near::NearOptions, part::Cut, state::Choice};
use crate::model::{Instance, OfficerIndex};

/// Nearest officers of a unit that count as neighbours of its first.
const NEIGHBOURS_PER_UNIT: usize = 4;

/// Officers with the neighbours of each.
pub(super) struct Regions {
    starts: Vec<usize>,
    /// (how many units tie them, officer), the closest first.
    neighbours: Vec<(u32, OfficerIndex)>,
    /// All officers, neighbours close together.
    row: Vec<OfficerIndex>,
}

impl Regions {
    /// O(units log units).
    pub(super) fn new(instance: &Instance, near: &NearOptions) -> Self {
        let mut ties: Vec<(OfficerIndex, OfficerIndex)> = Vec::new();
        for unit in instance.unit_indices() {
            let mut officers = near.of(unit).iter().filter_map(|near| match near.choice() {
                Choice::Pair(position) => Some(instance.pair_at(unit, position as usize).officer),
                Choice::Waits => None,
            });
            let Some(first) = officers.next() else { continue };
            for other in officers.take(NEIGHBOURS_PER_UNIT) {
                ties.push((first, other));
                ties.push((other, first));
            }
        }
        ties.sort_unstable();
        let mut lists = vec![Vec::new(); instance.officer_count()];
        for tied in ties.chunk_by(|a, b| a == b) {
            let count = u32::try_from(tied.len()).expect("fewer than 2^32 units");
            lists[tied[0].0.get()].push((count, tied[0].1));
        }
        let mut starts = vec![0];
        let mut neighbours = Vec::new();
        for mut list in lists {
            list.sort_unstable_by_key(|&(count, officer)| (Reverse(count), officer));
            neighbours.extend(list);
            starts.push(neighbours.len());
        }
        let mut regions = Self { starts, neighbours, row: Vec::new() };
        regions.row = regions.in_a_row();
        regions
    }

    /// Officers whom the same units could go to, the closest first.
    pub(super) fn neighbours(&self, officer: OfficerIndex) -> &[(u32, OfficerIndex)] {
        &self.neighbours[self.starts[officer.get()]..self.starts[officer.get() + 1]]
    }

    /// Always next: whoever is tied most to one of those before.
    fn in_a_row(&self) -> Vec<OfficerIndex> {
        let count = self.starts.len() - 1;
        let mut row = Vec::with_capacity(count);
        let mut is_placed = vec![false; count];
        let mut heap = BinaryHeap::new();
        for seed in (0..count).map(OfficerIndex::new) {
            heap.push((0, Reverse(seed)));
            while let Some((_, Reverse(officer))) = heap.pop() {
                if std::mem::replace(&mut is_placed[officer.get()], true) {
                    continue;
                }
                row.push(officer);
                let open = self.neighbours(officer).iter().filter(|(_, other)| !is_placed[other.get()]);
                heap.extend(open.map(|&(ties, other)| (ties, Reverse(other))));
            }
        }
        row
    }

    /// Cuts the row, as a ring that is turned by `turn` (a share of one part), into so many parts of about the same length.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of a short row, at least 0")]
    pub(super) fn cut(&self, parts: usize, turn: f64) -> Cut {
        let count = self.row.len();
        let parts = parts.clamp(1, count.max(1));
        let shift = (turn * count as f64 / parts as f64) as usize;
        let mut part_of_officer = vec![0; count];
        for (position, officer) in self.row.iter().enumerate() {
            let part = (position + shift) % count.max(1) * parts / count.max(1);
            part_of_officer[officer.get()] = part as u32;
        }
        Cut { part_of_officer, parts }
    }
}
