//! The answer of one solve, in the caller's ids: who holds what, what waits and why, and how good it is.

use std::fmt;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{
    note::Note,
    obligation::StayExtension,
    units::{CaseId, OfficerId, SupervisorId},
};

/// Price unit of a [`Proof`]: one whole price is 2^16 of these.
pub const PROOF_SCALE: i64 = 1 << 16;

/// A case with its officer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// The case.
    pub case_id: CaseId,
    /// Its officer.
    pub officer_id: OfficerId,
    /// First day with this officer, if known: `as_at` of the allocation that gave it.
    pub since: Option<Date>,
    /// Nearest due date; `None` = not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_date: Option<Date>,
    /// Its officer is whom the family turns to: one case of each child is.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub named_contact: bool,
}

/// Why a case waits. A closed list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HoldingReason {
    /// No officer may take it: skills, areas, dates or bars.
    NoEligibleOfficer,
    /// Every eligible officer is full with cases they keep.
    AllFull,
    /// Every eligible officer is full, and at least one of them was given a more urgent case by this allocation.
    DisplacedByUrgency,
    /// Room could be made only by a handover, and the handover limit is used up.
    HandoverLimit,
    /// Eligible officers have some room, but none for the whole group.
    GroupDoesNotFit,
    /// An eligible officer has room, but the search was stopped before it came to this case.
    SearchStopped,
    /// An eligible officer has room, but under the prices entered that costs more than waiting.
    WaitingCostsLess,
    /// An eligible officer has room, but the call that made this version gives no officers.
    RoomNotGiven,
}

impl HoldingReason {
    /// All reasons, in the order in which they are shown.
    pub const ALL: [Self; 8] = [
        Self::NoEligibleOfficer,
        Self::AllFull,
        Self::DisplacedByUrgency,
        Self::HandoverLimit,
        Self::GroupDoesNotFit,
        Self::SearchStopped,
        Self::WaitingCostsLess,
        Self::RoomNotGiven,
    ];

    /// The code used in files: `no_eligible_officer`.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::NoEligibleOfficer => "no_eligible_officer",
            Self::AllFull => "all_full",
            Self::DisplacedByUrgency => "displaced_by_urgency",
            Self::HandoverLimit => "handover_limit",
            Self::GroupDoesNotFit => "group_does_not_fit",
            Self::SearchStopped => "search_stopped",
            Self::WaitingCostsLess => "waiting_costs_less",
            Self::RoomNotGiven => "room_not_given",
        }
    }

    /// What a manager reads, and can do about it.
    #[must_use]
    pub fn sentence(self) -> &'static str {
        match self {
            Self::NoEligibleOfficer => {
                "No officer may take the case: check its skills, area and barred officers against the team."
            }
            Self::AllFull => "Every eligible officer is full with cases they keep: more capacity is needed.",
            Self::DisplacedByUrgency => {
                "Every eligible officer is full, and more urgent cases were given the room there was."
            }
            Self::HandoverLimit => "Room could be made only by more handovers than the limit allows.",
            Self::GroupDoesNotFit => "No eligible officer has room for the whole group; some have room for a part.",
            Self::SearchStopped => "The search was stopped before it came to this case: allow more time.",
            Self::WaitingCostsLess => {
                "An eligible officer has room, but the prices entered make waiting cheaper: raise the holding price."
            }
            Self::RoomNotGiven => {
                "An eligible officer has room that was not given to anybody yet: assign cases, or allocate again."
            }
        }
    }
}

impl fmt::Display for HoldingReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// A case on the holding list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holding {
    /// The case.
    pub case_id: CaseId,
    /// Why it waits.
    pub reason: HoldingReason,
    /// Who owns it while it waits; `None` only where the backlog names no supervisor for it (never in a commit).
    pub supervisor_id: Option<SupervisorId>,
    /// First day without an officer; no later allocation resets it.
    pub waiting_since: Date,
    /// The supervisor looks at it again by this day.
    pub check_by: Date,
    /// Last day it may stay on the holding list, an extension counted.
    pub longest_stay_until: Date,
    /// The one extension of its stay, if somebody gave it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stay_extension: Option<StayExtension>,
    /// Nearest due date; `None` = not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_date: Option<Date>,
    /// Whoever takes it is whom the family turns to: one case of each child is. Until then its supervisor is.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub named_contact: bool,
}

/// What one officer holds after the allocation, against the caps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Caseload {
    /// The officer.
    pub officer_id: OfficerId,
    /// The officer's own supervisor, where the backlog names one.
    pub supervisor_id: Option<SupervisorId>,
    /// Cases held.
    pub case_count: i64,
    /// Load: points held, handover points included.
    pub load_points: i64,
    /// Points cap; `None` = none.
    pub capacity_points: Option<i64>,
    /// Case-count cap; `None` = none.
    pub max_case_count: Option<i64>,
    /// Cases given by this allocation.
    pub new_case_count: i64,
    /// Above a cap, or without capacity and holding cases; only by cases that were there before, or pinned.
    pub over: bool,
    /// Points in the heaviest of the next 52 weeks, by what is known today; `None` = the same in all of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peak: Option<Peak>,
    /// Days within the 7 to this one on which the officer was given cases that they no longer hold.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub former_intake: Vec<Date>,
}

