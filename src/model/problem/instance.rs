//! The numbers of a problem, without its ids: units, eligible pairs, limits. What solvers see.
//!
//! Pairs are most of a large backlog, so they are kept small: 4 bytes each where an officer's position and the cost above
//! the unit's least cost fit 16 bits and the weight follows from the unit (its own, plus handover points with anyone but
//! its holder); 16 bytes each otherwise. England in one pool is 35 million pairs: 140 MB instead of 560.

use std::ops::Range;

use super::{Limits, units::Anchor};
use crate::model::{OfficerIndex, UnitIndex};

/// An officer who may hold a unit, with everything that this costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EligiblePair {
    /// Price, handover included, >= 0.
    pub cost: i64,
    /// The officer.
    pub officer: OfficerIndex,
    /// Points the unit weighs with this officer.
    pub weight_points: u32,
    /// Cases of the unit that would be new to the officer.
    pub new_case_count: u32,
    /// Cases of the unit that leave another officer who stays.
    pub handover_count: u32,
}

/// A case, or a group of cases that stays together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unit {
    /// Number of cases, at least 1.
    pub case_count: u32,
    /// Children counted here: each child counts in the unit of its first case.
    pub child_count: u32,
    /// Where the unit is today.
    pub anchor: Anchor,
    /// Price of waiting; `None` = waiting is no option.
    pub waiting_price: Option<i64>,
    /// Cases that would leave an officer who stays if the unit waited (releases).
    pub release_count: u32,
    /// It has no officer, and its longest stay on a holding list has run out: its waiting price is above every other's.
    pub stay_is_over: bool,
}

impl Unit {
    /// Only one officer may hold it.
    #[must_use]
    pub fn is_pinned(&self) -> bool {
        matches!(self.anchor, Anchor::Pinned(_))
    }
}

/// What the pairs of a unit have in common.
#[derive(Clone, Copy, Debug, Default)]
struct Common {
    least_cost: i64,
    /// Points with the officer who holds it today.
    held_weight: u32,
    /// Points, new cases and handovers with anyone else.
    weight: u32,
    new_case_count: u32,
    handover_count: u32,
}

/// A pair whose weight follows from its unit.
#[derive(Clone, Copy, Debug)]
struct Narrow {
    officer: u16,
    /// Above the unit's least cost.
    extra_cost: u16,
}

/// Any pair.
#[derive(Clone, Copy, Debug)]
struct Wide {
    cost: i64,
    officer: u32,
    weight: u32,
}

#[derive(Clone, Debug)]
enum Store {
    Narrow(Vec<Narrow>),
    Wide(Vec<Wide>),
}

/// Units, eligible pairs and limits.
#[derive(Clone, Debug)]
pub struct Instance {
    units: Vec<Unit>,
    commons: Vec<Common>,
    /// Pairs of unit i: `starts[i]..starts[i + 1]`, by officer.
    starts: Vec<usize>,
    store: Store,
    limits: Vec<Limits>,
    handover_limit: Option<i64>,
}

impl Instance {
    /// No unit yet.
    #[must_use]
    pub fn new(limits: Vec<Limits>, handover_limit: Option<i64>) -> Self {
        Self {
            units: Vec::new(),
            commons: Vec::new(),
            starts: vec![0],
            store: Store::Narrow(Vec::new()),
            limits,
            handover_limit,
        }
    }

    /// Adds a unit with the officers who may hold it, sorted by officer.
    ///
    /// With the officer who holds the unit today none of its cases is new and none is handed over; with all others the
    /// same number is.
    ///
    /// # Panics
    /// If the pairs are not so, or not sorted.
    pub fn push(&mut self, unit: Unit, pairs: &[EligiblePair]) {
        assert!(pairs.is_sorted_by(|a, b| a.officer < b.officer), "pairs are sorted by officer, each at most once");
        let holder = holder_of(&unit);
        let common = common(holder, pairs);
        let is_narrow = pairs.iter().all(|pair| {
            let weight = if holder == Some(pair.officer) { common.held_weight } else { common.weight };
            pair.weight_points == weight
                && u16::try_from(pair.officer.get()).is_ok()
                && u16::try_from(pair.cost - common.least_cost).is_ok()
        });
        if !is_narrow {
            self.widen();
        }
        match &mut self.store {
            Store::Narrow(list) => list.extend(pairs.iter().map(|pair| Narrow {
                officer: u16::try_from(pair.officer.get()).expect("checked: the pair is narrow"),
                extra_cost: u16::try_from(pair.cost - common.least_cost).expect("checked: the pair is narrow"),
            })),
            Store::Wide(list) => list.extend(pairs.iter().map(wide)),
        }
        self.units.push(unit);
        self.commons.push(common);
        self.starts.push(self.starts[self.starts.len() - 1] + pairs.len());
    }

