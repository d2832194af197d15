//! The only table from errors to gRPC codes. Ask of each row: what will the caller do with it?
//!
//! Every error carries `google.rpc.ErrorInfo`, whose metadata has every part of the message that varies, and at most one
//! detail of each further type. Details travel in HTTP/2 trailers, and clients refuse trailers beyond 8 KiB (Python's
//! drop some from there on), so lists are cut: as many entries as fit, in the order of the input, and the total number.

use std::{collections::HashMap, time::Duration};

use tonic::{Code, Status};
use tonic_types::{ErrorDetails, FieldViolation, PreconditionViolation, QuotaViolation, StatusExt as _};
use tracing::{debug, error, info, warn};
use uuid::Uuid;

use super::convert::path;
use crate::{
    app::{AllocateError, Kind, Obstacle, StoreError, TimeSource, Version, Violations, error::chain},
    model::CaseId,
};

/// The domain of every ErrorInfo.
pub(super) const DOMAIN: &str = "caseload";

/// Bytes that the entries of one list may take. With ErrorInfo, the message and base64's third on top the trailers stay
/// below 8 KiB; `the_largest_error_fits_into_the_trailers` holds us to it.
const LIST_BYTES_MAX: usize = 2_800;
/// Bytes of one text inside a detail.
const TEXT_BYTES_MAX: usize = 400;
/// Bytes of one metadata value.
const VALUE_BYTES_MAX: usize = 200;
/// Bytes of the message; each that is not ASCII is sent as three.
const MESSAGE_BYTES_MAX: usize = 600;
/// What an entry of a list takes besides its texts: tags and lengths, rounded up.
const ENTRY_BYTES: usize = 12;

/// When to come again after a full queue: a solve takes some seconds.
const RETRY_QUEUE: Duration = Duration::from_secs(2);
/// When to come again while the store is away.
const RETRY_STORE: Duration = Duration::from_secs(5);

/// What the caller is told, and logs it once: this is where a failure is handled.
pub(super) fn refuse(error: AllocateError) -> Status {
    let refusal = refusal(&error);
    log(&error, &refusal);
    refusal.into_status()
}

/// One row of the table, filled in.
struct Refusal {
    code: Code,
    reason: &'static str,
    message: String,
    metadata: HashMap<String, String>,
    details: ErrorDetails,
}

