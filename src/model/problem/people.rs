//! Sorted lists, resolved references: who holds what today, who is in service, who is pinned to whom.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::{Backlog, OfficerIndex, Service};
use crate::model::{Case, Code, Note, Officer, OfficerId, Rules, capacity_on, days_away};
use jiff::{ToSpan as _, civil::Date};

/// An absence shorter than this stops intake and leaves the caseload.
const SHORT_ABSENCE_DAYS: i64 = 42;

/// The backlog, sorted, with its references resolved. Every reference is known to resolve: `check` came first.
pub(super) struct People {
    pub(super) backlog: Backlog,
    pub(super) service: Vec<Service>,
    /// The officer who holds the case, stays and is not barred; one entry a case.
    pub(super) holders: Vec<Option<OfficerIndex>>,
    /// The only officer who may hold the case; one entry a case.
    pub(super) pins: Vec<Option<OfficerIndex>>,
    pub(super) officer_of_id: HashMap<OfficerId, OfficerIndex>,
}

impl People {
    pub(super) fn new(mut backlog: Backlog, rules: &Rules) -> Self {
        for officer in &mut backlog.officers {
            let by_hours = capacity_on(officer, rules.full_time_capacity_points, backlog.as_at);
            officer.capacity_points = officer.capacity_points.or(by_hours);
        }
        backlog.cases.sort_by(|a, b| a.id.cmp(&b.id));
        backlog.officers.sort_by(|a, b| a.id.cmp(&b.id));
        backlog.supervisors.sort_by(|a, b| a.id.cmp(&b.id));
        let officer_of_id: HashMap<OfficerId, OfficerIndex> = backlog
            .officers
            .iter()
            .enumerate()
            .map(|(position, officer)| (officer.id.clone(), OfficerIndex::new(position)))
            .collect();
        let service: Vec<Service> = backlog.officers.iter().map(|officer| service_on(officer, backlog.as_at)).collect();
        let holders = backlog
            .cases
            .iter()
            .map(|case| {
                let holder = officer_of_id[case.current_officer_id.as_ref()?];
                let stays =
                    service[holder.get()] != Service::Out && !is_barred(case, &backlog.officers[holder.get()].id);
                stays.then_some(holder)
            })
            .collect();
        let pins = backlog.cases.iter().map(|case| pin_of(case).map(|officer_id| officer_of_id[officer_id])).collect();
        Self { backlog, service, holders, pins, officer_of_id }
    }
}

/// Areas with cases that no officer in service covers, by area.
pub(super) fn uncovered_areas(people: &People) -> Vec<Note> {
    let in_service =
        people.backlog.officers.iter().zip(&people.service).filter(|(_, service)| **service == Service::In);
    let officers: Vec<&Officer> = in_service.map(|(officer, _)| officer).collect();
    if people.backlog.pairs.is_some() || officers.iter().any(|officer| officer.areas.is_empty()) {
        return Vec::new();
    }
    let covered: HashSet<&Code> = officers.iter().flat_map(|officer| &officer.areas).collect();
    let mut counts: BTreeMap<&Code, i64> = BTreeMap::new();
    for area in people.backlog.cases.iter().filter_map(|case| case.area.as_ref()) {
        if !covered.contains(area) {
            *counts.entry(area).or_default() += 1;
        }
    }
    counts.into_iter().map(|(area, case_count)| Note::UncoveredArea { area: area.clone(), case_count }).collect()
}

/// The officer whom a pin names, if there is a pin.
pub(super) fn pin_of(case: &Case) -> Option<&OfficerId> {
    case.required_officer_id.as_ref().or(if case.pinned { case.current_officer_id.as_ref() } else { None })
}

/// The case has come into a stage that other officers have: until one of them takes it, it stays where it is.
pub(super) fn is_planned_transfer(case: &Case) -> bool {
    case.derived.as_ref().is_some_and(|derived| derived.planned_transfer)
}

pub(super) fn is_barred(case: &Case, officer_id: &OfficerId) -> bool {
    case.barred_officer_ids.contains(officer_id)
}

/// Whether an officer is in service on a day.
#[must_use]
pub fn service_on(officer: &Officer, as_at: Date) -> Service {
    if officer.available_until.is_some_and(|last| last < as_at) {
        return Service::Out;
    }
    let short_until = as_at.saturating_add(SHORT_ABSENCE_DAYS.days());
    match (officer.available_from.filter(|first| *first > as_at), days_away(&officer.absences, as_at)) {
        (Some(first), _) if first >= short_until => Service::Out,
        (_, Some(days)) if days >= SHORT_ABSENCE_DAYS => Service::Out,
        (None, None) => Service::In,
        _ => Service::ShortAbsence,
    }
}
