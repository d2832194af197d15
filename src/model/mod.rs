//! What things are: ids, backlog, rules, allocation. Pure data: no files, sockets, clock or randomness.

mod allocation;
mod backlog;
mod digest;
mod problem;
mod rules;
mod units;
mod violation;

pub use allocation::{
    Allocation, BoundSource, Caseload, Change, ChangeReason, Evidence, GapItems, Held, Holding, HoldingReason, Note,
    OfficerGap, OfficerPrices, PROOF_SCALE, Proof, SplitReason, SupervisorHoldings, Termination, Totals,
};
pub use backlog::{
    Backlog, CAPACITY_POINTS_MAX, COUNT_MAX, Case, ID_BYTES_MAX, Officer, PRICE_MAX, Pair, Supervisor,
    WEIGHT_POINTS_MAX,
};
pub use digest::input_digest;
pub use problem::{
    Anchor, BalanceSegment, EligiblePair, Instance, Limits, Problem, Service, Unit, service_on, token_problem,
};
pub use rules::{BalanceStep, Rules};
pub use units::{CaseId, CaseIndex, ChildId, Code, GroupId, OfficerId, OfficerIndex, SupervisorId, UnitIndex};
pub use violation::{InvalidProblem, Part, Place, Violation};
