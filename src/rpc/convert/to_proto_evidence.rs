//! The figures that come first, and how close to the best possible an answer is.

use super::to_proto::each;
use crate::{
    app::ProposalSummary,
    model::{Allocation, BoundSource, GapItems, HoldingReason, OfficerId, Proof, Termination, Totals},
    rpc::proto,
};

pub(super) fn totals(totals: &Totals) -> proto::Totals {
    let Totals {
        case_count,
        allocated_count,
        waiting_count,
        child_count,
        children_without_officer_count,
        handover_count,
        release_count,
        undated_case_count,
        over_cap_officer_count,
    } = *totals;
    proto::Totals {
        children_without_officer_count,
        child_count,
        case_count,
        allocated_count,
        waiting_count,
        handover_count,
        release_count,
        undated_case_count,
        over_cap_officer_count,
    }
}

/// The evidence; the proofs' prices only if asked for.
pub(super) fn evidence(answer: &Allocation, with_proofs: bool) -> proto::Evidence {
    let evidence = &answer.evidence;
    let (bound_source, highs_version) = match &evidence.bound_source {
        BoundSource::Prices => (proto::BoundSource::Prices, String::new()),
        BoundSource::Highs { version } => (proto::BoundSource::Highs, version.clone()),
    };
    proto::Evidence {
        objective: evidence.objective,
        bound: evidence.bound,
        price_bound: evidence.price_bound,
        bound_source: bound_source.into(),
        highs_version,
        gap: evidence.gap(),
        count_bound: evidence.count_bound,
        more_children_at_most_count: answer.more_children_at_most(),
        termination: termination(evidence.termination).into(),
        proof: with_proofs.then(|| proof(answer, &evidence.proof)),
        count_proof: with_proofs.then(|| proof(answer, &evidence.count_proof)),
        gap_items: with_proofs.then(|| gap_items(answer, &evidence.gap_items)),
        step_count: i64::try_from(evidence.step_count).unwrap_or(i64::MAX),
        cut_call_ordinals: each(&evidence.cut_calls, |&ordinal| i32::try_from(ordinal).unwrap_or(i32::MAX)),
    }
}

/// The part of the evidence that a summary keeps.
pub(super) fn evidence_of_summary(summary: &ProposalSummary) -> proto::Evidence {
    let (objective, bound) = (summary.objective, summary.bound);
    let gap = if objective == 0 { 0.0 } else { (objective - bound) as f64 / objective as f64 };
    proto::Evidence { objective, bound, gap, ..proto::Evidence::default() }
}

fn proof(answer: &Allocation, proof: &Proof) -> proto::Proof {
    let prices = answer.caseloads.iter().zip(&proof.officers);
    let officer_prices = prices.map(|(caseload, prices)| proto::OfficerPrices {
        officer_id: caseload.officer_id.to_string(),
        point_price: prices.point,
        case_price: prices.case,
        new_case_price: prices.new_case,
    });
    proto::Proof { officer_prices: officer_prices.collect(), handover_price: proof.handover }
}

fn gap_items(answer: &Allocation, items: &GapItems) -> proto::GapItems {
    let officers = answer.caseloads.iter().zip(&items.officers).map(|(caseload, gap)| proto::OfficerGap {
        officer_id: caseload.officer_id.to_string(),
        regret: gap.regret,
        point: gap.point,
        case_count: gap.case,
        new_case_count: gap.new_case,
    });
    proto::GapItems { officers: officers.collect(), waiting_regret: items.waiting_regret, handover: items.handover }
}

pub(super) fn termination(termination: Termination) -> proto::Termination {
    match termination {
        Termination::Optimal => proto::Termination::Optimal,
        Termination::GapReached => proto::Termination::GapReached,
        Termination::Exhausted => proto::Termination::Exhausted,
        Termination::TimeLimit => proto::Termination::TimeLimit,
        Termination::StepLimit => proto::Termination::StepLimit,
        Termination::Interrupted => proto::Termination::Interrupted,
    }
}

pub(super) fn reason(reason: HoldingReason) -> proto::HoldingReason {
    match reason {
        HoldingReason::NoEligibleOfficer => proto::HoldingReason::NoEligibleOfficer,
        HoldingReason::AllFull => proto::HoldingReason::AllFull,
        HoldingReason::DisplacedByUrgency => proto::HoldingReason::DisplacedByUrgency,
        HoldingReason::HandoverLimit => proto::HoldingReason::HandoverLimit,
        HoldingReason::GroupDoesNotFit => proto::HoldingReason::GroupDoesNotFit,
        HoldingReason::SearchStopped => proto::HoldingReason::SearchStopped,
        HoldingReason::WaitingCostsLess => proto::HoldingReason::WaitingCostsLess,
        HoldingReason::RoomNotGiven => proto::HoldingReason::RoomNotGiven,
    }
}

pub(super) fn officer_text(id: Option<&OfficerId>) -> String {
    id.map(ToString::to_string).unwrap_or_default()
}
