//! Proposals: reading them, listing them, and making one the current assignment.

use super::{
    AllocationRecord, Scheduler,
    allocate::{self, check_etag, check_second_person},
    digest::digest_of,
    error::{AllocateError, Kind},
    incumbent::{kept_pins, origin},
    paging::{self, PageRequest, Place},
    reads::Page,
};
use crate::store::{
    AllocationId, AssignmentVersion, Identity, ListPosition, Proposal, ProposalSummary, RequestId, RequestKey, TeamId,
    Version,
};

/// Which proposal to make current.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commit {
    /// The team.
    pub team_id: TeamId,
    /// The proposal.
    pub allocation_id: AllocationId,
    /// The etag as sent; empty = none.
    pub etag: String,
    /// By what a repeated request is known.
    pub request_id: Option<RequestId>,
}

impl Scheduler {
    /// A proposal, or a committed allocation whose version is still kept.
    ///
    /// # Errors
    /// [`AllocateError::NotFound`], and those of the store.
    pub async fn get_allocation(
        &self,
        team_id: &TeamId,
        allocation_id: &AllocationId,
    ) -> Result<AllocationRecord, AllocateError> {
        self.find(team_id, allocation_id).await
    }

    /// A page of the team's proposals, newest first, and the team's current version.
    ///
    /// # Errors
    /// [`AllocateError::Invalid`] on the page token, and those of the store.
    pub async fn list_allocations(
        &self,
        team_id: &TeamId,
        page: &PageRequest,
    ) -> Result<(Page<ProposalSummary>, Option<Version>), AllocateError> {
        let filters = ("allocations", team_id.as_str());
        let after = match paging::place(&page.token, &filters)? {
            None => None,
            Some(place) => Some(ListPosition::from_token(&place.position).ok_or_else(paging::foreign_position)?),
        };
        let current = self.store.current_version(team_id).await?;
        let found = self.store.list_proposals(team_id, after.as_ref(), page.size).await?;
        let next_token = found.next.map(|next| {
            let place = Place { version: None, position: next.to_string() };
            paging::token(&place, &filters)
        });
        Ok((Page { entries: found.proposals, next_token, version: current }, current))
    }

    /// Makes a proposal's assignment the team's current one.
    ///
    /// # Errors
    /// [`AllocateError::RequestReused`], [`AllocateError::NotFound`], [`AllocateError::StaleEtag`],
    /// [`AllocateError::StaleProposal`], [`AllocateError::MissingCases`], [`AllocateError::NoDefaultSupervisor`],
    /// [`AllocateError::SecondPersonNeeded`], and
    /// those of the store.
    pub async fn commit_allocation(&self, request: Commit) -> Result<AssignmentVersion, AllocateError> {
        let Commit { team_id, allocation_id, etag, request_id } = request;
        let fingerprint = digest_of(&("commit", team_id.as_str(), allocation_id.as_str(), &etag));
        let key = request_id.map(|id| RequestKey { id, fingerprint });
        if let Some(key) = &key
            && let Some(outcome) = self.earlier(&team_id, key).await?
            && let Some(version) = outcome.committed_version
        {
            return self.version(&team_id, version).await;
        }
        let current = self.store.current(&team_id).await?;
        if let Some(current) = &current
            && current.allocation_id == allocation_id
            && current.parent.map(Version::etag).unwrap_or_default() == etag
        {
            // The same commit, come again without a request id.
            return Ok(current.clone());
        }
        let Some(proposal) = self.store.proposal(&team_id, &allocation_id).await? else {
            return Err(AllocateError::not_found(Kind::Allocation, &allocation_id, &team_id));
        };
        let base = current.as_ref().map(AssignmentVersion::version);
        check_etag(&etag, base, true)?;
        check_proposal(&proposal, current.as_ref())?;
        let pins = match (&current, &proposal.input) {
            (Some(current), Some(input)) => kept_pins(&current.pins, &input.backlog),
            _ => Vec::new(),
        };
        let assignment = AssignmentVersion {
            parent: base,
            team_id,
            allocation_id,
            request: key,
            commit_time: self.now(),
            input_digest: proposal.input_digest,
            origin: origin(base, &proposal.allocation),
            allocation: proposal.allocation,
            proposed_by: proposal.proposed_by,
            committed_by: Identity::Unverified,
            input: proposal.input,
            pins,
            erased_count: proposal.erased_count,
        };
        let closed_case_ids = &proposal.closed_case_ids;
        let commit = allocate::Commit { parent: current.as_ref(), closed_case_ids, etag: &etag };
        self.commit_version(assignment, &commit).await
    }

    pub(super) async fn find(
        &self,
        team_id: &TeamId,
        allocation_id: &AllocationId,
    ) -> Result<AllocationRecord, AllocateError> {
        Ok(self.find_with_base(team_id, allocation_id).await?.0)
    }

    /// An allocation, and the version it was made from.
    pub(super) async fn find_with_base(
        &self,
        team_id: &TeamId,
        allocation_id: &AllocationId,
    ) -> Result<(AllocationRecord, Option<Version>), AllocateError> {
        let current = self.store.current_version(team_id).await?;
        if let Some(version) = self.store.version_of(team_id, allocation_id).await?
            && let Some(assignment) = self.store.version(team_id, version).await?
        {
            let base = assignment.parent;
            return Ok((AllocationRecord::of_version(assignment, current), base));
        }
        match self.store.proposal(team_id, allocation_id).await? {
            Some(proposal) => {
                let base = proposal.base_version;
                Ok((AllocationRecord::of_proposal(proposal, current), base))
            }
            None => Err(AllocateError::not_found(Kind::Allocation, allocation_id, team_id)),
        }
    }
}

/// The proposal may become current on top of this assignment.
fn check_proposal(proposal: &Proposal, current: Option<&AssignmentVersion>) -> Result<(), AllocateError> {
    let base = current.map(AssignmentVersion::version);
    if proposal.base_version != base {
        return Err(AllocateError::StaleProposal { base: proposal.base_version, current: base });
    }
    if !proposal.allocation.has_default_supervisor {
        return Err(AllocateError::NoDefaultSupervisor);
    }
    match &proposal.input {
        Some(input) => {
            check_second_person(&input.rules, &proposal.allocation, proposal.proposed_by, Identity::Unverified)
        }
        None => Ok(()),
    }
}