fn refusal(error: &AllocateError) -> Refusal {
    let message = error.to_string();
    let row = |code, reason, metadata: &[(&str, String)]| Refusal {
        code,
        reason,
        message: message.clone(),
        metadata: metadata.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect(),
        details: ErrorDetails::new(),
    };
    match error {
        AllocateError::Invalid(found) => invalid(found),
        AllocateError::RequestReused { request_id } => {
            row(Code::InvalidArgument, "REQUEST_ID_REUSED", &[("request_id", request_id.to_string())]).with(|details| {
                details.add_bad_request_violation(
                    "request_id",
                    format!("{request_id} was already used for another request; use a new one"),
                );
            })
        }
        AllocateError::TooLittleTime { available, minimum, source_field } => {
            let (field, what) = match source_field {
                TimeSource::TimeLimit => ("time_limit", "allows"),
                TimeSource::CallDeadline => ("time_limit", "is cut by the deadline of the call to"),
            };
            let (available, minimum) = (available.as_millis(), minimum.as_millis());
            let metadata = [
                ("available_ms", available.to_string()),
                ("minimum_ms", minimum.to_string()),
                ("cut_by", if *source_field == TimeSource::TimeLimit { "time_limit" } else { "deadline" }.to_owned()),
            ];
            row(Code::InvalidArgument, "TOO_LITTLE_TIME", &metadata).with(|details| {
                let description = format!("{what} {available} ms of search; allow at least {minimum} ms");
                details.add_bad_request_violation(field, description);
            })
        }
        AllocateError::UnknownTeam { team_id } => {
            row(Code::NotFound, "TEAM_NOT_FOUND", &[("team_id", team_id.to_string())]).with(|details| {
                details.set_resource_info("caseload/team", team_id.as_str(), "", "check the name");
            })
        }
        AllocateError::NotFound { kind, name, team_id } => {
            let reason = match kind {
                Kind::Version => "VERSION_NOT_FOUND",
                Kind::Allocation => "ALLOCATION_NOT_FOUND",
                Kind::Case => "CASE_NOT_FOUND",
                Kind::Officer => "OFFICER_NOT_FOUND",
                Kind::Supervisor => "SUPERVISOR_NOT_FOUND",
                Kind::Token => "TOKEN_NOT_FOUND",
            };
            let metadata = [("team_id", team_id.to_string()), (kind.field(), name.clone())];
            row(Code::NotFound, reason, &metadata).with(|details| {
                let name = cut(name, VALUE_BYTES_MAX);
                details.set_resource_info(format!("caseload/{}", kind.word()), name, "", "check the name");
            })
        }
        AllocateError::TooMany { what, key, limit, found } => {
            let metadata =
                [("limit_name", (*key).to_owned()), ("limit", limit.to_string()), ("found", found.to_string())];
            row(Code::ResourceExhausted, "TOO_MANY", &metadata).with(|details| {
                let description = format!("{found} {what} were sent or derived; at most {limit} are taken");
                let mut violation = QuotaViolation::new(*key, description);
                violation.quota_value = i64::try_from(*limit).unwrap_or(i64::MAX);
                details.set_quota_failure(vec![violation]);
            })
        }
        AllocateError::StaleEtag { given, current } => {
            row(Code::Aborted, "ETAG_STALE", &[("etag", given.clone()), ("current_etag", etag(*current))])
        }
        AllocateError::StaleProposal { base, current } => {
            row(Code::Aborted, "PROPOSAL_STALE", &[("base_etag", etag(*base)), ("current_etag", etag(*current))])
        }
        AllocateError::MissingCases { case_ids } => {
            let listed = listed_cases(case_ids, "CASE_MISSING", "is open in the current assignment");
            row(Code::FailedPrecondition, "CASES_MISSING", &[]).listing(listed, "missing_case_count")
        }
        AllocateError::CasesNotOpen { case_ids } => {
            let listed = listed_cases(case_ids, "CASE_NOT_OPEN", "is not open in the current assignment");
            row(Code::FailedPrecondition, "CASES_NOT_OPEN", &[]).listing(listed, "case_count")
        }
        AllocateError::TokenInUse { case_ids } => {
            let listed = listed_cases(case_ids, "CASE_OPEN", "is open in the current assignment; close it first");
            row(Code::FailedPrecondition, "TOKEN_IN_USE", &[]).listing(listed, "case_count")
        }
        AllocateError::NoCaseLeft => row(Code::FailedPrecondition, "NO_CASE_LEFT", &[]),
        AllocateError::CannotTake { case_id, officer_id, obstacles } => {
            let entry = |obstacle: &Obstacle| {
                let kind = obstacle.code().to_uppercase();
                PreconditionViolation::new(kind, officer_id.as_str(), obstacle.to_string())
            };
            let metadata = [("case_id", case_id.to_string()), ("officer_id", officer_id.to_string())];
            let listed = obstacles.iter().map(entry).collect();
            row(Code::FailedPrecondition, "OFFICER_CANNOT_TAKE", &metadata).listing(listed, "obstacle_count")
        }
        AllocateError::SecondPersonNeeded { handovers, limit, proposed_by, committed_by } => {
            let metadata = [
                ("handover_count", handovers.to_string()),
                ("second_person_above_handovers", limit.to_string()),
                ("proposed_by", proposed_by.code().to_owned()),
                ("committed_by", committed_by.code().to_owned()),
            ];
            row(Code::FailedPrecondition, "SECOND_PERSON_NEEDED", &metadata)
        }
        AllocateError::InputNotKept { version } => {
            row(Code::FailedPrecondition, "INPUT_NOT_KEPT", &[("version", version.to_string())])
        }
        AllocateError::VersionErased { version, erased_count } => {
            let metadata = [("version", version.to_string()), ("erased_token_count", erased_count.to_string())];
            row(Code::FailedPrecondition, "VERSION_ERASED", &metadata)
        }
        AllocateError::ParentNotKept { version, parent } => {
            let metadata = [("version", version.to_string()), ("parent_version", parent.to_string())];
            row(Code::FailedPrecondition, "PARENT_NOT_KEPT", &metadata)
        }
        AllocateError::NoDefaultSupervisor => {
            row(Code::FailedPrecondition, "NO_DEFAULT_SUPERVISOR", &[]).with(|details| {
                let description = "allocate again with a supervisor without areas";
                details.add_precondition_failure_violation("NO_DEFAULT_SUPERVISOR", "backlog.supervisors", description);
            })
        }
        AllocateError::QueueFull { depth } => {
            row(Code::Unavailable, "QUEUE_FULL", &[("queue_depth", depth.to_string())]).retry_in(RETRY_QUEUE)
        }
        AllocateError::ShuttingDown => row(Code::Unavailable, "SHUTTING_DOWN", &[]).retry_in(RETRY_QUEUE),
        AllocateError::OutOfTime => row(Code::DeadlineExceeded, "OUT_OF_TIME", &[]),
        AllocateError::Store(StoreError::Unavailable { .. }) => {
            let mut refusal = row(Code::Unavailable, "STORE_UNAVAILABLE", &[]).retry_in(RETRY_STORE);
            "the store is away; wait and retry with the same request_id".clone_into(&mut refusal.message);
            refusal
        }
        AllocateError::Store(
            StoreError::Corrupt { .. } | StoreError::Conflict { .. } | StoreError::RequestReused { .. },
        )
        | AllocateError::Faulty(_)
        | AllocateError::Disagreement(_)
        | AllocateError::Panicked(_) => internal(),
    }
}