    fn widen(&mut self) {
        if let Store::Narrow(_) = self.store {
            let mut list = Vec::with_capacity(self.pair_count());
            for unit in self.unit_indices() {
                list.extend(self.pairs(unit).map(|pair| wide(&pair)));
            }
            self.store = Store::Wide(list);
        }
    }

    /// Raises the waiting price of every unit whose stay has run out above the price of any other's waiting together with any
    /// two pairs, balance included. So whoever gives such a unit the room of another one makes the objective fall.
    ///
    /// Heavier units are raised by more, in proportion to the points of the lightest, so that among themselves nobody gains by
    /// being light; unless that leads beyond the prices that fit. O(pairs).
    pub(super) fn put_first_whose_stay_is_over(&mut self) {
        let others = self.units.iter().filter(|unit| !unit.stay_is_over).filter_map(|unit| unit.waiting_price);
        let dearest_waiting = others.max().unwrap_or(0);
        let slopes: Vec<i64> =
            self.limits.iter().map(|limits| limits.balance.last().map_or(0, |last| last.slope)).collect();
        let with_balance = |pair: EligiblePair| {
            pair.cost.saturating_add(slopes[pair.officer.get()].saturating_mul(i64::from(pair.weight_points)))
        };
        let dearest_pair = self.unit_indices().flat_map(|unit| self.pairs(unit)).map(with_balance).max().unwrap_or(0);
        // A sum beyond 64 bits stays at their end, where `check::prices_fit` refuses it.
        let more = dearest_waiting.max(dearest_pair).saturating_add(dearest_pair).saturating_add(1);
        let run_out: Vec<(usize, i64)> = self
            .unit_indices()
            .filter(|&unit| self.unit(unit).stay_is_over)
            .map(|unit| {
                (unit.get(), self.pairs(unit).map(|pair| i64::from(pair.weight_points)).min().unwrap_or(1).max(1))
            })
            .collect();
        let lightest = run_out.iter().map(|&(_, points)| points).min().unwrap_or(1);
        let times = |points: i64| (points + lightest - 1) / lightest;
        let in_all: i128 = run_out.iter().map(|&(_, points)| i128::from(more) * i128::from(times(points))).sum();
        let is_in_proportion = in_all <= i128::from(i64::MAX / 4_096);
        for (unit, points) in run_out {
            let raise = if is_in_proportion { more * times(points) } else { more };
            let price = &mut self.units[unit].waiting_price;
            *price = price.map(|price| price.saturating_add(raise));
        }
    }

    pub(super) fn set_handover_limit(&mut self, limit: Option<i64>) {
        self.handover_limit = limit;
    }

    /// The units.
    #[must_use]
    pub fn units(&self) -> &[Unit] {
        &self.units
    }

    /// Every unit's index.
    pub fn unit_indices(&self) -> impl ExactSizeIterator<Item = UnitIndex> + use<> {
        (0..self.units.len()).map(UnitIndex::new)
    }

    /// The unit.
    #[must_use]
    pub fn unit(&self, unit: UnitIndex) -> &Unit {
        &self.units[unit.get()]
    }

