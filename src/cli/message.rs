//! A backlog and rules as the messages that a casework system would send.

use std::time::Duration;

use jiff::civil::Date;

use crate::model::{
    Absence, AddOn, Amount, Backlog, Case, Code, Event, Obligation, Officer, Pair, Reduction, ReductionCode, Rules,
    Supervisor,
};
use crate::rpc::{proto, stay_extension};

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

/// Every field of the rules, whatever preset they came from.
pub(super) fn rules(rules: &Rules) -> proto::Rules {
    // The pattern names every field, so that a new one cannot be forgotten here.
    let Rules {
        version,
        // The message has none: whoever sends rules wants them now.
        effective_from: _,
        area_rank_price,
        setting_price,
        handover_price,
        handover_price_per_point,
        handover_points,
        group_apart_price,
        waiting_price,
        waiting_price_per_point,
        urgency_price_per_point,
        urgency_days,
        waited_price_per_point_week,
        raise_waiting_prices,
        balance,
        balance_may_move,
        over_cap_price_per_point,
        handover_limit,
        second_person_above_handovers,
        release_to_holding,
        default_max_case_count,
        check_by_days,
        longest_stay_days,
        same_child_apart_price,
        full_time_capacity_points,
        catalogue,
    } = rules;
    proto::Rules {
        preset: String::new(),
        version: version.clone(),
        area_rank_price: Some(*area_rank_price),
        setting_price: Some(*setting_price),
        handover_price: Some(*handover_price),
        handover_price_per_point: Some(*handover_price_per_point),
        handover_points: Some(*handover_points),
        group_apart_price: Some(*group_apart_price),
        waiting_price: Some(*waiting_price),
        waiting_price_per_point: Some(*waiting_price_per_point),
        urgency_price_per_point: Some(*urgency_price_per_point),
        urgency_days: Some(*urgency_days),
        waited_price_per_point_week: Some(*waited_price_per_point_week),
        raise_waiting_prices: Some(*raise_waiting_prices),
        balance: balance.iter().map(|step| proto::BalanceStep { percent: step.percent, slope: step.slope }).collect(),
        no_balance: balance.is_empty(),
        balance_may_move: Some(*balance_may_move),
        over_cap_price_per_point: Some(*over_cap_price_per_point),
        handover_limit: *handover_limit,
        release_to_holding: Some(*release_to_holding),
        default_max_case_count: Some(*default_max_case_count),
        check_by_days: Some(*check_by_days),
        longest_stay_days: Some(*longest_stay_days),
        second_person_above_handovers: *second_person_above_handovers,
        same_child_apart_price: Some(*same_child_apart_price),
        full_time_capacity_points: Some(*full_time_capacity_points),
        catalogue: catalogue.clone(),
    }
}

pub(super) fn case(case: &Case) -> proto::Case {
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
        kind: text(case.kind.as_ref()),
        stage: text(case.stage.as_ref()),
        events: case.events.iter().map(event).collect(),
        add_ons: case.add_ons.iter().map(add_on).collect(),
        obligations: case.obligations.iter().map(obligation).collect(),
        stay_extension: case.stay_extension.as_deref().map(stay_extension),
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
        fte_percent: small(officer.fte_percent),
        reductions: officer.reductions.iter().map(reduction).collect(),
        absences: officer.absences.iter().copied().map(absence).collect(),
    }
}

fn event(event: &Event) -> proto::Event {
    proto::Event { code: event.code.to_string(), date: event.date.to_string() }
}

fn add_on(add_on: &AddOn) -> proto::AddOn {
    proto::AddOn { code: add_on.code.to_string(), since_date: date(add_on.since) }
}

fn obligation(obligation: &Obligation) -> proto::Obligation {
    let exemption = obligation.exemption.as_ref();
    proto::Obligation {
        code: obligation.code.to_string(),
        due_date: date(obligation.due_date),
        exemption_code: text(exemption.map(|exemption| &exemption.code)),
        exempted_by: text(exemption.map(|exemption| &exemption.by)),
    }
}

fn reduction(reduction: &Reduction) -> proto::Reduction {
    let code = match reduction.code {
        ReductionCode::NewlyQualified => proto::ReductionCode::NewlyQualified,
        ReductionCode::NewStarter => proto::ReductionCode::NewStarter,
        ReductionCode::Duties => proto::ReductionCode::Duties,
    };
    let amount = match reduction.amount {
        Amount::Percent(percent) => proto::reduction::Amount::Percent(narrow(percent)),
        Amount::Points(points) => proto::reduction::Amount::Points(narrow(points)),
    };
    proto::Reduction {
        code: code.into(),
        from_date: date(reduction.from),
        until_date: date(reduction.until),
        amount: Some(amount),
    }
}

fn absence(absence: Absence) -> proto::Absence {
    proto::Absence { from_date: absence.from.to_string(), until_date: absence.until.to_string() }
}

fn supervisor(supervisor: &Supervisor) -> proto::Supervisor {
    proto::Supervisor {
        supervisor_id: supervisor.id.to_string(),
        areas: texts(&supervisor.areas),
        max_holding_count: small(supervisor.max_holding_count),
    }
}

pub(super) fn pair(pair: &Pair) -> proto::Pair {
    proto::Pair {
        case_id: pair.case_id.to_string(),
        officer_id: pair.officer_id.to_string(),
        cost: pair.cost,
        weight_points: small(pair.weight_points),
    }
}

fn small(number: Option<i64>) -> Option<i32> {
    number.map(narrow)
}

fn narrow(number: i64) -> i32 {
    i32::try_from(number).expect("points and counts are at most 1,000,000,000")
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
