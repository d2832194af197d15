//! Requests to the values of `app`.

use std::{collections::HashSet, time::Duration};

use jiff::civil::Date;
use tokio::time::Instant;
use uuid::Uuid;

use super::{
    field::{Found, optional, quoted},
    from_proto_backlog::backlog,
    from_proto_rules::rules,
};
use crate::{
    app::{
        Allocate, AllocateError, AllocationId, Commit, Draft, Filters, ListRequest, PageRequest, RequestId, TeamId,
        Version,
    },
    model::{Backlog, CaseId, OfficerId, SupervisorId, token_problem},
    rpc::proto,
};

/// Most cases that one request may ask reasons for.
const EXPLAINED_MAX: usize = 1_000;
/// Entries of a page where the request names no number.
const PAGE_SIZE_DEFAULT: usize = 50;
/// Most entries of a page.
const PAGE_SIZE_MAX: usize = 1_000;

/// A request that can be handled, or one of which not every field can be read.
#[allow(clippy::large_enum_variant, reason = "one of either exists for each call")]
pub(in crate::rpc) enum Read {
    Whole(Allocate),
    Draft(Draft),
}

pub(in crate::rpc) fn allocate(message: proto::AllocateRequest, call_deadline: Option<Instant>) -> Read {
    let proto::AllocateRequest {
        team_id,
        request_id,
        etag,
        backlog: backlog_message,
        rules: rules_message,
        closed_case_ids,
        commit,
        validate_only,
        time_limit,
        gap_limit,
        seed,
        step_limit,
        view,
        explain_case_ids,
    } = message;
    let mut found = Found::default();
    let team_id = team(team_id, &mut found);
    let request_id = request(&request_id, &mut found);
    if backlog_message.is_none() {
        found.field("backlog", "is missing; send the open cases and officers of the team");
    }
    let backlog = backlog_message.map(|message| backlog(message, &mut found));
    let rules = rules(rules_message, &mut found);
    let closed_case_ids = case_ids(closed_case_ids);
    let explain_case_ids = case_ids(explain_case_ids);
    if let Some(backlog) = &backlog {
        check_case_ids(backlog, &closed_case_ids, &explain_case_ids, &mut found);
    }
    let limits = search_limits(time_limit, gap_limit, seed, step_limit, &mut found);
    if proto::AllocationView::try_from(view).is_err() {
        found.field("view", format!("is {view}, which is no AllocationView"));
    }
    match (team_id, backlog) {
        (Some(team_id), Some(backlog)) if found.0.is_empty() => Read::Whole(Allocate {
            team_id,
            request_id,
            etag,
            backlog,
            rules,
            closed_case_ids,
            commit,
            validate_only,
            time_limit: limits.time_limit,
            call_deadline,
            gap_limit,
            seed: limits.seed,
            step_limit: limits.step_limit,
            explain_case_ids,
        }),
        (team_id, backlog) => {
            let input = backlog.map(|backlog| (backlog, rules));
            Read::Draft(Draft { team_id, commit, input, found: found.0 })
        }
    }
}

/// What a request says of how long to search, and how.
pub(super) struct SearchLimits {
    pub(super) time_limit: Option<Duration>,
    pub(super) seed: u64,
    pub(super) step_limit: Option<u64>,
}

/// The fields that say so, checked.
pub(super) fn search_limits(
    time_limit: Option<prost_types::Duration>,
    gap_limit: f64,
    seed: i64,
    step_limit: Option<i64>,
    found: &mut Found,
) -> SearchLimits {
    let time_limit = time_limit.and_then(|limit| duration(limit, found));
    if !(0.0..=1.0).contains(&gap_limit) {
        found.field("gap_limit", format!("is {gap_limit}; must be 0 to 1"));
    }
    if seed < 0 {
        found.field("seed", format!("is {seed}; must be 0 or more"));
    }
    if let Some(steps @ ..=0) = step_limit {
        found.field("step_limit", format!("is {steps}; must be 1 or more, or unset for no limit"));
    }
    SearchLimits { time_limit, seed: seed.unsigned_abs(), step_limit: step_limit.map(i64::unsigned_abs) }
}