    /// The officers who may hold a unit, by officer.
    #[must_use]
    pub fn pairs(&self, unit: UnitIndex) -> impl ExactSizeIterator<Item = EligiblePair> + '_ {
        let range = self.pair_range(unit);
        let pairs = match &self.store {
            Store::Narrow(list) => Pairs::Narrow(list[range].iter()),
            Store::Wide(list) => Pairs::Wide(list[range].iter()),
        };
        let (common, holder) = (self.commons[unit.get()], holder_of(&self.units[unit.get()]));
        pairs.map(move |(officer, cost, weight)| expand(&common, holder, officer, cost, weight))
    }

    /// The `position`-th of a unit's pairs.
    #[must_use]
    pub fn pair_at(&self, unit: UnitIndex, position: usize) -> EligiblePair {
        let at = self.starts[unit.get()] + position;
        let (officer, cost, weight) = match &self.store {
            Store::Narrow(list) => narrow_parts(list[at]),
            Store::Wide(list) => wide_parts(list[at]),
        };
        expand(&self.commons[unit.get()], holder_of(&self.units[unit.get()]), officer, cost, weight)
    }

    /// Number of a unit's pairs.
    #[must_use]
    pub fn pair_count_of(&self, unit: UnitIndex) -> usize {
        self.pair_range(unit).len()
    }

    /// The position of an officer among a unit's pairs, if the officer may hold it. O(log pairs).
    #[must_use]
    pub fn position_of(&self, unit: UnitIndex, officer: OfficerIndex) -> Option<usize> {
        let range = self.pair_range(unit);
        match &self.store {
            Store::Narrow(list) => list[range].binary_search_by_key(&officer.get(), |pair| pair.officer.into()).ok(),
            Store::Wide(list) => list[range].binary_search_by_key(&officer.get(), |pair| pair.officer as usize).ok(),
        }
    }

    /// The pair of a unit with an officer, if the officer may hold it. O(log pairs).
    #[must_use]
    pub fn pair(&self, unit: UnitIndex, officer: OfficerIndex) -> Option<EligiblePair> {
        self.position_of(unit, officer).map(|position| self.pair_at(unit, position))
    }

    fn pair_range(&self, unit: UnitIndex) -> Range<usize> {
        self.starts[unit.get()]..self.starts[unit.get() + 1]
    }

    /// Number of eligible pairs.
    #[must_use]
    pub fn pair_count(&self) -> usize {
        self.starts[self.units.len()]
    }

    /// Bytes that the eligible pairs take.
    #[must_use]
    pub fn pair_bytes(&self) -> usize {
        match &self.store {
            Store::Narrow(list) => size_of_val(list.as_slice()),
            Store::Wide(list) => size_of_val(list.as_slice()),
        }
    }

    /// Limits and balance price, one entry an officer.
    #[must_use]
    pub fn limits(&self) -> &[Limits] {
        &self.limits
    }

    /// Number of officers.
    #[must_use]
    pub fn officer_count(&self) -> usize {
        self.limits.len()
    }

    /// Most handovers and releases; `None` = no limit.
    #[must_use]
    pub fn handover_limit(&self) -> Option<i64> {
        self.handover_limit
    }
}

/// The officer who holds a unit today and may keep it. A pinned unit has one pair, whatever that is.
fn holder_of(unit: &Unit) -> Option<OfficerIndex> {
    match unit.anchor {
        Anchor::Held(officer) => Some(officer),
        Anchor::None | Anchor::Pinned(_) => None,
    }
}

fn common(holder: Option<OfficerIndex>, pairs: &[EligiblePair]) -> Common {
    let mut common = Common { least_cost: pairs.iter().map(|pair| pair.cost).min().unwrap_or(0), ..Common::default() };
    let mut of_others: Option<(u32, u32)> = None;
    for pair in pairs {
        let counts = (pair.new_case_count, pair.handover_count);
        if holder == Some(pair.officer) {
            assert_eq!(counts, (0, 0), "nothing is new to the officer who holds it");
            common.held_weight = pair.weight_points;
        } else {
            assert_eq!(*of_others.get_or_insert(counts), counts, "it is as new to one officer as to another");
            common.weight = pair.weight_points;
        }
    }
    (common.new_case_count, common.handover_count) = of_others.unwrap_or((0, 0));
    common
}

fn wide(pair: &EligiblePair) -> Wide {
    let officer = u32::try_from(pair.officer.get()).expect("an index fits 32 bits");
    Wide { cost: pair.cost, officer, weight: pair.weight_points }
}

