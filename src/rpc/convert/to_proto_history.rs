//! What the day-to-day calls and the history answer with.

use std::collections::HashSet;

use super::{
    to_proto::{assignment, change, each, explanation, held_case, holding, number, timestamp},
    to_proto_evidence::{officer_text, totals},
};
use crate::{
    app::{
        Action, AssignmentVersion, Erased, ExplainedCase, Made, NeededChange, Obstacle, Origin, OverrideReason, Page,
        Replayed, VersionSummary,
    },
    model::CaseId,
    rpc::proto,
};

pub(in crate::rpc) fn versions(page: &Page<VersionSummary>) -> proto::ListAssignmentVersionsResponse {
    proto::ListAssignmentVersionsResponse {
        versions: each(&page.entries, version),
        next_page_token: page.next_token.clone().unwrap_or_default(),
    }
}

fn version(summary: &VersionSummary) -> proto::AssignmentVersion {
    proto::AssignmentVersion {
        version: number(summary.version),
        allocation_id: summary.allocation_id.to_string(),
        commit_time: Some(timestamp(summary.commit_time)),
        origin: origin(summary.origin).into(),
        reason: summary.reason.map_or(proto::OverrideReason::Unspecified, reason).into(),
        proposed_by: summary.proposed_by.code().to_owned(),
        committed_by: summary.committed_by.code().to_owned(),
        as_at_date: summary.as_at.to_string(),
        rules_version: summary.rules_version.clone(),
        input_digest: summary.input_digest.to_string(),
        totals: Some(totals(&summary.totals)),
        has_input: summary.has_input,
        erased_token_count: i64::from(summary.erased_count),
    }
}

pub(super) fn origin(origin: Origin) -> proto::AssignmentOrigin {
    match origin {
        Origin::Allocated => proto::AssignmentOrigin::Allocated,
        Origin::RebuiltFromRequest => proto::AssignmentOrigin::RebuiltFromRequest,
        Origin::CasesAssigned => proto::AssignmentOrigin::CasesAssigned,
        Origin::CaseReassigned => proto::AssignmentOrigin::CaseReassigned,
        Origin::CasesClosed => proto::AssignmentOrigin::CasesClosed,
        Origin::Erased => proto::AssignmentOrigin::Erased,
    }
}

fn reason(reason: OverrideReason) -> proto::OverrideReason {
    match reason {
        OverrideReason::OfficerAway => proto::OverrideReason::OfficerAway,
        OverrideReason::OfficerOverloaded => proto::OverrideReason::OfficerOverloaded,
        OverrideReason::ConflictOfInterest => proto::OverrideReason::ConflictOfInterest,
        OverrideReason::ExpertiseNeeded => proto::OverrideReason::ExpertiseNeeded,
        OverrideReason::Continuity => proto::OverrideReason::Continuity,
        OverrideReason::FamilyRequest => proto::OverrideReason::FamilyRequest,
        OverrideReason::OfficerRequest => proto::OverrideReason::OfficerRequest,
        OverrideReason::Correction => proto::OverrideReason::Correction,
    }
}

/// The call that made a version: what an answer is about, also that to a repeated request.
fn action(version: &AssignmentVersion) -> Option<&Action> {
    match version.input.as_deref().map(|input| &input.made) {
        Some(Made::Called(call)) => Some(&call.action),
        Some(Made::Solved { .. }) | None => None,
    }
}

pub(in crate::rpc) fn assigned(version: &AssignmentVersion) -> proto::AssignCasesResponse {
    let sent: HashSet<&CaseId> = match action(version) {
        Some(Action::Assign { cases, .. }) => cases.iter().map(|case| &case.id).collect(),
        _ => HashSet::new(),
    };
    let answer = &*version.allocation;
    let held = answer.held.iter().filter(|held| sent.contains(&held.case_id));
    let waiting = answer.holdings.iter().filter(|holding| sent.contains(&holding.case_id));
    let others = answer.changes.iter().filter(|change| !sent.contains(&change.case_id));
    proto::AssignCasesResponse {
        assignment: Some(assignment(version)),
        held_cases: held.map(held_case).collect(),
        holdings: waiting.map(holding).collect(),
        other_changes: others.map(change).collect(),
    }
}

