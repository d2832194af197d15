//! The inverse of staffing: the lowest cap of cases, or of points, that the present team can meet.
//!
//! The covering model with the cap as its one variable gives a bound, recomputed from its prices: below it somebody has no officer within the
//! cap, however cases are given out. From there on caps are tried by giving everything out, further and further up, then by halves
//! between the last that failed and the first that went. A cap that failed by a price bound of its own is proved to be too low, too.

use jiff::civil::Date;

use super::{
    Given,
    refused::Unanswerable,
    room::{Allowances, Caps, Counted, PAIRS_MAX, Rooms},
    staffing::{
        OutOfReach,
        pack::{self, Packing},
        propose_within_reach, proved,
    },
};
use crate::{
    model::{Allocation, CAPACITY_POINTS_MAX, COUNT_MAX, OfficerIndex, UnitIndex},
    solve::{Budget, HUNDREDTHS, Holder, Options, Progress, Room},
};

/// Most searches, and most steps of each: one that packs what hardly fits would never end.
const SEARCHES_MAX: usize = 40;
const SEARCH_STEPS: u64 = 150;

/// What is capped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CapKind {
    /// The number of cases.
    Cases,
    /// Their points.
    Points,
}

impl CapKind {
    /// The code used in files: `cases`.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Cases => "cases",
            Self::Points => "points",
        }
    }
}

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LowestCapOptions {
    /// Which cap, of a full-time officer; of one with fewer hours in proportion.
    pub of: CapKind,
    /// The officers' caps of the other kind count, too.
    pub with_other_cap: bool,
    /// What of room is not there on average; they count for all.
    pub allowances: Allowances,
    /// In the week in which all cases together have most points, not over the year.
    pub in_peak_week: bool,
}

/// The answer.
#[derive(Clone, Debug, PartialEq)]
pub struct LowestCap {
    /// The day of the backlog.
    pub as_at: Date,
    /// Version of the rules.
    pub rules_version: String,
    /// Seed of the searches.
    pub seed: u64,
    /// What was asked.
    pub of: CapKind,
    /// The other caps counted.
    pub with_other_cap: bool,
    /// The week that was looked at; `None` = what cases weigh over the year.
    pub peak_week: Option<Date>,
    /// The lowest cap found; `None` = none, see `unfinished`.
    pub cap: Option<i64>,
    /// Under any lower cap somebody has no officer within it: proved by prices, in whole numbers.
    pub at_least: i64,
    /// Cases for which the present team has nobody, or no room whatever this cap is; they are left out.
    pub out_of_reach: Vec<OutOfReach>,
    /// The allocation under the cap found.
    pub allocation: Option<Allocation>,
    /// Why there is none.
    pub unfinished: Option<String>,
    /// Searches that were made.
    pub search_count: i64,
}

impl LowestCap {
    /// Cases out of reach, all together.
    #[must_use]
    pub fn out_of_reach_count(&self) -> i64 {
        self.out_of_reach.iter().map(|entry| entry.cases.case_count).sum()
    }
}

