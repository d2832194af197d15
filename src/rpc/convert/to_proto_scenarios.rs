//! What would be if to its messages: results of scenarios, of leavers, of handover limits.

use super::{
    to_proto::{change, reason_count},
    to_proto_evidence::{officer_text, reason, termination},
};
use crate::{
    app::{
        Evaluated, HandedOver, HandoverFrontier, HandoverStep, LeaverDrill, LeftBehind, OfficerFigures, ScarceSkill,
        ScenarioAnswer, Verdict,
    },
    model::OfficerId,
    rpc::proto::{self, evaluate_scenarios_response::Outcome},
};

pub(in crate::rpc) fn answer(answer: &ScenarioAnswer, with_changes: bool) -> proto::EvaluateScenariosResponse {
    let (position, result) = answer;
    let outcome = match result {
        Ok(evaluated) => Outcome::Result(evaluated_result(evaluated, with_changes)),
        Err(defect) => Outcome::Failure(defect.to_string()),
    };
    let position = position.map(|position| i32::try_from(position).expect("there are at most 64"));
    proto::EvaluateScenariosResponse { position, outcome: Some(outcome) }
}

fn evaluated_result(evaluated: &Evaluated, with_changes: bool) -> proto::ScenarioResult {
    let Evaluated { name, figures, verdict: found, allocations } = evaluated;
    let spread = figures.spread_percent();
    let changes = allocations.iter().filter(|_| with_changes).flat_map(|allocation| &allocation.changes);
    proto::ScenarioResult {
        name: name.clone(),
        verdict: verdict(*found).into(),
        children_without_officer_count: figures.children_without_officer_count,
        more_children_at_most_count: figures.more_children_at_most_count,
        child_count: figures.child_count,
        case_count: figures.case_count,
        waiting_count: figures.waiting_count,
        waiting_by_reason: figures.waiting_by_reason.iter().map(reason_count).collect(),
        officer_count: figures.officer_count,
        over_cap_officer_count: figures.over_cap_officer_count,
        fullest_percent: spread.map(|(most, _)| most),
        emptiest_percent: spread.map(|(_, least)| least),
        handover_count: figures.handover_count,
        left_behind_count: figures.left_behind_count,
        deadlines_at_risk_count: figures.deadlines_at_risk_count,
        officers: figures.officers.iter().map(officer).collect(),
        objective: figures.objective,
        bound: figures.bound,
        terminations: allocations
            .iter()
            .map(|allocation| termination(allocation.evidence.termination).into())
            .collect(),
        rules_version: allocations.first().map(|allocation| allocation.rules_version.clone()).unwrap_or_default(),
        changes: changes.map(change).collect(),
    }
}

fn officer(officer: &OfficerFigures) -> proto::ScenarioOfficer {
    proto::ScenarioOfficer {
        officer_id: officer.officer_id.to_string(),
        load_points: officer.load_points,
        capacity_points: officer.capacity_points,
        case_count: officer.case_count,
        percent: officer.percent,
        inherited_appeal_count: officer.inherited_appeal_count,
        inherited_overdue_count: officer.inherited_overdue_count,
    }
}

fn verdict(verdict: Verdict) -> proto::ScenarioVerdict {
    match verdict {
        Verdict::Same => proto::ScenarioVerdict::Same,
        Verdict::ProvenBetter => proto::ScenarioVerdict::ProvenBetter,
        Verdict::ProvenWorse => proto::ScenarioVerdict::ProvenWorse,
        Verdict::NoProvenDifference => proto::ScenarioVerdict::NoProvenDifference,
        Verdict::NotComparable => proto::ScenarioVerdict::NotComparable,
    }
}

pub(in crate::rpc) fn leavers(found: &LeaverDrill) -> proto::DrillLeaversResponse {
    let [as_it_is, without_them] = &found.compared;
    proto::DrillLeaversResponse {
        as_it_is: Some(evaluated_result(as_it_is, false)),
        without_them: Some(evaluated_result(without_them, true)),
        left_behind: found.left_behind.iter().map(left_behind).collect(),
        scarce_skills: found.scarce_skills.iter().map(scarce_skill).collect(),
    }
}

fn left_behind(entry: &LeftBehind) -> proto::LeftBehindCase {
    proto::LeftBehindCase {
        case_id: entry.case_id.to_string(),
        from_officer_id: entry.from_officer_id.to_string(),
        to_officer_id: officer_text(entry.to_officer_id.as_ref()),
        reason: entry.reason.map_or(proto::HoldingReason::Unspecified, reason).into(),
        due_date: entry.due_date.map(|due| due.to_string()).unwrap_or_default(),
    }
}

fn scarce_skill(entry: &ScarceSkill) -> proto::ScarceSkill {
    proto::ScarceSkill {
        skill: entry.skill.to_string(),
        officer_ids: entry.officer_ids.iter().map(OfficerId::to_string).collect(),
        case_count: entry.case_count,
    }
}

pub(in crate::rpc) fn handovers(found: &HandoverFrontier) -> proto::PlanHandoversResponse {
    let frontier = proto::HandoverFrontier {
        as_at_date: found.as_at.to_string(),
        rules_version: found.rules_version.clone(),
        seed: i64::try_from(found.seed).unwrap_or(i64::MAX),
        child_count: found.child_count,
        steps: found.steps.iter().map(handover_step).collect(),
        notes: found.notes.clone(),
    };
    proto::PlanHandoversResponse { frontier: Some(frontier) }
}

fn handover_step(step: &HandoverStep) -> proto::HandoverStep {
    let handed_over = |case: &HandedOver| proto::HandedOverCase {
        case_id: case.case_id.to_string(),
        from_officer_id: case.from_officer_id.to_string(),
        to_officer_id: case.to_officer_id.to_string(),
    };
    proto::HandoverStep {
        handover_limit: step.handover_limit,
        handed_over: step.handed_over.iter().map(handed_over).collect(),
        child_count: step.child_count,
        children_without_officer_count: step.children_without_officer_count,
        over_cap_points: step.over_cap_points,
        over_cap_case_count: step.over_cap_case_count,
        fullest_percent: step.percent.map(|(most, _)| most),
        emptiest_percent: step.percent.map(|(_, least)| least),
        objective: step.objective,
        bound: step.bound,
    }
}