pub(in crate::rpc) fn reassigned(version: &AssignmentVersion) -> proto::ReassignCaseResponse {
    let case_id = match action(version) {
        Some(Action::Reassign { case_id, .. }) => Some(case_id),
        _ => None,
    };
    let answer = &*version.allocation;
    let held = answer.held.iter().find(|held| Some(&held.case_id) == case_id);
    let before = match answer.changes.iter().find(|change| Some(&change.case_id) == case_id) {
        Some(change) => change.from_officer_id.as_ref(),
        // It was there already.
        None => held.map(|held| &held.officer_id),
    };
    proto::ReassignCaseResponse {
        assignment: Some(assignment(version)),
        held_case: held.map(held_case),
        from_officer_id: officer_text(before),
    }
}

pub(in crate::rpc) fn closed(version: &AssignmentVersion) -> proto::CloseCasesResponse {
    let closed = match action(version) {
        Some(Action::Close { case_ids }) => case_ids.iter().collect::<HashSet<_>>().len(),
        _ => 0,
    };
    proto::CloseCasesResponse { assignment: Some(assignment(version)), closed_case_count: closed as i64 }
}

pub(in crate::rpc) fn explained(explained: &ExplainedCase) -> proto::ExplainCaseResponse {
    proto::ExplainCaseResponse {
        version: number(explained.version),
        explanation: Some(explanation(&explained.explanation)),
        needed_changes: each(&explained.needed_changes, needed_change),
    }
}

fn needed_change(change: &NeededChange) -> proto::NeededChange {
    proto::NeededChange {
        officer_id: change.officer_id.to_string(),
        obstacles: each(&change.obstacles, |obstacle| proto::Obstacle {
            kind: obstacle_kind(obstacle).into(),
            more: obstacle.more(),
            sentence: obstacle.to_string(),
        }),
    }
}

fn obstacle_kind(obstacle: &Obstacle) -> proto::ObstacleKind {
    match obstacle {
        Obstacle::Barred => proto::ObstacleKind::Barred,
        Obstacle::NotInService => proto::ObstacleKind::NotInService,
        Obstacle::Away => proto::ObstacleKind::Away,
        Obstacle::Pinned { .. } => proto::ObstacleKind::Pinned,
        Obstacle::NoPair => proto::ObstacleKind::NoPair,
        Obstacle::Area { .. } => proto::ObstacleKind::Area,
        Obstacle::Skills { .. } => proto::ObstacleKind::Skills,
        Obstacle::Points { .. } => proto::ObstacleKind::Points,
        Obstacle::Cases { .. } => proto::ObstacleKind::Cases,
        Obstacle::Intake { .. } => proto::ObstacleKind::Intake,
        Obstacle::Handovers { .. } => proto::ObstacleKind::Handovers,
    }
}

pub(in crate::rpc) fn replayed(replayed: &Replayed) -> proto::ReplayAssignmentResponse {
    proto::ReplayAssignmentResponse {
        version: number(replayed.version),
        is_same: replayed.differences.is_empty(),
        differences: replayed.differences.clone(),
        made_with: replayed.made_with.clone(),
        replayed_with: replayed.replayed_with.to_owned(),
    }
}

pub(in crate::rpc) fn erased(erased: &Erased) -> proto::EraseTokenResponse {
    let count = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    proto::EraseTokenResponse {
        tombstone: erased.tombstone.clone(),
        version_count: count(erased.mentions.version_count),
        proposal_count: count(erased.mentions.proposal_count),
        assignment: erased.version.as_ref().map(assignment),
    }
}
