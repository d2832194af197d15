//! Values of `app` to responses.

use jiff::{Timestamp, civil::Date};

use super::to_proto_evidence::{evidence, evidence_of_summary, officer_text, reason, totals};
use super::to_proto_history;
use crate::{
    app::{
        AllocationRecord, AssignmentVersion, Candidate, CaseloadWithCases, Difference, Due, Explanation, MonthEnd,
        Page, ProposalSummary, Reconciliation, State, TeamStatus, Version,
    },
    model::{
        Allocation, Caseload, Change, ChangeReason, Held, Holding, HoldingReason, StayExtension, StayReason,
        SupervisorHoldings, SupervisorId,
    },
    rpc::proto,
};

/// An allocation; without `full` only what the basic view has.
pub(in crate::rpc) fn allocation(record: &AllocationRecord, full: bool) -> proto::Allocation {
    let answer = &*record.allocation;
    let (state, version, expire_time) = match record.state {
        State::Validated => (proto::AllocationState::Validated, 0, None),
        State::Proposed { expire_time } => (proto::AllocationState::Proposed, 0, Some(timestamp(expire_time))),
        State::Committed { version } => (proto::AllocationState::Committed, number(version), None),
    };
    proto::Allocation {
        allocation_id: record.allocation_id.as_ref().map(ToString::to_string).unwrap_or_default(),
        team_id: record.team_id.to_string(),
        state: state.into(),
        version,
        etag: etag(record.current),
        create_time: Some(timestamp(record.create_time)),
        expire_time,
        as_at_date: answer.as_at.to_string(),
        rules_version: answer.rules_version.clone(),
        input_digest: record.input_digest.to_string(),
        totals: Some(totals(&answer.totals)),
        evidence: Some(evidence(answer, full)),
        holding_reason_counts: reason_counts(answer),
        caseloads: if full { each(&answer.caseloads, caseload) } else { Vec::new() },
        held_cases: if full { each(&answer.held, held_case) } else { Vec::new() },
        holdings: if full { each(&answer.holdings, holding) } else { Vec::new() },
        changes: if full { each(&answer.changes, change) } else { Vec::new() },
        supervisor_holdings: each(&answer.supervisors, supervisor_holdings),
        notes: answer.notes.iter().map(ToString::to_string).collect(),
        incumbent_source: incumbent_source(record.had_assignment).into(),
    }
}

/// A proposal in a list: what its summary knows of the basic view.
pub(in crate::rpc) fn summary(summary: &ProposalSummary, current: Option<Version>) -> proto::Allocation {
    proto::Allocation {
        allocation_id: summary.allocation_id.to_string(),
        team_id: summary.team_id.to_string(),
        state: proto::AllocationState::Proposed.into(),
        etag: etag(current),
        create_time: Some(timestamp(summary.create_time)),
        expire_time: Some(timestamp(summary.expire_time)),
        input_digest: summary.input_digest.to_string(),
        totals: Some(totals(&summary.totals)),
        evidence: Some(evidence_of_summary(summary)),
        incumbent_source: incumbent_source(summary.base_version.is_some()).into(),
        ..proto::Allocation::default()
    }
}

pub(in crate::rpc) fn assignment(assignment: &AssignmentVersion) -> proto::Assignment {
    let answer = &*assignment.allocation;
    proto::Assignment {
        team_id: assignment.team_id.to_string(),
        version: number(assignment.version()),
        etag: etag(Some(assignment.version())),
        allocation_id: assignment.allocation_id.to_string(),
        commit_time: Some(timestamp(assignment.commit_time)),
        as_at_date: answer.as_at.to_string(),
        incumbent_source: incumbent_source(assignment.parent.is_some()).into(),
        rules_version: answer.rules_version.clone(),
        input_digest: assignment.input_digest.to_string(),
        totals: Some(totals(&answer.totals)),
        evidence: Some(evidence(answer, false)),
        holding_reason_counts: reason_counts(answer),
        supervisor_holdings: each(&answer.supervisors, supervisor_holdings),
        origin: to_proto_history::origin(assignment.origin).into(),
        proposed_by: assignment.proposed_by.code().to_owned(),
        committed_by: assignment.committed_by.code().to_owned(),
    }
}

pub(in crate::rpc) fn caseloads(page: Page<CaseloadWithCases>) -> proto::ListCaseloadsResponse {
    let with_cases = |entry: CaseloadWithCases| proto::Caseload {
        case_ids: each(&entry.case_ids, ToString::to_string),
        ..caseload(&entry.caseload)
    };
    proto::ListCaseloadsResponse {
        caseloads: page.entries.into_iter().map(with_cases).collect(),
        next_page_token: page.next_token.unwrap_or_default(),
        version: page.version.map_or(0, number),
    }
}

pub(in crate::rpc) fn holdings(page: &Page<Holding>) -> proto::ListHoldingsResponse {
    proto::ListHoldingsResponse {
        holdings: each(&page.entries, holding),
        next_page_token: page.next_token.clone().unwrap_or_default(),
        version: page.version.map_or(0, number),
    }
}

