//! What can go wrong with a request, by what the caller can do about it. Codes of a protocol are not here: `rpc::status`
//! has the only table.

use std::time::Duration;

use crate::{
    model::{CaseId, OfficerId, Violation},
    plan::Unanswerable,
    solve::{FaultyAnswer, Obstacle},
    store::{Identity, RequestId, StoreError, TeamId, Version},
};

/// A field outside backlog and rules that cannot stand as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadField {
    /// Its name in the request, such as `team_id`.
    pub field: String,
    /// A sentence without the name: what is wrong and what to do.
    pub message: String,
}

impl BadField {
    /// A bad field.
    pub fn new(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self { field: field.into(), message: message.into() }
    }
}

/// Everything that is wrong with a request, at once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Violations {
    /// In fields outside backlog and rules.
    pub fields: Vec<BadField>,
    /// In backlog and rules, in the order of the input.
    pub backlog: Vec<Violation>,
}

impl Violations {
    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.fields.len() + self.backlog.len()
    }

    /// There are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.count() == 0
    }
}

/// The kinds of things that a caller can name and the service may not know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A version of a team's assignment.
    Version,
    /// A proposal or committed allocation.
    Allocation,
    /// A case of a version.
    Case,
    /// An officer of a version.
    Officer,
    /// A supervisor of a version.
    Supervisor,
    /// The token of a case or child, anywhere in the history.
    Token,
}

impl Kind {
    /// The word: `officer`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Version => "version",
            Self::Allocation => "allocation",
            Self::Case => "case",
            Self::Officer => "officer",
            Self::Supervisor => "supervisor",
            Self::Token => "token",
        }
    }

    /// The field that names one: `officer_id`.
    #[must_use]
    pub fn field(self) -> &'static str {
        match self {
            Self::Version => "version",
            Self::Allocation => "allocation_id",
            Self::Case => "case_id",
            Self::Officer => "officer_id",
            Self::Supervisor => "supervisor_id",
            Self::Token => "token",
        }
    }
}

/// What left too little time to search.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeSource {
    /// The request's `time_limit`.
    TimeLimit,
    /// The deadline of the call.
    CallDeadline,
}

