//! Excess goes along shortest paths to where there is too little, until there is none.

use std::{cmp::Reverse, collections::BinaryHeap};

use super::{
    network::{NOWHERE, Network, UNITS_PER_PIECE},
    rows::{NO_KEY, Rows},
};
use crate::{
    model::{Proof, UnitIndex},
    solve::{budget::Steps, state::State, threads},
};

/// Places that are settled between two looks at the stop flag.
const PLACES_PER_LOOK: usize = 1_024;
/// Any large odd number.
const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;
/// Units that are moved between two looks at the stop flag.
const MOVES_PER_LOOK: usize = 1_024;

/// Units at places, and prices at which none of them would rather be elsewhere.
pub(super) struct Flow<'a> {
    network: &'a Network<'a>,
    /// Place of every unit.
    pub(super) at: Vec<u32>,
    /// Price of a slot at each place.
    prices: Vec<i64>,
    /// What each place passes on to its parent.
    passed: Vec<i64>,
    /// What comes to each place less what it passes on. They add up to 0.
    excess: Vec<i64>,
    /// None while there is no excess to route.
    rows: Rows,
    search: Search,
}

/// One search for paths.
struct Search {
    /// Grows with every search: what was seen before counts no more.
    ordinal: u32,
    seen: Vec<u32>,
    distances: Vec<i64>,
    /// Arcs on the shortest path with the fewest.
    levels: Vec<u32>,
    /// The next arc of each place to try.
    cursors: Vec<u32>,
}

/// A way from one place to another, by what moves along it.
#[derive(Clone, Copy)]
enum Move {
    Unit(u32),
    /// This place passes on one more.
    More(u32),
    /// This place passes on one less.
    Less(u32),
}

#[derive(Clone, Copy)]
struct Arc {
    tail: u32,
    head: u32,
    /// At the prices; never below 0.
    price: i64,
    way: Move,
}

/// Arcs into each place: where from, and the price of the move.
struct ArcsByHead {
    starts: Vec<usize>,
    arcs: Vec<(u32, i64)>,
}

impl ArcsByHead {
    fn of(&self, place: u32) -> &[(u32, i64)] {
        &self.arcs[self.starts[place as usize]..self.starts[place as usize + 1]]
    }
}

impl<'a> Flow<'a> {
    /// Every unit at its cheapest option where slots cost nothing: of several, where `near` has it, or else spread out.
    /// `None` = stopped.
    pub(super) fn new(network: &'a Network<'a>, near: &State<'_>, threads: usize, steps: &Steps<'_>) -> Option<Self> {
        let count = network.instance.units().len();
        let pieces = threads::map(threads, count.div_ceil(UNITS_PER_PIECE), |piece| {
            if steps.is_stopped() {
                return Vec::new();
            }
            let units = piece * UNITS_PER_PIECE..count.min((piece + 1) * UNITS_PER_PIECE);
            let cheapest = |unit: usize| {
                let index = UnitIndex::new(unit);
                let position = u32::try_from(unit).expect("units fit 32 bits");
                let home = network.place_at(index, near.choice(index));
                let ranked = network.options(position).map(|(place, price)| {
                    let spread = (u64::from(place) + 1).wrapping_mul(unit as u64 | 1).wrapping_mul(SPREAD) >> 32;
                    (price, if place == home { 0 } else { 1 + spread }, place)
                });
                ranked.min().map_or(NOWHERE, |(_, _, place)| place)
            };
            units.map(cheapest).collect::<Vec<u32>>()
        });
        let at = pieces.concat();
        if steps.is_stopped() || at.contains(&NOWHERE) {
            return None;
        }
        let places = network.place_count();
        let mut excess = vec![0; places];
        at.iter().for_each(|&place| excess[place as usize] += 1);
        let mut passed = vec![0; places];
        for place in network.upwards() {
            let parent = network.parent(place);
            // Where nothing has a price, any number of slots without one is as good as another.
            let passes = free_slots(network, place).min(excess[place as usize]);
            passed[place as usize] = passes;
            excess[place as usize] -= passes;
            if parent != network.waiting() {
                excess[parent as usize] += passes;
            }
        }
        let waiting = network.waiting() as usize;
        excess[waiting] = 0;
        excess[waiting] = -excess.iter().sum::<i64>();
        let search = Search {
            ordinal: 0,
            seen: vec![0; places],
            distances: vec![0; places],
            levels: vec![0; places],
            cursors: vec![0; places],
        };
        Some(Self { network, at, prices: vec![0; places], passed, excess, rows: Rows::default(), search })
    }

