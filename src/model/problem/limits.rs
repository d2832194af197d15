//! What each officer may hold at most, and the balance price of holding much.
//!
//! Over a cap today: no decision takes an officer over a cap, but what they keep (or are pinned to) stays. Their limit is
//! then the load of today, new cases are barred, and every point above the true cap costs `over_cap_price_per_point`.

use jiff::ToSpan as _;

use super::{Service, pairs::Finder, people::People, units::Grouping};
use crate::model::{CaseIndex, Note, OfficerIndex, Rules};

/// From `from_points` of load on, every further point costs `slope` (the sum of all steps so far).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BalanceSegment {
    /// Load from which the slope applies, in points.
    pub from_points: i64,
    /// Price per point, >= that of the segment before.
    pub slope: i64,
}

impl BalanceSegment {
    /// Balance price of a load: sum over the segments of slope times the part of the load inside it.
    #[must_use]
    pub fn price(segments: &[Self], load_points: i64) -> i64 {
        let mut price = 0;
        let mut slope = 0;
        for segment in segments {
            price += (segment.slope - slope) * (load_points - segment.from_points).max(0);
            slope = segment.slope;
        }
        price
    }
}

/// The limits of one officer. `None` = no such limit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Points cap as the backlog states it.
    pub capacity_points: Option<i64>,
    /// Case-count cap as the backlog, or the rules' default, states it.
    pub max_case_count: Option<i64>,
    /// Most points in this allocation: the cap, or the load kept today if that is more.
    pub load_limit: Option<i64>,
    /// Most cases in this allocation: the cap, or the count kept today if that is more.
    pub case_limit: Option<i64>,
    /// Most cases new to the officer in this allocation.
    pub intake_limit: Option<i64>,
    /// The convex balance price, by load; empty = none.
    pub balance: Vec<BalanceSegment>,
}

impl Limits {
    /// f_j(load).
    #[must_use]
    pub fn balance_price(&self, load_points: i64) -> i64 {
        BalanceSegment::price(&self.balance, load_points)
    }
}

/// Days over which the intake limit counts.
pub const INTAKE_DAYS: i32 = 7;

pub(super) fn limits(
    people: &People,
    rules: &Rules,
    finder: &Finder<'_>,
    grouping: &Grouping,
    notes: &mut Vec<Note>,
) -> Vec<Limits> {
    let officers = &people.backlog.officers;
    let mut kept = vec![Kept::default(); officers.len()];
    for unit in &grouping.units {
        let Some(officer) = unit.anchor.officer() else { continue };
        let kept = &mut kept[officer.get()];
        for &case in &grouping.unit_cases[unit.case_range()] {
            let pair = finder.case_pair(case, officer);
            kept.load += i64::from(pair.weight_points);
            kept.count += 1;
            kept.pinned_new += i64::from(pair.new_case_count);
        }
    }
    count_recent_intake(people, &mut kept);
    let points_are_cases = rules.handover_points == 0
        && people.backlog.pairs.is_none()
        && people.backlog.cases.iter().all(|case| case.weight_points.unwrap_or(1) == 1);
    let mut assumed_count = 0;
    let limits = officers
        .iter()
        .zip(&kept)
        .zip(&people.service)
        .map(|((officer, kept), service)| {
            let max_case_count = officer.max_case_count.or_else(|| {
                let assumed = officer.capacity_points.is_none();
                assumed_count += i64::from(assumed);
                assumed.then_some(rules.default_max_case_count)
            });
            let is_over = officer.capacity_points.is_some_and(|cap| kept.load > cap)
                || max_case_count.is_some_and(|cap| kept.count > cap);
            let has_none = officer.capacity_points == Some(0);
            let intake_limit = if is_over || has_none || *service != Service::In {
                Some(kept.pinned_new)
            } else {
                officer.intake_limit.map(|limit| (limit - kept.recent).max(0).max(kept.pinned_new))
            };
            let case_limit = max_case_count.map(|cap| cap.max(kept.count));
            // Where every case weighs 1, the case-count cap is a points cap, too, and balance is measured against it.
            let load_limit = officer.capacity_points.map(|cap| cap.max(kept.load)).or(if points_are_cases {
                case_limit
            } else {
                None
            });
            let base = officer.capacity_points.or(if points_are_cases { max_case_count } else { None });
            let balance = base.map_or_else(Vec::new, |base| segments(rules, base, kept.load > base));
            Limits {
                capacity_points: officer.capacity_points,
                max_case_count,
                load_limit,
                case_limit,
                intake_limit,
                balance,
            }
        })
        .collect();
    if assumed_count > 0 {
        notes.push(Note::DefaultCaseCap { max_case_count: rules.default_max_case_count, officer_count: assumed_count });
    }
    limits
}

/// What an officer keeps unless the allocation moves it.
#[derive(Clone, Copy, Default)]
struct Kept {
    load: i64,
    count: i64,
    /// Pinned cases that the officer does not hold today.
    pinned_new: i64,
    /// Cases given within the intake window, still held or not.
    recent: i64,
}

fn count_recent_intake(people: &People, kept: &mut [Kept]) {
    let window_start = people.backlog.as_at.saturating_sub(INTAKE_DAYS.days());
    let in_window = |day: &&jiff::civil::Date| **day > window_start;
    for (kept, officer) in kept.iter_mut().zip(&people.backlog.officers) {
        kept.recent += officer.former_intake.iter().filter(in_window).count() as i64;
    }
    for (position, case) in people.backlog.cases.iter().enumerate() {
        let holder: Option<OfficerIndex> = people.holders[CaseIndex::new(position).get()];
        if let (Some(officer), Some(since)) = (holder, case.held_since)
            && since > window_start
        {
            kept[officer.get()].recent += 1;
        }
    }
}

fn segments(rules: &Rules, cap: i64, is_over: bool) -> Vec<BalanceSegment> {
    let mut steps: Vec<(i64, i64)> = rules.balance.iter().map(|step| (cap * step.percent / 100, step.slope)).collect();
    if is_over {
        steps.push((cap, rules.over_cap_price_per_point));
    }
    steps.retain(|&(_, slope)| slope > 0);
    steps.sort_unstable();
    let mut slope = 0;
    steps
        .into_iter()
        .map(|(from_points, step)| {
            slope += step;
            BalanceSegment { from_points, slope }
        })
        .collect()
}