pub(in crate::rpc) fn get_allocation(
    message: proto::GetAllocationRequest,
) -> Result<(TeamId, AllocationId), AllocateError> {
    let proto::GetAllocationRequest { team_id, allocation_id, view: _ } = message;
    let mut found = Found::default();
    let (team_id, allocation_id) = (team(team_id, &mut found), allocation(allocation_id, &mut found));
    whole(found, team_id.zip(allocation_id))
}

pub(in crate::rpc) fn list_allocations(
    message: proto::ListAllocationsRequest,
) -> Result<(TeamId, PageRequest), AllocateError> {
    let proto::ListAllocationsRequest { team_id, page_size, page_token } = message;
    let mut found = Found::default();
    let (team_id, page) = (team(team_id, &mut found), page(page_size, page_token, &mut found));
    whole(found, team_id.map(|team_id| (team_id, page)))
}

pub(in crate::rpc) fn commit_allocation(message: proto::CommitAllocationRequest) -> Result<Commit, AllocateError> {
    let proto::CommitAllocationRequest { team_id, allocation_id, etag, request_id } = message;
    let mut found = Found::default();
    let (team_id, allocation_id) = (team(team_id, &mut found), allocation(allocation_id, &mut found));
    let request_id = request(&request_id, &mut found);
    let named = team_id.zip(allocation_id);
    whole(found, named.map(|(team_id, allocation_id)| Commit { team_id, allocation_id, etag, request_id }))
}

pub(in crate::rpc) fn get_assignment(
    message: proto::GetAssignmentRequest,
) -> Result<(TeamId, Option<Version>), AllocateError> {
    let proto::GetAssignmentRequest { team_id, version: number } = message;
    let mut found = Found::default();
    let (team_id, version) = (team(team_id, &mut found), version(number, &mut found));
    whole(found, team_id.map(|team_id| (team_id, version)))
}

pub(in crate::rpc) fn get_team_status(
    message: proto::GetTeamStatusRequest,
) -> Result<(TeamId, Option<Date>), AllocateError> {
    let proto::GetTeamStatusRequest { team_id, as_at_date } = message;
    let mut found = Found::default();
    let team_id = team(team_id, &mut found);
    let as_at = found.day("as_at_date", &as_at_date);
    whole(found, team_id.map(|team_id| (team_id, as_at)))
}

pub(in crate::rpc) fn reconcile_assignment(
    message: proto::ReconcileAssignmentRequest,
) -> Result<(TeamId, Backlog), AllocateError> {
    let proto::ReconcileAssignmentRequest { team_id, backlog: message } = message;
    let mut found = Found::default();
    let team_id = team(team_id, &mut found);
    if message.is_none() {
        found.field("backlog", "is missing; send the open cases and officers of the team");
    }
    let extract = message.map(|message| backlog(message, &mut found));
    whole(found, team_id.zip(extract))
}

pub(in crate::rpc) fn list_caseloads(message: proto::ListCaseloadsRequest) -> Result<ListRequest, AllocateError> {
    let proto::ListCaseloadsRequest { team_id, version, officer_id, supervisor_id, case_id, page_size, page_token } =
        message;
    list(team_id, version, filters(officer_id, supervisor_id, case_id), page_size, page_token)
}

pub(in crate::rpc) fn list_holdings(message: proto::ListHoldingsRequest) -> Result<ListRequest, AllocateError> {
    let proto::ListHoldingsRequest { team_id, version, officer_id, supervisor_id, case_id, page_size, page_token } =
        message;
    list(team_id, version, filters(officer_id, supervisor_id, case_id), page_size, page_token)
}

/// Whether more than totals and evidence is to be sent.
pub(in crate::rpc) fn is_full(view: i32) -> bool {
    view != proto::AllocationView::Basic as i32
}

fn list(
    team_id: String,
    number: i64,
    filters: Filters,
    page_size: i32,
    page_token: String,
) -> Result<ListRequest, AllocateError> {
    let mut found = Found::default();
    let (team_id, version) = (team(team_id, &mut found), version(number, &mut found));
    let page = page(page_size, page_token, &mut found);
    whole(found, team_id.map(|team_id| ListRequest { team_id, version, filters, page }))
}