/// Finds it. Each search has the budget's steps, all together its time.
///
/// # Errors
/// [`Unanswerable`].
pub fn lowest_cap(
    given: &Given,
    wanted: &LowestCapOptions,
    options: &Options,
    budget: &Budget,
    progress: &mut dyn FnMut(Progress),
) -> Result<LowestCap, Unanswerable> {
    let mut faults = Vec::new();
    wanted.allowances.faults(&mut faults);
    if !faults.is_empty() {
        return Err(Unanswerable::Invalid(faults));
    }
    let counted = match wanted.of {
        CapKind::Cases => Counted::OnlyPoints { do_count: wanted.with_other_cap },
        CapKind::Points => Counted::OnlyCases { do_count: wanted.with_other_cap },
    };
    let for_all = Allowances { for_all: true, ..wanted.allowances };
    let mut rooms = Rooms::new(given, &[], counted, for_all, wanted.in_peak_week)?;
    let mut crowded = Vec::new();
    let (cover, proposed) = propose_within_reach(
        &mut rooms,
        |rooms| rooms.cover_of(vec![1], |officer| holder(rooms, wanted, officer)),
        &mut crowded,
        budget,
    );
    let mut at_least = proposed.as_ref().map_or(0, |found| proved(&cover, &found.prices)).max(for_one(&rooms, wanted));
    let mut left_out = vec![false; rooms.problem.instance().units().len()];
    for &unit in rooms.nobody.iter().chain(&crowded) {
        left_out[unit.get()] = true;
    }
    let within = Budget {
        step_limit: Some(budget.step_limit.map_or(SEARCH_STEPS, |limit| limit.min(SEARCH_STEPS))),
        ..budget.clone()
    };
    let mut unfinished = None;
    let mut found: Option<(i64, pack::Packed)> = None;
    let (mut failed, mut step, mut search_count) = (at_least - 1, 0, 0);
    let highest = match wanted.of {
        CapKind::Cases => COUNT_MAX,
        CapKind::Points => CAPACITY_POINTS_MAX,
    };
    let mut next = at_least.max(proposed.as_ref().and_then(|found| found.claimed).unwrap_or(0)).max(1);
    let spread = proposed.map_or_else(Vec::new, |found| found.spread);
    if rooms.pair_count(&[]) > PAIRS_MAX {
        unfinished = Some(format!(
            "an allocation would look at more than {PAIRS_MAX} pairs of a case and an officer; ask about one area at a time"
        ));
    }
    while unfinished.is_none() && found.as_ref().is_none_or(|(cap, _)| cap - failed > 1) {
        if budget.is_stopped() || search_count >= SEARCHES_MAX || failed >= highest {
            unfinished = found.is_none().then(|| not_found(&rooms, &crowded));
            break;
        }
        search_count += 1;
        let caps = caps_at(&rooms, wanted, next);
        let packing = Packing { rooms: &rooms, hires: &[], caps: &caps, left_out: &left_out, spread: &spread };
        let packed = pack::pack(packing, options, &within, progress)?;
        if packed.waiting.is_empty() {
            found = Some((next, packed));
        } else {
            if packed.waiting_at_least > 0 {
                at_least = at_least.max(next + 1);
            }
            failed = next;
        }
        next = match &found {
            Some((cap, _)) => failed + (cap - failed) / 2,
            None => {
                step = if step == 0 { 1 } else { step * 2 };
                (failed + step).min(highest)
            }
        };
    }
    let allocation = match &found {
        Some((cap, packed)) => {
            let caps = caps_at(&rooms, wanted, *cap);
            let packing = Packing { rooms: &rooms, hires: &[], caps: &caps, left_out: &left_out, spread: &spread };
            Some(pack::put_to_the_test(packing, &[], packed, options)?.allocation)
        }
        None => None,
    };
    Ok(LowestCap {
        as_at: given.backlog.as_at,
        rules_version: given.rules.version.clone(),
        seed: options.seed,
        of: wanted.of,
        with_other_cap: wanted.with_other_cap,
        peak_week: rooms.peak_week,
        cap: found.map(|(cap, _)| cap),
        at_least,
        out_of_reach: OutOfReach::of(&rooms, &crowded),
        allocation,
        unfinished,
        search_count: search_count as i64,
    })
}

fn not_found(rooms: &Rooms, crowded: &[UnitIndex]) -> String {
    let count = rooms.groups(crowded).iter().map(|group| group.case_count).sum::<i64>();
    if count == 0 {
        return "none was found within the search: allow it more time, or more steps".to_owned();
    }
    format!(
        "{count} cases have no room under the caps of the other kind, whatever this cap is, and the others fill these so tightly that none was found"
    )
}

