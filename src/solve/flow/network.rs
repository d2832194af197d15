//! The problem as a network of places: where a unit may go, and what a place passes on.

use std::cmp::Ordering;

use crate::{
    model::{EligiblePair, Instance, Limits, OfficerIndex, OfficerPrices, PROOF_SCALE, Proof, UnitIndex},
    solve::{budget::Steps, state::Choice, threads, verify::Measure},
};

/// No place.
pub(super) const NOWHERE: u32 = u32::MAX;

/// Units of one piece of work.
pub(super) const UNITS_PER_PIECE: usize = 4_096;

/// Every officer is a place, in their order; then comes waiting; then, for officers whose intake limit may bind, a door
/// that what is new to them goes through.
pub(super) struct Network<'a> {
    pub(super) instance: &'a Instance,
    /// Points of every unit.
    weight: i64,
    /// The door of each officer, or [`NOWHERE`].
    doors: Vec<u32>,
    /// The officer of each door, in the order of the doors.
    door_officers: Vec<u32>,
    /// Most that each place passes on.
    rooms: Vec<i64>,
    measure: Measure,
}

/// What is found in one pass over the pairs.
struct Survey {
    weight: Option<u32>,
    is_uniform: bool,
    dearest: i64,
    /// Pairs that would be new to their officer.
    new_counts: Vec<u32>,
}

impl Survey {
    fn of(instance: &Instance, units: std::ops::Range<usize>) -> Self {
        let mut survey =
            Self { weight: None, is_uniform: true, dearest: 0, new_counts: vec![0; instance.officer_count()] };
        for unit in units.map(UnitIndex::new) {
            let Some(first) = instance.pairs(unit).next() else { continue };
            let weight = *survey.weight.get_or_insert(first.weight_points);
            survey.is_uniform &= instance.unit(unit).case_count == 1;
            survey.dearest = survey.dearest.max(instance.unit(unit).waiting_price.unwrap_or(0));
            for pair in instance.pairs(unit) {
                survey.is_uniform &= pair.weight_points == weight;
                survey.dearest = survey.dearest.max(pair.cost);
                survey.new_counts[pair.officer.get()] += pair.new_case_count;
            }
            if !survey.is_uniform {
                break;
            }
        }
        survey
    }

    fn and(mut self, other: &Self) -> Self {
        self.is_uniform &=
            other.is_uniform && (other.weight.is_none() || self.weight.is_none_or(|own| Some(own) == other.weight));
        self.weight = self.weight.or(other.weight);
        self.dearest = self.dearest.max(other.dearest);
        self.new_counts.iter_mut().zip(&other.new_counts).for_each(|(count, more)| *count += more);
        self
    }
}

impl<'a> Network<'a> {
    /// `None` = the problem is no such network, or its prices are too large to be kept beside a unit's number. One pass
    /// over the pairs, or less.
    pub(super) fn new(instance: &'a Instance, measure: Measure, threads: usize, steps: &Steps<'_>) -> Option<Self> {
        if instance.handover_limit().is_some() {
            return None;
        }
        // Most problems are told by their first units.
        let count = instance.units().len();
        if !Survey::of(instance, 0..count.min(UNITS_PER_PIECE)).is_uniform {
            return None;
        }
        let pieces = threads::map(threads, count.div_ceil(UNITS_PER_PIECE), |piece| {
            let end = if steps.is_stopped() { 0 } else { count.min((piece + 1) * UNITS_PER_PIECE) };
            Survey::of(instance, piece * UNITS_PER_PIECE..end)
        });
        let survey = pieces.iter().fold(Survey::of(instance, 0..0), Survey::and);
        let weight = i64::from(survey.weight.unwrap_or(1));
        let steepest = instance.limits().iter().filter_map(|limits| limits.balance.last()).map(|last| last.slope).max();
        let dearest = i128::from(survey.dearest) + i128::from(steepest.unwrap_or(0)) * i128::from(weight);
        if !survey.is_uniform || dearest >= i128::from(Keys::new(count).difference_limit()) {
            return None;
        }
        let officer_count = instance.officer_count();
        let mut network = Self {
            instance,
            weight,
            doors: vec![NOWHERE; officer_count],
            door_officers: Vec::new(),
            rooms: Vec::with_capacity(officer_count + 1),
            measure,
        };
        // Room for one more than all units is room that never ends.
        let endless = count as i64 + 1;
        for limits in instance.limits() {
            let by_points = limits.load_limit.filter(|_| weight > 0).map_or(endless, |limit| limit / weight);
            network.rooms.push(by_points.min(limits.case_limit.unwrap_or(endless)).min(endless));
        }
        network.rooms.push(0);
        for (officer, (limits, &new_count)) in instance.limits().iter().zip(&survey.new_counts).enumerate() {
            let Some(limit) = limits.intake_limit else { continue };
            if limit < i64::from(new_count) && limit < network.rooms[officer] {
                network.doors[officer] = u32::try_from(network.rooms.len()).expect("places fit 32 bits");
                network.door_officers.push(u32::try_from(officer).expect("officers fit 32 bits"));
                network.rooms.push(limit);
            }
        }
        Some(network)
    }

    pub(super) fn place_count(&self) -> usize {
        self.rooms.len()
    }

    pub(super) fn waiting(&self) -> u32 {
        u32::try_from(self.doors.len()).expect("officers fit 32 bits")
    }

    pub(super) fn room(&self, place: u32) -> i64 {
        self.rooms[place as usize]
    }

    /// What a door passes on goes to its officer; what an officer passes on is done with, like what waits.
    pub(super) fn parent(&self, place: u32) -> u32 {
        match place.cmp(&self.waiting()) {
            Ordering::Less => self.waiting(),
            Ordering::Equal => NOWHERE,
            Ordering::Greater => self.door_officers[(place - self.waiting() - 1) as usize],
        }
    }

