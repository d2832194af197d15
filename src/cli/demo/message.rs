//! A backlog as the message that a casework system would send.

use std::time::Duration;

use jiff::civil::Date;

use crate::model::{Backlog, Case, Code, Officer, Pair, Supervisor};
use crate::rpc::proto;

pub(super) fn backlog(backlog: &Backlog) -> proto::Backlog {
    proto::Backlog {
        as_at_date: backlog.as_at.to_string(),
        cases: backlog.cases.iter().map(case).collect(),
        officers: backlog.officers.iter().map(officer).collect(),
        supervisors: backlog.supervisors.iter().map(supervisor).collect(),
        pairs: backlog.pairs.iter().flatten().map(pair).collect(),
    }
}

pub(super) fn duration(duration: Duration) -> prost_types::Duration {
    duration.try_into().expect("a time limit is at most a million seconds")
}

fn case(case: &Case) -> proto::Case {
    proto::Case {
        case_id: case.id.to_string(),
        child_id: text(case.child_id.as_ref()),
        weight_points: small(case.weight_points),
        holding_price: case.holding_price,
        area: text(case.area.as_ref()),
        setting_code: text(case.setting_code.as_ref()),
        skills: texts(&case.skills),
        current_officer_id: text(case.current_officer_id.as_ref()),
        required_officer_id: text(case.required_officer_id.as_ref()),
        pinned: case.pinned,
        group_id: text(case.group_id.as_ref()),
        due_date: date(case.due_date),
        waiting_since_date: date(case.waiting_since),
        barred_officer_ids: case.barred_officer_ids.iter().map(ToString::to_string).collect(),
        // The councils that are generated have no more.
        ..proto::Case::default()
    }
}

fn officer(officer: &Officer) -> proto::Officer {
    proto::Officer {
        officer_id: officer.id.to_string(),
        capacity_points: small(officer.capacity_points),
        max_case_count: small(officer.max_case_count),
        intake_limit: small(officer.intake_limit),
        areas: texts(&officer.areas),
        setting_codes: texts(&officer.setting_codes),
        skills: texts(&officer.skills),
        supervisor_id: text(officer.supervisor_id.as_ref()),
        available_from_date: date(officer.available_from),
        available_until_date: date(officer.available_until),
        ..proto::Officer::default()
    }
}

fn supervisor(supervisor: &Supervisor) -> proto::Supervisor {
    proto::Supervisor {
        supervisor_id: supervisor.id.to_string(),
        areas: texts(&supervisor.areas),
        max_holding_count: small(supervisor.max_holding_count),
    }
}

fn pair(pair: &Pair) -> proto::Pair {
    proto::Pair {
        case_id: pair.case_id.to_string(),
        officer_id: pair.officer_id.to_string(),
        cost: pair.cost,
        weight_points: small(pair.weight_points),
    }
}

fn small(number: Option<i64>) -> Option<i32> {
    number.map(|number| i32::try_from(number).expect("points and counts are at most 1,000,000,000"))
}

fn text<T: ToString>(id: Option<&T>) -> String {
    id.map(ToString::to_string).unwrap_or_default()
}

fn texts(codes: &[Code]) -> Vec<String> {
    codes.iter().map(ToString::to_string).collect()
}

fn date(date: Option<Date>) -> String {
    text(date.as_ref())
}
