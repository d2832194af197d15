//! What the service does, without knowing gRPC or HTTP: one [`Scheduler`] over a store and a pool of solver threads.
//!
//! A file is an operation: `allocate`, `commit`, `reads`, `daily`, `history`, `erase`, `plan`, `forecast`, `scenarios`, `staffing`. Who may call
//! them, and how their errors look on a wire, is the business of `rpc`.

mod allocate;
mod commit;
mod daily;
mod digest;
mod erase;
pub mod error;
mod forecast;
mod history;
mod incumbent;
mod limits;
mod paging;
mod plan;
mod pool;
mod reads;
mod reconcile;
mod scenarios;
mod staffing;
mod status;

use std::sync::Arc;

use jiff::Timestamp;

pub use allocate::{Allocate, Allocated, Draft};
pub use commit::Commit;
pub use daily::DayCall;
pub use digest::input_digest;
pub use erase::{Erase, Erased};
pub use error::{AllocateError, BadField, Kind, TimeSource, Violations};
pub use forecast::ForecastQuestion;
pub use history::{ExplainedCase, Replayed};
pub use incumbent::{missing_cases, origin, with_incumbent, with_pins};
pub use limits::Limits;
pub use paging::PageRequest;
pub use plan::{About, PlanningBudget, PlanningInput};
pub use pool::{Pool, SearchTime, Ticket};
pub use reads::{CaseloadWithCases, Filters, ListRequest, Page};
pub use reconcile::{Difference, Reconciliation, differences};
pub use scenarios::ScenarioAnswer;
pub use staffing::{StaffingAnswer, StaffingQuestion};
pub use status::{Due, MonthEnd, TeamStatus};

use crate::{
    model::Allocation,
    statute::{Catalogue, Statute},
    store::Proposal,
};

/// The service. Cheap to share; every operation may be called at any time from any task.
pub struct Scheduler {
    store: Arc<dyn Store>,
    pool: Arc<Pool>,
    limits: Limits,
    clock: Clock,
    statute: Arc<Statute>,
}

impl Scheduler {
    /// A service over this store and pool. The clock dates what is kept; it never steers a solve.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, pool: Arc<Pool>, limits: Limits, clock: Clock) -> Self {
        let catalogue = Catalogue::preset("send-england").expect("it is shipped");
        Self { store, pool, limits, clock, statute: Arc::new(Statute::of(catalogue)) }
    }

    /// With this stage catalogue instead of the one for special educational needs casework in England.
    #[must_use]
    pub fn with_catalogue(mut self, catalogue: Catalogue) -> Self {
        self.statute = Arc::new(Statute::of(catalogue));
        self
    }

    /// What one request may ask for.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// The store can be used now.
    ///
    /// # Errors
    /// Whatever the store says.
    pub async fn ping(&self) -> Result<(), StoreError> {
        self.store.ping().await
    }

    /// Stops every solve: those that run answer with the best they have.
    pub fn interrupt_all(&self) {
        self.pool.interrupt_all();
    }

    fn now(&self) -> Timestamp {
        (self.clock)()
    }
}

/// Where an allocation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Only validated: nothing was kept.
    Validated,
    /// Kept for a person to look at.
    Proposed {
        /// When it is forgotten.
        expire_time: Timestamp,
    },
    /// Its assignment is, or was, the current one.
    Committed {
        /// As which version.
        version: Version,
    },
}

/// An allocation and what the service knows about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AllocationRecord {
    /// Its name; `None` = it was not kept.
    pub allocation_id: Option<AllocationId>,
    /// The team.
    pub team_id: TeamId,
    /// Where it stands.
    pub state: State,
    /// The team's current version when this was read.
    pub current: Option<Version>,
    /// When it was made.
    pub create_time: Timestamp,
    /// The digest of backlog and rules.
    pub input_digest: Digest,
    /// The store knew an assignment to start from; otherwise only the request said who holds what.
    pub had_assignment: bool,
    /// The answer.
    pub allocation: Arc<Allocation>,
}

impl AllocationRecord {
    fn of_version(assignment: AssignmentVersion, current: Option<Version>) -> Self {
        Self {
            state: State::Committed { version: assignment.version() },
            allocation_id: Some(assignment.allocation_id),
            team_id: assignment.team_id,
            current,
            create_time: assignment.commit_time,
            input_digest: assignment.input_digest,
            had_assignment: assignment.parent.is_some(),
            allocation: assignment.allocation,
        }
    }

    fn of_proposal(proposal: Proposal, current: Option<Version>) -> Self {
        Self {
            state: State::Proposed { expire_time: proposal.expire_time },
            allocation_id: Some(proposal.allocation_id),
            team_id: proposal.team_id,
            current,
            create_time: proposal.create_time,
            input_digest: proposal.input_digest,
            had_assignment: proposal.base_version.is_some(),
            allocation: proposal.allocation,
        }
    }
}

/// Types of managers' questions and answers.
pub use crate::plan::{
    Adjustment, Allowances, Assignment, Away, CapKind, Caps, CaseGroup, Closing, Counts, Demand, Effort, Efforts,
    Evaluated, Follow, Forecast, Growth, HandedOver, HandoverFrontier, HandoverOptions, HandoverStep, HireWorth, Hires,
    Interval, Joiners, LeaverDrill, LeftBehind, LowestCap, LowestCapOptions, Missed, ObligationKind, OfficerChange,
    OfficerFigures, Other as OtherEffort, OutOfReach, OutOfReachReason, Outlook, Profile, ScarceSkill, Scenario,
    Shortage, ShortageOptions, Shortages, StaffingOptions, StaffingPlan, TargetCaps, Verdict, Wait, Wave, WaveOptions,
    Waves, Week, WhyNothing, Worth, WorthFigures, WorthOptions,
};
/// Types of the solver that answers have.
pub use crate::solve::{Candidate, Explanation, NeededChange, Obstacle};
/// Types of the store that callers of the operations need.
pub use crate::store::{
    Action, AllocationId, AssignmentVersion, Call, Clock, Digest, Identity, Made, Origin, OverrideReason,
    ProposalSummary, RequestId, Store, StoreError, TeamId, Token, Version, VersionSummary, system_clock,
};
