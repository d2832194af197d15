//! What is kept: proposals, assignment versions, and what became of requests.

use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::error::StoreError;
use super::ids::{AllocationId, Digest, RequestId, TeamId, Version};
use super::input::{Action, Call, Identity, Input, Made, OverrideReason, Pin};
use crate::model::{Allocation, CaseId, Totals};

/// By what a request that is sent twice is known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestKey {
    /// Chosen by the caller; one id stands for one write of one team.
    pub id: RequestId,
    /// Digest of everything the request asks for: another payload under the same id is refused.
    pub fingerprint: Digest,
}

/// An allocation kept for a person to look at. Immutable, and gone after `expire_time`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposal {
    /// Its name.
    pub allocation_id: AllocationId,
    /// Whose it is.
    pub team_id: TeamId,
    /// The request that made it, if that had an id.
    pub request: Option<RequestKey>,
    /// When it was made.
    pub create_time: Timestamp,
    /// From this instant on the store no longer knows it.
    pub expire_time: Timestamp,
    /// The current version when it was made; `None` = the team had none.
    pub base_version: Option<Version>,
    /// Digest of the backlog and rules it answers.
    pub input_digest: Digest,
    /// The answer.
    pub allocation: Arc<Allocation>,
    /// Cases that the request named closed; a commit needs them again.
    pub closed_case_ids: Vec<CaseId>,
    /// Who asked for it.
    #[serde(default)]
    pub proposed_by: Identity,
    /// What it answers; `None` = kept by a program that did not keep it.
    #[serde(default)]
    pub input: Option<Arc<Input>>,
    /// Tokens that were erased from it.
    #[serde(default)]
    pub erased_count: u32,
}

/// A proposal in a list: enough to choose one by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProposalSummary {
    /// Its name.
    pub allocation_id: AllocationId,
    /// Whose it is.
    pub team_id: TeamId,
    /// When it was made.
    pub create_time: Timestamp,
    /// From this instant on the store no longer knows it.
    pub expire_time: Timestamp,
    /// The current version when it was made.
    pub base_version: Option<Version>,
    /// Digest of the backlog and rules it answers.
    pub input_digest: Digest,
    /// The figures that come first.
    pub totals: Totals,
    /// Price of the assignment.
    pub objective: i64,
    /// No allocation costs less.
    pub bound: i64,
}

impl From<&Proposal> for ProposalSummary {
    fn from(proposal: &Proposal) -> Self {
        Self {
            allocation_id: proposal.allocation_id.clone(),
            team_id: proposal.team_id.clone(),
            create_time: proposal.create_time,
            expire_time: proposal.expire_time,
            base_version: proposal.base_version,
            input_digest: proposal.input_digest.clone(),
            totals: proposal.allocation.totals,
            objective: proposal.allocation.evidence.objective,
            bound: proposal.allocation.evidence.bound,
        }
    }
}

/// One version of a team's assignment, whole: it carries the allocation with holding list, caseloads and evidence, so
/// that reading one version gives one consistent picture. Immutable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssignmentVersion {
    /// The version it replaced as the current one; `None` for a team's first.
    pub parent: Option<Version>,
    /// Whose it is.
    pub team_id: TeamId,
    /// The allocation that was made current.
    pub allocation_id: AllocationId,
    /// The request that committed it, if that had an id.
    pub request: Option<RequestKey>,
    /// When it was committed.
    pub commit_time: Timestamp,
    /// Digest of the backlog and rules it answers.
    pub input_digest: Digest,
    /// How it came about.
    pub origin: Origin,
    /// The answer.
    pub allocation: Arc<Allocation>,
    /// Who asked for what it carries.
    #[serde(default)]
    pub proposed_by: Identity,
    /// Who made it current.
    #[serde(default)]
    pub committed_by: Identity,
    /// What it answers; `None` = committed by a program that did not keep it.
    #[serde(default)]
    pub input: Option<Arc<Input>>,
    /// Cases that persons gave to officers for good, by case id.
    #[serde(default)]
    pub pins: Vec<Pin>,
    /// Tokens that were erased from it. A version that has lost some cannot be replayed.
    #[serde(default)]
    pub erased_count: u32,
}

impl AssignmentVersion {
    /// Its number: one more than its parent's.
    #[must_use]
    pub fn version(&self) -> Version {
        Version::after(self.parent)
    }
}

/// A version in a list: enough to know who did what, and when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VersionSummary {
    /// Its number.
    pub version: Version,
    /// The allocation that it carries.
    pub allocation_id: AllocationId,
    /// When it was committed.
    pub commit_time: Timestamp,
    /// Who asked for what it carries.
    pub proposed_by: Identity,
    /// Who made it current.
    pub committed_by: Identity,
    /// How it came about.
    pub origin: Origin,
    /// Why, where a person gave a case to an officer.
    pub reason: Option<OverrideReason>,
    /// The day it was made for.
    pub as_at: Date,
    /// Version of the rules.
    pub rules_version: String,
    /// Digest of the backlog and rules it answers.
    pub input_digest: Digest,
    /// The figures that come first.
    pub totals: Totals,
    /// Its input is kept, so that it can be explained and replayed.
    pub has_input: bool,
    /// Tokens that were erased from it.
    pub erased_count: u32,
}