    /// Routes all excess; each search is one step of the budget. False = the budget ended, or some excess has nowhere to go.
    pub(super) fn route(&mut self, threads: usize, steps: &mut Steps<'_>) -> bool {
        let mut sources: Vec<u32> =
            (0..).zip(&self.excess).filter(|(_, excess)| **excess > 0).map(|(place, _)| place).collect();
        if !sources.is_empty() {
            let Some(rows) = Rows::new(self.network, &self.at, threads, steps) else { return false };
            self.rows = rows;
        }
        while !sources.is_empty() {
            if !(steps.take() && self.reach(&sources, steps) && self.push(&sources, steps)) {
                return false;
            }
            sources.retain(|&source| self.excess[source as usize] > 0);
        }
        // One step more, so that a replay of a solve that was stopped in the last search ends as that did.
        steps.take()
    }

    /// Shortest distances from everywhere to the nearest place with too little, until all sources have theirs; prices
    /// rise by them, so that the shortest paths cost nothing. False = stopped, or a source has no path.
    fn reach(&mut self, sources: &[u32], steps: &Steps<'_>) -> bool {
        let arcs = self.arcs_by_head();
        let search = &mut self.search;
        search.ordinal += 1;
        let mut open = BinaryHeap::new();
        for (place, _) in (0..).zip(&self.excess).filter(|(_, excess)| **excess < 0) {
            search.meet(place, 0, 0);
            open.push(Reverse((0_i64, 0_u32, place)));
        }
        let mut settled: Vec<u32> = Vec::new();
        let mut sources_left = sources.len();
        let mut farthest = i64::MAX;
        while let Some(Reverse((distance, level, place))) = open.pop() {
            if distance > farthest {
                break;
            }
            if (distance, level) != (search.distances[place as usize], search.levels[place as usize]) {
                continue;
            }
            settled.push(place);
            if settled.len().is_multiple_of(PLACES_PER_LOOK) && steps.is_stopped() {
                return false;
            }
            if self.excess[place as usize] > 0 {
                sources_left -= 1;
                if sources_left == 0 {
                    farthest = distance;
                }
            }
            let own = self.prices[place as usize];
            for &(tail, price) in arcs.of(place) {
                let reached = distance + price + own - self.prices[tail as usize];
                if search.is_nearer(tail, reached, level + 1) {
                    search.meet(tail, reached, level + 1);
                    open.push(Reverse((reached, level + 1, tail)));
                }
            }
        }
        if sources_left > 0 {
            return false;
        }
        // The prices of all others do not rise above these by more than `farthest`: only differences count.
        for place in settled {
            self.prices[place as usize] -= farthest - search.distances[place as usize];
        }
        true
    }

    /// All arcs, by the place they lead to.
    fn arcs_by_head(&self) -> ArcsByHead {
        let places = self.prices.len();
        let mut starts = vec![0_usize; places + 1];
        self.for_arcs(|_, head, _| starts[head as usize + 1] += 1);
        for place in 0..places {
            starts[place + 1] += starts[place];
        }
        let mut ends = starts.clone();
        let mut arcs = vec![(0, 0); starts[places]];
        self.for_arcs(|tail, head, price| {
            arcs[ends[head as usize]] = (tail, price);
            ends[head as usize] += 1;
        });
        ArcsByHead { starts, arcs }
    }

    /// Tail, head and price (of the move alone) of every arc.
    fn for_arcs(&self, mut each: impl FnMut(u32, u32, i64)) {
        for place in 0..u32::try_from(self.prices.len()).expect("places fit 32 bits") {
            let row = self.rows.row(place);
            for (&head, &top) in row.to.iter().zip(&row.tops) {
                if top != NO_KEY {
                    each(place, head, self.rows.keys.difference(top));
                }
            }
            let parent = self.network.parent(place);
            if parent == NOWHERE {
                continue;
            }
            let passed = self.passed[place as usize];
            if passed < self.network.room(place) {
                each(place, parent, self.network.step_price(place, passed + 1));
            }
            if passed > 0 {
                each(parent, place, -self.network.step_price(place, passed));
            }
        }
    }

