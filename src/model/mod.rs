//! What things are: ids, backlog, rules, allocation. Pure data: no files, sockets, clock or randomness.

mod allocation;
mod backlog;
mod contact;
mod digest;
mod hours;
mod note;
mod obligation;
mod problem;
mod rules;
mod units;
mod violation;

pub use allocation::{
    Allocation, BoundSource, Caseload, Change, ChangeReason, Evidence, GapItems, Held, Holding, HoldingReason,
    OfficerGap, OfficerPrices, PROOF_SCALE, Peak, Proof, SupervisorHoldings, Termination, Totals, load_percent,
};
pub use backlog::{
    Backlog, CAPACITY_POINTS_MAX, COUNT_MAX, Case, ID_BYTES_MAX, Officer, PRICE_MAX, Pair, Supervisor,
    WEIGHT_POINTS_MAX,
};
pub use contact::named_contacts;
pub use digest::input_digest;
pub use hours::{Absence, Amount, Reduction, ReductionCode, capacity_on, days_away};
pub use note::{Note, SplitReason};
pub use obligation::{AddOn, Derived, Event, Exempted, Obligation, StayExtension, StayReason, WeekPoints};
pub use problem::{
    Anchor, BalanceSegment, EligiblePair, INTAKE_DAYS, Instance, Limits, Owners, Problem, Service, Unit, service_on,
    token_problem,
};
pub use rules::{BalanceStep, Rules};
pub use units::{CaseId, CaseIndex, ChildId, Code, GroupId, OfficerId, OfficerIndex, SupervisorId, UnitIndex};
pub use violation::{InvalidProblem, Part, Place, Violation};