    pub(super) fn children(&self, place: u32) -> std::ops::Range<u32> {
        if place == self.waiting() {
            return 0..place;
        }
        match self.doors.get(place as usize) {
            Some(&door) if door != NOWHERE => door..door + 1,
            _ => 0..0,
        }
    }

    /// Places, children before parents.
    pub(super) fn upwards(&self) -> impl Iterator<Item = u32> + use<> {
        let waiting = self.waiting();
        let end = u32::try_from(self.rooms.len()).expect("places fit 32 bits");
        (waiting + 1..end).chain(0..waiting)
    }

    /// Balance price of the `count`-th unit that a place passes on; the next costs as much or more.
    pub(super) fn step_price(&self, place: u32, count: i64) -> i64 {
        let Some(limits) = self.instance.limits().get(place as usize) else { return 0 };
        if limits.balance.is_empty() || self.measure == Measure::Children {
            return 0;
        }
        limits.balance_price(count * self.weight) - limits.balance_price((count - 1) * self.weight)
    }

    fn place_of(&self, pair: &EligiblePair) -> u32 {
        let officer = pair.officer.get();
        let door = if pair.new_case_count > 0 { self.doors[officer] } else { NOWHERE };
        #[expect(clippy::cast_possible_truncation, reason = "`waiting` has checked that officers fit")]
        let own = officer as u32;
        if door == NOWHERE { own } else { door }
    }

    /// Where a unit may be, and what that costs.
    pub(super) fn options(&self, unit: u32) -> impl Iterator<Item = (u32, i64)> + '_ {
        let index = UnitIndex::new(unit as usize);
        let unit = self.instance.unit(index);
        let is_price = self.measure == Measure::Price;
        let pairs = self.instance.pairs(index);
        let pairs = pairs.map(move |pair| (self.place_of(&pair), if is_price { pair.cost } else { 0 }));
        let waiting = unit.waiting_price.map(|price| if is_price { price } else { i64::from(unit.child_count) });
        pairs.chain(waiting.map(|price| (self.waiting(), price)))
    }

    /// Where a choice puts a unit.
    pub(super) fn place_at(&self, unit: UnitIndex, choice: Choice) -> u32 {
        match choice {
            Choice::Pair(position) => self.place_of(&self.instance.pair_at(unit, position as usize)),
            Choice::Waits => self.waiting(),
        }
    }

    /// The choice of a unit that is at a place.
    pub(super) fn choice_at(&self, unit: UnitIndex, place: u32) -> Choice {
        let officer = match place.cmp(&self.waiting()) {
            Ordering::Less => place,
            Ordering::Equal => return Choice::Waits,
            Ordering::Greater => self.parent(place),
        };
        let position = self.instance.position_of(unit, OfficerIndex::new(officer as usize));
        Choice::of_position(position.expect("a unit is with an officer who may hold it"))
    }

    /// The proof that prices of places make, for officers who pass on so much. The price of a slot goes on the case count
    /// where that binds, and on points otherwise; where balance counts, the slope at the load is on the points.
    pub(super) fn proof_of(&self, prices: &[i64], passed: &[i64]) -> Proof {
        let officers = self.instance.limits().iter().enumerate().map(|(officer, limits)| {
            let slot = prices[officer].max(0);
            let door = self.doors[officer];
            let mut made = OfficerPrices::default();
            if door != NOWHERE {
                made.new_case = (prices[door as usize] - slot).max(0) * PROOF_SCALE;
            }
            let slot = slot * PROOF_SCALE;
            let count = passed[officer];
            let on_points =
                |slot: i64| if limits.load_limit.is_some() && self.weight > 0 { slot / self.weight } else { 0 };
            if limits.case_limit == Some(count) {
                let load = count * self.weight;
                let slope = self.last_point_price(limits, load);
                made.point = on_points(slot).min(slope * PROOF_SCALE);
                made.case = slot - made.point * self.weight;
            } else {
                made.point = on_points(slot);
                if limits.case_limit.is_some() {
                    made.case = slot - made.point * self.weight;
                }
            }
            made
        });
        Proof { officers: officers.collect(), handover: 0 }
    }

    /// Balance price of the last point of a load.
    fn last_point_price(&self, limits: &Limits, load: i64) -> i64 {
        match self.measure {
            Measure::Price => limits.balance_price(load) - limits.balance_price((load - 1).max(0)),
            Measure::Children => 0,
        }
    }
}

/// A unit and what it costs more elsewhere, in one number that orders by cost, then unit.
#[derive(Clone, Copy, Default)]
pub(super) struct Keys {
    unit_bits: u32,
}

impl Keys {
    pub(super) fn new(unit_count: usize) -> Self {
        Self { unit_bits: usize::BITS - unit_count.leading_zeros() }
    }

    /// Differences must be below this, either way.
    fn difference_limit(self) -> i64 {
        1 << (62 - self.unit_bits)
    }

    pub(super) fn key(self, difference: i64, unit: u32) -> u64 {
        #[expect(clippy::cast_sign_loss, reason = "above 0: differences are checked to be below the limit")]
        let above = (difference + self.difference_limit()) as u64;
        (above << self.unit_bits) | u64::from(unit)
    }

    pub(super) fn unit(self, key: u64) -> u32 {
        #[expect(clippy::cast_possible_truncation, reason = "what `key` put there")]
        let unit = (key & ((1 << self.unit_bits) - 1)) as u32;
        unit
    }

    pub(super) fn difference(self, key: u64) -> i64 {
        #[expect(clippy::cast_possible_wrap, reason = "63 bits at most")]
        let above = (key >> self.unit_bits) as i64;
        above - self.difference_limit()
    }
}
