//! The backlog's messages.

use jiff::civil::Date;

use super::field::{At, Found, optional};
use crate::{
    model::{
        Absence, AddOn, Amount, Backlog, Case, CaseId, ChildId, Code, Event, Exempted, GroupId, Obligation, Officer,
        OfficerId, Pair, Part, Reduction, ReductionCode, StayExtension, StayReason, Supervisor, SupervisorId,
    },
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
            officer.absences.clear();
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
        kind,
        stage,
        events,
        add_ons,
        obligations,
        stay_extension,
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
        kind: optional(kind, Code::new),
        stage: optional(stage, Code::new),
        events: events.into_iter().filter_map(|message| event(at, message, found)).collect(),
        add_ons: add_ons
            .into_iter()
            .map(|message| AddOn {
                since: found.date(at, "add_ons", &message.since_date),
                code: Code::new(message.code),
            })
            .collect(),
        obligations: obligations.into_iter().map(|message| obligation(at, message, found)).collect(),
        stay_extension: stay_extension.and_then(|message| extension(at, message, found)).map(Box::new),
        derived: None,
    }
}

/// A day that has to be there.
fn required_date(at: At, field: &'static str, text: &str, found: &mut Found) -> Option<Date> {
    if text.is_empty() {
        found.violation(at, field, "", "has an entry without a date; give one, as an ISO date");
    }
    found.date(at, field, text)
}

fn event(at: At, message: proto::Event, found: &mut Found) -> Option<Event> {
    let proto::Event { code, date } = message;
    Some(Event { code: Code::new(code), date: required_date(at, "events", &date, found)? })
}

fn obligation(at: At, message: proto::Obligation, found: &mut Found) -> Obligation {
    let proto::Obligation { code, due_date, exemption_code, exempted_by } = message;
    if exemption_code.is_empty() != exempted_by.is_empty() {
        let message =
            "has an exemption without who applied it, or the reverse; give exemption_code and exempted_by, or neither";
        found.violation(at, "obligations", "", message);
    }
    Obligation {
        code: Code::new(code),
        due_date: found.date(at, "obligations", &due_date),
        exemption: optional(exemption_code, |code| Exempted { code: Code::new(code), by: Code::new(exempted_by) }),
    }
}

fn extension(at: At, message: proto::StayExtension, found: &mut Found) -> Option<StayExtension> {
    let proto::StayExtension { until_date, reason, by } = message;
    let until = required_date(at, "stay_extension", &until_date, found);
    let known = match proto::StayReason::try_from(reason) {
        Ok(proto::StayReason::OfficerExpected) => Some(StayReason::OfficerExpected),
        Ok(proto::StayReason::ClosesSoon) => Some(StayReason::ClosesSoon),
        Ok(proto::StayReason::FamilyAsked) => Some(StayReason::FamilyAsked),
        Ok(proto::StayReason::LessUrgent) => Some(StayReason::LessUrgent),
        Ok(proto::StayReason::Unspecified) | Err(_) => None,
    };
    if known.is_none() {
        found.violation(at, "stay_extension", &reason.to_string(), "has no known reason; give a StayReason");
    }
    Some(StayExtension { until: until?, reason: known?, by: Code::new(by) })
}

fn reduction(at: At, message: proto::Reduction, found: &mut Found) -> Option<Reduction> {
    let proto::Reduction { code, from_date, until_date, amount } = message;
    let known = match proto::ReductionCode::try_from(code) {
        Ok(proto::ReductionCode::NewlyQualified) => Some(ReductionCode::NewlyQualified),
        Ok(proto::ReductionCode::NewStarter) => Some(ReductionCode::NewStarter),
        Ok(proto::ReductionCode::Duties) => Some(ReductionCode::Duties),
        Ok(proto::ReductionCode::Unspecified) | Err(_) => None,
    };
    if known.is_none() {
        found.violation(at, "reductions", &code.to_string(), "has no known code; give a ReductionCode");
    }
    let amount = match amount {
        Some(proto::reduction::Amount::Percent(percent)) => Some(Amount::Percent(percent.into())),
        Some(proto::reduction::Amount::Points(points)) => Some(Amount::Points(points.into())),
        None => {
            found.violation(at, "reductions", "", "has an entry without an amount; give percent or points");
            None
        }
    };
    let (from, until) = (found.date(at, "reductions", &from_date), found.date(at, "reductions", &until_date));
    Some(Reduction { code: known?, amount: amount?, from, until })
}

fn absence(at: At, message: proto::Absence, found: &mut Found) -> Option<Absence> {
    let proto::Absence { from_date, until_date } = message;
    let from = required_date(at, "absences", &from_date, found);
    let until = required_date(at, "absences", &until_date, found);
    Some(Absence { from: from?, until: until? })
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
        fte_percent,
        reductions,
        absences,
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
        fte_percent: fte_percent.map(i64::from),
        reductions: reductions.into_iter().filter_map(|message| reduction(at, message, found)).collect(),
        absences: absences.into_iter().filter_map(|message| absence(at, message, found)).collect(),
        // Known from the team's current assignment only.
        former_intake: Vec::new(),
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
