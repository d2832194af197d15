//! Why it does not fit: the cases whose eligible officers together lack the room for them.
//!
//! A network for points, and one for cases: from a source to each class of cases that are alike (what they need), on to the officers who may hold
//! them, on to a sink (the room within the cap). Where not all of it flows, the cases that the source still reaches are the over-subscribed
//! set: whatever could hold any of them is full (max flow, min cut: Ford and Fulkerson; as a condition on sets: Hall). Of all sets it lacks most, and of
//! those that do it is the smallest. Sets that share no officer are told apart.
//!
//! A set is its own proof, and is checked by a pass that knows nothing of the flow: everyone who may hold one of its cases is among its officers,
//! and its need is above their room.

mod flow;
#[cfg(test)]
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small numbers, drawn for tests")]
mod tests;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use jiff::civil::Date;

use self::flow::Network;
use super::{
    Given,
    lowest_cap::CapKind,
    refused::{BadEntry, Unanswerable},
    room::{Alike, Allowances, CaseGroup, Counted, Rooms, TargetCaps},
};
use crate::{
    model::{COUNT_MAX, ChildId, OfficerId, OfficerIndex, UnitIndex},
    solve::FaultyAnswer,
};

/// What is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ShortageOptions {
    /// Caps to be kept.
    pub caps: TargetCaps,
    /// What of room is not there on average; they count for all.
    pub allowances: Allowances,
    /// In the week in which all cases together have most points, not over the year.
    pub in_peak_week: bool,
}

/// Cases whose eligible officers together lack the room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shortage {
    /// Of points or of cases.
    pub of: CapKind,
    /// The cases, by area and skills.
    pub groups: Vec<CaseGroup>,
    /// How many.
    pub case_count: i64,
    /// What they need at least, in points or cases.
    pub need: i64,
    /// Everyone who may hold any of them, by id.
    pub officer_ids: Vec<OfficerId>,
    /// The room of these officers beside what is pinned to them, in points or cases.
    pub room: i64,
    /// However cases are given out, at least so many of these children have no officer within the caps.
    pub children_without_officer_at_least: i64,
}

impl Shortage {
    /// What is missing, in points or cases.
    #[must_use]
    pub fn lacking(&self) -> i64 {
        self.need - self.room
    }
}

/// The answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shortages {
    /// The day of the backlog.
    pub as_at: Date,
    /// Version of the rules.
    pub rules_version: String,
    /// The week that was looked at; `None` = what cases weigh over the year.
    pub peak_week: Option<Date>,
    /// Cases, and officers.
    pub case_count: i64,
    /// Officers.
    pub officer_count: i64,
    /// Over-subscribed sets, those of points first, then what lacks most.
    pub sets: Vec<Shortage>,
    /// Cases that nobody may hold within the caps, whatever else they hold.
    pub nobody: Vec<CaseGroup>,
}

/// Finds the over-subscribed sets. O(cases + officers + options x paths).
///
/// # Errors
/// [`Unanswerable`].
pub fn shortages(given: &Given, wanted: &ShortageOptions) -> Result<Shortages, Unanswerable> {
    let mut faults = Vec::new();
    wanted.allowances.faults(&mut faults);
    if let Some(most) = wanted.caps.max_case_count {
        BadEntry::unless_within(&mut faults, "max_case_count", most, 1..=COUNT_MAX);
    }
    if !faults.is_empty() {
        return Err(Unanswerable::Invalid(faults));
    }
    let for_all = Allowances { for_all: true, ..wanted.allowances };
    let rooms = Rooms::new(given, &[], Counted::Both(wanted.caps), for_all, wanted.in_peak_week)?;
    let mut sets = Vec::new();
    for of in [CapKind::Points, CapKind::Cases] {
        let mut found: Vec<Shortage> =
            over_subscribed(&rooms, of).iter().map(|set| shortage(&rooms, of, set)).collect();
        found.sort_by_key(|set| (std::cmp::Reverse(set.lacking()), set.officer_ids.clone()));
        sets.extend(found);
    }
    if let Some(set) = sets.iter().find(|set| set.lacking() <= 0) {
        let fault = format!("a set of {} cases is told as over-subscribed, but has room", set.case_count);
        return Err(FaultyAnswer { faults: vec![fault] }.into());
    }
    let backlog = rooms.problem.backlog();
    Ok(Shortages {
        as_at: given.backlog.as_at,
        rules_version: given.rules.version.clone(),
        peak_week: rooms.peak_week,
        case_count: backlog.cases.len() as i64,
        officer_count: backlog.officers.len() as i64,
        sets,
        nobody: rooms.groups(&rooms.nobody),
    })
}

/// What a unit needs at least, whoever of the eligible holds it.
fn least_need(alike: &Alike, of: CapKind) -> i64 {
    match of {
        CapKind::Points => alike.options.iter().map(|&(_, points)| points).min().unwrap_or(0),
        CapKind::Cases => alike.case_count,
    }
}

/// Room of an officer; `None` = no cap of this kind.
fn room(rooms: &Rooms, officer: OfficerIndex, of: CapKind) -> Option<i64> {
    let left = rooms.left(officer);
    let room = match of {
        CapKind::Points => left.points,
        CapKind::Cases => left.cases,
    };
    room.map(|room| room.max(0))
}

