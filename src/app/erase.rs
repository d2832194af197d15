//! Erasing a token from a team's history: a new version says that it was done, and every older record has a tombstone in
//! the token's place.

use tokio::time::Instant;
use tracing::info;
use uuid::Uuid;

use super::{
    Scheduler,
    allocate::{Commit, check_etag, to_the_end},
    digest::digest_of,
    error::{AllocateError, Kind},
};
use crate::{
    model::CaseId,
    store::{
        Action, AllocationId, AssignmentVersion, Call, Digest, Identity, Made, Mentions, Origin, RequestId, RequestKey,
        TeamId, Token, Version,
    },
};

/// What to erase.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Erase {
    /// The team.
    pub team_id: TeamId,
    /// By what a repeated request is known: an erasure that was cut off goes on by it.
    pub request_id: Option<RequestId>,
    /// The etag as sent; empty = none.
    pub etag: String,
    /// The token.
    pub token: Token,
    /// After this nobody waits for the answer.
    pub call_deadline: Option<Instant>,
}

/// What was erased.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Erased {
    /// What stands in the token's place.
    pub tombstone: String,
    /// Records that this call changed.
    pub mentions: Mentions,
    /// The version that says so; `None` = the team has no assignment, only proposals.
    pub version: Option<AssignmentVersion>,
}

impl Scheduler {
    /// Erases a token from every version and proposal that is kept. First a version is committed on top of the current one,
    /// so that no older proposal can bring the token back; then the older records are changed. Cut off in between, the same
    /// request goes on.
    ///
    /// # Errors
    /// [`AllocateError::RequestReused`], [`AllocateError::StaleEtag`], [`AllocateError::TokenInUse`],
    /// [`AllocateError::NotFound`] for a token that is nowhere, and those of the pool and the store.
    pub async fn erase(&self, request: Erase) -> Result<Erased, AllocateError> {
        let Erase { team_id, request_id, etag, token, call_deadline } = request;
        let key = request_id.map(|id| RequestKey { id, fingerprint: fingerprint(&team_id, &etag, &token) });
        if let Some(key) = &key
            && let Some(outcome) = self.earlier(&team_id, key).await?
            && let Some(version) = outcome.committed_version
        {
            let version = self.version(&team_id, version).await?;
            return self.erase_below(team_id, token, Some(version)).await;
        }
        let current = self.store.current(&team_id).await?;
        check_etag(&etag, current.as_ref().map(AssignmentVersion::version), true)?;
        if let Some(current) = &current {
            not_in_use(current, &token)?;
        }
        if self.store.mentions(&team_id, &token).await?.is_none() {
            return Err(AllocateError::not_found(Kind::Token, &text(&token), &team_id));
        }
        let version = match current {
            Some(current) => Some(self.commit_erasure(current, key, &etag, call_deadline).await?),
            None => None,
        };
        self.erase_below(team_id, token, version).await
    }

    /// A version that says that something is erased. One whose parent did not keep its input has none either.
    async fn commit_erasure(
        &self,
        current: AssignmentVersion,
        key: Option<RequestKey>,
        etag: &str,
        call_deadline: Option<Instant>,
    ) -> Result<AssignmentVersion, AllocateError> {
        if current.input.is_some() {
            let call = Call { as_at: current.allocation.as_at, action: Action::Erase { tombstone: new_tombstone() } };
            return self.carry_out(current, call, key, etag, call_deadline).await;
        }
        let assignment = AssignmentVersion {
            parent: Some(current.version()),
            allocation_id: AllocationId::random(),
            request: key,
            commit_time: self.now(),
            origin: Origin::Erased,
            proposed_by: Identity::Unverified,
            committed_by: Identity::Unverified,
            ..current.clone()
        };
        self.commit_version(assignment, &Commit { parent: Some(&current), closed_case_ids: &[], etag }).await
    }

    async fn erase_below(
        &self,
        team_id: TeamId,
        token: Token,
        version: Option<AssignmentVersion>,
    ) -> Result<Erased, AllocateError> {
        let made = version.as_ref().and_then(|version| version.input.as_deref()).map(|input| &input.made);
        let tombstone = match made {
            Some(Made::Called(Call { action: Action::Erase { tombstone }, .. })) => tombstone.clone(),
            _ => new_tombstone(),
        };
        let newest = version.as_ref().map(AssignmentVersion::version);
        let (store, team, place) = (std::sync::Arc::clone(&self.store), team_id.clone(), tombstone.clone());
        let mentions = to_the_end(async move { store.erase(&team, &token, &place, newest).await }).await??;
        info!(
            team.id = %team_id,
            assignment.version = newest.map_or(0, Version::get),
            version.count = mentions.version_count,
            proposal.count = mentions.proposal_count,
            "erased a token"
        );
        Ok(Erased { tombstone, mentions, version })
    }
}

/// It says nothing about what it stands for.
fn new_tombstone() -> String {
    format!("erased-{}", Uuid::new_v4())
}

fn fingerprint(team_id: &TeamId, etag: &str, token: &Token) -> Digest {
    match token {
        Token::Case(id) => digest_of(&("erase", team_id.as_str(), etag, "case", id)),
        Token::Child(id) => digest_of(&("erase", team_id.as_str(), etag, "child", id)),
    }
}

fn text(token: &Token) -> &dyn std::fmt::Display {
    match token {
        Token::Case(id) => id,
        Token::Child(id) => id,
    }
}

/// No open case is it, or is about it.
fn not_in_use(current: &AssignmentVersion, token: &Token) -> Result<(), AllocateError> {
    let mut case_ids: Vec<CaseId> = match token {
        Token::Case(id) => {
            super::incumbent::case_ids(&current.allocation).filter(|case_id| *case_id == id).cloned().collect()
        }
        Token::Child(id) => {
            let cases = current.input.iter().flat_map(|input| &input.backlog.cases);
            cases.filter(|case| case.child_id.as_ref() == Some(id)).map(|case| case.id.clone()).collect()
        }
    };
    case_ids.sort();
    case_ids.dedup_by(|a, b| a == b);
    if case_ids.is_empty() { Ok(()) } else { Err(AllocateError::TokenInUse { case_ids }) }
}