impl From<&AssignmentVersion> for VersionSummary {
    fn from(assignment: &AssignmentVersion) -> Self {
        let reason = match assignment.input.as_deref().map(|input| &input.made) {
            Some(Made::Called(Call { action: Action::Reassign { reason, .. }, .. })) => Some(*reason),
            _ => None,
        };
        Self {
            version: assignment.version(),
            allocation_id: assignment.allocation_id.clone(),
            commit_time: assignment.commit_time,
            proposed_by: assignment.proposed_by,
            committed_by: assignment.committed_by,
            origin: assignment.origin,
            reason,
            as_at: assignment.allocation.as_at,
            rules_version: assignment.allocation.rules_version.clone(),
            input_digest: assignment.input_digest.clone(),
            totals: assignment.allocation.totals,
            has_input: assignment.input.is_some(),
            erased_count: assignment.erased_count,
        }
    }
}

/// How a version came about: the word in a team's history.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// Allocated on top of its parent, or for a new team.
    Allocated,
    /// The store had lost the team's assignment; it was rebuilt from the `current_officer_id`s of a request. What came
    /// before is not known, and version numbers started again at 1.
    RebuiltFromRequest,
    /// New cases were given officers, and nobody else moved.
    CasesAssigned,
    /// A person gave a case to an officer.
    CaseReassigned,
    /// Cases were closed.
    CasesClosed,
    /// A token was erased from the history; nobody moved.
    Erased,
}

impl Origin {
    /// The code used in files and logs: `rebuilt_from_request`.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Allocated => "allocated",
            Self::RebuiltFromRequest => "rebuilt_from_request",
            Self::CasesAssigned => "cases_assigned",
            Self::CaseReassigned => "case_reassigned",
            Self::CasesClosed => "cases_closed",
            Self::Erased => "erased",
        }
    }
}

/// What an earlier request with this id did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestOutcome {
    /// By what it is known.
    pub request: RequestKey,
    /// The allocation it kept or committed.
    pub allocation_id: AllocationId,
    /// The version it committed; `None` = it kept a proposal.
    pub committed_version: Option<Version>,
}

impl RequestOutcome {
    /// The answer to the same commit, come again.
    pub(super) fn repeat_commit(self, request: &RequestKey) -> Result<Committed, StoreError> {
        match self.committed_version {
            Some(version) if self.request == *request => {
                Ok(Committed { version, allocation_id: self.allocation_id, repeated: true })
            }
            _ => Err(StoreError::RequestReused { request_id: request.id.clone() }),
        }
    }

    /// The answer to the same proposal, come again.
    pub(super) fn repeat_proposal(self, request: &RequestKey) -> Result<Kept, StoreError> {
        match self.committed_version {
            None if self.request == *request => Ok(Kept { allocation_id: self.allocation_id, repeated: true }),
            _ => Err(StoreError::RequestReused { request_id: request.id.clone() }),
        }
    }
}

/// A commit that was done, now or earlier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Committed {
    /// The version it made.
    pub version: Version,
    /// The allocation that this version carries: the earlier one's if `repeated`.
    pub allocation_id: AllocationId,
    /// Nothing was written: the same commit had been done before.
    pub repeated: bool,
}

/// A proposal that is kept, now or earlier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Its name: the earlier one's if `repeated`.
    pub allocation_id: AllocationId,
    /// Nothing was written: the same proposal had been kept before.
    pub repeated: bool,
}

/// One page of a team's proposals, newest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProposalPage {
    /// At most as many as asked for.
    pub proposals: Vec<ProposalSummary>,
    /// Where the next page starts; `None` = this was the last.
    pub next: Option<ListPosition>,
}

/// A place in a team's list of proposals, just after one of them. It stays valid when proposals come or expire.
/// The list runs from the newest `create_time` (to the microsecond) to the oldest, equal ones by id, downwards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListPosition {
    create_time_us: u64,
    allocation_id: AllocationId,
}

impl ListPosition {
    pub(super) fn of(create_time: Timestamp, allocation_id: &AllocationId) -> Self {
        // No proposal was made before 1970; a clock that says so puts them all at the end.
        let create_time_us = u64::try_from(create_time.as_microsecond()).unwrap_or(0);
        Self { create_time_us, allocation_id: allocation_id.clone() }
    }

    pub(super) fn create_time_us(&self) -> u64 {
        self.create_time_us
    }

    pub(super) fn allocation_id(&self) -> &AllocationId {
        &self.allocation_id
    }

    /// The position that a page token (its [`Display`](fmt::Display) text) names, if it is one.
    #[must_use]
    pub fn from_token(token: &str) -> Option<Self> {
        let (create_time_us, allocation_id) = token.split_once(':')?;
        let position = Self {
            create_time_us: create_time_us.parse().ok()?,
            allocation_id: AllocationId::new(allocation_id).ok()?,
        };
        (position.to_string() == token).then_some(position)
    }
}

impl fmt::Display for ListPosition {
    /// The page token. Tokens of one team sort as the positions do: 20 digits hold every `u64`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:020}:{}", self.create_time_us, self.allocation_id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_token_names_its_position_and_sorts_like_it() {
        let at =
            |us, id: &str| ListPosition::of(Timestamp::from_microsecond(us).unwrap(), &AllocationId::new(id).unwrap());
        let tokens = [at(-5, "a"), at(9, "a:b"), at(9, "b"), at(10, "a")].map(|position| position.to_string());
        assert!(tokens.is_sorted(), "{tokens:?}");
        for token in &tokens {
            assert_eq!(ListPosition::from_token(token).map(|position| position.to_string()).as_ref(), Some(token));
        }
        for bad in ["", "x", "1:a", "00000000000000000001:", "+0000000000000000001:a"] {
            assert_eq!(ListPosition::from_token(bad), None, "{bad:?}");
        }
    }
}
