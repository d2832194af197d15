//! What an allocation was made from: kept with it, so that it can be explained, changed from day to day, and replayed.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::model::{Backlog, Case, CaseId, Evidence, OfficerId, Pair, Rules};

/// Who did something. There is no access control yet, so nobody is known to be anybody.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Identity {
    /// Whoever could reach the service: no proof of who that was.
    #[default]
    Unverified,
}

impl Identity {
    /// The code used in answers, files and logs: `unverified`.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Unverified => "unverified",
        }
    }

    /// It is known that these are two people. Of somebody unverified it never is.
    #[must_use]
    pub fn is_surely_other_than(self, other: Self) -> bool {
        match (self, other) {
            (Self::Unverified, Self::Unverified) => false,
        }
    }
}

/// The whole problem that an allocation answers, and how the answer came about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Input {
    /// As it was solved: what the current assignment knew is filled in.
    pub backlog: Backlog,
    /// The rules.
    pub rules: Rules,
    /// How the answer came about.
    pub made: Made,
    /// The version of the program that made it: another may search otherwise.
    pub program_version: String,
}

/// How an answer came about; with the input, or the parent version, it can be made again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Made {
    /// By a search. Steps and calls of HiGHS that were cut off are in the evidence.
    Solved {
        /// The seed.
        seed: u64,
        /// The bits of the gap at which to stop, so that it is the same number when read again.
        gap_limit_bits: u64,
        /// The earlier answer from which it started.
        start: Option<KeptStart>,
    },
    /// By a call on top of the parent version: a function of the two.
    Called(Call),
}

/// An earlier answer, made to fit the problem: what the search started from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptStart {
    /// The position of every unit's officer among the officers, by id.
    pub officers: Vec<Option<u32>>,
    /// What was known of it.
    pub evidence: Evidence,
}

/// A day-to-day call: with the parent version, all that its outcome depends on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    /// The day it is made for.
    pub as_at: Date,
    /// What was asked for.
    pub action: Action,
}

/// What a day-to-day call asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// New cases get officers, or a place on the holding list.
    Assign {
        /// The new cases.
        cases: Vec<Case>,
        /// Their pairs, where pairs say who may take what.
        pairs: Vec<Pair>,
    },
    /// A person gives a case to an officer.
    Reassign {
        /// The case.
        case_id: CaseId,
        /// Who has it from now on.
        officer_id: OfficerId,
        /// Why.
        reason: OverrideReason,
        /// Caps may be passed.
        allow_over_cap: bool,
        /// Later allocations keep it there.
        keep_pinned: bool,
    },
    /// Cases are closed.
    Close {
        /// The cases.
        case_ids: Vec<CaseId>,
    },
    /// A token is erased: nobody moves.
    Erase {
        /// What stands in its place.
        tombstone: String,
    },
}

/// Why a person overrides the assignment. A closed list: there is no room for text about anybody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OverrideReason {
    /// The officer is away, or about to leave.
    OfficerAway,
    /// The officer has too much.
    OfficerOverloaded,
    /// The officer must not, or should not, deal with the case.
    ConflictOfInterest,
    /// The case needs what another officer knows.
    ExpertiseNeeded,
    /// Another officer knows the child or the setting.
    Continuity,
    /// The family asked for it.
    FamilyRequest,
    /// The officer, or their supervisor, asked for it.
    OfficerRequest,
    /// What was recorded before was wrong.
    Correction,
}

impl OverrideReason {
    /// All reasons, in the order in which they are shown.
    pub const ALL: [Self; 8] = [
        Self::OfficerAway,
        Self::OfficerOverloaded,
        Self::ConflictOfInterest,
        Self::ExpertiseNeeded,
        Self::Continuity,
        Self::FamilyRequest,
        Self::OfficerRequest,
        Self::Correction,
    ];

    /// The code used on the command line: `officer_away`.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::OfficerAway => "officer_away",
            Self::OfficerOverloaded => "officer_overloaded",
            Self::ConflictOfInterest => "conflict_of_interest",
            Self::ExpertiseNeeded => "expertise_needed",
            Self::Continuity => "continuity",
            Self::FamilyRequest => "family_request",
            Self::OfficerRequest => "officer_request",
            Self::Correction => "correction",
        }
    }
}

/// A case that a person gave to an officer for good: later allocations keep it there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pin {
    /// The case.
    pub case_id: CaseId,
    /// Its officer.
    pub officer_id: OfficerId,
    /// Why.
    pub reason: OverrideReason,
}
