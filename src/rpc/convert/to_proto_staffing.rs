//! Answers about staffing to their messages.

use crate::{
    app::{
        CapKind, CaseGroup, HireWorth, Hires, LowestCap, Missed, OutOfReach, OutOfReachReason, Shortage, Shortages,
        StaffingAnswer, StaffingPlan, WhyNothing, Worth, WorthFigures,
    },
    model::{Code, OfficerId},
    rpc::proto::{self, plan_staffing_response::Answer},
};

pub(in crate::rpc) fn answer(found: &StaffingAnswer) -> proto::PlanStaffingResponse {
    let answer = match found {
        StaffingAnswer::Hires(plan) => Answer::Hires(hires(plan)),
        StaffingAnswer::LowestCap(found) => Answer::LowestCap(lowest_cap(found)),
        StaffingAnswer::Worth(found) => Answer::HireWorth(worths(found)),
        StaffingAnswer::Shortage(found) => Answer::Shortage(shortages(found)),
    };
    proto::PlanStaffingResponse { answer: Some(answer) }
}

fn hires(plan: &StaffingPlan) -> proto::HiresPlan {
    let of_profile = |hires: &Hires| proto::ProfileHires {
        profile_code: hires.profile_code.to_string(),
        hire_count: hires.count,
        cost: hires.cost,
        capacity_points: hires.capacity_points,
        max_case_count: hires.max_case_count,
        case_count: hires.case_count,
        points: hires.points,
    };
    let held = plan.allocation.iter().flat_map(|allocation| &allocation.held);
    proto::HiresPlan {
        as_at_date: plan.as_at.to_string(),
        rules_version: plan.rules_version.clone(),
        seed: seed(plan.seed),
        peak_week_date: text(plan.peak_week.as_ref()),
        case_count: plan.case_count,
        child_count: plan.child_count,
        present_officer_count: plan.present_officer_count,
        hires: plan.hires.iter().map(of_profile).collect(),
        hire_count: plan.hire_count,
        hire_count_at_least: plan.hire_count_at_least,
        cost: plan.cost,
        cost_at_least: plan.cost_at_least.value(),
        cost_at_least_proved: plan.cost_proved,
        out_of_reach: plan.out_of_reach.iter().map(out_of_reach).collect(),
        unfinished: plan.unfinished.clone().unwrap_or_default(),
        changed_case_count: plan.handover_count,
        cases: held
            .map(|held| proto::StaffedCase {
                case_id: held.case_id.to_string(),
                officer_id: held.officer_id.to_string(),
            })
            .collect(),
        missed_deadlines: plan.missed.as_ref().map(missed),
        notes: plan.notes.clone(),
    }
}

fn lowest_cap(found: &LowestCap) -> proto::LowestCap {
    proto::LowestCap {
        as_at_date: found.as_at.to_string(),
        rules_version: found.rules_version.clone(),
        seed: seed(found.seed),
        peak_week_date: text(found.peak_week.as_ref()),
        kind: kind(found.of).into(),
        cap: found.cap,
        cap_at_least: found.at_least,
        out_of_reach: found.out_of_reach.iter().map(out_of_reach).collect(),
        unfinished: found.unfinished.clone().unwrap_or_default(),
    }
}

fn worths(found: &Worth) -> proto::HireWorths {
    let hire = |hire: &HireWorth| proto::HireWorth {
        profile_code: hire.profile_code.to_string(),
        eligible_case_count: hire.eligible_case_count,
        children_gain: hire.children_gain,
        children_gain_at_most: hire.children_gain_at_most,
        figures: Some(figures(&hire.figures)),
        holds_case_count: hire.holds.0,
        objective_gain: hire.gain,
        price_value: hire.price_value,
        why_nothing: hire.why_nothing.map(WhyNothing::sentence).unwrap_or_default().to_owned(),
        missed_deadlines: hire.missed.as_ref().map(missed),
    };
    proto::HireWorths {
        as_at_date: found.as_at.to_string(),
        rules_version: found.rules_version.clone(),
        seed: seed(found.seed),
        baseline: Some(figures(&found.baseline)),
        hires: found.hires.iter().map(hire).collect(),
        notes: found.notes.clone(),
    }
}

fn shortages(found: &Shortages) -> proto::Shortages {
    let set = |set: &Shortage| proto::Shortage {
        kind: kind(set.of).into(),
        groups: set.groups.iter().map(group).collect(),
        case_count: set.case_count,
        need: set.need,
        officer_ids: set.officer_ids.iter().map(OfficerId::to_string).collect(),
        room: set.room,
        children_without_officer_at_least_count: set.children_without_officer_at_least,
    };
    proto::Shortages {
        as_at_date: found.as_at.to_string(),
        rules_version: found.rules_version.clone(),
        peak_week_date: text(found.peak_week.as_ref()),
        sets: found.sets.iter().map(set).collect(),
        nobody: found.nobody.iter().map(group).collect(),
    }
}

fn figures(figures: &WorthFigures) -> proto::StaffingFigures {
    proto::StaffingFigures {
        children_without_officer_count: figures.children_without_officer_count,
        over_cap_points: figures.over_cap_points,
        over_cap_case_count: figures.over_cap_case_count,
        objective: figures.objective,
        bound: figures.bound,
    }
}

fn out_of_reach(entry: &OutOfReach) -> proto::OutOfReach {
    let reason = match entry.reason {
        OutOfReachReason::Nobody => proto::OutOfReachReason::Nobody,
        OutOfReachReason::NoRoom => proto::OutOfReachReason::NoRoom,
    };
    proto::OutOfReach { reason: reason.into(), cases: Some(group(&entry.cases)) }
}

fn group(group: &CaseGroup) -> proto::CaseGroup {
    proto::CaseGroup {
        area: text(group.area.as_ref()),
        skills: group.skills.iter().map(Code::to_string).collect(),
        case_count: group.case_count,
        points: group.points,
    }
}

fn missed(missed: &Missed) -> proto::StaffingMissedDeadlines {
    let range = |(fewest_count, most_count)| Some(proto::MissedDeadlinesRange { fewest_count, most_count });
    proto::StaffingMissedDeadlines {
        due_count: missed.due_count,
        week_count: i32::try_from(missed.week_count).expect("at most 52"),
        without_hires: range(missed.as_today),
        with_hires: range(missed.with_hires),
    }
}

fn kind(of: CapKind) -> proto::CapKind {
    match of {
        CapKind::Cases => proto::CapKind::Cases,
        CapKind::Points => proto::CapKind::Points,
    }
}

fn seed(seed: u64) -> i64 {
    i64::try_from(seed).unwrap_or(i64::MAX)
}

fn text<T: ToString>(value: Option<&T>) -> String {
    value.map(ToString::to_string).unwrap_or_default()
}