fn listed_cases(case_ids: &[CaseId], kind: &str, description: &str) -> Vec<PreconditionViolation> {
    case_ids.iter().map(|id| PreconditionViolation::new(kind, id.as_str(), description)).collect()
}

/// A failure that is ours. The caller gets an id to report; what happened is in the log under that id.
fn internal() -> Refusal {
    let id = Uuid::new_v4().to_string();
    let mut details = ErrorDetails::new();
    details.set_request_info(&id, "");
    Refusal {
        code: Code::Internal,
        reason: "INTERNAL",
        message: format!("an internal error happened; report the id {id}"),
        metadata: HashMap::from([("error_id".to_owned(), id)]),
        details,
    }
}

fn invalid(found: &Violations) -> Refusal {
    let fields = found.fields.iter().map(|bad| (bad.field.clone(), bad.message.as_str()));
    let backlog = found.backlog.iter().map(|violation| (path(violation.place), violation.message.as_str()));
    let all = fields.chain(backlog);
    let entries = all.map(|(field, message)| FieldViolation::new(field, cut(message, TEXT_BYTES_MAX)));
    let shown = fitting(entries, |entry: &FieldViolation| entry.field.len() + entry.description.len());
    let total = found.count();
    let first = shown.first().map(|entry| format!("{} {}", entry.field, entry.description)).unwrap_or_default();
    let message = if total == 1 { first } else { format!("{total} fields are not valid; the first: {first}") };
    let mut details = ErrorDetails::new();
    let metadata = [("violation_count", total), ("shown_count", shown.len())];
    let message = and_more(message, shown.len(), total, "violations are listed");
    details.set_bad_request(shown);
    Refusal {
        code: Code::InvalidArgument,
        reason: "INVALID_FIELDS",
        message,
        metadata: metadata.map(|(key, count)| (key.to_owned(), count.to_string())).into(),
        details,
    }
}

impl Refusal {
    fn with(mut self, add: impl FnOnce(&mut ErrorDetails)) -> Self {
        add(&mut self.details);
        self
    }

    /// With as many entries of a list as fit, and how many there are.
    fn listing(mut self, entries: Vec<PreconditionViolation>, count: &str) -> Self {
        let total = entries.len();
        let size = |entry: &PreconditionViolation| entry.r#type.len() + entry.subject.len() + entry.description.len();
        let shown = fitting(entries.into_iter(), size);
        self.metadata.insert(count.to_owned(), total.to_string());
        self.metadata.insert("shown_count".to_owned(), shown.len().to_string());
        self.message = and_more(self.message, shown.len(), total, "cases are listed");
        self.with(|details| {
            details.set_precondition_failure(shown);
        })
    }

    fn retry_in(self, delay: Duration) -> Self {
        self.with(|details| {
            details.set_retry_info(Some(delay));
        })
    }

    fn into_status(mut self) -> Status {
        let short = |(key, value): (String, String)| (key, cut(&value, VALUE_BYTES_MAX));
        let metadata: HashMap<String, String> = self.metadata.into_iter().map(short).collect();
        self.details.set_error_info(self.reason, DOMAIN, metadata);
        Status::with_error_details(self.code, cut(&self.message, MESSAGE_BYTES_MAX), self.details)
    }
}

/// As many entries as fit into a list, at least one.
fn fitting<T>(entries: impl Iterator<Item = T>, size: impl Fn(&T) -> usize) -> Vec<T> {
    let mut left = LIST_BYTES_MAX;
    let mut fitting: Vec<T> = Vec::new();
    for entry in entries {
        let needed = size(&entry) + ENTRY_BYTES;
        if needed > left && !fitting.is_empty() {
            break;
        }
        left = left.saturating_sub(needed);
        fitting.push(entry);
    }
    fitting
}

fn and_more(message: String, shown: usize, total: usize, listed: &str) -> String {
    if shown == total { message } else { format!("{message} ({shown} {listed}, and {} more)", total - shown) }
}

/// The text, or its beginning, at most `max` bytes long.
pub(super) fn cut(text: &str, max: usize) -> String {
    if text.len() <= max {
        return text.to_owned();
    }
    let end = (0..=max - 3).rev().find(|&end| text.is_char_boundary(end)).unwrap_or(0);
    format!("{}...", &text[..end])
}

fn etag(version: Option<Version>) -> String {
    version.map(Version::etag).unwrap_or_default()
}

/// ERROR: someone must act. WARN: degraded. INFO: refused. Whatever a caller sent (ids, and what should have been one)
/// is in the metadata, and so in the log at most at debug.
fn log(error: &AllocateError, refusal: &Refusal) {
    let reason = refusal.reason;
    match refusal.code {
        Code::Internal => error!(reason, error.id = refusal.metadata["error_id"], "failed: {}", chain(error)),
        Code::Unavailable => warn!(reason, "refused: {}", chain(error)),
        _ => info!(reason, "refused"),
    }
    debug!(reason, metadata = ?refusal.metadata, "told the caller");
}

#[cfg(test)]
mod tests;