fn filters(officer_id: String, supervisor_id: String, case_id: String) -> Filters {
    Filters {
        officer_id: optional(officer_id, OfficerId::new),
        supervisor_id: optional(supervisor_id, SupervisorId::new),
        case_id: optional(case_id, CaseId::new),
    }
}

pub(super) fn whole<T>(found: Found, value: Option<T>) -> Result<T, AllocateError> {
    match value {
        Some(value) if found.0.is_empty() => Ok(value),
        _ => Err(AllocateError::Invalid(found.0)),
    }
}

pub(super) fn team(text: String, found: &mut Found) -> Option<TeamId> {
    TeamId::new(text).map_err(|error| found.field("team_id", shape(&error.text, error.shape))).ok()
}

fn allocation(text: String, found: &mut Found) -> Option<AllocationId> {
    AllocationId::new(text).map_err(|error| found.field("allocation_id", shape(&error.text, error.shape))).ok()
}

fn shape(text: &str, shape: &str) -> String {
    if text.is_empty() {
        format!("is empty; must be {shape}")
    } else {
        format!("is `{}`; must be {shape}", quoted(text))
    }
}

/// Empty = none. Any way to write a UUID is the same id.
pub(super) fn request(text: &str, found: &mut Found) -> Option<RequestId> {
    if text.is_empty() {
        return None;
    }
    let id = Uuid::try_parse(text).ok().and_then(|uuid| RequestId::new(uuid.to_string()).ok());
    if id.is_none() {
        found.field("request_id", format!("is `{}`; must be a UUID that you make and keep, or empty", quoted(text)));
    }
    id
}

pub(super) fn version(number: i64, found: &mut Found) -> Option<Version> {
    let version = u64::try_from(number).map(Version::new);
    version.unwrap_or_else(|_| {
        found.field("version", format!("is {number}; must be 1 or more, or 0 for the current one"));
        None
    })
}

pub(super) fn page(size: i32, token: String, found: &mut Found) -> PageRequest {
    let size = match usize::try_from(size) {
        Ok(0) => PAGE_SIZE_DEFAULT,
        Ok(size) => size.min(PAGE_SIZE_MAX),
        Err(_) => {
            found.field("page_size", format!("is {size}; must be 0 (which means {PAGE_SIZE_DEFAULT}) or more"));
            PAGE_SIZE_DEFAULT
        }
    };
    PageRequest { size, token }
}

fn duration(message: prost_types::Duration, found: &mut Found) -> Option<Duration> {
    match Duration::try_from(message) {
        Ok(duration) if !duration.is_zero() => Some(duration),
        _ => {
            let prost_types::Duration { seconds, nanos } = message;
            found.field(
                "time_limit",
                format!("is {seconds} s and {nanos} ns; must be above 0, or unset for the default"),
            );
            None
        }
    }
}

fn case_ids(texts: Vec<String>) -> Vec<CaseId> {
    texts.into_iter().map(CaseId::new).collect()
}

/// Closed cases are not open ones, and only open ones can be explained.
fn check_case_ids(backlog: &Backlog, closed: &[CaseId], explained: &[CaseId], found: &mut Found) {
    if explained.len() > EXPLAINED_MAX {
        let message =
            format!("has {} entries; at most {EXPLAINED_MAX} cases can be explained at once", explained.len());
        found.field("explain_case_ids", message);
        return;
    }
    if closed.is_empty() && explained.is_empty() {
        return;
    }
    let open: HashSet<&CaseId> = backlog.cases.iter().map(|case| &case.id).collect();
    for (position, case_id) in closed.iter().enumerate() {
        let field = || format!("closed_case_ids[{position}]");
        if let Some(problem) = token_problem(case_id.as_str()) {
            found.field(field(), problem);
        } else if open.contains(case_id) {
            let id = quoted(case_id.as_str());
            found.field(
                field(),
                format!("names case `{id}`, which is also in the backlog; leave it out of one of them"),
            );
        }
    }
    for (position, case_id) in explained.iter().enumerate().filter(|(_, case_id)| !open.contains(case_id)) {
        let id = quoted(case_id.as_str());
        found.field(format!("explain_case_ids[{position}]"), format!("names case `{id}`, which is not in the backlog"));
    }
}
