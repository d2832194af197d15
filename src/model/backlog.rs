//! What a caller sends: all open cases and officers of a team, as at a date. Nothing here is checked yet;
//! [`Problem::new`](super::Problem::new) is the gate.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{
    hours::{Absence, Reduction},
    obligation::{AddOn, Derived, Event, Obligation, StayExtension},
    units::{CaseId, ChildId, Code, GroupId, OfficerId, SupervisorId},
};

/// Largest weight of a case, and largest extra weight of a handover, in points.
pub const WEIGHT_POINTS_MAX: i64 = 1_000_000;
/// Largest capacity of an officer, in points.
pub const CAPACITY_POINTS_MAX: i64 = 1_000_000_000;
/// Largest count that limits an officer, a supervisor or a handover.
pub const COUNT_MAX: i64 = 1_000_000_000;
/// Largest price of a pair or of waiting.
pub const PRICE_MAX: i64 = 100_000_000_000;
/// Longest id or code, in bytes.
pub const ID_BYTES_MAX: usize = 64;

/// One open piece of work that needs exactly one officer. Only the id is required.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Case {
    /// Unique token of the case.
    pub id: CaseId,
    /// The child; `None` counts the case as a child of its own.
    pub child_id: Option<ChildId>,
    /// Weight in points, `0..=1_000_000`; `None` = 1.
    pub weight_points: Option<i64>,
    /// Price of leaving the case without an officer, `0..=100_000_000_000`; `None` = derived by the rules.
    pub holding_price: Option<i64>,
    /// Area; `None` = any officer's areas will do.
    pub area: Option<Code>,
    /// Setting (school), a preference only.
    pub setting_code: Option<Code>,
    /// Skills an officer must have, all of them.
    pub skills: Vec<Code>,
    /// The officer who holds the case today.
    pub current_officer_id: Option<OfficerId>,
    /// The officer who has held it since this day, if known; counts against the intake limit for 7 days.
    pub held_since: Option<Date>,
    /// The only officer who may hold the case (a pin).
    pub required_officer_id: Option<OfficerId>,
    /// The case may not leave its current officer.
    pub pinned: bool,
    /// Cases of one group should have one officer.
    pub group_id: Option<GroupId>,
    /// Nearest due date of its obligations; `None` = unknown = due today, and counted in the answer.
    pub due_date: Option<Date>,
    /// First day without an officer, if it waits.
    pub waiting_since: Option<Date>,
    /// Officers who must not get the case.
    pub barred_officer_ids: Vec<OfficerId>,
    /// Kind in the stage catalogue: `plan`, `assessment`, `appeal`, `complaint`.
    pub kind: Option<Code>,
    /// Stage in the catalogue; `None` = where its events say so.
    pub stage: Option<Code>,
    /// What has happened, and is planned.
    pub events: Vec<Event>,
    /// Facts with points of their own.
    pub add_ons: Vec<AddOn>,
    /// Open duties; none = those of the stage whose clocks run from the events.
    pub obligations: Vec<Obligation>,
    /// It may stay longer on a holding list than its stage allows.
    pub stay_extension: Option<Box<StayExtension>>,
    /// What the catalogue says of it; `None` = nothing, or not asked yet.
    pub derived: Option<Box<Derived>>,
}

impl Case {
    /// A case with nothing but an id.
    #[must_use]
    pub fn new(id: CaseId) -> Self {
        Self {
            id,
            child_id: None,
            weight_points: None,
            holding_price: None,
            area: None,
            setting_code: None,
            skills: Vec::new(),
            current_officer_id: None,
            held_since: None,
            required_officer_id: None,
            pinned: false,
            group_id: None,
            due_date: None,
            waiting_since: None,
            barred_officer_ids: Vec::new(),
            kind: None,
            stage: None,
            events: Vec::new(),
            add_ons: Vec::new(),
            obligations: Vec::new(),
            stay_extension: None,
            derived: None,
        }
    }
}

/// A person who carries cases. Only the id is required.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Officer {
    /// Unique token of the officer.
    pub id: OfficerId,
    /// Points cap, `0..=1_000_000_000`; 0 = an officer without capacity; `None` = by hours and reductions where either is
    /// given, else no points cap.
    pub capacity_points: Option<i64>,
    /// Case-count cap, `0..=1_000_000_000`. `None` = none where `capacity_points` is given, else the rules' default.
    pub max_case_count: Option<i64>,
    /// New cases the officer may be given in a rolling 7 days, `0..=1_000_000_000`; `None` = no limit.
    pub intake_limit: Option<i64>,
    /// Areas covered, the preferred one first; none = any.
    pub areas: Vec<Code>,
    /// Settings (schools) this officer knows.
    pub setting_codes: Vec<Code>,
    /// Skills.
    pub skills: Vec<Code>,
    /// The officer's own supervisor.
    pub supervisor_id: Option<SupervisorId>,
    /// First day in service (back from an absence); `None` = in service.
    pub available_from: Option<Date>,
    /// Last day in service; `None` = stays.
    pub available_until: Option<Date>,
    /// Contracted hours in per cent of full time, `0..=100`.
    pub fte_percent: Option<i64>,
    /// What the officer carries less, by dates.
    pub reductions: Vec<Reduction>,
    /// Days away: less than 6 weeks stops new cases and leaves the caseload, longer means that the cases need another officer.
    pub absences: Vec<Absence>,
    /// Days on which the officer was given cases that they no longer hold: with `held_since` it makes the rolling 7 days of
    /// the intake limit.
    pub former_intake: Vec<Date>,
}

impl Officer {
    /// An officer with nothing but an id.
    #[must_use]
    pub fn new(id: OfficerId) -> Self {
        Self {
            id,
            capacity_points: None,
            max_case_count: None,
            intake_limit: None,
            areas: Vec::new(),
            setting_codes: Vec::new(),
            skills: Vec::new(),
            supervisor_id: None,
            available_from: None,
            available_until: None,
            fte_percent: None,
            reductions: Vec::new(),
            absences: Vec::new(),
            former_intake: Vec::new(),
        }
    }
}

/// A named person who owns waiting cases.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Supervisor {
    /// Unique token of the supervisor.
    pub id: SupervisorId,
    /// Areas whose waiting cases are theirs; none = the default supervisor, who owns what no other does.
    pub areas: Vec<Code>,
    /// Largest holding list; beyond it the figure is shown as over. `None` = no maximum.
    pub max_holding_count: Option<i64>,
}

/// An explicit eligible pair. Where pairs are given they alone say who may take which case (less bars and dates).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pair {
    /// The case.
    pub case_id: CaseId,
    /// An officer who may take it.
    pub officer_id: OfficerId,
    /// Price of the pairing, `0..=100_000_000_000`.
    pub cost: i64,
    /// Points the case would weigh with this officer; `None` = the case's own weight.
    pub weight_points: Option<i64>,
}

/// All open cases and officers of a team, as at a date.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Backlog {
    /// "Today": the day the allocation is made for.
    pub as_at: Date,
    /// Open cases, in any order.
    pub cases: Vec<Case>,
    /// Officers, in any order.
    pub officers: Vec<Officer>,
    /// Supervisors, in any order; at most one without areas.
    pub supervisors: Vec<Supervisor>,
    /// Explicit pairs; `None` = eligibility is derived from areas, skills, dates and bars.
    pub pairs: Option<Vec<Pair>>,
}