/// The heaviest week to come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Peak {
    /// Its first day.
    pub week: Date,
    /// Points in it.
    pub points: i64,
}

impl Caseload {
    /// See [`load_percent`].
    #[must_use]
    pub fn percent(&self) -> Option<i64> {
        load_percent(self.load_points, self.case_count, self.capacity_points, self.max_case_count)
    }
}

/// Share of the tightest cap that points and cases take, in per cent, rounded up; `None` = no cap. Who has cases and no
/// capacity is at 10,000 %, whatever they weigh: never at 0.
#[must_use]
pub fn load_percent(points: i64, cases: i64, capacity_points: Option<i64>, max_case_count: Option<i64>) -> Option<i64> {
    const WITHOUT_CAPACITY: i64 = 10_000;
    let of = |found: i64, cap: i64| match (found, cap) {
        (_, 0) if points > 0 || cases > 0 => WITHOUT_CAPACITY,
        (0, _) | (_, 0) => 0,
        (found, cap) => found.saturating_mul(100).saturating_add(cap - 1) / cap,
    };
    let by_points = capacity_points.map(|cap| of(points, cap));
    by_points.max(max_case_count.map(|cap| of(cases, cap)))
}

/// Why a case changed hands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeReason {
    /// It had no officer and has one now.
    FirstOfficer,
    /// Its officer is not in service.
    OfficerLeft,
    /// Its officer is barred from it.
    OfficerBarred,
    /// A pin names another officer.
    Required,
    /// A handover to make the allocation as a whole better.
    Handover,
    /// It left an officer who stays for the holding list (`release_to_holding`).
    Released,
    /// It has come into a stage that other officers have: planned work, no handover.
    PlannedTransfer,
}

impl ChangeReason {
    /// The code used in files: `first_officer`.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::FirstOfficer => "first_officer",
            Self::OfficerLeft => "officer_left",
            Self::OfficerBarred => "officer_barred",
            Self::Required => "required",
            Self::Handover => "handover",
            Self::Released => "released",
            Self::PlannedTransfer => "planned_transfer",
        }
    }
}

/// A case that has another officer, or none, than before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// The case.
    pub case_id: CaseId,
    /// Before; `None` = no officer.
    pub from_officer_id: Option<OfficerId>,
    /// After; `None` = holding list.
    pub to_officer_id: Option<OfficerId>,
    /// Why.
    pub reason: ChangeReason,
}

/// How many waiting cases a supervisor owns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SupervisorHoldings {
    /// The supervisor.
    pub supervisor_id: SupervisorId,
    /// Waiting cases.
    pub holding_count: i64,
    /// The maximum; `None` = none.
    pub max_holding_count: Option<i64>,
}

impl SupervisorHoldings {
    /// More cases wait than the maximum.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.max_holding_count.is_some_and(|max| self.holding_count > max)
    }
}

/// The figures that come first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    /// Open cases.
    pub case_count: i64,
    /// Cases with an officer.
    pub allocated_count: i64,
    /// Cases on the holding list.
    pub waiting_count: i64,
    /// Children the cases are about.
    pub child_count: i64,
    /// Children with at least one case on the holding list.
    pub children_without_officer_count: i64,
    /// Cases that left an officer who stays for another.
    pub handover_count: i64,
    /// Cases that left an officer who stays for the holding list.
    pub release_count: i64,
    /// Cases without a due date, treated as due today.
    pub undated_case_count: i64,
    /// Officers above a cap.
    pub over_cap_officer_count: i64,
}

/// Why the solver stopped. News, never an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Termination {
    /// The objective equals the bound.
    Optimal,
    /// The gap asked for was reached.
    GapReached,
    /// Every stage of the search ran to its end.
    Exhausted,
    /// The time limit.
    TimeLimit,
    /// The step limit.
    StepLimit,
    /// The caller raised the stop flag.
    Interrupted,
}

impl Termination {
    /// The code used in files: `gap_reached`.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Optimal => "optimal",
            Self::GapReached => "gap_reached",
            Self::Exhausted => "exhausted",
            Self::TimeLimit => "time_limit",
            Self::StepLimit => "step_limit",
            Self::Interrupted => "interrupted",
        }
    }
}

/// Where the bound comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BoundSource {
    /// Certified by the proof: anyone can recompute it.
    Prices,
    /// Claimed by a search of HiGHS of this version; only the price bound is certified.
    Highs {
        /// Version text, such as `1.16.0`.
        version: String,
    },
}