/// An officer has no capacity, whatever the cap is.
fn has_none(rooms: &Rooms, officer: OfficerIndex) -> bool {
    let caps = rooms.caps[officer.get()];
    caps.points == Some(0) || caps.cases == Some(0)
}

/// The room of an officer in the covering model: what one more of the cap adds is rounded up, which keeps the bound on the safe side.
fn holder(rooms: &Rooms, wanted: &LowestCapOptions, officer: OfficerIndex) -> Holder {
    let (left, pinned) = (rooms.left(officer), rooms.pinned[officer.get()]);
    let fixed = |room: i64| Room { fixed: room.max(0), more_hundredths: 0 };
    if has_none(rooms, officer) {
        return Holder { points: Some(fixed(0)), cases: Some(fixed(0)), variable: None };
    }
    let Allowances { leave_percent, vacancy_percent, .. } = wanted.allowances;
    let share = rooms.shares[officer.get()] * (100 - leave_percent) * (100 - vacancy_percent);
    let more_hundredths = (share * HUNDREDTHS + 999_999) / 1_000_000;
    let with_cap = |pinned: i64| Some(Room { fixed: -pinned, more_hundredths });
    match wanted.of {
        CapKind::Cases => Holder { points: left.points.map(fixed), cases: with_cap(pinned.cases), variable: Some(0) },
        CapKind::Points => Holder { points: with_cap(pinned.points), cases: left.cases.map(fixed), variable: Some(0) },
    }
}

/// What a cap leaves an officer.
fn room_at(rooms: &Rooms, wanted: &LowestCapOptions, officer: OfficerIndex, cap: i64) -> i64 {
    wanted.allowances.left_of(cap * rooms.shares[officer.get()] / 100)
}

fn caps_at(rooms: &Rooms, wanted: &LowestCapOptions, cap: i64) -> Vec<Caps> {
    let of = |(position, caps): (usize, &Caps)| {
        let officer = OfficerIndex::new(position);
        if has_none(rooms, officer) {
            return *caps;
        }
        let room = Some(room_at(rooms, wanted, officer, cap));
        match wanted.of {
            CapKind::Cases => Caps { cases: room, ..*caps },
            CapKind::Points => Caps { points: room, ..*caps },
        }
    };
    rooms.caps.iter().enumerate().map(of).collect()
}

/// The lowest cap under which every unit fits with somebody who holds nothing else, and every officer can hold what is pinned to them.
fn for_one(rooms: &Rooms, wanted: &LowestCapOptions) -> i64 {
    let cap_for = |officer: OfficerIndex, amount: i64| {
        // More than room / share, and not much more.
        let Allowances { leave_percent, vacancy_percent, .. } = wanted.allowances;
        let share = (rooms.shares[officer.get()] * (100 - leave_percent) * (100 - vacancy_percent)).max(1);
        let mut cap = amount * 1_000_000 / share;
        while room_at(rooms, wanted, officer, cap) < amount && cap < COUNT_MAX {
            cap += 1;
        }
        cap
    };
    let amount = |points: i64, cases: i64| match wanted.of {
        CapKind::Cases => cases,
        CapKind::Points => points,
    };
    let of_unit = rooms.alike.iter().filter_map(|alike| {
        let options = alike.options.iter().filter(|&&(officer, _)| rooms.shares[officer.get()] > 0);
        options.map(|&(officer, points)| cap_for(officer, amount(points, alike.case_count))).min()
    });
    let pinned = rooms.pinned.iter().enumerate().map(|(position, pinned)| {
        let officer = OfficerIndex::new(position);
        let amount = amount(pinned.points, pinned.cases);
        if has_none(rooms, officer) || rooms.shares[position] == 0 { 0 } else { cap_for(officer, amount) }
    });
    of_unit.chain(pinned).max().unwrap_or(0)
}

#[cfg(test)]
#[expect(clippy::cast_sign_loss, reason = "small numbers, drawn for tests")]
mod tests;