/// (officer, cost or what it is above the least, weight unless it follows from the unit).
type Parts = (usize, Cost, Option<u32>);

#[derive(Clone, Copy)]
enum Cost {
    Whole(i64),
    AboveLeast(i64),
}

fn narrow_parts(pair: Narrow) -> Parts {
    (pair.officer.into(), Cost::AboveLeast(pair.extra_cost.into()), None)
}

fn wide_parts(pair: Wide) -> Parts {
    (pair.officer as usize, Cost::Whole(pair.cost), Some(pair.weight))
}

fn expand(
    common: &Common,
    holder: Option<OfficerIndex>,
    officer: usize,
    cost: Cost,
    weight: Option<u32>,
) -> EligiblePair {
    let officer = OfficerIndex::new(officer);
    let cost = match cost {
        Cost::Whole(cost) => cost,
        Cost::AboveLeast(extra) => common.least_cost + extra,
    };
    let (own_weight, new_case_count, handover_count) = if holder == Some(officer) {
        (common.held_weight, 0, 0)
    } else {
        (common.weight, common.new_case_count, common.handover_count)
    };
    EligiblePair { cost, officer, weight_points: weight.unwrap_or(own_weight), new_case_count, handover_count }
}

/// Stored pairs, one after the other.
enum Pairs<'a> {
    Narrow(std::slice::Iter<'a, Narrow>),
    Wide(std::slice::Iter<'a, Wide>),
}

impl Iterator for Pairs<'_> {
    type Item = Parts;

    fn next(&mut self) -> Option<Parts> {
        match self {
            Self::Narrow(list) => list.next().copied().map(narrow_parts),
            Self::Wide(list) => list.next().copied().map(wide_parts),
        }
    }

    /// As for every iterator; but how pairs are stored is asked once a unit, not once a pair.
    fn fold<B, F: FnMut(B, Parts) -> B>(self, first: B, with: F) -> B {
        match self {
            Self::Narrow(list) => list.copied().map(narrow_parts).fold(first, with),
            Self::Wide(list) => list.copied().map(wide_parts).fold(first, with),
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        match self {
            Self::Narrow(list) => list.size_hint(),
            Self::Wide(list) => list.size_hint(),
        }
    }
}

impl ExactSizeIterator for Pairs<'_> {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_the_same_one_by_one_and_all_at_once_however_they_are_stored() {
        let unit = |holder: Option<usize>| Unit {
            case_count: 2,
            child_count: 1,
            anchor: holder.map_or(Anchor::None, |officer| Anchor::Held(OfficerIndex::new(officer))),
            waiting_price: Some(900),
            release_count: 0,
            stay_is_over: false,
        };
        for dearest in [70, 70_000] {
            let mut instance = Instance::new(Vec::new(), None);
            let mut expected = Vec::new();
            for holder in [None, Some(1), Some(5)] {
                let pairs: Vec<EligiblePair> = [(1, 30), (4, 10), (5, dearest)]
                    .into_iter()
                    .map(|(officer, cost)| EligiblePair {
                        cost,
                        officer: OfficerIndex::new(officer),
                        weight_points: if holder == Some(officer) { 6 } else { 8 },
                        new_case_count: if holder == Some(officer) { 0 } else { 2 },
                        handover_count: 2 * u32::from(holder.is_some_and(|holder| holder != officer)),
                    })
                    .collect();
                instance.push(unit(holder), &pairs);
                expected.push(pairs);
            }
            let bytes = if dearest > i64::from(u16::MAX) { size_of::<Wide>() } else { size_of::<Narrow>() };
            assert_eq!(instance.pair_bytes(), 9 * bytes, "up to {dearest}");
            for (unit, expected) in instance.unit_indices().zip(&expected) {
                let mut one_by_one = Vec::new();
                for pair in instance.pairs(unit) {
                    one_by_one.push(pair);
                }
                let mut at_once = Vec::new();
                instance.pairs(unit).for_each(|pair| at_once.push(pair));
                assert_eq!((&one_by_one, &at_once), (expected, expected), "up to {dearest}");
            }
        }
    }
}