/// Classes of the over-subscribed sets, a list each: those that share an officer are in one.
fn over_subscribed(rooms: &Rooms, of: CapKind) -> Vec<Vec<usize>> {
    let (classes, officers) = (rooms.alike.len(), rooms.caps.len());
    let (source, sink) = (classes + officers, classes + officers + 1);
    let mut network = Network::new(classes + officers + 2);
    for (class, alike) in rooms.alike.iter().enumerate() {
        network.add(source, class, least_need(alike, of) * alike.units.len() as i64);
        for &(officer, _) in &alike.options {
            network.add(class, classes + officer.get(), i64::MAX);
        }
    }
    for officer in 0..officers {
        network.add(classes + officer, sink, room(rooms, OfficerIndex::new(officer), of).unwrap_or(i64::MAX));
    }
    network.fill(source, sink);
    let reached = network.reached(source);
    let short: Vec<usize> = (0..classes).filter(|&class| reached[class]).collect();
    together(rooms, &short)
}

/// Classes in lists: those that share an officer, at one remove or more, are in one.
fn together(rooms: &Rooms, classes: &[usize]) -> Vec<Vec<usize>> {
    let mut list_of: HashMap<OfficerIndex, usize> = HashMap::new();
    let mut lists: Vec<Vec<usize>> = Vec::new();
    for &class in classes {
        let officers: Vec<OfficerIndex> = rooms.alike[class].options.iter().map(|&(officer, _)| officer).collect();
        let met: BTreeSet<usize> = officers.iter().filter_map(|officer| list_of.get(officer).copied()).collect();
        let into = met.first().copied().unwrap_or_else(|| {
            lists.push(Vec::new());
            lists.len() - 1
        });
        lists[into].push(class);
        for other in met.into_iter().skip(1) {
            let moved = std::mem::take(&mut lists[other]);
            lists[into].extend(moved);
            list_of.values_mut().filter(|list| **list == other).for_each(|list| *list = into);
        }
        list_of.extend(officers.into_iter().map(|officer| (officer, into)));
    }
    lists.retain(|list| !list.is_empty());
    lists
}

/// Need and room of a set, counted from its cases alone. An officer without a cap has room for all of it.
fn shortage(rooms: &Rooms, of: CapKind, classes: &[usize]) -> Shortage {
    let alike = || classes.iter().map(|&class| &rooms.alike[class]);
    let units: Vec<UnitIndex> = alike().flat_map(|alike| alike.units.iter().copied()).collect();
    let officers: BTreeSet<OfficerIndex> =
        alike().flat_map(|alike| alike.options.iter().map(|&(officer, _)| officer)).collect();
    let need = alike().map(|alike| least_need(alike, of) * alike.units.len() as i64).sum();
    let room = officers.iter().map(|&officer| room(rooms, officer, of).unwrap_or(need)).sum();
    let case_count = alike().map(|alike| alike.case_count * alike.units.len() as i64).sum();
    let ids = officers.iter().map(|officer| rooms.problem.backlog().officers[officer.get()].id.clone());
    Shortage {
        of,
        groups: rooms.groups(&units),
        case_count,
        need,
        officer_ids: ids.collect(),
        room,
        children_without_officer_at_least: children_at_least(rooms, of, classes, room),
    }
}

/// The most units that could fit are the lightest; the others wait, and the fewest children that these can be about are those with most of them.
fn children_at_least(rooms: &Rooms, of: CapKind, classes: &[usize], room: i64) -> i64 {
    let mut by_need: BTreeMap<i64, i64> = BTreeMap::new();
    let mut unit_count = 0;
    for alike in classes.iter().map(|&class| &rooms.alike[class]) {
        *by_need.entry(least_need(alike, of)).or_default() += alike.units.len() as i64;
        unit_count += alike.units.len() as i64;
    }
    let mut left = room;
    for (need, count) in by_need {
        let fit = if need == 0 { count } else { count.min(left / need) };
        unit_count -= fit;
        left -= fit * need;
    }
    let units = classes.iter().flat_map(|&class| &rooms.alike[class].units);
    let mut units_of: HashMap<&ChildId, i64> = HashMap::new();
    let mut of_one = Vec::new();
    for &unit in units {
        let cases = rooms.problem.cases_of(unit).iter().map(|case| &rooms.problem.backlog().cases[case.get()]);
        // A unit that waits leaves all of its children without an officer: one of them is counted.
        let children: HashSet<&ChildId> = cases.filter_map(|case| case.child_id.as_ref()).collect();
        match children.into_iter().min_by(|a, b| a.as_str().cmp(b.as_str())) {
            Some(child) => *units_of.entry(child).or_default() += 1,
            None => of_one.push(1),
        }
    }
    of_one.extend(units_of.into_values());
    of_one.sort_unstable_by(|a, b| b.cmp(a));
    let mut waiting = unit_count;
    of_one
        .into_iter()
        .take_while(|of_child| {
            let is_needed = waiting > 0;
            waiting -= of_child;
            is_needed
        })
        .count() as i64
}
