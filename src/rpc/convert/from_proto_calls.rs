//! Requests of the day-to-day calls and of the history.

use jiff::civil::Date;
use tokio::time::Instant;

use super::{
    field::{Found, path, quoted},
    from_proto::{page, request, team, version, whole},
    from_proto_backlog::{new_cases, pair},
};
use crate::{
    app::{
        Action, AllocateError, BadField, DayCall, Erase, OverrideReason, PageRequest, TeamId, Token, Version,
        Violations,
    },
    model::{CaseId, ChildId, OfficerId},
    rpc::proto,
};

/// Most cases of one AssignCases.
const ASSIGNED_MAX: usize = 1_000;
/// Most cases of one CloseCases.
const CLOSED_MAX: usize = 10_000;

pub(in crate::rpc) fn list_versions(
    message: proto::ListAssignmentVersionsRequest,
) -> Result<(TeamId, PageRequest), AllocateError> {
    let proto::ListAssignmentVersionsRequest { team_id, page_size, page_token } = message;
    let mut found = Found::default();
    let (team_id, page) = (team(team_id, &mut found), page(page_size, page_token, &mut found));
    whole(found, team_id.map(|team_id| (team_id, page)))
}

/// A call of which some fields could not be read: what could be, and what is wrong with the others.
pub(in crate::rpc) struct Unreadable {
    pub(in crate::rpc) call: Option<DayCall>,
    pub(in crate::rpc) found: Violations,
}

pub(in crate::rpc) fn assign_cases(
    message: proto::AssignCasesRequest,
    call_deadline: Option<Instant>,
) -> Result<DayCall, Box<Unreadable>> {
    let proto::AssignCasesRequest { team_id, request_id, etag, as_at_date, cases, pairs } = message;
    let mut found = Found::default();
    counted("cases", cases.len(), ASSIGNED_MAX, &mut found);
    let (team_id, request_id) = (team(team_id, &mut found), request(&request_id, &mut found));
    let as_at = day(&as_at_date, &mut found);
    let cases = new_cases(cases, &mut found);
    let action = Action::Assign { cases, pairs: pairs.into_iter().map(pair).collect() };
    match team_id.map(|team_id| DayCall { team_id, request_id, etag, as_at, action, call_deadline }) {
        Some(call) if found.0.is_empty() => Ok(call),
        call => Err(Box::new(Unreadable { call, found: found.0 })),
    }
}

pub(in crate::rpc) fn reassign_case(
    message: proto::ReassignCaseRequest,
    call_deadline: Option<Instant>,
) -> Result<DayCall, AllocateError> {
    let proto::ReassignCaseRequest {
        team_id,
        request_id,
        etag,
        as_at_date,
        case_id,
        officer_id,
        reason: number,
        allow_over_cap,
        keep_pinned,
    } = message;
    let mut found = Found::default();
    let (team_id, request_id) = (team(team_id, &mut found), request(&request_id, &mut found));
    let as_at = day(&as_at_date, &mut found);
    named("case_id", &case_id, &mut found);
    named("officer_id", &officer_id, &mut found);
    let reason = reason(number, &mut found);
    let call = team_id.zip(reason).map(|(team_id, reason)| {
        let (case_id, officer_id) = (CaseId::new(case_id), OfficerId::new(officer_id));
        let action = Action::Reassign { case_id, officer_id, reason, allow_over_cap, keep_pinned };
        DayCall { team_id, request_id, etag, as_at, action, call_deadline }
    });
    whole(found, call)
}

pub(in crate::rpc) fn close_cases(
    message: proto::CloseCasesRequest,
    call_deadline: Option<Instant>,
) -> Result<DayCall, AllocateError> {
    let proto::CloseCasesRequest { team_id, request_id, etag, as_at_date, case_ids } = message;
    let mut found = Found::default();
    counted("case_ids", case_ids.len(), CLOSED_MAX, &mut found);
    let (team_id, request_id) = (team(team_id, &mut found), request(&request_id, &mut found));
    let as_at = day(&as_at_date, &mut found);
    let action = Action::Close { case_ids: case_ids.into_iter().map(CaseId::new).collect() };
    let call = team_id.map(|team_id| DayCall { team_id, request_id, etag, as_at, action, call_deadline });
    whole(found, call)
}