/// Prices of one officer's limits, in units of 1/2^16 of a price; 0 where the officer has no such limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfficerPrices {
    /// Per point of capacity.
    pub point: i64,
    /// Per case of the case-count cap.
    pub case: i64,
    /// Per new case of the intake limit.
    pub new_case: i64,
}

/// Officer prices and the bound they give: for any prices >= 0, no allocation costs less than that bound.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    /// One entry an officer, in the order of [`Allocation::caseloads`].
    pub officers: Vec<OfficerPrices>,
    /// Per handover; 0 without a handover limit.
    pub handover: i64,
}

/// Where objective - price bound sits with one officer, in units of 1/2^16. Each is >= 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfficerGap {
    /// What the units they hold cost more than each unit's cheapest option, at the prices of the proof.
    pub regret: i64,
    /// Room in points that has a price, balance included.
    pub point: i64,
    /// Room in cases that has a price.
    pub case: i64,
    /// Room in new cases that has a price.
    pub new_case: i64,
}

/// objective - price bound, before the bound is rounded up, item by item, in units of 1/2^16. Items beyond 64 bits stand at
/// their end.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct GapItems {
    /// One entry an officer, in the order of [`Allocation::caseloads`].
    pub officers: Vec<OfficerGap>,
    /// What units that wait cost more than each unit's cheapest option.
    pub waiting_regret: i64,
    /// Handovers that have a price and were not made.
    pub handover: i64,
}

impl GapItems {
    /// All items together.
    #[must_use]
    pub fn sum(&self) -> i128 {
        let of = |gap: &OfficerGap| {
            i128::from(gap.regret) + i128::from(gap.point) + i128::from(gap.case) + i128::from(gap.new_case)
        };
        self.officers.iter().map(of).sum::<i128>() + i128::from(self.waiting_regret) + i128::from(self.handover)
    }
}

/// How good the allocation is, and why that is sure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// Price of the assignment, >= 0.
    pub objective: i64,
    /// No allocation under these rules costs less: the larger of `price_bound` and a search's bound.
    pub bound: i64,
    /// The part of the bound that the proof certifies.
    pub price_bound: i64,
    /// Which of the two `bound` is.
    pub bound_source: BoundSource,
    /// Prices that give `price_bound`.
    pub proof: Proof,
    /// objective - price bound, item by item.
    #[serde(default)]
    pub gap_items: GapItems,
    /// No allocation under these rules leaves fewer children without an officer.
    pub count_bound: i64,
    /// Prices that give `count_bound`.
    pub count_proof: Proof,
    /// Why the solver stopped.
    pub termination: Termination,
    /// Steps taken; with `cut_calls` it replays the solve.
    pub step_count: u64,
    /// Ordinals of calls to HiGHS that the clock cut off, which count as "no result".
    pub cut_calls: Vec<u32>,
}

impl Evidence {
    /// (objective - bound) / objective; 0 at objective 0.
    #[must_use]
    pub fn gap(&self) -> f64 {
        if self.objective == 0 { 0.0 } else { (self.objective - self.bound) as f64 / self.objective as f64 }
    }
}

/// The answer of one solve. Nothing in it refers to positions: it can be stored, sent and checked on its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Allocation {
    /// The day it is made for.
    pub as_at: Date,
    /// Version of the rules.
    pub rules_version: String,
    /// Cases with an officer, by case id.
    pub held: Vec<Held>,
    /// Cases without one, by case id.
    pub holdings: Vec<Holding>,
    /// One entry an officer, by officer id.
    pub caseloads: Vec<Caseload>,
    /// One entry a supervisor, by supervisor id.
    pub supervisors: Vec<SupervisorHoldings>,
    /// Cases that changed hands, by case id.
    pub changes: Vec<Change>,
    /// The figures that come first.
    pub totals: Totals,
    /// How good it is.
    pub evidence: Evidence,
    /// Assumptions and wishes not met.
    pub notes: Vec<Note>,
    /// A default supervisor exists, so that it may be committed.
    pub has_default_supervisor: bool,
}

impl Allocation {
    /// Children who could have an officer but have none in this allocation, at most: the count bound in words.
    #[must_use]
    pub fn more_children_at_most(&self) -> i64 {
        (self.totals.children_without_officer_count - self.evidence.count_bound).max(0)
    }

    /// Waiting cases by reason, reasons without any left out.
    #[must_use]
    pub fn waiting_by_reason(&self) -> Vec<(HoldingReason, i64)> {
        HoldingReason::ALL
            .into_iter()
            .map(|reason| (reason, self.holdings.iter().filter(|holding| holding.reason == reason).count() as i64))
            .filter(|&(_, count)| count > 0)
            .collect()
    }
}