pub(in crate::rpc) fn explanation(explanation: &Explanation) -> proto::Explanation {
    proto::Explanation {
        case_id: explanation.case_id.to_string(),
        officer_id: officer_text(explanation.officer_id.as_ref()),
        candidates: each(&explanation.candidates, candidate),
        eligible_officer_count: explanation.eligible_officer_count,
        waiting_price: explanation.waiting_price,
        sentence: explanation.sentence.clone(),
        runner_up_officer_id: officer_text(explanation.runner_up.as_ref().map(|next| &next.officer_id)),
        runner_up_more_price: explanation.runner_up.as_ref().map(|next| next.more_price),
    }
}

fn candidate(candidate: &Candidate) -> proto::Candidate {
    proto::Candidate {
        officer_id: candidate.officer_id.to_string(),
        cost: candidate.cost,
        weight_points: candidate.weight_points,
        priced_cost: candidate.priced_cost,
        has_room: candidate.has_room,
    }
}

pub(super) fn held_case(held: &Held) -> proto::HeldCase {
    proto::HeldCase {
        case_id: held.case_id.to_string(),
        officer_id: held.officer_id.to_string(),
        since_date: date(held.since),
        due_date: date(held.due_date),
        named_contact: held.named_contact,
    }
}

pub(super) fn holding(holding: &Holding) -> proto::Holding {
    proto::Holding {
        case_id: holding.case_id.to_string(),
        reason: reason(holding.reason).into(),
        supervisor_id: supervisor_text(holding.supervisor_id.as_ref()),
        waiting_since_date: holding.waiting_since.to_string(),
        check_by_date: holding.check_by.to_string(),
        longest_stay_until_date: holding.longest_stay_until.to_string(),
        stay_extension: holding.stay_extension.as_ref().map(stay_extension),
        due_date: date(holding.due_date),
        named_contact: holding.named_contact,
    }
}

pub(crate) fn stay_extension(extension: &StayExtension) -> proto::StayExtension {
    let reason = match extension.reason {
        StayReason::OfficerExpected => proto::StayReason::OfficerExpected,
        StayReason::ClosesSoon => proto::StayReason::ClosesSoon,
        StayReason::FamilyAsked => proto::StayReason::FamilyAsked,
        StayReason::LessUrgent => proto::StayReason::LessUrgent,
    };
    proto::StayExtension {
        until_date: extension.until.to_string(),
        reason: reason.into(),
        by: extension.by.to_string(),
    }
}

fn caseload(caseload: &Caseload) -> proto::Caseload {
    proto::Caseload {
        officer_id: caseload.officer_id.to_string(),
        supervisor_id: supervisor_text(caseload.supervisor_id.as_ref()),
        case_count: caseload.case_count,
        load_points: caseload.load_points,
        capacity_points: caseload.capacity_points,
        max_case_count: caseload.max_case_count,
        new_case_count: caseload.new_case_count,
        over: caseload.over,
        case_ids: Vec::new(),
        load_percent: caseload.percent(),
        peak_points: caseload.peak.map(|peak| peak.points),
        peak_week_date: date(caseload.peak.map(|peak| peak.week)),
    }
}

pub(super) fn change(change: &Change) -> proto::Change {
    let reason = match change.reason {
        ChangeReason::FirstOfficer => proto::ChangeReason::FirstOfficer,
        ChangeReason::OfficerLeft => proto::ChangeReason::OfficerLeft,
        ChangeReason::OfficerBarred => proto::ChangeReason::OfficerBarred,
        ChangeReason::Required => proto::ChangeReason::Required,
        ChangeReason::Handover => proto::ChangeReason::Handover,
        ChangeReason::Released => proto::ChangeReason::Released,
        ChangeReason::PlannedTransfer => proto::ChangeReason::PlannedTransfer,
    };
    proto::Change {
        case_id: change.case_id.to_string(),
        from_officer_id: officer_text(change.from_officer_id.as_ref()),
        to_officer_id: officer_text(change.to_officer_id.as_ref()),
        reason: reason.into(),
    }
}