pub(in crate::rpc) fn explain_case(
    message: proto::ExplainCaseRequest,
) -> Result<(TeamId, Option<Version>, CaseId), AllocateError> {
    let proto::ExplainCaseRequest { team_id, version: number, case_id } = message;
    let mut found = Found::default();
    let (team_id, version) = (team(team_id, &mut found), version(number, &mut found));
    named("case_id", &case_id, &mut found);
    whole(found, team_id.map(|team_id| (team_id, version, CaseId::new(case_id))))
}

pub(in crate::rpc) fn replay(
    message: proto::ReplayAssignmentRequest,
) -> Result<(TeamId, Option<Version>), AllocateError> {
    let proto::ReplayAssignmentRequest { team_id, version: number } = message;
    let mut found = Found::default();
    let (team_id, version) = (team(team_id, &mut found), version(number, &mut found));
    whole(found, team_id.map(|team_id| (team_id, version)))
}

pub(in crate::rpc) fn erase(
    message: proto::EraseTokenRequest,
    call_deadline: Option<Instant>,
) -> Result<Erase, AllocateError> {
    let proto::EraseTokenRequest { team_id, request_id, etag, token } = message;
    let mut found = Found::default();
    let (team_id, request_id) = (team(team_id, &mut found), request(&request_id, &mut found));
    let token = match token {
        Some(proto::erase_token_request::Token::CaseId(id)) => {
            named("case_id", &id, &mut found);
            Some(Token::Case(CaseId::new(id)))
        }
        Some(proto::erase_token_request::Token::ChildId(id)) => {
            named("child_id", &id, &mut found);
            Some(Token::Child(ChildId::new(id)))
        }
        None => {
            found.field("token", "is missing; give case_id or child_id");
            None
        }
    };
    let named = team_id.zip(token);
    whole(found, named.map(|(team_id, token)| Erase { team_id, request_id, etag, token, call_deadline }))
}

/// Places in a backlog as places in a request that has its cases and pairs at the top.
pub(in crate::rpc) fn without_backlog(error: AllocateError) -> AllocateError {
    let AllocateError::Invalid(mut found) = error else { return error };
    for violation in std::mem::take(&mut found.backlog) {
        let path = path(violation.place);
        let field = path.strip_prefix("backlog.").unwrap_or(&path);
        found.fields.push(BadField::new(field, violation.message));
    }
    AllocateError::Invalid(found)
}

fn day(text: &str, found: &mut Found) -> Option<Date> {
    if text.is_empty() {
        return None;
    }
    let date = text.parse::<Date>().ok().filter(|date| date.to_string() == text);
    if date.is_none() {
        found.field("as_at_date", format!("is `{}`; must be an ISO date such as 2026-01-20", quoted(text)));
    }
    date
}

fn named(field: &str, token: &str, found: &mut Found) {
    if token.is_empty() {
        found.field(field, "is missing; give a token");
    }
}

fn counted(field: &str, count: usize, most: usize, found: &mut Found) {
    if count == 0 || count > most {
        found.field(field, format!("has {count} entries; send 1 to {most}"));
    }
}

fn reason(number: i32, found: &mut Found) -> Option<OverrideReason> {
    let reason = match proto::OverrideReason::try_from(number) {
        Ok(proto::OverrideReason::OfficerAway) => Some(OverrideReason::OfficerAway),
        Ok(proto::OverrideReason::OfficerOverloaded) => Some(OverrideReason::OfficerOverloaded),
        Ok(proto::OverrideReason::ConflictOfInterest) => Some(OverrideReason::ConflictOfInterest),
        Ok(proto::OverrideReason::ExpertiseNeeded) => Some(OverrideReason::ExpertiseNeeded),
        Ok(proto::OverrideReason::Continuity) => Some(OverrideReason::Continuity),
        Ok(proto::OverrideReason::FamilyRequest) => Some(OverrideReason::FamilyRequest),
        Ok(proto::OverrideReason::OfficerRequest) => Some(OverrideReason::OfficerRequest),
        Ok(proto::OverrideReason::Correction) => Some(OverrideReason::Correction),
        Ok(proto::OverrideReason::Unspecified) | Err(_) => None,
    };
    if reason.is_none() {
        found.field("reason", format!("is {number}; must be an OverrideReason that says why"));
    }
    reason
}
