//! Where proposals and the current assignment live: one trait, an embedded store (the default: one file in the data
//! directory) and Redis.
//!
//! What every store promises, and `tests/it/store_contract.rs` checks of each:
//! - Proposals and versions are immutable, but for tokens that are [erased](Store::erase). The only thing that changes is
//!   which version is current, and that by a compare-and-set: a commit names the version it was made from (its `parent`),
//!   and only one commit on top of each version can win.
//! - A commit is one atomic step: version record, current version and outcome of the request are all there or none is.
//!   Once acknowledged it outlives a restart (Redis: if it runs with `appendonly yes` and `appendfsync always`).
//! - Everything may be repeated. One request id stands for one write; the same request again gets the earlier outcome,
//!   another one under its id is refused. Without a request id the same allocation on the same parent is recognised.
//! - A read gives one whole version, never a mixture of two.
//! - A record that is not what was stored is reported as [`StoreError::Corrupt`], never repaired or left out.
//! - A store that is away gives [`StoreError::Unavailable`] and is used again when it is back.
//!
//! A Redis that was flushed knows no assignment: `current` is `None`, and the next commit makes a first version whose
//! [`Origin`] can say that it was rebuilt.
//!
//! Not here: deciding what to commit (`app` does), and the messages of the API. Records have an encoding of their own
//! (`record`), so that neither can change the other by accident.

mod assignment;
mod embedded;
mod erase;
mod error;
mod ids;
mod input;
mod record;
mod redis;

use std::num::NonZeroU64;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;

pub use self::redis::{RedisOptions, RedisStore};
pub use assignment::{
    AssignmentVersion, Committed, Kept, ListPosition, Origin, Proposal, ProposalPage, ProposalSummary, RequestKey,
    RequestOutcome, VersionSummary,
};
pub use embedded::EmbeddedStore;
pub use erase::{Mentions, Token};
pub use error::{Cause, OpenError, StoreError};
pub use ids::{AllocationId, Digest, InvalidId, RequestId, TeamId, Version};
pub use input::{Action, Call, Identity, Input, KeptStart, Made, OverrideReason, Pin};

/// Most proposals in one page of a list.
pub const LIST_LIMIT_MAX: usize = 1000;

/// How long and how much is kept besides the current version and unexpired proposals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// How long the outcome of a request is known under its id, from when it was done.
    pub request_ttl: Duration,
    /// Newest versions kept of each team, the current one included; older ones are deleted by the commit that makes
    /// them superfluous.
    pub versions_max: NonZeroU64,
}

impl Default for Retention {
    /// 7 days, since a caller that has not repeated its request by then has forgotten it, and 100 versions: at some
    /// 500 kB for 11,000 cases, input included, a team's history stays near 50 MB.
    fn default() -> Self {
        Self { request_ttl: Duration::from_secs(7 * 24 * 3600), versions_max: NonZeroU64::new(100).expect("100 > 0") }
    }
}

/// Tells the time by which proposals and request ids expire.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// The clock of the machine.
#[must_use]
pub fn system_clock() -> Clock {
    Arc::new(Timestamp::now)
}

/// Where proposals and the current assignment live. The contract is in the [module's documentation](self).
///
/// Every operation may fail with [`StoreError::Unavailable`] and, where it reads, [`StoreError::Corrupt`]; further
/// errors are named below. Dropping the future of a write leaves open whether it was done.
#[async_trait]
pub trait Store: Send + Sync {
    /// The team's current assignment; `None` = the store knows none.
    async fn current(&self, team_id: &TeamId) -> Result<Option<AssignmentVersion>, StoreError>;

    /// The number of the team's current version, without its payload: cheap enough to poll.
    async fn current_version(&self, team_id: &TeamId) -> Result<Option<Version>, StoreError>;

    /// One version of the team's history; `None` = never committed, or no longer kept.
    async fn version(&self, team_id: &TeamId, version: Version) -> Result<Option<AssignmentVersion>, StoreError>;

    /// The version that carries this allocation (the newest, should there be several); `None` = it was not committed,
    /// or the version is no longer kept. An allocation that was committed stays readable this way after its proposal
    /// expired, or if it never was one.
    async fn version_of(&self, team_id: &TeamId, allocation_id: &AllocationId) -> Result<Option<Version>, StoreError>;

    /// Makes this the team's current version, if its `parent` is the current version now.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] if it is not; [`StoreError::RequestReused`] if its request id stands for anything else.
    async fn commit(&self, assignment: AssignmentVersion) -> Result<Committed, StoreError>;

    /// Keeps a proposal until its `expire_time`. An allocation id is never used twice: if one is already kept under
    /// it, that one stays.
    ///
    /// # Errors
    /// [`StoreError::RequestReused`] if its request id stands for anything else.
    async fn keep_proposal(&self, proposal: Proposal) -> Result<Kept, StoreError>;

    /// The proposal of this name; `None` = never kept, or expired.
    async fn proposal(&self, team_id: &TeamId, allocation_id: &AllocationId) -> Result<Option<Proposal>, StoreError>;

    /// The team's proposals, newest first, from just after `after`: `limit` of them, at least 1 and at most
    /// [`LIST_LIMIT_MAX`].
    async fn list_proposals(
        &self,
        team_id: &TeamId,
        after: Option<&ListPosition>,
        limit: usize,
    ) -> Result<ProposalPage, StoreError>;

    /// What an earlier request with this id did; `None` = nothing yet, or too long ago.
    async fn request(&self, team_id: &TeamId, request_id: &RequestId) -> Result<Option<RequestOutcome>, StoreError>;

    /// The team's versions from `newest` downwards: `limit` of them, at least 1 and at most [`LIST_LIMIT_MAX`] + 1, as far as
    /// they are kept.
    async fn list_versions(
        &self,
        team_id: &TeamId,
        newest: Version,
        limit: usize,
    ) -> Result<Vec<VersionSummary>, StoreError>;

    /// In how many versions and proposals of the team a token is. Reads all of them.
    async fn mentions(&self, team_id: &TeamId, token: &Token) -> Result<Mentions, StoreError>;

    /// Puts the tombstone in the token's place in every version up to this one (`None` = the team has none) and in every
    /// proposal that was made from an older one: the only change that is ever made to what is kept. Repeated, it goes on
    /// where it was cut off; the embedded store does all of it in one atomic step, Redis record by record.
    async fn erase(
        &self,
        team_id: &TeamId,
        token: &Token,
        tombstone: &str,
        newest: Option<Version>,
    ) -> Result<Mentions, StoreError>;

    /// Answers if the store can be used now: for health checks.
    async fn ping(&self) -> Result<(), StoreError>;
}