/// How a team stands.
pub(in crate::rpc) fn team_status(status: &TeamStatus) -> proto::TeamStatus {
    let due = |due: &Due| proto::DueCases {
        held_case_ids: each(&due.held, ToString::to_string),
        waiting_case_ids: each(&due.waiting, ToString::to_string),
    };
    let month = |month: &MonthEnd| proto::MonthEnd {
        as_at_date: month.as_at.to_string(),
        children_without_officer_count: month.children_without_officer_count,
        case_count: month.case_count,
        waiting_count: month.waiting_count,
        missed_count: month.missed_count,
        over_cap_officer_count: month.over_cap_officer_count,
    };
    let excessive = status.excessive.as_deref();
    proto::TeamStatus {
        children_without_officer_count: status.children_without_officer_count,
        child_count: status.child_count,
        case_count: status.case_count,
        team_id: status.team_id.to_string(),
        version: number(status.version),
        allocated_as_at_date: status.allocated_as_at.to_string(),
        as_at_date: status.as_at.to_string(),
        holding_reason_counts: each(&status.reasons, reason_count),
        holding_ages: each(&status.ages, |&(from_weeks, case_count)| proto::HoldingAge { from_weeks, case_count }),
        supervisor_holdings: each(&status.supervisors, supervisor_holdings),
        overdue_check_case_ids: each(&status.overdue_checks, ToString::to_string),
        run_out_case_ids: each(&status.stays_run_out, ToString::to_string),
        missed: Some(due(&status.missed)),
        due_soon: Some(due(&status.due_soon)),
        undated_case_ids: each(&status.undated, ToString::to_string),
        over_caseloads: each(&status.over, caseload),
        excessive_officer_ids: each(excessive.unwrap_or_default(), ToString::to_string),
        excessive_known: excessive.is_some(),
        known_since_date: status.known_since.to_string(),
        trend: each(&status.trend, month),
    }
}

pub(super) fn reason_count(&(found, case_count): &(HoldingReason, i64)) -> proto::HoldingReasonCount {
    proto::HoldingReasonCount { reason: reason(found).into(), case_count, sentence: found.sentence().to_owned() }
}

fn reason_counts(answer: &Allocation) -> Vec<proto::HoldingReasonCount> {
    each(&answer.waiting_by_reason(), reason_count)
}

fn supervisor_holdings(holdings: &SupervisorHoldings) -> proto::SupervisorHoldings {
    proto::SupervisorHoldings {
        supervisor_id: holdings.supervisor_id.to_string(),
        holding_count: holdings.holding_count,
        max_holding_count: holdings.max_holding_count,
        over: holdings.is_over(),
    }
}

fn incumbent_source(had_assignment: bool) -> proto::IncumbentSource {
    if had_assignment { proto::IncumbentSource::CurrentAssignment } else { proto::IncumbentSource::Request }
}

fn etag(version: Option<Version>) -> String {
    version.map(Version::etag).unwrap_or_default()
}

pub(super) fn number(version: Version) -> i64 {
    i64::try_from(version.get()).expect("a team sees fewer than 2^63 commits")
}

pub(super) fn timestamp(time: Timestamp) -> prost_types::Timestamp {
    // Of times before 1970 the nanoseconds are negative in one and not in the other; the clock is past that.
    prost_types::Timestamp { seconds: time.as_second(), nanos: time.subsec_nanosecond() }
}

fn date(date: Option<Date>) -> String {
    date.map(|date| date.to_string()).unwrap_or_default()
}

fn supervisor_text(id: Option<&SupervisorId>) -> String {
    id.map(ToString::to_string).unwrap_or_default()
}

pub(super) fn each<T, M>(values: &[T], convert: impl Fn(&T) -> M) -> Vec<M> {
    values.iter().map(convert).collect()
}

pub(in crate::rpc) fn reconciliation(reconciliation: &Reconciliation) -> proto::ReconcileAssignmentResponse {
    proto::ReconcileAssignmentResponse {
        version: number(reconciliation.version),
        etag: etag(Some(reconciliation.version)),
        differences: each(&reconciliation.differences, difference),
        assign_case_ids: each(&reconciliation.assign_case_ids, ToString::to_string),
        close_case_ids: each(&reconciliation.close_case_ids, ToString::to_string),
    }
}

fn difference(difference: &Difference) -> proto::Difference {
    use proto::DifferenceKind as Kind;
    let mut message = proto::Difference { sentence: difference.sentence(), ..proto::Difference::default() };
    let kind = match difference {
        Difference::NotAssigned { case_id, child_id } => {
            message.case_ids = vec![case_id.to_string()];
            message.child_id = child_id.as_ref().map(ToString::to_string).unwrap_or_default();
            Kind::NotAssigned
        }
        Difference::NotInExtract { case_id, officer_id } => {
            message.case_ids = vec![case_id.to_string()];
            message.assigned_officer_id = officer_text(officer_id.as_ref());
            Kind::NotInExtract
        }
        Difference::OfficerLeft { case_id, officer_id } => {
            message.case_ids = vec![case_id.to_string()];
            message.assigned_officer_id = officer_id.to_string();
            Kind::OfficerLeft
        }
        Difference::OtherOfficer { case_id, assigned_officer_id, extract_officer_id } => {
            message.case_ids = vec![case_id.to_string()];
            message.assigned_officer_id = officer_text(assigned_officer_id.as_ref());
            message.extract_officer_id = extract_officer_id.to_string();
            Kind::OtherOfficer
        }
        Difference::DuplicateCase { case_id, count: _ } => {
            message.case_ids = vec![case_id.to_string()];
            Kind::DuplicateCase
        }
        Difference::SeveralPlans { child_id, case_ids } => {
            message.case_ids = case_ids.iter().map(ToString::to_string).collect();
            message.child_id = child_id.to_string();
            Kind::SeveralPlans
        }
    };
    message.kind = kind.into();
    message
}