/// Why a request has no answer.
#[derive(Debug, thiserror::Error)]
pub enum AllocateError {
    /// Fields that cannot stand as they are.
    #[error("the request has {} bad fields", .0.count())]
    Invalid(Violations),
    /// The request id stands for another request.
    #[error("request_id {request_id} was already used for another request; use a new one")]
    RequestReused {
        /// The id.
        request_id: RequestId,
    },
    /// Too little time to find anything.
    #[error("{} ms are left to search; at least {} ms are needed", available.as_millis(), minimum.as_millis())]
    TooLittleTime {
        /// What would be left.
        available: Duration,
        /// What is needed.
        minimum: Duration,
        /// What caused it.
        source_field: TimeSource,
    },
    /// The team has no assignment, so nothing of it is known.
    #[error("team {team_id} has no assignment; check the name, or commit a first allocation")]
    UnknownTeam {
        /// The team.
        team_id: TeamId,
    },
    /// The caller named something of a team that is not there.
    #[error("{} `{name}` of team {team_id} is not known; check the name", kind.word())]
    NotFound {
        /// What kind of thing.
        kind: Kind,
        /// Its name, as sent.
        name: String,
        /// The team in which it was looked for.
        team_id: TeamId,
    },
    /// More than this service takes in one request.
    #[error("the request has {found} {what}; at most {limit} are taken. Send fewer, or ask for a higher {key}")]
    TooMany {
        /// What there is too much of, in the plural.
        what: &'static str,
        /// The configuration key of the limit.
        key: &'static str,
        /// The limit.
        limit: usize,
        /// What was found.
        found: usize,
    },
    /// The team's assignment is not the one the caller knows.
    #[error("{}; read the assignment again and retry with its etag", etag_text(given, *current))]
    StaleEtag {
        /// The etag sent; empty = none.
        given: String,
        /// The current version; `None` = the team has no assignment.
        current: Option<Version>,
    },
    /// The proposal was made from an assignment that is not the current one.
    #[error("the proposal was made from {}, but the current one is {}; allocate again", version_text(*base), version_text(*current))]
    StaleProposal {
        /// What it was made from.
        base: Option<Version>,
        /// What is current.
        current: Option<Version>,
    },
    /// Cases of the current assignment would get lost by the commit.
    #[error(
        "{} cases of the current assignment are not in the backlog; send them, or name them in closed_case_ids",
        case_ids.len()
    )]
    MissingCases {
        /// At least one, by id.
        case_ids: Vec<CaseId>,
    },
    /// A commit without anyone to own waiting cases.
    #[error(
        "the proposal has no default supervisor, so that a waiting case could be nobody's; allocate again with a supervisor without areas"
    )]
    NoDefaultSupervisor,
    /// More handovers than one person may decide.
    #[error(
        "{handovers} cases would change officer, more than the {limit} that one person may decide under the rules: it must \
         be proposed and committed by two people, and proposer ({}) and committer ({}) are not known to be; raise \
         second_person_above_handovers, or propose fewer handovers",
        proposed_by.code(),
        committed_by.code()
    )]
    SecondPersonNeeded {
        /// Handovers and releases.
        handovers: i64,
        /// What the rules leave to one person.
        limit: i64,
        /// Who proposed it.
        proposed_by: Identity,
        /// Who wanted to commit it.
        committed_by: Identity,
    },
    /// A version whose input is not kept: it can neither be explained nor replayed, nor be changed from day to day.
    #[error(
        "the input of version {version} is not kept; commit an allocation, which keeps its own, and start from that"
    )]
    InputNotKept {
        /// The version.
        version: Version,
    },
    /// Cases that a call names are not open in the current assignment.
    #[error("{} cases are not open in the current assignment; leave them out", case_ids.len())]
    CasesNotOpen {
        /// At least one, in the order in which they were named.
        case_ids: Vec<CaseId>,
    },
    /// A call that would leave a team without any case.
    #[error("these are all open cases of the team, and an assignment has at least one; leave one open")]
    NoCaseLeft,
    /// An officer whom a person named cannot have the case.
    #[error("officer {officer_id} cannot have case {case_id}: {}", obstacle_text(obstacles))]
    CannotTake {
        /// The case.
        case_id: CaseId,
        /// The officer.
        officer_id: OfficerId,
        /// What is in the way; at least one.
        obstacles: Vec<Obstacle>,
    },
    /// A version from which tokens were erased: what it was made from is not what it was.
    #[error(
        "{erased_count} {} erased from version {version}, so that it cannot be replayed",
        if *erased_count == 1 { "token was" } else { "tokens were" }
    )]
    VersionErased {
        /// The version.
        version: Version,
        /// How many.
        erased_count: u32,
    },
    /// The version that a call was made on top of is not kept any more.
    #[error(
        "version {version} was made by a call on top of version {parent}, which is not kept any more; it cannot be replayed"
    )]
    ParentNotKept {
        /// The version to replay.
        version: Version,
        /// Its parent.
        parent: Version,
    },
    /// A token that is to be erased is still in use.
    #[error(
        "the token is in use by {} open cases of the current assignment; close them first (CloseCases), then erase",
        case_ids.len()
    )]
    TokenInUse {
        /// The open cases, at least one, by id.
        case_ids: Vec<CaseId>,
    },
    /// The queue is full.
    #[error("as many requests wait for a solver as may, {depth}; wait and retry")]
    QueueFull {
        /// How many may wait.
        depth: usize,
    },
    /// The time was up before there was any answer.
    #[error("the deadline passed before there was an answer; allow more time, and retry with the same request_id")]
    OutOfTime,
    /// The service is going down.
    #[error("the service is shutting down; retry")]
    ShuttingDown,
    /// A store did not do it.
    #[error("the store did not answer as it should")]
    Store(#[source] StoreError),
    /// The solver broke a rule: a defect of this program.
    #[error("the answer was rejected by the checker")]
    Faulty(#[source] FaultyAnswer),
    /// Figures that must agree do not: a defect of this program.
    #[error("the figures of the answer do not agree: {0}")]
    Disagreement(String),
    /// Code that must not panic did.
    #[error("a {0} panicked")]
    Panicked(&'static str),
}

impl From<StoreError> for AllocateError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict { current } => Self::StaleEtag { given: String::new(), current },
            StoreError::RequestReused { request_id } => Self::RequestReused { request_id },
            StoreError::Unavailable { .. } | StoreError::Corrupt { .. } => Self::Store(error),
        }
    }
}

impl From<Unanswerable> for AllocateError {
    fn from(error: Unanswerable) -> Self {
        match error {
            Unanswerable::Invalid(faults) => {
                let fields = faults.into_iter().map(|fault| BadField::new(fault.path, fault.message)).collect();
                Self::Invalid(Violations { fields, backlog: Vec::new() })
            }
            Unanswerable::Problem(error) => Self::Invalid(Violations { fields: Vec::new(), backlog: error.violations }),
            Unanswerable::Faulty(error) => Self::Faulty(error),
        }
    }
}

fn obstacle_text(obstacles: &[Obstacle]) -> String {
    let texts: Vec<String> = obstacles.iter().map(|obstacle| format!("the officer {obstacle}")).collect();
    texts.join("; ")
}

fn etag_text(given: &str, current: Option<Version>) -> String {
    match (given, current) {
        ("", Some(current)) => format!("the team has an assignment, version {current}"),
        (given, Some(current)) => format!("etag `{given}` is stale: the current version is {current}"),
        (given, None) => format!("etag `{given}` is stale: the team has no assignment"),
    }
}

fn version_text(version: Option<Version>) -> String {
    version.map_or_else(|| "no assignment".to_owned(), |version| format!("version {version}"))
}

/// An error and its causes, on one line: for logs and for people, at the edge.
#[must_use]
pub fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        text = format!("{text}: {next}");
        cause = next.source();
    }
    text
}
