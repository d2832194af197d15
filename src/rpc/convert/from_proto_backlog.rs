//! The backlog's messages.

use jiff::civil::Date;

use super::field::{At, Found, optional};
use crate::{
    model::{Backlog, Case, CaseId, ChildId, Code, GroupId, Officer, OfficerId, Pair, Part, Supervisor, SupervisorId},
    rpc::proto,
};

/// Stands in for a day that could not be read: no backlog with it is ever solved.
const UNREADABLE_DAY: Date = Date::constant(1970, 1, 1);

pub(super) fn backlog(message: proto::Backlog, found: &mut Found) -> Backlog {
    let proto::Backlog { as_at_date, cases, officers, supervisors, pairs } = message;
    let at = At { part: Part::Backlog, position: None };
    if as_at_date.is_empty() {
        found.violation(at, "as_at", "", "is missing; give the day the allocation is made for, as an ISO date");
    }
    let as_at = found.date(at, "as_at", &as_at_date);
    let cases = entries(cases, Part::Cases, |at, message| case(at, message, found));
    let mut officers = entries(officers, Part::Officers, |at, message| officer(at, message, found));
    if as_at.is_none() {
        // Whether an officer is in service then is not known; complaints about that would be about nothing.
        for officer in &mut officers {
            (officer.available_from, officer.available_until) = (None, None);
        }
    }
    Backlog {
        as_at: as_at.unwrap_or(UNREADABLE_DAY),
        cases,
        officers,
        supervisors: supervisors.into_iter().map(supervisor).collect(),
        // Without any, eligibility is derived.
        pairs: if pairs.is_empty() { None } else { Some(pairs.into_iter().map(pair).collect()) },
    }
}

/// Cases outside a backlog.
pub(super) fn new_cases(messages: Vec<proto::Case>, found: &mut Found) -> Vec<Case> {
    entries(messages, Part::Cases, |at, message| case(at, message, found))
}

fn entries<M, T>(messages: Vec<M>, part: Part, mut convert: impl FnMut(At, M) -> T) -> Vec<T> {
    let one = |(position, message)| convert(At { part, position: Some(position) }, message);
    messages.into_iter().enumerate().map(one).collect()
}

fn case(at: At, message: proto::Case, found: &mut Found) -> Case {
    // The pattern names every field, so that a new one cannot be forgotten here.
    let proto::Case {
        case_id,
        child_id,
        weight_points,
        holding_price,
        area,
        setting_code,
        skills,
        current_officer_id,
        required_officer_id,
        pinned,
        group_id,
        due_date,
        waiting_since_date,
        barred_officer_ids,
    } = message;
    Case {
        id: CaseId::new(case_id),
        child_id: optional(child_id, ChildId::new),
        weight_points: weight_points.map(i64::from),
        holding_price,
        area: optional(area, Code::new),
        setting_code: optional(setting_code, Code::new),
        skills: all(skills, Code::new),
        current_officer_id: optional(current_officer_id, OfficerId::new),
        // Known from the team's current assignment only.
        held_since: None,
        required_officer_id: optional(required_officer_id, OfficerId::new),
        pinned,
        group_id: optional(group_id, GroupId::new),
        due_date: found.date(at, "due_date", &due_date),
        waiting_since: found.date(at, "waiting_since", &waiting_since_date),
        barred_officer_ids: all(barred_officer_ids, OfficerId::new),
    }
}

fn officer(at: At, message: proto::Officer, found: &mut Found) -> Officer {
    let proto::Officer {
        officer_id,
        capacity_points,
        max_case_count,
        intake_limit,
        areas,
        setting_codes,
        skills,
        supervisor_id,
        available_from_date,
        available_until_date,
    } = message;
    Officer {
        id: OfficerId::new(officer_id),
        capacity_points: capacity_points.map(i64::from),
        max_case_count: max_case_count.map(i64::from),
        intake_limit: intake_limit.map(i64::from),
        areas: all(areas, Code::new),
        setting_codes: all(setting_codes, Code::new),
        skills: all(skills, Code::new),
        supervisor_id: optional(supervisor_id, SupervisorId::new),
        available_from: found.date(at, "available_from", &available_from_date),
        available_until: found.date(at, "available_until", &available_until_date),
    }
}

fn supervisor(message: proto::Supervisor) -> Supervisor {
    let proto::Supervisor { supervisor_id, areas, max_holding_count } = message;
    Supervisor {
        id: SupervisorId::new(supervisor_id),
        areas: all(areas, Code::new),
        max_holding_count: max_holding_count.map(i64::from),
    }
}

pub(super) fn pair(message: proto::Pair) -> Pair {
    let proto::Pair { case_id, officer_id, cost, weight_points } = message;
    Pair {
        case_id: CaseId::new(case_id),
        officer_id: OfficerId::new(officer_id),
        cost,
        weight_points: weight_points.map(i64::from),
    }
}

fn all<T>(texts: Vec<String>, wrap: impl Fn(String) -> T) -> Vec<T> {
    texts.into_iter().map(wrap).collect()
}