    /// Moves units along paths that cost nothing, every arc one nearer to their ends. False = stopped.
    fn push(&mut self, sources: &[u32], steps: &Steps<'_>) -> bool {
        let mut path: Vec<Arc> = Vec::new();
        let mut moves = 0;
        for &source in sources {
            while self.excess[source as usize] > 0 && self.find(source, &mut path) {
                for arc in &path {
                    match arc.way {
                        Move::Unit(unit) => self.rows.move_unit(self.network, &mut self.at, unit, arc.head),
                        Move::More(place) => self.passed[place as usize] += 1,
                        Move::Less(place) => self.passed[place as usize] -= 1,
                    }
                }
                let end = path[path.len() - 1].head;
                self.excess[source as usize] -= 1;
                self.excess[end as usize] += 1;
                moves += path.len();
                if moves >= MOVES_PER_LOOK {
                    moves = 0;
                    if steps.is_stopped() {
                        return false;
                    }
                }
            }
        }
        true
    }

    /// A path from a source to a place with too little. Arcs that lead nowhere are not tried again in this search.
    fn find(&mut self, source: u32, path: &mut Vec<Arc>) -> bool {
        path.clear();
        let mut place = source;
        loop {
            if self.excess[place as usize] < 0 {
                return true;
            }
            let cursor = self.search.cursors[place as usize] as usize;
            if cursor < self.arc_count(place) {
                match self.arc(place, cursor).filter(|arc| self.is_on_path(arc)) {
                    Some(arc) => {
                        path.push(arc);
                        place = arc.head;
                    }
                    None => self.search.cursors[place as usize] += 1,
                }
            } else {
                let Some(dead) = path.pop() else { return false };
                place = dead.tail;
                self.search.cursors[place as usize] += 1;
            }
        }
    }

    /// The arc costs nothing and leads one nearer to an end.
    fn is_on_path(&self, arc: &Arc) -> bool {
        let (tail, head) = (arc.tail as usize, arc.head as usize);
        arc.price == 0
            && self.search.seen[head] == self.search.ordinal
            && self.search.levels[head] + 1 == self.search.levels[tail]
    }

    /// Positions of a place's arcs, some of which may not exist now: units that go elsewhere, one more that is passed on,
    /// one less that each child passes on.
    fn arc_count(&self, place: u32) -> usize {
        self.rows.row(place).to.len() + 1 + self.network.children(place).len()
    }

    fn arc(&self, place: u32, position: usize) -> Option<Arc> {
        let row = self.rows.row(place);
        let (head, price, way) = if let Some(&head) = row.to.get(position) {
            let top = row.tops[position];
            if top == NO_KEY {
                return None;
            }
            (head, self.rows.keys.difference(top), Move::Unit(self.rows.keys.unit(top)))
        } else if position == row.to.len() {
            let (parent, passed) = (self.network.parent(place), self.passed[place as usize]);
            if parent == NOWHERE || passed >= self.network.room(place) {
                return None;
            }
            (parent, self.network.step_price(place, passed + 1), Move::More(place))
        } else {
            let child = self.network.children(place).nth(position - row.to.len() - 1)?;
            let passed = self.passed[child as usize];
            if passed == 0 {
                return None;
            }
            (child, -self.network.step_price(child, passed), Move::Less(child))
        };
        let price = price + self.prices[head as usize] - self.prices[place as usize];
        Some(Arc { tail: place, head, price, way })
    }

    /// The bound that the prices give.
    pub(super) fn proof(&self) -> Proof {
        let base = self.prices[self.network.waiting() as usize];
        let prices: Vec<i64> = self.prices.iter().map(|price| price - base).collect();
        self.network.proof_of(&prices, &self.passed)
    }
}

impl Search {
    fn is_nearer(&self, place: u32, distance: i64, level: u32) -> bool {
        let place = place as usize;
        self.seen[place] != self.ordinal || (distance, level) < (self.distances[place], self.levels[place])
    }

    fn meet(&mut self, place: u32, distance: i64, level: u32) {
        let place = place as usize;
        self.seen[place] = self.ordinal;
        self.distances[place] = distance;
        self.levels[place] = level;
        self.cursors[place] = 0;
    }
}

/// How many a place passes on before that costs something.
fn free_slots(network: &Network<'_>, place: u32) -> i64 {
    let (mut low, mut high) = (0, network.room(place));
    while low < high {
        let middle = (low + high + 1) / 2;
        if network.step_price(place, middle) == 0 {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    low
}
